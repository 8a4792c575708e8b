//! Revocation lists: made every minute where one is due and when somebody asks, kept until they grow old or a
//! certificate is revoked.

use jiff::{SignedDuration, Timestamp};
use pki::{
    Serial,
    crl::{self, Reason, Revoked, Template},
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use crate::{
    app::AppState,
    certificate::{
        authority::{self, Authority},
        entity::{authority as authorities, certificate},
        rules::StoredState,
    },
    clock::from_millis,
    error::{NOT_FOUND, Problem, Result},
    heavy,
};

/// From thisUpdate to nextUpdate.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// A list with less time left than this is replaced.
const REPLACE_BEFORE: SignedDuration = SignedDuration::from_hours(12);

/// The current list of an institution's issuing CA.
pub async fn current(state: &AppState, slug: &str) -> Result<Vec<u8>> {
    let row = authorities::Entity::find().filter(authorities::Column::Slug.eq(slug)).one(&*state.db).await?;
    let row = row.ok_or(NOT_FOUND)?;
    match fresh(state, &row) {
        Some(crl) => Ok(crl),
        None => make(state, row.institution_id).await,
    }
}

/// Makes every list that has grown old or was overtaken by a revocation, so that no reader has to wait for it. Called
/// every minute; returns how many it made.
pub async fn refresh(state: &AppState) -> Result<u64> {
    let soon = (state.now() + REPLACE_BEFORE).as_millisecond();
    let due = authorities::Entity::find()
        .select_only()
        .column(authorities::Column::InstitutionId)
        .filter(authorities::Column::Crl.is_null().or(authorities::Column::CrlNextUpdate.lt(soon)))
        .into_tuple::<Uuid>()
        .all(&*state.db)
        .await?;
    for institution_id in &due {
        make(state, *institution_id).await?;
    }
    Ok(due.len() as u64)
}

/// A new list, unless somebody else has made it while we waited for our turn. The transaction is open all the time, so
/// that no revocation falls between reading and storing.
async fn make(state: &AppState, institution_id: Uuid) -> Result<Vec<u8>> {
    let tx = state.db.begin().await?;
    let authority = authority::open(state, &*tx, institution_id).await?;
    if let Some(crl) = fresh(state, &authority.row) {
        return Ok(crl);
    }
    let now = state.now();
    let revoked = revoked(&*tx, institution_id).await?;
    let number = authority.row.crl_number + 1;
    let crl = heavy::run(move || signed(&authority, u64::try_from(number).unwrap_or_default(), now, &revoked))
        .await
        .map_err(Problem::internal)?
        .map_err(Problem::internal)?;
    authorities::Entity::update_many()
        .col_expr(authorities::Column::CrlNumber, Expr::value(number))
        .col_expr(authorities::Column::Crl, Expr::value(crl.clone()))
        .col_expr(authorities::Column::CrlNextUpdate, Expr::value((now + LIFETIME).as_millisecond()))
        .filter(authorities::Column::InstitutionId.eq(institution_id))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(crl)
}

fn signed(authority: &Authority, number: u64, now: Timestamp, revoked: &[Revoked]) -> Result<Vec<u8>, pki::Error> {
    let (this_update, next_update) = (authority::seconds(now), authority::seconds(now + LIFETIME));
    let to_be_signed = Template { number, this_update, next_update, revoked }.under(&authority.ca)?;
    Ok(crl::sign(&to_be_signed, &authority.ca, &authority.signer)?.der)
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

/// Everything that this institution has revoked or put on hold, in the order in which it happened.
async fn revoked(db: &impl ConnectionTrait, institution_id: Uuid) -> Result<Vec<Revoked>> {
    let rows = certificate::Entity::find()
        .select_only()
        .columns([certificate::Column::Serial, certificate::Column::RevokedAt, certificate::Column::RevocationReason])
        .filter(certificate::Column::InstitutionId.eq(institution_id))
        .filter(certificate::Column::State.is_in([StoredState::Revoked.as_str(), StoredState::Suspended.as_str()]))
        .order_by_asc(certificate::Column::RevokedAt)
        .into_tuple::<(String, Option<i64>, Option<String>)>()
        .all(db)
        .await?;
    rows.into_iter()
        .map(|(serial, at, word)| {
            Ok(Revoked {
                serial: Serial::from_hex(&serial).map_err(Problem::internal)?,
                at: authority::seconds(at.map_or(Timestamp::UNIX_EPOCH, from_millis)),
                reason: reason(word.as_deref()),
            })
        })
        .collect()
}

/// The stored word (RFC 5280 5.3.1) as the list's code; what is not known there is unspecified.
pub(super) fn reason(word: Option<&str>) -> Reason {
    match word {
        Some("keyCompromise") => Reason::KeyCompromise,
        Some("affiliationChanged") => Reason::AffiliationChanged,
        Some("certificateHold") => Reason::CertificateHold,
        Some("superseded") => Reason::Superseded,
        Some("cessationOfOperation") => Reason::CessationOfOperation,
        Some("privilegeWithdrawn") => Reason::PrivilegeWithdrawn,
        _ => Reason::Unspecified,
    }
}
