//! Logging in and out.

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use super::{
    AccountRow,
    codes::{self, Purpose, Slot},
    entity::{account, phone_change},
    passwords,
    sessions::{self, Caller},
};
use crate::{
    app::AppState,
    audit::{self, Actor},
    error::Result,
    rate,
    storage::Tx,
};

/// A login that has begun: its account and the token for the cookie.
pub struct Login {
    /// The account, perhaps just made.
    pub account: AccountRow,
    /// For the cookie.
    pub token: String,
}

/// Logs in with a code, making the account at first use.
pub async fn log_in_with_code(state: &AppState, phone: &str, code: &str, caller: Caller<'_>) -> Result<Login> {
    let slot = Slot { purpose: Purpose::Login, phone, account_id: None };
    let tx = state.db.begin().await?;
    let tx = codes::require(state, tx, slot, code, "code").await?;
    codes::spend(&tx, slot, state.now()).await?;
    let account = find_or_create(state, &tx, phone).await?;
    let token = sessions::begin(state, &tx, account.id, caller).await?;
    tx.commit().await?;
    Ok(Login { account, token })
}

/// Logs in with a password. Numbers without account, accounts without password and wrong passwords are not told apart.
pub async fn log_in_with_password(
    state: &AppState,
    phone: &str,
    password: String,
    caller: Caller<'_>,
) -> Result<Login> {
    let (account, stored) = passwords::guarded(state, phone, password).await?;
    let tx = state.db.begin().await?;
    // Between the look and this turn the password may have been changed, or the account closed.
    passwords::require_same(&tx, &stored).await?;
    passwords::forgive(&tx, phone).await?;
    let token = sessions::begin(state, &tx, account.id, caller).await?;
    tx.commit().await?;
    Ok(Login { account, token })
}

async fn find_or_create(state: &AppState, tx: &Tx, phone: &str) -> Result<AccountRow> {
    let known = account::Entity::find().filter(account::Column::Phone.eq(phone)).one(&**tx).await?;
    if let Some(known) = known {
        return Ok(known);
    }
    let row = account::ActiveModel {
        id: Set(state.new_id()),
        phone: Set(phone.to_owned()),
        name: Set(None),
        id_number: Set(None),
        id_number_mac: Set(None),
        verified_at: Set(None),
        created_at: Set(state.now().as_millisecond()),
        deleted_at: Set(None),
    };
    let row = row.insert(&**tx).await?;
    let entry = audit::Entry {
        actor: Actor::Account(row.id),
        action: "account.create",
        target_kind: "account",
        target_id: Some(row.id),
        detail: serde_json::json!({}),
    };
    audit::record(tx, state.now(), entry).await?;
    Ok(row)
}

/// Forgets codes, counters and abandoned changes whose time is over, and sessions that ended a month ago.
pub async fn sweep(state: &AppState) -> Result<u64> {
    let (tx, now) = (state.db.begin().await?, state.now());
    let (codes, sessions) = (codes::sweep(&*tx, now).await?, sessions::sweep(&*tx, now).await?);
    let counters = rate::sweep(&*tx, now).await?;
    let changes = phone_change::Entity::delete_many()
        .filter(phone_change::Column::DoneAt.is_null())
        .filter(phone_change::Column::ExpiresAt.lt(now.as_millisecond()))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(codes + sessions + counters + changes.rows_affected)
}
