//! Granting and ending. What is ended stays in the history; the next question about it is answered no.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, Set, sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    Authorisation,
    entity::{ActiveModel, Column, Entity},
    rules::{Grant, Standing},
    store,
};
use crate::{
    app::AppState,
    audit::{self, Actor},
    clock::new_id,
    enterprise::{self, notices},
    error::{NOT_FOUND, Result},
    storage::Tx,
};

/// Whom a grant is for, by whom and until when.
#[derive(Debug, Clone, Copy)]
pub struct NewGrant {
    /// For which enterprise.
    pub enterprise_id: Uuid,
    /// Who may.
    pub account_id: Uuid,
    /// Who says so.
    pub granted_by: Uuid,
    /// The application that ended with it.
    pub application_id: Option<Uuid>,
    /// First and last moment.
    pub valid: (Timestamp, Timestamp),
}

/// Writes one authorisation for each platform, or one for every platform.
pub async fn grant(tx: &mut Tx, now: Timestamp, new: &NewGrant, grant: &Grant) -> Result<()> {
    let mut platforms: Vec<Option<Uuid>> = grant.relying_party_ids.iter().copied().map(Some).collect();
    if platforms.is_empty() {
        platforms.push(None);
    }
    let permissions: Vec<_> = grant.permissions.iter().map(|one| one.as_str()).collect();
    let seals: Vec<_> = grant.seals.iter().map(|one| one.as_str()).collect();
    for relying_party_id in platforms {
        let row = ActiveModel {
            id: Set(new_id(now)),
            enterprise_id: Set(new.enterprise_id),
            account_id: Set(new.account_id),
            relying_party_id: Set(relying_party_id),
            permissions: Set(permissions.join(" ")),
            seals: Set(seals.join(" ")),
            valid_from: Set(new.valid.0.as_millisecond()),
            valid_to: Set(new.valid.1.as_millisecond()),
            granted_by: Set(new.granted_by),
            application_id: Set(new.application_id),
            created_at: Set(now.as_millisecond()),
            ended_at: Set(None),
            ended_by: Set(None),
            end_reason: Set(None),
        };
        let row = row.insert(&**tx).await?;
        record(tx, now, "authorisation.grant", Actor::Account(new.granted_by), &row).await?;
    }
    notices::stir(tx, now, new.enterprise_id, new.account_id).await
}

/// Ends one authorisation before its time. `false` if it had ended already.
pub async fn end(tx: &mut Tx, now: Timestamp, id: Uuid, by: Actor, reason: &str) -> Result<bool> {
    let ended = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(now.as_millisecond()))
        .col_expr(Column::EndedBy, Expr::value(by.parts().1))
        .col_expr(Column::EndReason, Expr::value(reason))
        .filter(Column::Id.eq(id))
        .filter(Column::EndedAt.is_null())
        .exec(&**tx)
        .await?;
    if ended.rows_affected == 0 {
        return Ok(false);
    }
    let row = Entity::find_by_id(id).one(&**tx).await?.ok_or(NOT_FOUND)?;
    record(tx, now, "authorisation.end", by, &row).await?;
    notices::stir(tx, now, row.enterprise_id, row.account_id).await?;
    Ok(true)
}

/// Ends everything that a person may do for an enterprise.
pub async fn end_of(
    tx: &mut Tx,
    now: Timestamp,
    enterprise_id: Uuid,
    account_id: Uuid,
    reason: &str,
    by: Actor,
) -> Result<()> {
    for row in store::standing_of(&**tx, enterprise_id, account_id).await? {
        end(tx, now, row.id, by, reason).await?;
    }
    Ok(())
}

/// What a person is in the enterprise, and what they have been granted there.
pub async fn standing(db: &impl ConnectionTrait, enterprise_id: Uuid, account_id: Uuid) -> Result<Standing> {
    let role = enterprise::store::role_of(db, enterprise_id, account_id).await?;
    let rows = store::standing_of(db, enterprise_id, account_id).await?;
    Ok(Standing { role, granted: rows.iter().map(Authorisation::granted).collect::<Result<_>>()? })
}

/// The administrator takes an authorisation back, effective at once. Doing it again changes nothing.
pub async fn delete(state: &AppState, admin: Uuid, id: Uuid) -> Result<()> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let row = Entity::find_by_id(id).one(&*tx).await?.ok_or(NOT_FOUND)?;
    // Other people's authorisations do not exist.
    enterprise::store::require_admin(&*tx, row.enterprise_id, admin).await.map_err(|_| NOT_FOUND)?;
    if end(&mut tx, now, id, Actor::Account(admin), "deleted").await? {
        let enterprise = enterprise::store::find(&*tx, row.enterprise_id).await?;
        notices::authorisation_deleted(&mut tx, now, &enterprise, row.account_id).await?;
    }
    Ok(tx.commit().await?)
}

async fn record(tx: &Tx, now: Timestamp, action: &'static str, actor: Actor, row: &Authorisation) -> Result<()> {
    let entry = audit::Entry {
        actor,
        action,
        target_kind: "authorisation",
        target_id: Some(row.id),
        detail: json!({
            "enterprise": row.enterprise_id,
            "account": row.account_id,
            "relying_party": row.relying_party_id,
            "permissions": row.permissions,
            "seals": row.seals,
            "reason": row.end_reason,
        }),
    };
    Ok(audit::record(tx, now, entry).await?)
}
