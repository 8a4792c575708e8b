//! What relying parties call, with HTTP Basic.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::StatusCode,
    response::{
        Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use futures::Stream;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use uuid::Uuid;

use super::{
    client::Client,
    model::{
        Appearance, Appearances, CertifiedEnterprise, CodeEvent, CreatedScanRequest, NewDocument, NewPlacement,
        NewScanRequest, NewSigner, RpResult, RpScanRequest, StateEvent,
    },
    subject,
};
use crate::{
    account::entity::account,
    app::AppState,
    authorisation::{
        rules::{Permission, SealKind, Use, decide},
        service as authorisation,
    },
    certificate::{
        entity::{appearance, certificate},
        store::pem,
    },
    clock::from_millis,
    enterprise::{self, rules::parse_credit_code},
    error::{BODY_TOO_LARGE, FIELDS_INVALID, NOT_FOUND, Problem, ProblemBody, Result},
    extract::{Json, Path},
    scan::{
        self, entity as scan_request,
        model::{Browser, Signer, StoredDocument, StoredPlacement},
        problems,
        rules::{Action, ScanState},
        service::{self, Question},
    },
    signing, verify,
};

/// How often the code changes.
const CODE_INTERVAL: Duration = Duration::from_secs(2);
/// Between two comments that keep a silent stream open.
pub const HEARTBEAT: Duration = Duration::from_secs(15);
/// Placements in one act of signing.
const MAX_PLACEMENTS: usize = 500;

/// Asks a phone for a login or a signature.
#[utoipa::path(
    post, path = "/api/rp/scan-requests", tag = "relying", request_body = NewScanRequest, security(("client" = [])),
    responses((status = 201, body = CreatedScanRequest), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn create(
    State(state): State<AppState>,
    Client(client): Client,
    Json(new): Json<NewScanRequest>,
) -> Result<(StatusCode, Json<CreatedScanRequest>)> {
    let question = match new {
        NewScanRequest::Login { browser } => Question {
            action: Action::Login,
            browser: sane(browser)?,
            subject_account_id: None,
            document: None,
            signer: None,
        },
        NewScanRequest::Sign { subject, document, placements, signer, browser } => {
            let account_id = subject::account(&*state.db, client.id, subject).await?;
            let account_id = account_id.ok_or_else(|| FIELDS_INVALID.field("subject", "UNKNOWN"))?;
            let browser = sane(browser)?;
            let document = store_document(&state, account_id, document, &placements).await?;
            let subject_account_id = Some(account_id);
            let signer = wanted_signer(&state, account_id, signer).await?;
            Question { action: Action::Sign, browser, subject_account_id, document: Some(document), signer }
        }
    };
    let row = service::ask(&state, &client, question).await?;
    let created = CreatedScanRequest {
        id: row.id,
        check_number: row.check_number,
        expires_at: from_millis(row.expires_at).to_string(),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Enterprises that the person does not belong to are not told from those that nobody knows.
async fn wanted_signer(state: &AppState, account_id: Uuid, signer: Option<NewSigner>) -> Result<Option<Signer>> {
    let unknown = || FIELDS_INVALID.field("signer", "UNKNOWN");
    Ok(match signer {
        None => None,
        Some(NewSigner::Person) => Some(Signer::Person),
        Some(NewSigner::Enterprise { credit_code }) => {
            let code = parse_credit_code(&credit_code).ok_or_else(unknown)?;
            let known = enterprise::store::registered(&*state.db, &code).await?.ok_or_else(unknown)?;
            let role = enterprise::store::role_of(&*state.db, known.id, account_id).await?;
            Some(role.map(|_| Signer::Enterprise(known.id)).ok_or_else(unknown)?)
        }
    })
}

fn sane(browser: Browser) -> Result<Browser> {
    if browser.is_sane() { Ok(browser) } else { Err(FIELDS_INVALID.field("browser", "LENGTH")) }
}

async fn store_document(
    state: &AppState,
    account_id: Uuid,
    document: NewDocument,
    placements: &[NewPlacement],
) -> Result<StoredDocument> {
    let title = document.title.trim().to_owned();
    if title.is_empty() || title.chars().count() > 200 || title.chars().any(char::is_control) {
        return Err(FIELDS_INVALID.field("document.title", "LENGTH"));
    }
    if placements.len() > MAX_PLACEMENTS {
        return Err(FIELDS_INVALID.field("placements", "TOO_MANY"));
    }
    let not_base64 = |_| FIELDS_INVALID.field("document.pdf", "NOT_BASE64");
    let file = signing::blocking(move || BASE64.decode(document.pdf).map_err(not_base64)).await?;
    if file.len() > verify::MAX_PDF {
        return Err(BODY_TOO_LARGE.into());
    }
    let file = bytes::Bytes::from(file);
    let placements: Vec<StoredPlacement> = placements
        .iter()
        .map(|placement| StoredPlacement { at: placement.at(), appearance_id: placement.appearance_id })
        .collect();
    let pages = signing::check(state, account_id, file.clone(), &placements).await?;
    let source = state.blobs.put(file).await?;
    Ok(StoredDocument { title, pages, placements, source, prepared: None, prepared_size: 0, signed: None })
}

/// The question, if it is this relying party's.
async fn own(state: &AppState, client: Uuid, id: Uuid) -> Result<scan_request::Model> {
    let row = scan_request::Entity::find_by_id(id).one(&*state.db).await?;
    row.filter(|row| row.relying_party_id == client).ok_or_else(|| NOT_FOUND.problem())
}

/// Where a question stands, and what came of it.
#[utoipa::path(
    get, path = "/api/rp/scan-requests/{id}", tag = "relying", params(("id" = Uuid, Path)), security(("client" = [])),
    responses((status = 200, body = RpScanRequest), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn get(
    State(state): State<AppState>,
    Client(client): Client,
    Path(id): Path<Uuid>,
) -> Result<Json<RpScanRequest>> {
    let row = own(&state, client.id, id).await?;
    let result = result(&state, &row).await?;
    Ok(Json(RpScanRequest {
        id: row.id,
        action: service::action_of(&row)?,
        state: service::state_of(&row, state.now())?,
        expires_at: from_millis(row.expires_at).to_string(),
        check_number: row.check_number,
        result,
    }))
}

async fn result(state: &AppState, row: &scan_request::Model) -> Result<Option<RpResult>> {
    if service::state_of(row, state.now())? != ScanState::Confirmed {
        return Ok(None);
    }
    let (Some(account_id), Some(certificate_id), Some(signature)) =
        (row.account_id, row.certificate_id, row.signature.as_ref())
    else {
        return Err(Problem::internal("a confirmed request without an answer"));
    };
    let certificate = certificate::Entity::find_by_id(certificate_id).one(&*state.db).await?.ok_or(NOT_FOUND)?;
    let der = certificate.der.as_deref().ok_or_else(|| Problem::internal("a certificate without its octets"))?;
    let person = account::Entity::find_by_id(account_id).one(&*state.db).await?;
    let read = pki::Certificate::read(der).map_err(Problem::internal)?;
    let named = read.tbs.enterprise().map_err(Problem::internal)?;
    Ok(Some(RpResult {
        person_name: person.and_then(|person| person.name).unwrap_or_default(),
        enterprise: named.map(|named| CertifiedEnterprise { name: named.name, credit_code: named.credit_code }),
        subject: subject::of(state, row.relying_party_id, account_id).await?,
        certificate_pem: pem(der)?,
        name: certificate.subject_name,
        signature: BASE64.encode(signature),
        statement: row.statement.as_ref().map(|statement| BASE64.encode(statement)),
    }))
}

/// Takes a question back. A phone that is just being asked is told.
#[utoipa::path(
    delete, path = "/api/rp/scan-requests/{id}", tag = "relying", params(("id" = Uuid, Path)), security(("client" = [])),
    responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn cancel(State(state): State<AppState>, Client(client): Client, Path(id): Path<Uuid>) -> Result<StatusCode> {
    let row = own(&state, client.id, id).await?;
    service::cancel(&state, &row).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The signed document.
#[utoipa::path(
    get, path = "/api/rp/scan-requests/{id}/document", tag = "relying", params(("id" = Uuid, Path)), security(("client" = [])),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")
    )
)]
pub async fn document(State(state): State<AppState>, Client(client): Client, Path(id): Path<Uuid>) -> Result<Response> {
    let row = own(&state, client.id, id).await?;
    if service::state_of(&row, state.now())? != ScanState::Confirmed {
        return Err(problems::NOT_CONFIRMED.into());
    }
    let signed = service::document(&row)?.signed.ok_or(NOT_FOUND)?;
    Ok(scan::http::pdf(state.blobs.get(&signed).await?))
}

/// Follows a question: event `code` every two seconds while it waits, event `state` whenever it changes. The stream
/// ends with the question.
#[utoipa::path(
    get, path = "/api/rp/scan-requests/{id}/events", tag = "relying", params(("id" = Uuid, Path)), security(("client" = [])),
    responses(
        (status = 200, body = String, content_type = "text/event-stream", description = "Events `code` (CodeEvent) and `state` (StateEvent)"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")
    )
)]
pub async fn events(
    State(state): State<AppState>,
    Client(client): Client,
    Path(id): Path<Uuid>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    own(&state, client.id, id).await?;
    let stream = follow(state, client.id, id);
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

/// The events of a question of this relying party, until it ends.
pub fn follow(state: AppState, client: Uuid, id: Uuid) -> impl Stream<Item = Result<Event, Infallible>> {
    async_stream::stream! {
        let mut changes = state.events.follow(id);
        let mut told = None;
        // A question that can no longer be read ends its stream; the client asks again and is told why.
        while let Ok(row) = own(&state, client, id).await {
            let Ok(now) = service::state_of(&row, state.now()) else { break };
            if told != Some(now) {
                told = Some(now);
                yield Ok(event("state", &StateEvent { state: now }));
            }
            if now.is_final() {
                break;
            }
            if now == ScanState::Waiting {
                let left = from_millis(row.expires_at).duration_since(state.now()).as_secs();
                let code = service::code(&state, &row);
                yield Ok(event("code", &CodeEvent { code, check_number: row.check_number, expires_in: left }));
            }
            tokio::select! {
                alive = changes.changed() => if !alive { break },
                () = tokio::time::sleep(CODE_INTERVAL) => {}
            }
        }
    }
}

fn event(name: &str, data: &impl serde::Serialize) -> Event {
    // Strings and numbers only: there is nothing that could fail to become JSON.
    Event::default().event(name).data(serde_json::to_string(data).unwrap_or_default())
}

/// The pictures that a person can put on a page.
#[utoipa::path(
    get, path = "/api/rp/subjects/{subject}/appearances", tag = "relying", params(("subject" = Uuid, Path)), security(("client" = [])),
    responses((status = 200, body = Appearances), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn appearances(
    State(state): State<AppState>,
    Client(client): Client,
    Path(subject): Path<Uuid>,
) -> Result<Json<Appearances>> {
    let account_id = subject::account(&*state.db, client.id, subject).await?.ok_or(NOT_FOUND)?;
    let own = appearance::Entity::find()
        .filter(appearance::Column::AccountId.eq(account_id))
        .filter(appearance::Column::EnterpriseId.is_null())
        .order_by_desc(appearance::Column::CreatedAt)
        .all(&*state.db)
        .await?;
    let mut items: Vec<Appearance> = own.into_iter().map(|row| picture(row, None)).collect();
    for (row, enterprise) in usable_seals(&state, client.id, account_id).await? {
        items.push(picture(row, Some(enterprise)));
    }
    Ok(Json(Appearances { items }))
}

fn picture(row: appearance::Model, enterprise: Option<CertifiedEnterprise>) -> Appearance {
    Appearance {
        id: row.id,
        kind: row.kind,
        name: row.name,
        enterprise,
        width_mm: f64::from(row.width_um) / 1000.0,
        height_mm: f64::from(row.height_um) / 1000.0,
        png: BASE64.encode(row.png),
    }
}

/// The seals of enterprises that this person may put on a page at this relying party now.
async fn usable_seals(
    state: &AppState,
    relying_party_id: Uuid,
    account_id: Uuid,
) -> Result<Vec<(appearance::Model, CertifiedEnterprise)>> {
    let db = &*state.db;
    let mut seals = Vec::new();
    for (_, enterprise) in enterprise::store::memberships_of(db, account_id).await? {
        let standing = authorisation::standing(db, enterprise.id, account_id).await?;
        let may = |kind: SealKind| {
            let wanted = Use { permission: Permission::Sign, relying_party_id, seals: vec![kind] };
            decide(&standing, &wanted, state.now()).is_ok()
        };
        let rows = appearance::Entity::find()
            .filter(appearance::Column::EnterpriseId.eq(enterprise.id))
            .order_by_desc(appearance::Column::CreatedAt)
            .all(db)
            .await?;
        for row in rows.into_iter().filter(|row| SealKind::parse(&row.kind).is_some_and(may)) {
            let whose =
                CertifiedEnterprise { name: enterprise.name.clone(), credit_code: enterprise.credit_code.clone() };
            seals.push((row, whose));
        }
    }
    Ok(seals)
}
