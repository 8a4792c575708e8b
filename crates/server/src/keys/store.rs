//! Queries of the door. Those that decide something are single conditional statements; their count of rows is the
//! decision.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Set, UpdateMany, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    delivery,
    entity::{decryption_share, key_generation, key_refresh, key_request, nonce, reset_mask, split_key},
    rules::{
        KeyState, Leave, MAX_FAILURES, MAX_OPEN_NONCES, MAX_TOTAL_FAILURES, NONCE_LIFETIME, REFRESH_LIFETIME,
        REPLY_LIFETIME,
    },
    vault::SealedShare,
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
    key_refresh::Entity::delete_many().filter(key_refresh::Column::ExpiresAt.lt(now)).exec(db).await?;
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

/// The states in which a key may be used.
fn usable_states(leave: Leave) -> Vec<&'static str> {
    let mut states = vec![KeyState::Active.as_str()];
    if leave.suspicion {
        states.push(KeyState::CloneSuspect.as_str());
    }
    states
}

/// Counts an attempt before its proof is looked at; `false` if the key may not be used any more. With leave to pass the
/// lock nothing is counted here: the recovery that gives the leave counts for itself.
pub async fn reserve_attempt(db: &impl ConnectionTrait, key_id: Uuid, leave: Leave) -> Result<bool, DbErr> {
    let usable = split_key::Column::State.is_in(usable_states(leave));
    if leave.lock {
        return Ok(split_key::Entity::find_by_id(key_id).filter(usable).one(db).await?.is_some());
    }
    let reserved = split_key::Entity::update_many()
        .col_expr(split_key::Column::Failures, Expr::col(split_key::Column::Failures).add(1))
        .col_expr(split_key::Column::TotalFailures, Expr::col(split_key::Column::TotalFailures).add(1))
        .filter(split_key::Column::Id.eq(key_id))
        .filter(usable)
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
pub async fn succeed(
    db: &impl ConnectionTrait,
    key_id: Uuid,
    rotation: &Rotation<'_>,
    leave: Leave,
) -> Result<bool, DbErr> {
    let mut update = split_key::Entity::update_many();
    if !leave.lock {
        update = update
            .col_expr(split_key::Column::Failures, Expr::value(0))
            .col_expr(split_key::Column::TotalFailures, Expr::col(split_key::Column::TotalFailures).sub(1));
    }
    let done = rotation.turn(update, key_id, leave).exec(db).await?;
    Ok(done.rows_affected == 1)
}

impl Rotation<'_> {
    /// Moves the chain on in the same statement, for a key that may be used and whose chain stands where it stood.
    fn turn(&self, update: UpdateMany<split_key::Entity>, key_id: Uuid, leave: Leave) -> UpdateMany<split_key::Entity> {
        update
            .col_expr(split_key::Column::TokenCurrent, Expr::value(self.next.to_vec()))
            .col_expr(split_key::Column::TokenPrevious, Expr::value(self.presented.to_vec()))
            .col_expr(split_key::Column::TokenConsumedBy, Expr::value(self.req_id))
            .filter(split_key::Column::Id.eq(key_id))
            .filter(split_key::Column::State.is_in(usable_states(leave)))
            .filter(split_key::Column::TokenCurrent.eq(self.current.to_vec()))
    }
}

