//! Logins at the console, and the first reviewer.

use std::fs;

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, Set,
};

use super::{
    Reviewer,
    entity::{reviewer, session},
    rules,
};
use crate::{
    account::token,
    app::AppState,
    audit::{self, Actor},
    clock::new_id,
    error::{FIELDS_INVALID, Kind, Problem, Result},
    institution::entity::institution as institutions,
    password,
    storage::{Storage, StorageError, Tx, write_private},
};
use uuid::Uuid;

const LOGIN_WRONG: Kind = Kind::new(401, "LOGIN_WRONG", "用户名或密码不正确", "The user name or the password is wrong");
const LOGIN_LOCKED: Kind =
    Kind::new(429, "LOGIN_LOCKED", "密码错误次数过多，请稍后再试", "Too many wrong passwords; try again later");

/// Makes the first reviewer when there is none, for all institutions, and writes the password to `DATA/bootstrap.txt`.
pub async fn ensure_bootstrap_reviewer(state: &AppState) -> Result<()> {
    if reviewer::Entity::find().count(&*state.db).await? > 0 {
        return Ok(());
    }
    let password = fresh_password()?;
    let file = state.config.data.join("bootstrap.txt");
    // A start that broke off between file and row left a file whose password nobody has.
    match fs::remove_file(&file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(StorageError::Io(error).into()),
        _ => {}
    }
    let console = format!("{}/console/", state.config.origin);
    write_private(&file, format!("console:  {console}\nusername: reviewer\npassword: {password}\n").as_bytes())?;
    let tx = state.db.begin().await?;
    insert_reviewer(&tx, state.now(), ("reviewer", "演示审核员"), password.clone(), None).await?;
    tx.commit().await?;
    if state.config.is_sandbox() {
        tracing::warn!(%console, username = "reviewer", %password, file = %file.display(), "first start: the console's first login");
    } else {
        tracing::warn!(%console, file = %file.display(), "first start: the console's first login is in the file");
    }
    Ok(())
}

async fn insert_reviewer(
    tx: &Tx,
    now: Timestamp,
    (username, name): (&str, &str),
    password: String,
    institution_id: Option<Uuid>,
) -> Result<()> {
    let id = new_id(now);
    let row = reviewer::ActiveModel {
        id: Set(id),
        username: Set(username.to_owned()),
        name: Set(name.to_owned()),
        password_hash: Set(password::hash(password).await?),
        institution_id: Set(institution_id),
        role: Set("reviewer".to_owned()),
        failures: Set(0),
        locked_until: Set(None),
        created_at: Set(now.as_millisecond()),
    };
    row.insert(&**tx).await?;
    let entry = audit::Entry {
        actor: Actor::System,
        action: "reviewer.create",
        target_kind: "reviewer",
        target_id: Some(id),
        detail: serde_json::json!({ "username": username, "institution_id": institution_id }),
    };
    Ok(audit::record(tx, now, entry).await?)
}

/// Makes a reviewer with a random password, which is returned and nowhere kept. An institution is named by its slug.
pub async fn add_reviewer(
    db: &Storage,
    now: Timestamp,
    username: &str,
    name: &str,
    institution: Option<&str>,
) -> Result<String> {
    let plain = username.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"._-".contains(&octet));
    if !plain || username.is_empty() || username.len() > 50 {
        return Err(FIELDS_INVALID.field("username", "INVALID"));
    }
    let tx = db.begin().await?;
    if reviewer::Entity::find().filter(reviewer::Column::Username.eq(username)).count(&*tx).await? > 0 {
        return Err(FIELDS_INVALID.field("username", "TAKEN"));
    }
    let institution_id = match institution {
        None => None,
        Some(slug) => {
            let find = institutions::Entity::find().filter(institutions::Column::Slug.eq(slug));
            let known = find.one(&*tx).await?.ok_or_else(|| FIELDS_INVALID.field("institution", "UNKNOWN"))?;
            Some(known.id)
        }
    };
    let password = fresh_password()?;
    insert_reviewer(&tx, now, (username, name), password.clone(), institution_id).await?;
    tx.commit().await?;
    Ok(password)
}

fn fresh_password() -> Result<String> {
    Ok(hex::encode(gm::random::bytes::<9>()?))
}

/// A console login that has begun.
pub struct Login {
    /// Who.
    pub reviewer: Reviewer,
    /// For the cookie.
    pub token: String,
}

/// Logs a reviewer in. Unknown names and wrong passwords are not told apart.
pub async fn log_in(state: &AppState, username: &str, password: String, address: &str) -> Result<Login> {
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
    let token = token::fresh()?;
    let session_id = state.new_id();
    let session = session::ActiveModel {
        id: Set(session_id),
        reviewer_id: Set(row.id),
        token_digest: Set(token::digest(&token)),
        address: Set(address.to_owned()),
        created_at: Set(now.as_millisecond()),
        expires_at: Set((now + rules::SESSION_LIFETIME).as_millisecond()),
        ended_at: Set(None),
    };
    session.insert(&*tx).await?;
    let reviewer = Reviewer::of(&row, session_id);
    if row.failures != 0 {
        let mut row = row.into_active_model();
        row.failures = Set(0);
        row.locked_until = Set(None);
        row.update(&*tx).await?;
    }
    record(state, &tx, &reviewer, "console_session.begin", address).await?;
    tx.commit().await?;
    Ok(Login { reviewer, token })
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

async fn count_failure(state: &AppState, tx: Tx, row: reviewer::Model) -> Result<Problem> {
    let locked = row.failures + 1 >= rules::MAX_FAILURES;
    let failures = if locked { 0 } else { row.failures + 1 };
    let mut row = row.into_active_model();
    row.failures = Set(failures);
    if locked {
        row.locked_until = Set(Some((state.now() + rules::LOCKED_FOR).as_millisecond()));
    }
    row.update(&*tx).await?;
    tx.commit().await?;
    if locked { Ok(LOGIN_LOCKED.problem().retry_after(rules::LOCKED_FOR.as_secs())) } else { Ok(LOGIN_WRONG.into()) }
}

/// Ends the session that the request belongs to.
pub async fn log_out(state: &AppState, who: &Reviewer) -> Result<()> {
    let tx = state.db.begin().await?;
    session::Entity::update_many()
        .col_expr(session::Column::EndedAt, state.now().as_millisecond().into())
        .filter(session::Column::Id.eq(who.session_id))
        .exec(&*tx)
        .await?;
    record(state, &tx, who, "console_session.end", "").await?;
    tx.commit().await?;
    Ok(())
}

async fn record(state: &AppState, tx: &Tx, who: &Reviewer, action: &str, address: &str) -> Result<()> {
    let entry = audit::Entry {
        actor: Actor::Reviewer(who.id),
        action,
        target_kind: "console_session",
        target_id: Some(who.session_id),
        detail: serde_json::json!({ "address": address }),
    };
    Ok(audit::record(tx, state.now(), entry).await?)
}
