//! The administrator's answer: the letter sealed with a split key, or a refusal with its reason (manual 1.9.2).

use axum::response::Response;
use sea_orm::{ConnectionTrait, EntityTrait as _, IntoActiveModel as _, Set};
use uuid::Uuid;

use super::{
    Application, access, completion, letters, papers,
    problems::{NOT_THE_ADMIN, WRONG_STATE},
    review,
    rules::{self, Event, State},
    store::{self, Extra, Mover},
};
use crate::{
    account::Account,
    app::AppState,
    certificate::{self, entity::appearance},
    error::{FIELDS_INVALID, NOT_FOUND, Result},
    scan::{
        self, entity as scan_request,
        model::{Browser, Placement, ScanRequest, StoredDocument, StoredPlacement},
        own::{self, OwnQuestion},
        problems::CANCELLED,
        rules::ScanState,
    },
    signing,
    storage::Tx,
};

/// How the administrator seals a letter.
#[derive(Debug, Clone, Copy)]
pub struct Sealing {
    /// With this certificate of the enterprise.
    pub certificate_id: Uuid,
    /// With this seal of the enterprise.
    pub appearance_id: Uuid,
    /// Where on the letter.
    pub placement: Placement,
}

/// The application, if it waits for this administrator.
async fn awaiting(db: &impl ConnectionTrait, id: Uuid, account_id: Uuid) -> Result<Application> {
    let (row, seat) = access::seen(db, id, account_id).await?;
    if !seat.admin {
        return Err(NOT_THE_ADMIN.into());
    }
    match row.state()? {
        State::WithAdmin => Ok(row),
        other => Err(WRONG_STATE.problem().with("state", other.as_str())),
    }
}

/// Puts the letter with its seal before the administrator, as a scan request that their phone has claimed already. An
/// earlier one of this application is taken back.
pub async fn put_letter(
    state: &AppState,
    account: Account,
    id: Uuid,
    sealing: Sealing,
    browser: Browser,
) -> Result<ScanRequest> {
    let seen = awaiting(&*state.db, id, account.id).await?;
    let usable = certificate::store::usable_of(&*state.db, state.now(), account.id).await?;
    let certificate = usable.into_iter().find(|one| one.id == sealing.certificate_id);
    let certificate = certificate.filter(|one| one.enterprise_id.is_some() && one.enterprise_id == seen.enterprise_id);
    let certificate = certificate.ok_or_else(|| FIELDS_INVALID.field("certificate_id", "NOT_USABLE"))?;
    let seal = appearance::Entity::find_by_id(sealing.appearance_id).one(&*state.db).await?;
    let seal = seal.filter(|seal| seal.enterprise_id.is_some() && seal.enterprise_id == seen.enterprise_id);
    let seal = seal.ok_or_else(|| FIELDS_INVALID.field("appearance_id", "UNKNOWN"))?;
    let letter = papers::letter(state, &seen).await?;
    let document = StoredDocument {
        title: papers::letter_title(&seen)?,
        pages: letter.pages,
        placements: vec![StoredPlacement { at: sealing.placement, appearance_id: seal.id }],
        source: state.blobs.put(letter.pdf).await?,
        prepared: None,
        prepared_size: 0,
        signed: None,
    };
    let prepared = signing::prepare_as(state, certificate.subject_name, vec![seal.png.into()], document).await?;
    let mut tx = state.db.begin().await?;
    let row = awaiting(&*tx, id, account.id).await?;
    if let Some(before) = row.letter_request_id {
        own::take_back(&mut tx, state.now(), before).await?;
    }
    let question =
        OwnQuestion { account_id: account.id, certificate_id: certificate.id, application_id: id, browser, prepared };
    let request = own::ask(state, &mut tx, question).await?;
    let mut change = row.into_active_model();
    change.letter_request_id = Set(Some(request.id));
    store::write(&tx, change).await?;
    tx.commit().await?;
    scan::service::view(state, &request, account.id).await
}

/// The administrator's phone has sealed the letter: the application moves on, in the transaction that confirms.
pub async fn letter_sealed(state: &AppState, tx: &mut Tx, id: Uuid, request_id: Uuid, account_id: Uuid) -> Result<()> {
    let row = store::find(&**tx, id).await?.ok_or(NOT_FOUND)?;
    if row.letter_request_id != Some(request_id) || row.state()? != State::WithAdmin {
        return Err(CANCELLED.into());
    }
    let row = awaiting(&**tx, id, account_id).await?;
    completion::check_possible(state, tx, &row).await?;
    let now = state.now();
    let row = store::advance(tx, now, row, Event::Approve, Mover::Admin(account_id), Extra::default()).await?;
    if row.state()? == State::Approved {
        review::approved(state, tx, row, Vec::new()).await?;
        return Ok(());
    }
    letters::tell(tx, now, &row, None).await
}

/// The letter of an application: sealed once it is, before that as it will be put before the administrator.
pub async fn letter_response(state: &AppState, row: &Application) -> Result<Response> {
    if !row.letter_due {
        return Err(NOT_FOUND.into());
    }
    if let Some(signed) = sealed(state, row).await? {
        return Ok(scan::http::pdf(state.blobs.get(&signed).await?));
    }
    Ok(scan::http::pdf(papers::letter(state, row).await?.pdf.into()))
}

/// The object that holds the sealed letter.
async fn sealed(state: &AppState, row: &Application) -> Result<Option<String>> {
    let Some(request) = row.letter_request_id else { return Ok(None) };
    let request = scan_request::Entity::find_by_id(request).one(&*state.db).await?.ok_or(NOT_FOUND)?;
    if request.state != ScanState::Confirmed.as_str() {
        return Ok(None);
    }
    Ok(scan::service::document(&request)?.signed)
}

/// Where the seal suggests itself on the letter.
pub async fn placement(state: &AppState, row: &Application) -> Result<Placement> {
    if !row.letter_due {
        return Err(NOT_FOUND.into());
    }
    Ok(papers::letter(state, row).await?.placement)
}

/// The administrator says no, and why.
pub async fn refuse(state: &AppState, account_id: Uuid, id: Uuid, reason: &str) -> Result<Application> {
    let now = state.now();
    let reason = rules::parse_reason(reason).ok_or_else(|| FIELDS_INVALID.field("reason", "LENGTH"))?;
    let mut tx = state.db.begin().await?;
    let row = awaiting(&*tx, id, account_id).await?;
    if row.account_id == account_id {
        return Err(FIELDS_INVALID.field("id", "OWN"));
    }
    let extra = Extra { reason: Some(&reason), ..Extra::default() };
    let row = store::advance(&mut tx, now, row, Event::Refuse, Mover::Admin(account_id), extra).await?;
    letters::tell(&mut tx, now, &row, Some(&reason)).await?;
    tx.commit().await?;
    Ok(row)
}
