//! Logins: begun, listed, ended.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, Set,
};
use uuid::Uuid;

use super::{Account, entity::session, rules, token};
use crate::{
    app::AppState,
    audit::{self, Actor},
    error::{NOT_FOUND, Result},
    storage::Tx,
};

/// Who calls, as far as the connection tells.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// From where.
    pub address: &'a str,
    /// With which program.
    pub user_agent: &'a str,
}

/// Begins a session; returns the token for the cookie.
pub async fn begin(state: &AppState, tx: &Tx, account_id: Uuid, caller: Caller<'_>) -> Result<String> {
    let now = state.now();
    let token = token::fresh()?;
    let id = state.new_id();
    let row = session::ActiveModel {
        id: Set(id),
        account_id: Set(account_id),
        token_digest: Set(token::digest(&token)),
        address: Set(caller.address.to_owned()),
        user_agent: Set(caller.user_agent.chars().take(300).collect()),
        created_at: Set(now.as_millisecond()),
        expires_at: Set((now + rules::SESSION_LIFETIME).as_millisecond()),
        ended_at: Set(None),
        device_id: Set(None),
    };
    row.insert(&**tx).await?;
    record(tx, now, account_id, "session.begin", id, caller.address).await?;
    Ok(token)
}

/// The sessions of an account that have not ended, newest first.
pub async fn live(db: &impl ConnectionTrait, account_id: Uuid, now: Timestamp) -> Result<Vec<session::Model>> {
    let find = session::Entity::find().filter(of(account_id, now));
    Ok(find.order_by_desc(session::Column::CreatedAt).all(db).await?)
}

fn of(account_id: Uuid, now: Timestamp) -> sea_orm::Condition {
    sea_orm::Condition::all()
        .add(session::Column::AccountId.eq(account_id))
        .add(session::Column::EndedAt.is_null())
        .add(session::Column::ExpiresAt.gt(now.as_millisecond()))
}

/// Ends one session of this account.
pub async fn end(state: &AppState, who: Account, id: Uuid) -> Result<()> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let ended = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, now.as_millisecond().into())
        .filter(of(who.id, now))
        .filter(session::Column::Id.eq(id))
        .exec(&*tx)
        .await?;
    if ended.rows_affected == 0 {
        return Err(NOT_FOUND.into());
    }
    record(&tx, now, who.id, "session.end", id, "").await?;
    // Open streams look whether they may go on.
    tx.wake(who.id);
    tx.commit().await?;
    Ok(())
}

/// Ends all sessions of an account but one; returns how many.
pub async fn end_all(tx: &mut Tx, now: Timestamp, account_id: Uuid, keep: Option<Uuid>) -> Result<u64> {
    let mut update = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, now.as_millisecond().into())
        .filter(of(account_id, now));
    if let Some(keep) = keep {
        update = update.filter(session::Column::Id.ne(keep));
    }
    let ended = update.exec(&**tx).await?.rows_affected;
    if ended > 0 {
        let entry = audit::Entry {
            actor: Actor::Account(account_id),
            action: "session.end_all",
            target_kind: "account",
            target_id: Some(account_id),
            detail: serde_json::json!({ "ended": ended, "kept": keep }),
        };
        audit::record(tx, now, entry).await?;
        tx.wake(account_id);
    }
    Ok(ended)
}

async fn record(tx: &Tx, now: Timestamp, account_id: Uuid, action: &str, id: Uuid, address: &str) -> Result<()> {
    let detail = if address.is_empty() { serde_json::json!({}) } else { serde_json::json!({ "address": address }) };
    let entry =
        audit::Entry { actor: Actor::Account(account_id), action, target_kind: "session", target_id: Some(id), detail };
    Ok(audit::record(tx, now, entry).await?)
}

/// This session works on that device.
pub async fn work_on(tx: &Tx, who: Account, device_id: Uuid) -> Result<()> {
    session::Entity::update_many()
        .col_expr(session::Column::DeviceId, device_id.into())
        .filter(session::Column::Id.eq(who.session_id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Ends all sessions that work on a device.
pub async fn end_on(tx: &mut Tx, now: Timestamp, account_id: Uuid, device_id: Uuid) -> Result<()> {
    session::Entity::update_many()
        .col_expr(session::Column::EndedAt, now.as_millisecond().into())
        .filter(of(account_id, now))
        .filter(session::Column::DeviceId.eq(device_id))
        .exec(&**tx)
        .await?;
    tx.wake(account_id);
    Ok(())
}

/// Forgets sessions that ended a month ago.
pub async fn sweep(db: &impl ConnectionTrait, now: Timestamp) -> Result<u64> {
    let before = (now - rules::SESSION_LIFETIME).as_millisecond();
    let gone = session::Entity::delete_many().filter(session::Column::ExpiresAt.lt(before)).exec(db).await?;
    Ok(gone.rows_affected)
}
