//! People who work at the console: made, changed, disabled, given another password. Everything is audited.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, Set,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    Reviewer,
    entity::{hold, reviewer},
    policy::{Act, Role, Scope},
    rules, service,
};
use crate::{
    app::AppState,
    audit::{self, Actor},
    clock::new_id,
    error::{FIELDS_INVALID, FORBIDDEN, Kind, NOT_FOUND, Problem, Result},
    institution::entity::institution as institutions,
    password,
    storage::Tx,
};

const LAST_OPERATOR: Kind =
    Kind::new(409, "LAST_OPERATOR", "至少须保留一名启用的平台管理员", "One operator must stay; make another one first");
const NOT_YOURSELF: Kind = Kind::new(
    409,
    "NOT_YOURSELF",
    "不能更改自己的角色或停用自己，请由其他管理员操作",
    "You cannot change your own role or disable yourself; somebody else must",
);
const LINK_FIRST: Kind = Kind::new(
    409,
    "LINK_FIRST",
    "请先由本人绑定手机账号，再关闭密码登录",
    "They must link their phone before the password can be switched off",
);
const BREAK_GLASS: Kind = Kind::new(
    409,
    "BREAK_GLASS",
    "应急账号的密码登录不可关闭",
    "The password of the emergency login cannot be switched off",
);

/// Somebody about to be made.
pub struct Fresh<'a> {
    /// Login name.
    pub username: &'a str,
    /// Name shown.
    pub name: &'a str,
    /// What they are.
    pub role: Role,
    /// Where.
    pub institution_id: Option<Uuid>,
    /// The first password.
    pub password: String,
    /// Whether the password can never be switched off.
    pub break_glass: bool,
}

/// Makes somebody.
pub async fn insert(tx: &Tx, now: Timestamp, by: Actor, fresh: Fresh<'_>) -> Result<reviewer::Model> {
    let row = reviewer::ActiveModel {
        id: Set(new_id(now)),
        username: Set(fresh.username.to_owned()),
        name: Set(fresh.name.to_owned()),
        password_hash: Set(password::hash(fresh.password).await?),
        institution_id: Set(fresh.institution_id),
        role: Set(fresh.role.as_str().to_owned()),
        failures: Set(0),
        locked_until: Set(None),
        created_at: Set(now.as_millisecond()),
        disabled_at: Set(None),
        account_id: Set(None),
        password_login: Set(true),
        password_changed_at: Set(None),
        break_glass: Set(fresh.break_glass),
    };
    let row = row.insert(&**tx).await?;
    let detail = json!({ "username": row.username, "role": row.role, "institution_id": row.institution_id });
    record(tx, now, by, "reviewer.create", row.id, detail).await?;
    Ok(row)
}

/// 18 hexadecimal digits.
pub fn fresh_password() -> Result<String> {
    Ok(hex::encode(gm::random::bytes::<9>()?))
}

/// Refuses login names that are not plain.
pub fn check_username(username: &str) -> Result<()> {
    if rules::is_username(username) { Ok(()) } else { Err(FIELDS_INVALID.field("username", "INVALID")) }
}

/// A name to show, without blanks around it.
pub fn parse_name(typed: &str) -> Result<String> {
    rules::parse_line(typed, 1, 50).ok_or_else(|| FIELDS_INVALID.field("name", "LENGTH"))
}

/// Refuses roles that nobody can have there.
pub fn check_fit(role: Role, scope: Scope) -> Result<()> {
    if role.fits(scope) { Ok(()) } else { Err(FIELDS_INVALID.field("role", "SCOPE")) }
}

/// Refuses login names that somebody has.
pub async fn check_free(tx: &Tx, username: &str) -> Result<()> {
    let taken = reviewer::Entity::find().filter(reviewer::Column::Username.eq(username)).count(&**tx).await? > 0;
    if taken { Err(FIELDS_INVALID.field("username", "TAKEN")) } else { Ok(()) }
}

