//! Revocation lists: made every minute where one is due and when somebody asks, kept until they grow old or a
//! certificate is revoked.

use jiff::{SignedDuration, Timestamp};
use pki::{
    Serial, UnixSeconds,
    crl::{Reason, Revoked, Template},
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use super::entity as service;
use crate::{
    app::AppState,
    certificate::{
        authority::{self, Authority},
        entity::{authority as authorities, certificate, encryption_certificate},
        rules::StoredState,
    },
    clock::from_millis,
    error::{NOT_FOUND, Problem, Result},
    heavy, outside,
    storage::Tx,
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
        // Nobody waits here for a CA elsewhere: the newest of its lists that is known.
        None if row.is_outside() => row.crl.ok_or_else(|| NOT_FOUND.problem()),
        None => make(state, row.institution_id).await,
    }
}

/// Makes every list that has grown old or was overtaken by a revocation, so that no reader has to wait for it. Called
/// every minute; returns how many it made. One institution whose list cannot be made holds up no other's.
pub async fn refresh(state: &AppState) -> Result<u64> {
    let soon = (state.now() + REPLACE_BEFORE).as_millisecond();
    let due = authorities::Entity::find()
        .filter(authorities::Column::Crl.is_null().or(authorities::Column::CrlNextUpdate.lt(soon)))
        .all(&*state.db)
        .await?;
    let mut made = 0;
    let mut failed = None;
    for row in due {
        let done = if row.is_outside() {
            fetch(state, &row).await
        } else {
            make(state, row.institution_id).await.map(|_| true)
        };
        match done {
            Ok(new) => made += u64::from(new),
            Err(problem) => failed = Some(problem),
        }
    }
    failed.map_or(Ok(made), Err)
}

/// The list of a CA elsewhere, if it has one that we did not know.
async fn fetch(state: &AppState, row: &authorities::Model) -> Result<bool> {
    let Some(fetched) = outside::list::fetch(state, row).await? else { return Ok(false) };
    let new = row.crl.as_ref() != Some(&fetched.der);
    let tx = state.db.begin().await?;
    store(&tx, row.institution_id, row.crl_number, (fetched.der, fetched.next_update)).await?;
    tx.commit().await?;
    Ok(new)
}

async fn store(tx: &Tx, institution_id: Uuid, number: i64, (crl, next_update): (Vec<u8>, Timestamp)) -> Result<()> {
    authorities::Entity::update_many()
        .col_expr(authorities::Column::CrlNumber, Expr::value(number))
        .col_expr(authorities::Column::Crl, Expr::value(crl))
        .col_expr(authorities::Column::CrlNextUpdate, Expr::value(next_update.as_millisecond()))
        .filter(authorities::Column::InstitutionId.eq(institution_id))
        .exec(&**tx)
        .await?;
    Ok(())
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
    let rows = revoked(&*tx, institution_id).await?;
    let number = authority.row.crl_number + 1;
    let crl = heavy::run(move || signed(&authority, u64::try_from(number).unwrap_or_default(), now, &rows))
        .await
        .map_err(Problem::internal)??;
    store(&tx, institution_id, number, (crl.clone(), now + LIFETIME)).await?;
    tx.commit().await?;
    Ok(crl)
}

fn signed(authority: &Authority, number: u64, now: Timestamp, rows: &[Row]) -> Result<Vec<u8>> {
    let (this_update, next_update) = (authority::seconds(now), authority::seconds(now + LIFETIME));
    let revoked = rows.iter().map(|row| entry(row, this_update)).collect::<Result<Vec<_>, _>>();
    let mut revoked = revoked.map_err(Problem::internal)?;
    // In the order in which it happened.
    revoked.sort_by_key(|entry| entry.at);
    let template = Template { number, this_update, next_update, revoked: &revoked };
    Ok(template.sign(&authority.ca, authority.signer()?).map_err(Problem::internal)?.der)
}

/// The clock of the node that revoked may be ahead of ours; that must not keep the list from being made, and no entry
/// may lie after it.
fn entry((serial, at, word): &Row, this_update: UnixSeconds) -> Result<Revoked, pki::Error> {
    let at = authority::seconds(at.map_or(Timestamp::UNIX_EPOCH, from_millis));
    Ok(Revoked { serial: Serial::from_hex(serial)?, at: Ord::min(at, this_update), reason: reason(word.as_deref()) })
}

fn fresh(state: &AppState, row: &authorities::Model) -> Option<Vec<u8>> {
    let next_update = from_millis(row.crl_next_update?);
    row.crl.clone().filter(|_| state.now() + REPLACE_BEFORE <= next_update)
}

/// Makes the next reader get a new list, and a list of a CA elsewhere be fetched again, within the transaction that revokes.
pub async fn invalidate(db: &impl ConnectionTrait, institution_id: Uuid) -> Result<(), DbErr> {
    authorities::Entity::update_many()
        .col_expr(authorities::Column::CrlNextUpdate, Expr::value(0))
        .filter(authorities::Column::InstitutionId.eq(institution_id))
        .exec(db)
        .await?;
    Ok(())
}

/// A stored revocation: serial number, moment, reason.
type Row = (String, Option<i64>, Option<String>);

/// Everything that this institution has revoked or put on hold, encryption certificates and those of its services
/// included.
async fn revoked(db: &impl ConnectionTrait, institution_id: Uuid) -> Result<Vec<Row>, DbErr> {
    let mut rows: Vec<Row> = certificate::Entity::find()
        .select_only()
        .columns([certificate::Column::Serial, certificate::Column::RevokedAt, certificate::Column::RevocationReason])
        .filter(certificate::Column::InstitutionId.eq(institution_id))
        .filter(certificate::Column::State.is_in([StoredState::Revoked.as_str(), StoredState::Suspended.as_str()]))
        .into_tuple()
        .all(db)
        .await?;
    let services = service::Entity::find()
        .select_only()
        .columns([service::Column::Serial, service::Column::RevokedAt, service::Column::RevocationReason])
        .filter(service::Column::InstitutionId.eq(institution_id))
        .filter(service::Column::RevokedAt.is_not_null())
        .into_tuple::<Row>()
        .all(db)
        .await?;
    let encryption = encryption_certificate::Entity::find()
        .inner_join(certificate::Entity)
        .select_only()
        .column(encryption_certificate::Column::Serial)
        .columns([certificate::Column::RevokedAt, certificate::Column::RevocationReason])
        .filter(encryption_certificate::Column::InstitutionId.eq(institution_id))
        .filter(certificate::Column::State.is_in([StoredState::Revoked.as_str(), StoredState::Suspended.as_str()]))
        .into_tuple::<Row>()
        .all(db)
        .await?;
    rows.extend(services);
    rows.extend(encryption);
    Ok(rows)
}

/// The stored word (RFC 5280 5.3.1) as the list's code; what is not known there is unspecified.
pub(crate) fn reason(word: Option<&str>) -> Reason {
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