/// Keeps the server's state between the two messages of a refresh; a new beginning replaces the old one.
pub async fn keep_refresh(
    db: &impl ConnectionTrait,
    now: Timestamp,
    key_id: Uuid,
    sealed: Vec<u8>,
    recovery_id: Option<Uuid>,
) -> Result<(), DbErr> {
    key_refresh::Entity::delete_by_id(key_id).exec(db).await?;
    let row = key_refresh::ActiveModel {
        key_id: Set(key_id),
        sealed: Set(sealed),
        recovery_id: Set(recovery_id),
        expires_at: Set((now + REFRESH_LIFETIME).as_millisecond()),
    };
    key_refresh::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Takes the server's state of a refresh out: it serves once.
pub async fn take_refresh(
    db: &impl ConnectionTrait,
    now: Timestamp,
    key_id: Uuid,
) -> Result<Option<key_refresh::Model>, DbErr> {
    let row = key_refresh::Entity::find_by_id(key_id).one(db).await?;
    if row.is_some() {
        key_refresh::Entity::delete_by_id(key_id).exec(db).await?;
    }
    Ok(row.filter(|row| row.expires_at > now.as_millisecond()))
}

/// The shares of a key's next epoch, each wrapped.
#[derive(Debug)]
pub struct NextEpoch {
    /// Its number.
    pub epoch: i64,
    /// The signing share.
    pub share: SealedShare,
    /// P_E and share of each encryption key.
    pub decryption_shares: Vec<(Vec<u8>, SealedShare)>,
    /// The reset secret, under the reset vault.
    pub wrapped_mask: Vec<u8>,
}

/// The next epoch counts from here: new shares and reset secret, old ones gone, counters and suspicion ended, nonces
/// burnt, token moved on. `false` if the key or the chain has changed since the request was admitted.
pub async fn begin_epoch(
    db: &impl ConnectionTrait,
    now: Timestamp,
    key: &split_key::Model,
    next: NextEpoch,
    rotation: &Rotation<'_>,
    leave: Leave,
) -> Result<bool, DbErr> {
    let update = split_key::Entity::update_many()
        .col_expr(split_key::Column::State, Expr::value(KeyState::Active.as_str()))
        .col_expr(split_key::Column::Epoch, Expr::value(next.epoch))
        .col_expr(split_key::Column::Failures, Expr::value(0))
        .col_expr(split_key::Column::TotalFailures, Expr::value(0))
        .col_expr(split_key::Column::WrappedKey, Expr::value(next.share.wrapped_key))
        .col_expr(split_key::Column::WrappedShare, Expr::value(next.share.wrapped_share))
        .col_expr(split_key::Column::PinChangedAt, Expr::value(now.as_millisecond()));
    let update = rotation.turn(update, key.id, leave).filter(split_key::Column::Epoch.eq(key.epoch));
    if update.exec(db).await?.rows_affected != 1 {
        return Ok(false);
    }
    // What was on the way to the phone belonged to the old shares.
    delivery::forget_undelivered(db, key.id).await?;
    for (public_key, share) in next.decryption_shares {
        decryption_share::Entity::update_many()
            .col_expr(decryption_share::Column::WrappedKey, Expr::value(share.wrapped_key))
            .col_expr(decryption_share::Column::WrappedShare, Expr::value(share.wrapped_share))
            .col_expr(decryption_share::Column::Epoch, Expr::value(next.epoch))
            .filter(decryption_share::Column::KeyId.eq(key.id))
            .filter(decryption_share::Column::PublicKey.eq(public_key))
            .exec(db)
            .await?;
    }
    reset_mask::Entity::delete_by_id(key.id).exec(db).await?;
    let mask = reset_mask::ActiveModel {
        key_id: Set(key.id),
        wrapped_mask: Set(next.wrapped_mask),
        created_at: Set(now.as_millisecond()),
    };
    reset_mask::Entity::insert(mask).exec_without_returning(db).await?;
    burn_nonces(db, [key.id]).await?;
    Ok(true)
}

async fn burn_nonces(db: &impl ConnectionTrait, keys: impl IntoIterator<Item = Uuid>) -> Result<(), DbErr> {
    nonce::Entity::update_many()
        .col_expr(nonce::Column::Open, Expr::value(false))
        .col_expr(nonce::Column::Sealed, Expr::value(Option::<Vec<u8>>::None))
        .filter(nonce::Column::KeyId.is_in(keys))
        .exec(db)
        .await?;
    Ok(())
}

/// Sets a key's state and burns its nonces.
pub async fn set_state(db: &impl ConnectionTrait, key_id: Uuid, state: KeyState) -> Result<(), DbErr> {
    split_key::Entity::update_many()
        .col_expr(split_key::Column::State, Expr::value(state.as_str()))
        .filter(split_key::Column::Id.eq(key_id))
        .exec(db)
        .await?;
    burn_nonces(db, [key_id]).await
}

/// A pause for a key that may be used; what is frozen or revoked stays so.
pub async fn suspend(db: &impl ConnectionTrait, key_id: Uuid) -> Result<(), DbErr> {
    change_state(db, key_id, KeyState::Active, KeyState::Suspended).await?;
    burn_nonces(db, [key_id]).await
}

/// The end of such a pause.
pub async fn resume(db: &impl ConnectionTrait, key_id: Uuid) -> Result<(), DbErr> {
    change_state(db, key_id, KeyState::Suspended, KeyState::Active).await
}

async fn change_state(db: &impl ConnectionTrait, key_id: Uuid, from: KeyState, to: KeyState) -> Result<(), DbErr> {
    split_key::Entity::update_many()
        .col_expr(split_key::Column::State, Expr::value(to.as_str()))
        .filter(split_key::Column::Id.eq(key_id))
        .filter(split_key::Column::State.eq(from.as_str()))
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
    destroy(db, keys.into_iter().map(|key| key.id)).await
}

/// Destroys the server's half of these keys for ever: share, reset secret, nonces, whatever is under way.
pub async fn destroy(db: &impl ConnectionTrait, keys: impl IntoIterator<Item = Uuid>) -> Result<(), DbErr> {
    let ids: Vec<Uuid> = keys.into_iter().collect();
    split_key::Entity::update_many()
        .col_expr(split_key::Column::State, Expr::value(KeyState::Revoked.as_str()))
        .col_expr(split_key::Column::WrappedKey, Expr::value(Option::<Vec<u8>>::None))
        .col_expr(split_key::Column::WrappedShare, Expr::value(Option::<Vec<u8>>::None))
        .filter(split_key::Column::Id.is_in(ids.iter().copied()))
        .exec(db)
        .await?;
    reset_mask::Entity::delete_many().filter(reset_mask::Column::KeyId.is_in(ids.iter().copied())).exec(db).await?;
    key_refresh::Entity::delete_many().filter(key_refresh::Column::KeyId.is_in(ids.iter().copied())).exec(db).await?;
    let halves = decryption_share::Entity::delete_many();
    halves.filter(decryption_share::Column::KeyId.is_in(ids.iter().copied())).exec(db).await?;
    burn_nonces(db, ids).await
}