/// Makes somebody, as `who` may; returns the row and the password, which is nowhere kept.
pub async fn create(
    state: &AppState,
    who: &Reviewer,
    (username, name): (&str, &str),
    role: Role,
    institution_id: Option<Uuid>,
) -> Result<(reviewer::Model, String)> {
    who.require(Act::ManageReviewers)?;
    check_username(username)?;
    let name = parse_name(name)?;
    let scope = if institution_id.is_some() { Scope::Institution } else { Scope::Platform };
    if !who.may_see(institution_id) {
        return Err(FIELDS_INVALID.field("institution_id", "UNKNOWN"));
    }
    check_fit(role, scope)?;
    if !who.role.manages(role) {
        return Err(FORBIDDEN.into());
    }
    let password = fresh_password()?;
    let tx = state.db.begin().await?;
    if let Some(id) = institution_id {
        let known = institutions::Entity::find_by_id(id).one(&*tx).await?;
        known.ok_or_else(|| FIELDS_INVALID.field("institution_id", "UNKNOWN"))?;
    }
    check_free(&tx, username).await?;
    let fresh = Fresh { username, name: &name, role, institution_id, password: password.clone(), break_glass: false };
    let row = insert(&tx, state.now(), Actor::Reviewer(who.id), fresh).await?;
    tx.commit().await?;
    Ok((row, password))
}

/// What is changed about somebody; none: nothing.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Name shown.
    pub name: Option<String>,
    /// What they are.
    pub role: Option<Role>,
    /// Whether they may log in at all.
    pub disabled: Option<bool>,
    /// Whether their password opens anything.
    pub password_login: Option<bool>,
}

/// The person, if `who` may manage them; others do not exist.
async fn managed(tx: &Tx, who: &Reviewer, id: Uuid) -> Result<reviewer::Model> {
    let row = reviewer::Entity::find_by_id(id).one(&**tx).await?.ok_or(NOT_FOUND)?;
    who.require_for(Act::ManageReviewers, row.institution_id)?;
    if who.role.manages(row.role()?) || who.id == id { Ok(row) } else { Err(FORBIDDEN.into()) }
}

/// Changes somebody, as `who` may. Whoever is disabled is logged out everywhere.
pub async fn change(state: &AppState, who: &Reviewer, id: Uuid, change: Change) -> Result<reviewer::Model> {
    let now = state.now();
    let name = change.name.as_deref().map(parse_name).transpose()?;
    let tx = state.db.begin().await?;
    let row = managed(&tx, who, id).await?;
    if who.id == id && (change.role.is_some() || change.disabled.is_some()) {
        return Err(NOT_YOURSELF.into());
    }
    let mut next = row.clone();
    if let Some(name) = name {
        next.name = name;
    }
    if let Some(role) = change.role {
        let scope = if row.institution_id.is_some() { Scope::Institution } else { Scope::Platform };
        check_fit(role, scope)?;
        if !who.role.manages(role) {
            return Err(FORBIDDEN.into());
        }
        next.role = role.as_str().to_owned();
    }
    match change.disabled {
        Some(true) => next.disabled_at = row.disabled_at.or(Some(now.as_millisecond())),
        Some(false) => next.disabled_at = None,
        None => {}
    }
    if let Some(on) = change.password_login {
        check_password_login(&row, on)?;
        next.password_login = on;
    }
    keep_an_operator(&tx, &row, &next).await?;
    if next == row {
        return Ok(row);
    }
    let detail = difference(&row, &next);
    let next = write(&tx, &row, next).await?;
    if next.disabled_at.is_some() && row.disabled_at.is_none() {
        service::end_sessions(&tx, now, id, None).await?;
        hold::Entity::delete_many().filter(hold::Column::ReviewerId.eq(id)).exec(&*tx).await?;
    }
    record(&tx, now, Actor::Reviewer(who.id), "reviewer.change", id, detail).await?;
    tx.commit().await?;
    Ok(next)
}

fn check_password_login(row: &reviewer::Model, on: bool) -> Result<()> {
    match on {
        false if row.break_glass => Err(BREAK_GLASS.into()),
        false if row.account_id.is_none() => Err(LINK_FIRST.into()),
        _ => Ok(()),
    }
}

async fn keep_an_operator(tx: &Tx, before: &reviewer::Model, after: &reviewer::Model) -> Result<()> {
    let runs = |row: &reviewer::Model| row.role == Role::Operator.as_str() && row.disabled_at.is_none();
    if !runs(before) || runs(after) {
        return Ok(());
    }
    let others = reviewer::Entity::find()
        .filter(reviewer::Column::Role.eq(Role::Operator.as_str()))
        .filter(reviewer::Column::DisabledAt.is_null())
        .filter(reviewer::Column::Id.ne(before.id))
        .count(&**tx)
        .await?;
    if others == 0 { Err(LAST_OPERATOR.into()) } else { Ok(()) }
}

