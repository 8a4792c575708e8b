//! The end of certificates before their time. The server's half of the key is destroyed in the same transaction: what is
//! revoked can sign no more, whether or not anybody reads the list. Only what another certificate of the same key takes
//! the place of leaves the key alone.

use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr};
use uuid::Uuid;

use super::{entity::certificate, rules::StoredState};
use crate::{
    audit::{self, Actor},
    error::Result,
    keys, outside, pki_services,
    storage::Tx,
};

/// Revokes every certificate of an account, those that are being issued included, because its owner leaves.
pub async fn revoke_all(tx: &Tx, now: Timestamp, account_id: Uuid, by: Actor) -> Result<()> {
    let live = certificate::Entity::find()
        .filter(certificate::Column::AccountId.eq(account_id))
        .filter(certificate::Column::State.ne(StoredState::Revoked.as_str()))
        .filter(certificate::Column::NotAfter.gte(now.as_millisecond()))
        .all(&**tx)
        .await?;
    for row in live {
        revoke(tx, now, &row, "cessationOfOperation", by).await?;
    }
    // Keys whose certificate was never finished, or has ended long ago, have no further use either.
    keys::destroy_all(&**tx, account_id).await?;
    Ok(())
}

/// Revokes what a person holds of an enterprise, certificates that are being issued included, and destroys the keys.
pub async fn revoke_in_enterprise(
    tx: &Tx,
    now: Timestamp,
    enterprise_id: Uuid,
    account_id: Uuid,
    by: Actor,
) -> Result<()> {
    let held = certificate::Entity::find()
        .filter(certificate::Column::EnterpriseId.eq(enterprise_id))
        .filter(certificate::Column::AccountId.eq(account_id))
        .filter(certificate::Column::State.ne(StoredState::Revoked.as_str()))
        .all(&**tx)
        .await?;
    for row in &held {
        if row.not_after >= now.as_millisecond() {
            revoke(tx, now, row, "affiliationChanged", by).await?;
        } else {
            // One that is over needs no place on the list of revoked certificates; its key has no further use.
            keys::destroy(&**tx, [row.key_id]).await?;
        }
    }
    Ok(())
}

/// Revokes one certificate and destroys its key. `reason` is a word of RFC 5280 5.3.1.
pub async fn revoke(tx: &Tx, now: Timestamp, row: &certificate::Model, reason: &'static str, by: Actor) -> Result<()> {
    keys::destroy(&**tx, [row.key_id]).await?;
    list(tx, now, row, reason, by).await
}

/// Revokes a certificate in whose place another one stands. That one has the same key, which stays.
pub async fn supersede(tx: &Tx, now: Timestamp, row: &certificate::Model, by: Actor) -> Result<()> {
    list(tx, now, row, "superseded", by).await
}

async fn list(tx: &Tx, now: Timestamp, row: &certificate::Model, reason: &'static str, by: Actor) -> Result<()> {
    certificate::Entity::update_many()
        .col_expr(certificate::Column::State, Expr::value(StoredState::Revoked.as_str()))
        .col_expr(certificate::Column::RevokedAt, Expr::value(now.as_millisecond()))
        .col_expr(certificate::Column::RevocationReason, Expr::value(reason))
        .filter(certificate::Column::Id.eq(row.id))
        .filter(certificate::Column::State.ne(StoredState::Revoked.as_str()))
        .exec(&**tx)
        .await?;
    pki_services::crl::invalidate(&**tx, row.institution_id).await?;
    outside::withdrawal::of_certificate(tx, now, row, Some(reason)).await?;
    let entry = audit::Entry {
        actor: by,
        action: "certificate.revoke",
        target_kind: "certificate",
        target_id: Some(row.id),
        detail: serde_json::json!({ "serial": row.serial, "reason": reason }),
    };
    Ok(audit::record(tx, now, entry).await?)
}

/// Puts a certificate on hold: it stands in the list (certificateHold) and its key signs nothing until it is resumed.
/// `false` if it was not in use.
pub async fn suspend(tx: &Tx, now: Timestamp, row: &certificate::Model, by: Actor, why: &str) -> Result<bool> {
    let held = certificate::Entity::update_many()
        .col_expr(certificate::Column::State, Expr::value(StoredState::Suspended.as_str()))
        .col_expr(certificate::Column::RevokedAt, Expr::value(now.as_millisecond()))
        .col_expr(certificate::Column::RevocationReason, Expr::value("certificateHold"))
        .filter(certificate::Column::Id.eq(row.id))
        .filter(certificate::Column::State.eq(StoredState::Issued.as_str()))
        .exec(&**tx)
        .await?;
    if held.rows_affected != 1 {
        return Ok(false);
    }
    keys::suspend(&**tx, row.key_id).await?;
    outside::withdrawal::of_certificate(tx, now, row, Some("certificateHold")).await?;
    changed(tx, now, row, by, ("certificate.suspend", why)).await?;
    Ok(true)
}

/// Takes a certificate off hold. Its line leaves the list: `removeFromCRL` is a word of delta lists alone
/// (RFC 5280 5.3.1), and these lists are whole. `false` if it was not on hold.
pub async fn resume(tx: &Tx, now: Timestamp, row: &certificate::Model, by: Actor, why: &str) -> Result<bool> {
    let resumed = certificate::Entity::update_many()
        .col_expr(certificate::Column::State, Expr::value(StoredState::Issued.as_str()))
        .col_expr(certificate::Column::RevokedAt, Expr::value(Option::<i64>::None))
        .col_expr(certificate::Column::RevocationReason, Expr::value(Option::<String>::None))
        .filter(certificate::Column::Id.eq(row.id))
        .filter(certificate::Column::State.eq(StoredState::Suspended.as_str()))
        .exec(&**tx)
        .await?;
    if resumed.rows_affected != 1 {
        return Ok(false);
    }
    keys::resume(&**tx, row.key_id).await?;
    outside::withdrawal::of_certificate(tx, now, row, None).await?;
    changed(tx, now, row, by, ("certificate.resume", why)).await?;
    Ok(true)
}

async fn changed(
    tx: &Tx,
    now: Timestamp,
    row: &certificate::Model,
    by: Actor,
    (action, why): (&'static str, &str),
) -> Result<()> {
    pki_services::crl::invalidate(&**tx, row.institution_id).await?;
    let entry = audit::Entry {
        actor: by,
        action,
        target_kind: "certificate",
        target_id: Some(row.id),
        detail: serde_json::json!({ "serial": row.serial, "why": why }),
    };
    Ok(audit::record(tx, now, entry).await?)
}
