//! The end of certificates before their time. The server's half of the key is destroyed in the same transaction: what is
//! revoked can sign no more, whether or not anybody reads the list.

use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr};
use uuid::Uuid;

use super::{entity::certificate, rules::StoredState};
use crate::{
    audit::{self, Actor},
    error::Result,
    keys, pki_services,
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

/// Revokes one certificate. `reason` is a word of RFC 5280 5.3.1.
pub async fn revoke(tx: &Tx, now: Timestamp, row: &certificate::Model, reason: &'static str, by: Actor) -> Result<()> {
    certificate::Entity::update_many()
        .col_expr(certificate::Column::State, Expr::value(StoredState::Revoked.as_str()))
        .col_expr(certificate::Column::RevokedAt, Expr::value(now.as_millisecond()))
        .col_expr(certificate::Column::RevocationReason, Expr::value(reason))
        .filter(certificate::Column::Id.eq(row.id))
        .filter(certificate::Column::State.ne(StoredState::Revoked.as_str()))
        .exec(&**tx)
        .await?;
    pki_services::crl::invalidate(&**tx, row.institution_id).await?;
    let entry = audit::Entry {
        actor: by,
        action: "certificate.revoke",
        target_kind: "certificate",
        target_id: Some(row.id),
        detail: serde_json::json!({ "serial": row.serial, "reason": reason }),
    };
    Ok(audit::record(tx, now, entry).await?)
}
