//! Logins at the console: begun by password (by phone: `scan_login`), ended, swept.

use jiff::Timestamp;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, Set};
use uuid::Uuid;

use super::{
    Reviewer,
    entity::{hold, reviewer, scan, session},
    rules,
};
use crate::{
    account::token,
    app::AppState,
    audit::{self, Actor},
    error::{Kind, Problem, Result},
    password,
    storage::Tx,
};

const LOGIN_WRONG: Kind = Kind::new(401, "LOGIN_WRONG", "用户名或密码不正确", "The user name or the password is wrong");
const LOGIN_LOCKED: Kind =
    Kind::new(429, "LOGIN_LOCKED", "密码错误次数过多，请稍后再试", "Too many wrong passwords; try again later");
/// Told only to those who know the password, or hold the keys.
pub const LOGIN_DISABLED: Kind = Kind::new(
    403,
    "LOGIN_DISABLED",
    "该账号已停用，请联系管理员",
    "This login has been disabled; ask the person who manages it",
);
const PASSWORD_LOGIN_OFF: Kind = Kind::new(
    403,
    "PASSWORD_LOGIN_OFF",
    "该账号已关闭密码登录，请用手机扫码登录",
    "This login no longer takes a password; log in by scanning with your phone",
);

/// Where a login comes from.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// Address on the network.
    pub address: &'a str,
    /// The browser's `User-Agent`.
    pub user_agent: &'a str,
}

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// By the password.
    Password,
    /// By their phone.
    Scan,
}

impl Method {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Scan => "scan",
        }
    }
}

/// A console login that has begun.
pub struct Login {
    /// Who.
    pub reviewer: Reviewer,
    /// For the cookie.
    pub token: String,
}

/// Logs somebody in by password. Unknown names and wrong passwords are not told apart.
pub async fn log_in(state: &AppState, username: &str, password: String, caller: Caller<'_>) -> Result<Login> {
    let now = state.now();
    let find = reviewer::Entity::find().filter(reviewer::Column::Username.eq(username));
    let seen = find.clone().one(&*state.db).await?;
    if let Some(row) = &seen {
        refuse_locked(row, now)?;
    }
    let right = password::verify(password, seen.map(|row| row.password_hash)).await?;
    let tx = state.db.begin().await?;
    let Some(row) = find.one(&*tx).await? else {
        // Counting takes its own turn to write.
        drop(tx);
        return Err(unknown(state, username).await);
    };
    // Of many tries at once, those that were looked at before the lock closed do not slip through after it.
    refuse_locked(&row, now)?;
    if !right {
        return Err(count_failure(state, tx, row).await?);
    }
    if row.disabled_at.is_some() {
        return Err(LOGIN_DISABLED.into());
    }
    if !row.password_login {
        return Err(PASSWORD_LOGIN_OFF.into());
    }
    let login = begin(state, &tx, &row, Method::Password, caller).await?;
    if row.failures != 0 {
        let mut row = row.into_active_model();
        row.failures = Set(0);
        row.locked_until = Set(None);
        row.update(&*tx).await?;
    }
    tx.commit().await?;
    Ok(login)
}

/// Begins a session. Use of the emergency login is told by its own audit entry.
pub async fn begin(
    state: &AppState,
    tx: &Tx,
    row: &reviewer::Model,
    method: Method,
    caller: Caller<'_>,
) -> Result<Login> {
    let now = state.now();
    let token = token::fresh()?;
    let session_id = state.new_id();
    let session = session::ActiveModel {
        id: Set(session_id),
        reviewer_id: Set(row.id),
        token_digest: Set(token::digest(&token)),
        address: Set(caller.address.to_owned()),
        created_at: Set(now.as_millisecond()),
        expires_at: Set((now + rules::SESSION_LIFETIME).as_millisecond()),
        ended_at: Set(None),
        method: Set(method.as_str().to_owned()),
        user_agent: Set(caller.user_agent.chars().take(300).collect()),
    };
    session.insert(&**tx).await?;
    let emergency = row.break_glass && row.account_id.is_some() && method == Method::Password;
    let action = if emergency { "console_session.break_glass" } else { "console_session.begin" };
    let detail = serde_json::json!({ "address": caller.address, "method": method.as_str() });
    record(tx, now, row.id, action, session_id, detail).await?;
    Ok(Login { reviewer: Reviewer::of(row, session_id)?, token })
}

fn refuse_locked(row: &reviewer::Model, now: Timestamp) -> Result<()> {
    match row.locked_until.filter(|until| *until > now.as_millisecond()) {
        Some(until) => Err(LOGIN_LOCKED.problem().retry_after((until - now.as_millisecond()) / 1000)),
        None => Ok(()),
    }
}