/// What changed, for the audit log.
fn difference(before: &reviewer::Model, after: &reviewer::Model) -> serde_json::Value {
    let mut detail = serde_json::Map::new();
    let mut note = |name: &str, from: serde_json::Value, to: serde_json::Value| {
        if from != to {
            detail.insert(name.to_owned(), json!({ "from": from, "to": to }));
        }
    };
    note("name", json!(before.name), json!(after.name));
    note("role", json!(before.role), json!(after.role));
    note("disabled", json!(before.disabled_at.is_some()), json!(after.disabled_at.is_some()));
    note("password_login", json!(before.password_login), json!(after.password_login));
    note("account_id", json!(before.account_id), json!(after.account_id));
    detail.into()
}

async fn write(tx: &Tx, before: &reviewer::Model, after: reviewer::Model) -> Result<reviewer::Model> {
    let mut row = before.clone().into_active_model();
    row.name = Set(after.name);
    row.role = Set(after.role);
    row.disabled_at = Set(after.disabled_at);
    row.password_login = Set(after.password_login);
    row.account_id = Set(after.account_id);
    Ok(row.update(&**tx).await?)
}

/// Gives somebody a new random password, which is returned and nowhere kept; their logins end, a lock is lifted.
pub async fn reset_password(state: &AppState, who: &Reviewer, id: Uuid) -> Result<String> {
    let now = state.now();
    if who.id == id {
        return Err(NOT_YOURSELF.into());
    }
    let fresh = fresh_password()?;
    let hash = password::hash(fresh.clone()).await?;
    let tx = state.db.begin().await?;
    let mut row = managed(&tx, who, id).await?.into_active_model();
    row.password_hash = Set(hash);
    row.password_changed_at = Set(None);
    row.failures = Set(0);
    row.locked_until = Set(None);
    // Whoever lost the phone gets in again by this.
    row.password_login = Set(true);
    row.update(&*tx).await?;
    service::end_sessions(&tx, now, id, None).await?;
    record(&tx, now, Actor::Reviewer(who.id), "reviewer.password_reset", id, json!({})).await?;
    tx.commit().await?;
    Ok(fresh)
}

/// Takes somebody's linked account off: their own, or of somebody whom they manage. The password opens again.
pub async fn unlink(state: &AppState, who: &Reviewer, id: Uuid) -> Result<reviewer::Model> {
    let tx = state.db.begin().await?;
    let row = match who.id == id {
        true => reviewer::Entity::find_by_id(id).one(&*tx).await?.ok_or(NOT_FOUND)?,
        false => managed(&tx, who, id).await?,
    };
    if row.account_id.is_none() {
        return Ok(row);
    }
    let next = reviewer::Model { account_id: None, password_login: true, ..row.clone() };
    let detail = difference(&row, &next);
    let next = write(&tx, &row, next).await?;
    record(&tx, state.now(), Actor::Reviewer(who.id), "reviewer.unlink", id, detail).await?;
    tx.commit().await?;
    Ok(next)
}

/// Links an account to somebody: whoever holds its keys may log in as them.
pub async fn link(tx: &Tx, now: Timestamp, id: Uuid, account_id: Uuid) -> Result<reviewer::Model, Problem> {
    let row = reviewer::Entity::find_by_id(id).one(&**tx).await?.ok_or(NOT_FOUND)?;
    let next = reviewer::Model { account_id: Some(account_id), ..row.clone() };
    let detail = difference(&row, &next);
    let next = write(tx, &row, next).await?;
    record(tx, now, Actor::Reviewer(id), "reviewer.link", id, detail).await?;
    Ok(next)
}

async fn record(
    tx: &Tx,
    now: Timestamp,
    actor: Actor,
    action: &str,
    id: Uuid,
    detail: serde_json::Value,
) -> Result<()> {
    let entry = audit::Entry { actor, action, target_kind: "reviewer", target_id: Some(id), detail };
    Ok(audit::record(tx, now, entry).await?)
}
