//! Who belongs to an enterprise: founding, joining, leaving, handing over. Every function is a step of its caller's
//! transaction; the unique slots keep exactly one administrator and each person once, whatever happens.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, Set,
    sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    Enterprise, Membership,
    entity::{enterprise, membership},
    facts, notices,
    problems::{ADMIN_STAYS, ALREADY_A_MEMBER, ENTERPRISE_REGISTERED},
    rules::Role,
    search, store,
};
use crate::{
    app::AppState,
    application::{self, details::EnterpriseFacts},
    audit::{self, Actor},
    authorisation,
    certificate::revocation,
    clock::new_id,
    error::{NOT_FOUND, Problem, Result},
    storage::Tx,
};

/// Makes the enterprise, with its administrator. The unique credit code lets one claim through.
pub async fn found(state: &AppState, tx: &mut Tx, facts: &EnterpriseFacts, admin: Uuid) -> Result<Enterprise> {
    let (now, id) = (state.now(), state.new_id());
    if let Some(known) = store::registered(&**tx, &facts.credit_code).await? {
        return Err(ENTERPRISE_REGISTERED.problem().with("enterprise_id", known.id.to_string()));
    }
    let row = enterprise::ActiveModel {
        id: Set(id),
        name: Set(facts.name.clone()),
        credit_code: Set(facts.credit_code.clone()),
        legal_person_name: Set(facts.legal_person_name.clone()),
        legal_person_id_type: Set(facts.legal_person_id_type.as_str().to_owned()),
        legal_person_id_number: Set(Some(facts::seal_number(state, id, facts)?)),
        created_at: Set(now.as_millisecond()),
        updated_at: Set(now.as_millisecond()),
    };
    let row = row.insert(&**tx).await?;
    search::index(&**tx, id, None, &row.name).await?;
    join(tx, now, id, admin, Role::Admin).await?;
    Ok(row)
}

/// Makes a person a clerk.
pub async fn add_clerk(tx: &mut Tx, now: Timestamp, enterprise_id: Uuid, account_id: Uuid) -> Result<Membership> {
    if store::membership(&**tx, enterprise_id, account_id).await?.is_some() {
        return Err(ALREADY_A_MEMBER.into());
    }
    join(tx, now, enterprise_id, account_id, Role::Clerk).await
}

async fn join(tx: &mut Tx, now: Timestamp, enterprise_id: Uuid, account_id: Uuid, role: Role) -> Result<Membership> {
    let row = membership::ActiveModel {
        id: Set(new_id(now)),
        enterprise_id: Set(enterprise_id),
        account_id: Set(account_id),
        role: Set(role.as_str().to_owned()),
        joined_at: Set(now.as_millisecond()),
        ended_at: Set(None),
        active_slot: Set(Some(store::active_slot(enterprise_id, account_id))),
        admin_slot: Set((role == Role::Admin).then_some(enterprise_id)),
    };
    let row = row.insert(&**tx).await?;
    record(tx, now, "membership.begin", Actor::System, &row, json!({ "role": row.role })).await?;
    notices::stir(tx, now, enterprise_id, account_id).await?;
    Ok(row)
}

/// Why a person stops belonging to an enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Departure {
    /// The administrator deleted them.
    Deleted,
    /// They closed their account.
    Left,
}

impl Departure {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Left => "left",
        }
    }
}

/// Ends a clerk's membership, and with it at once: their certificates of that enterprise, what they were authorised to do
/// for it, and what they have applied for in it. An open signing finds neither certificate nor leave any more.
pub async fn end(tx: &mut Tx, now: Timestamp, row: Membership, why: Departure, by: Actor) -> Result<()> {
    if row.role()? == Role::Admin {
        return Err(ADMIN_STAYS.into());
    }
    let (enterprise_id, account_id) = (row.enterprise_id, row.account_id);
    let ended = membership::Entity::update_many()
        .col_expr(membership::Column::EndedAt, Expr::value(now.as_millisecond()))
        .col_expr(membership::Column::ActiveSlot, Expr::value(Option::<String>::None))
        .filter(membership::Column::Id.eq(row.id))
        .filter(membership::Column::EndedAt.is_null())
        .exec(&**tx)
        .await?;
    if ended.rows_affected == 0 {
        return Ok(());
    }
    application::end_in_enterprise(tx, now, enterprise_id, account_id).await?;
    revocation::revoke_in_enterprise(tx, now, enterprise_id, account_id, by).await?;
    authorisation::service::end_of(tx, now, enterprise_id, account_id, why.as_str(), by).await?;
    record(tx, now, "membership.end", by, &row, json!({ "reason": why.as_str() })).await?;
    notices::stir(tx, now, enterprise_id, account_id).await
}

/// The administrator becomes a clerk and the clerk the administrator. There is no moment with two or none.
pub async fn swap_admin(tx: &mut Tx, now: Timestamp, enterprise_id: Uuid, from: Uuid, to: Uuid) -> Result<()> {
    let gone = || Problem::internal("a transfer by or to somebody who is no member");
    let old = store::membership(&**tx, enterprise_id, from).await?.ok_or_else(gone)?;
    let new = store::membership(&**tx, enterprise_id, to).await?.ok_or_else(gone)?;
    if old.role()? != Role::Admin || new.role()? != Role::Clerk {
        return Err(Problem::internal("a transfer that is not from the administrator to a clerk"));
    }
    // The old one first: the unique slot holds one.
    for (row, role) in [(old, Role::Clerk), (new, Role::Admin)] {
        let account_id = row.account_id;
        record(tx, now, "membership.role", Actor::System, &row, json!({ "role": role.as_str() })).await?;
        let mut change = row.into_active_model();
        change.role = Set(role.as_str().to_owned());
        change.admin_slot = Set((role == Role::Admin).then_some(enterprise_id));
        change.update(&**tx).await?;
        notices::stir(tx, now, enterprise_id, account_id).await?;
    }
    // What a clerk was granted says nothing about an administrator, and must not come back when the role goes on.
    authorisation::service::end_of(tx, now, enterprise_id, to, "transferred", Actor::System).await
}

/// The administrator deletes a person. Doing it again finds nobody.
pub async fn delete(state: &AppState, admin: Uuid, enterprise_id: Uuid, account_id: Uuid) -> Result<()> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    store::require_admin(&*tx, enterprise_id, admin).await?;
    let row = store::membership(&*tx, enterprise_id, account_id).await?.ok_or(NOT_FOUND)?;
    end(&mut tx, now, row, Departure::Deleted, Actor::Account(admin)).await?;
    let enterprise = store::find(&*tx, enterprise_id).await?;
    notices::deleted(&mut tx, now, &enterprise, account_id).await?;
    Ok(tx.commit().await?)
}

async fn record(
    tx: &Tx,
    now: Timestamp,
    action: &'static str,
    actor: Actor,
    row: &Membership,
    detail: serde_json::Value,
) -> Result<()> {
    let mut detail = detail;
    detail["account"] = json!(row.account_id);
    let entry = audit::Entry { actor, action, target_kind: "enterprise", target_id: Some(row.enterprise_id), detail };
    Ok(audit::record(tx, now, entry).await?)
}
