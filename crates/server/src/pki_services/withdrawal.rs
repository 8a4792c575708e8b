//! The end of a service's certificate before its time, because an operator says so: its key may have been seen, or is to
//! be used no longer. The list and the responder tell it like any other revocation, and whoever next needs the service's
//! signature makes a new key with a new certificate.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, sea_query::Expr,
};
use serde::Serialize;

use super::{crl, entity};
use crate::{
    audit::{self, Actor},
    certificate::entity::authority,
    clock::from_millis,
    error::{FIELDS_INVALID, Result},
    storage::Storage,
};

/// Why a service's certificate ends: those words of RFC 5280 5.3.1 that fit one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Its key may be known to others. What it ever signed is in doubt.
    KeyCompromise,
    /// Another one takes its place; what it signed stays good.
    Superseded,
    /// The service ends; what it signed stays good.
    CessationOfOperation,
}

impl Why {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::KeyCompromise, Self::Superseded, Self::CessationOfOperation];

    /// The word of the standard.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyCompromise => "keyCompromise",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
        }
    }

    /// From the word of the standard.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.as_str() == word)
    }
}

/// A service's certificate as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// `ocsp` or `time_stamp`.
    pub role: String,
    /// Short name of the institution whose CA signed it.
    pub institution: String,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// First moment.
    pub not_before: String,
    /// Last moment.
    pub not_after: String,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// Every certificate that a service has had, newest first.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<Listed>> {
    let authorities = authority::Entity::find().all(db).await?;
    let rows = entity::Entity::find().order_by_desc(entity::Column::CreatedAt).all(db).await?;
    let listed = rows.into_iter().map(|row| {
        let above = authorities.iter().find(|authority| authority.institution_id == row.institution_id);
        Listed {
            role: row.role,
            institution: above.map(|authority| authority.slug.clone()).unwrap_or_default(),
            serial: row.serial,
            not_before: from_millis(row.not_before).to_string(),
            not_after: from_millis(row.not_after).to_string(),
            revoked_at: row.revoked_at.map(|at| from_millis(at).to_string()),
            reason: row.revocation_reason,
        }
    });
    Ok(listed.collect())
}

/// Revokes the service's certificate with this serial number.
///
/// # Errors
/// `FIELDS_INVALID` if no service has had it, or if it is revoked already.
pub async fn revoke(db: &Storage, now: Timestamp, serial: &str, why: Why) -> Result<()> {
    let tx = db.begin().await?;
    let row = entity::Entity::find().filter(entity::Column::Serial.eq(serial)).one(&*tx).await?;
    let row = row.ok_or_else(|| FIELDS_INVALID.field("serial", "UNKNOWN"))?;
    if row.revoked_at.is_some() {
        return Err(FIELDS_INVALID.field("serial", "REVOKED_ALREADY"));
    }
    entity::Entity::update_many()
        .col_expr(entity::Column::RevokedAt, Expr::value(now.as_millisecond()))
        .col_expr(entity::Column::RevocationReason, Expr::value(why.as_str()))
        .filter(entity::Column::Id.eq(row.id))
        .exec(&*tx)
        .await?;
    crl::invalidate(&*tx, row.institution_id).await?;
    let entry = audit::Entry {
        actor: Actor::System,
        action: "service_certificate.revoke",
        target_kind: "institution",
        target_id: Some(row.institution_id),
        detail: serde_json::json!({ "role": row.role, "serial": row.serial, "reason": why.as_str() }),
    };
    audit::record(&tx, now, entry).await?;
    tx.commit().await?;
    Ok(())
}
