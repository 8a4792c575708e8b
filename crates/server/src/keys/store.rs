//! Queries of the door. Those that decide something are single conditional statements; their count of rows is the
//! decision.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Set, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    entity::{key_generation, key_request, nonce, reset_mask, split_key},
    rules::{KeyState, MAX_FAILURES, MAX_OPEN_NONCES, MAX_TOTAL_FAILURES, NONCE_LIFETIME, REPLY_LIFETIME},
};

/// What is stored of a request, if anything.
pub async fn request(
    db: &impl ConnectionTrait,
    device_id: Uuid,
    req_id: Uuid,
) -> Result<Option<key_request::Model>, DbErr> {
    key_request::Entity::find_by_id((device_id, req_id)).one(db).await
}

/// Writes down that a request has begun, or its answer at once.
pub async fn begin_request(
    db: &impl ConnectionTrait,
    now: Timestamp,
    (device_id, req_id): (Uuid, Uuid),
    digest: &[u8; 32],
    sealed_reply: Option<Vec<u8>>,
) -> Result<(), DbErr> {
    let row = key_request::ActiveModel {
        device_id: Set(device_id),
        req_id: Set(req_id),
        digest: Set(digest.to_vec()),
        sealed_reply: Set(sealed_reply),
        expires_at: Set((now + REPLY_LIFETIME).as_millisecond()),
    };
    key_request::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Keeps the answer for an identical retry.
pub async fn answer_request(
    db: &impl ConnectionTrait,
    (device_id, req_id): (Uuid, Uuid),
    sealed_reply: Vec<u8>,
) -> Result<(), DbErr> {
    key_request::Entity::update_many()
        .col_expr(key_request::Column::SealedReply, Expr::value(sealed_reply))
        .filter(key_request::Column::DeviceId.eq(device_id))
        .filter(key_request::Column::ReqId.eq(req_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Forgets answers whose requests are too old to be repeated.
pub async fn sweep_requests(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let now = now.as_millisecond();
    key_request::Entity::delete_many().filter(key_request::Column::ExpiresAt.lt(now)).exec(db).await?;
    nonce::Entity::delete_many().filter(nonce::Column::ExpiresAt.lt(now)).exec(db).await?;
    key_generation::Entity::delete_many().filter(key_generation::Column::ExpiresAt.lt(now)).exec(db).await?;
    Ok(())
}

/// A nonce that may still answer for this key and device.
pub async fn open_nonce(
    db: &impl ConnectionTrait,
    now: Timestamp,
    cid: Uuid,
    key: &split_key::Model,
) -> Result<Option<nonce::Model>, DbErr> {
    nonce::Entity::find_by_id(cid)
        .filter(nonce::Column::KeyId.eq(key.id))
        .filter(nonce::Column::DeviceId.eq(key.device_id))
        .filter(nonce::Column::Open.eq(true))
        .filter(nonce::Column::ExpiresAt.gt(now.as_millisecond()))
        .one(db)
        .await
}

/// Burns a nonce for ever; `false` if somebody else was first.
pub async fn burn_nonce(db: &impl ConnectionTrait, cid: Uuid) -> Result<bool, DbErr> {
    let burnt = nonce::Entity::update_many()
        .col_expr(nonce::Column::Open, Expr::value(false))
        .col_expr(nonce::Column::Sealed, Expr::value(Option::<Vec<u8>>::None))
        .filter(nonce::Column::Id.eq(cid))
        .filter(nonce::Column::Open.eq(true))
        .exec(db)
        .await?;
    Ok(burnt.rows_affected == 1)
}

/// Stores a fresh nonce; the oldest open ones of the key are burnt where there would be too many.
pub async fn keep_nonce(
    db: &impl ConnectionTrait,
    now: Timestamp,
    cid: Uuid,
    key: &split_key::Model,
    sealed: Vec<u8>,
) -> Result<(), DbErr> {
    let newest = nonce::Entity::find()
        .select_only()
        .column(nonce::Column::Id)
        .filter(nonce::Column::KeyId.eq(key.id))
        .filter(nonce::Column::Open.eq(true))
        .order_by_desc(nonce::Column::ExpiresAt)
        .order_by_desc(nonce::Column::Id)
        .into_tuple::<Uuid>()
        .all(db)
        .await?;
    for surplus in newest.into_iter().skip(MAX_OPEN_NONCES - 1) {
        burn_nonce(db, surplus).await?;
    }
    let row = nonce::ActiveModel {
        id: Set(cid),
        key_id: Set(key.id),
        device_id: Set(key.device_id),
        open: Set(true),
        sealed: Set(Some(sealed)),
        expires_at: Set((now + NONCE_LIFETIME).as_millisecond()),
    };
    nonce::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Counts an attempt before its proof is looked at; `false` if the key may not be used any more.
pub async fn reserve_attempt(db: &impl ConnectionTrait, key_id: Uuid) -> Result<bool, DbErr> {
    let reserved = split_key::Entity::update_many()
        .col_expr(split_key::Column::Failures, Expr::col(split_key::Column::Failures).add(1))
        .col_expr(split_key::Column::TotalFailures, Expr::col(split_key::Column::TotalFailures).add(1))
        .filter(split_key::Column::Id.eq(key_id))
        .filter(split_key::Column::State.eq(KeyState::Active.as_str()))
        .filter(split_key::Column::Failures.lt(MAX_FAILURES))
        .filter(split_key::Column::TotalFailures.lt(MAX_TOTAL_FAILURES))
        .exec(db)
        .await?;
    Ok(reserved.rows_affected == 1)
}

/// The tokens of a success.
#[derive(Debug)]
pub struct Rotation<'a> {
    /// SM3 of the token that was presented.
    pub presented: &'a [u8; 32],
    /// SM3 of the token that the chain stood at when the request was admitted.
    pub current: &'a [u8],
    /// SM3 of the token that comes next.
    pub next: &'a [u8; 32],
    /// The request that consumed the presented token.
    pub req_id: Uuid,
}

/// A success: takes back the reserved attempt, forgets wrong PINs in a row, and moves the token chain on. `false` if
/// the key or the chain has changed since the request was admitted.
pub async fn succeed(db: &impl ConnectionTrait, key_id: Uuid, rotation: &Rotation<'_>) -> Result<bool, DbErr> {
    let done = split_key::Entity::update_many()
        .col_expr(split_key::Column::Failures, Expr::value(0))
        .col_expr(split_key::Column::TotalFailures, Expr::col(split_key::Column::TotalFailures).sub(1))
        .col_expr(split_key::Column::TokenCurrent, Expr::value(rotation.next.to_vec()))
        .col_expr(split_key::Column::TokenPrevious, Expr::value(rotation.presented.to_vec()))
        .col_expr(split_key::Column::TokenConsumedBy, Expr::value(rotation.req_id))
        .filter(split_key::Column::Id.eq(key_id))
        .filter(split_key::Column::State.eq(KeyState::Active.as_str()))
        .filter(split_key::Column::TokenCurrent.eq(rotation.current.to_vec()))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Sets a key's state; with `destroy` its share is gone for ever, and its nonces with it.
pub async fn set_state(db: &impl ConnectionTrait, key_id: Uuid, state: KeyState, destroy: bool) -> Result<(), DbErr> {
    let mut update = split_key::Entity::update_many()
        .col_expr(split_key::Column::State, Expr::value(state.as_str()))
        .filter(split_key::Column::Id.eq(key_id));
    if destroy {
        update = update
            .col_expr(split_key::Column::WrappedKey, Expr::value(Option::<Vec<u8>>::None))
            .col_expr(split_key::Column::WrappedShare, Expr::value(Option::<Vec<u8>>::None));
    }
    update.exec(db).await?;
    nonce::Entity::update_many()
        .col_expr(nonce::Column::Open, Expr::value(false))
        .col_expr(nonce::Column::Sealed, Expr::value(Option::<Vec<u8>>::None))
        .filter(nonce::Column::KeyId.eq(key_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Keeps the server's state between the two messages of a key generation; a new beginning replaces the old one.
pub async fn keep_generation(
    db: &impl ConnectionTrait,
    enrolment_id: Uuid,
    sealed: Vec<u8>,
    expires_at: i64,
) -> Result<(), DbErr> {
    key_generation::Entity::delete_by_id(enrolment_id).exec(db).await?;
    let row = key_generation::ActiveModel {
        enrolment_id: Set(enrolment_id),
        sealed: Set(sealed),
        expires_at: Set(expires_at),
    };
    row.insert(db).await?;
    Ok(())
}

/// Takes the server's state out: it serves once.
pub async fn take_generation(
    db: &impl ConnectionTrait,
    enrolment_id: Uuid,
) -> Result<Option<key_generation::Model>, DbErr> {
    let row = key_generation::Entity::find_by_id(enrolment_id).one(db).await?;
    if row.is_some() {
        key_generation::Entity::delete_by_id(enrolment_id).exec(db).await?;
    }
    Ok(row)
}

/// Destroys the server's half of every key of an account, and what could still be used with it.
pub async fn destroy_all(db: &impl ConnectionTrait, account_id: Uuid) -> Result<(), DbErr> {
    let keys = split_key::Entity::find().filter(split_key::Column::AccountId.eq(account_id)).all(db).await?;
    let ids: Vec<Uuid> = keys.into_iter().map(|key| key.id).collect();
    split_key::Entity::update_many()
        .col_expr(split_key::Column::State, Expr::value(KeyState::Revoked.as_str()))
        .col_expr(split_key::Column::WrappedKey, Expr::value(Option::<Vec<u8>>::None))
        .col_expr(split_key::Column::WrappedShare, Expr::value(Option::<Vec<u8>>::None))
        .filter(split_key::Column::Id.is_in(ids.iter().copied()))
        .exec(db)
        .await?;
    reset_mask::Entity::delete_many().filter(reset_mask::Column::KeyId.is_in(ids.iter().copied())).exec(db).await?;
    nonce::Entity::update_many()
        .col_expr(nonce::Column::Open, Expr::value(false))
        .col_expr(nonce::Column::Sealed, Expr::value(Option::<Vec<u8>>::None))
        .filter(nonce::Column::KeyId.is_in(ids))
        .exec(db)
        .await?;
    Ok(())
}