/// A name that nobody has is locked after as many tries as one that somebody has.
async fn unknown(state: &AppState, username: &str) -> Problem {
    match state.rates.take("console-unknown", username, rules::UNKNOWN_TRIES, state.now()).await {
        Ok(()) => LOGIN_WRONG.into(),
        Err(problem) if problem.is_limit() => LOGIN_LOCKED.problem().retry_after(rules::LOCKED_FOR.as_secs()),
        Err(problem) => problem,
    }
}

/// Counts a wrong password, at the door or when it is changed.
pub async fn count_failure(state: &AppState, tx: Tx, row: reviewer::Model) -> Result<Problem> {
    let locked = row.failures + 1 >= rules::MAX_FAILURES;
    let failures = if locked { 0 } else { row.failures + 1 };
    let id = row.id;
    let mut row = row.into_active_model();
    row.failures = Set(failures);
    if locked {
        row.locked_until = Set(Some((state.now() + rules::LOCKED_FOR).as_millisecond()));
    }
    row.update(&*tx).await?;
    if locked {
        record_of(&tx, state.now(), id, "reviewer.locked").await?;
    }
    tx.commit().await?;
    if locked { Ok(LOGIN_LOCKED.problem().retry_after(rules::LOCKED_FOR.as_secs())) } else { Ok(LOGIN_WRONG.into()) }
}

/// Refuses while nobody may try this person's password.
pub fn check_unlocked(row: &reviewer::Model, now: Timestamp) -> Result<()> {
    refuse_locked(row, now)
}

/// Ends the session that the request belongs to.
pub async fn log_out(state: &AppState, who: &Reviewer) -> Result<()> {
    let tx = state.db.begin().await?;
    session::Entity::update_many()
        .col_expr(session::Column::EndedAt, state.now().as_millisecond().into())
        .filter(session::Column::Id.eq(who.session_id))
        .exec(&*tx)
        .await?;
    // Whoever goes home leaves nothing in hand.
    hold::Entity::delete_many().filter(hold::Column::ReviewerId.eq(who.id)).exec(&*tx).await?;
    record(&tx, state.now(), who.id, "console_session.end", who.session_id, serde_json::json!({})).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends all sessions of somebody but one; returns how many.
pub async fn end_sessions(tx: &Tx, now: Timestamp, reviewer_id: Uuid, keep: Option<Uuid>) -> Result<u64> {
    let mut update = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, now.as_millisecond().into())
        .filter(session::Column::ReviewerId.eq(reviewer_id))
        .filter(session::Column::EndedAt.is_null());
    if let Some(keep) = keep {
        update = update.filter(session::Column::Id.ne(keep));
    }
    Ok(update.exec(&**tx).await?.rows_affected)
}

/// Notes what became of a session.
pub async fn record(
    tx: &Tx,
    now: Timestamp,
    reviewer_id: Uuid,
    action: &str,
    session_id: Uuid,
    detail: serde_json::Value,
) -> Result<()> {
    let entry = audit::Entry {
        actor: Actor::Reviewer(reviewer_id),
        action,
        target_kind: "console_session",
        target_id: Some(session_id),
        detail,
    };
    Ok(audit::record(tx, now, entry).await?)
}

async fn record_of(tx: &Tx, now: Timestamp, id: Uuid, action: &str) -> Result<()> {
    let entry = audit::Entry {
        actor: Actor::System,
        action,
        target_kind: "reviewer",
        target_id: Some(id),
        detail: serde_json::json!({}),
    };
    Ok(audit::record(tx, now, entry).await?)
}

/// Forgets sessions that ended a month ago, scans of yesterday and holds that nobody renewed. Returns how many.
pub async fn sweep(state: &AppState) -> Result<u64> {
    let now = state.now();
    let (month, day) = (now - rules::KEPT_SESSIONS, now - rules::KEPT_SCANS);
    let tx = state.db.begin().await?;
    let sessions =
        session::Entity::delete_many().filter(session::Column::ExpiresAt.lt(month.as_millisecond())).exec(&*tx).await?;
    let scans = scan::Entity::delete_many().filter(scan::Column::CreatedAt.lt(day.as_millisecond())).exec(&*tx).await?;
    let holds = hold::Entity::delete_many().filter(hold::Column::ExpiresAt.lt(now.as_millisecond())).exec(&*tx).await?;
    tx.commit().await?;
    Ok(sessions.rows_affected + scans.rows_affected + holds.rows_affected)
}
