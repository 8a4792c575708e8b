//! Revocation lists: made when somebody asks, kept until they grow old or a certificate is revoked.

use jiff::SignedDuration;
use pki::{
    Serial,
    crl::{self, Reason, Revoked, Template},
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    app::AppState,
    certificate::{
        authority,
        entity::{authority as authorities, certificate},
        rules::StoredState,
    },
    clock::from_millis,
    error::{NOT_FOUND, Problem, Result},
};

/// From thisUpdate to nextUpdate.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// A list with less time left than this is replaced.
const REPLACE_BEFORE: SignedDuration = SignedDuration::from_hours(12);

/// The current list of an institution's issuing CA.
pub async fn current(state: &AppState, slug: &str) -> Result<Vec<u8>> {
    let row = authorities::Entity::find().filter(authorities::Column::Slug.eq(slug)).one(&*state.db).await?;
    let row = row.ok_or(NOT_FOUND)?;
    if let Some(crl) = fresh(state, &row) {
        return Ok(crl);
    }
    let tx = state.db.begin().await?;
    // Somebody else may have made it while we waited for our turn.
    let authority = authority::open(state, &*tx, row.institution_id).await?;
    if let Some(crl) = fresh(state, &authority.row) {
        return Ok(crl);
    }
    let now = state.now();
    let revoked = revoked(&*tx, row.institution_id).await?;
    let number = authority.row.crl_number + 1;
    let template = Template {
        number: u64::try_from(number).map_err(Problem::internal)?,
        this_update: authority::seconds(now),
        next_update: authority::seconds(now + LIFETIME),
        revoked: &revoked,
    };
    let to_be_signed = template.under(&authority.ca).map_err(Problem::internal)?;
    let crl = crl::sign(&to_be_signed, &authority.ca, &authority.signer).map_err(Problem::internal)?;
    authorities::Entity::update_many()
        .col_expr(authorities::Column::CrlNumber, Expr::value(number))
        .col_expr(authorities::Column::Crl, Expr::value(crl.der.clone()))
        .col_expr(authorities::Column::CrlNextUpdate, Expr::value((now + LIFETIME).as_millisecond()))
        .filter(authorities::Column::InstitutionId.eq(row.institution_id))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(crl.der)
}

fn fresh(state: &AppState, row: &authorities::Model) -> Option<Vec<u8>> {
    let next_update = from_millis(row.crl_next_update?);
    row.crl.clone().filter(|_| state.now() + REPLACE_BEFORE <= next_update)
}

/// Makes the next reader get a new list, within the transaction that revokes.
pub async fn invalidate(db: &impl ConnectionTrait, institution_id: Uuid) -> Result<(), DbErr> {
    authorities::Entity::update_many()
        .col_expr(authorities::Column::Crl, Expr::value(Option::<Vec<u8>>::None))
        .filter(authorities::Column::InstitutionId.eq(institution_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Everything that this institution has revoked, in the order in which it happened.
async fn revoked(db: &impl ConnectionTrait, institution_id: Uuid) -> Result<Vec<Revoked>> {
    let rows = certificate::Entity::find()
        .filter(certificate::Column::InstitutionId.eq(institution_id))
        .filter(certificate::Column::State.eq(StoredState::Revoked.as_str()))
        .order_by_asc(certificate::Column::RevokedAt)
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Revoked {
                serial: Serial::from_hex(&row.serial).map_err(Problem::internal)?,
                at: authority::seconds(from_millis(row.revoked_at.unwrap_or(row.created_at))),
                reason: reason(row.revocation_reason.as_deref()),
            })
        })
        .collect()
}

/// The stored word (RFC 5280 5.3.1) as the list's code; what is not known there is unspecified.
fn reason(word: Option<&str>) -> Reason {
    match word {
        Some("keyCompromise") => Reason::KeyCompromise,
        Some("affiliationChanged") => Reason::AffiliationChanged,
        Some("superseded") => Reason::Superseded,
        Some("cessationOfOperation") => Reason::CessationOfOperation,
        Some("privilegeWithdrawn") => Reason::PrivilegeWithdrawn,
        _ => Reason::Unspecified,
    }
}
