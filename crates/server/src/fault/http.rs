//! Faults at the console, and the job that re-issues what one touches.

use axum::{
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
};
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};
use uuid::Uuid;

use super::{
    entity::{fault, fault_serial, reissue_job},
    list,
    rules::{FaultCriteria, JobState, MAX_SERIALS},
    service, store,
};
use crate::{
    app::AppState,
    clock::from_millis,
    console::{Reviewer, entity::reviewer, policy::Act},
    error::{Problem, ProblemBody, Result},
    extract::{Json, Path},
    institution::{InstitutionRef, entity::institution},
    issuance,
};

/// A list of serial numbers, as JSON with room to spare.
const BODY_LIMIT: usize = MAX_SERIALS * 64;
/// Faults that are listed; there are few, or the platform is past help.
const LISTED: u64 = 200;

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReissueState {
    /// It goes on by itself.
    Running,
    /// It would go on, but issuance is halted where it has something to do.
    Halted,
    /// Somebody has stopped it for a while.
    Paused,
    /// Nothing is left to do.
    Done,
}

/// The job that issues another certificate in place of each.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReissueJob {
    /// How it stands.
    state: ReissueState,
    /// Certificates that were to be replaced.
    total: i64,
    /// Those that were.
    reissued: u64,
    /// Those that could not be, or ended meanwhile.
    failed: u64,
    /// When it was started.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// When it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    done_at: Option<Timestamp>,
}

/// A fault. What is absent of the criteria holds for every certificate.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fault {
    /// Names it.
    id: Uuid,
    /// What people call it.
    name: String,
    /// What went wrong; may be empty.
    note: String,
    /// Who issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    institution: Option<InstitutionRef>,
    /// Serial number of the issuing CA, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_serial: Option<String>,
    /// Issued at this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    issued_from: Option<Timestamp>,
    /// Issued before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    issued_to: Option<Timestamp>,
    /// `personal` or `enterprise`.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// The product that was applied for.
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<Uuid>,
    /// How many serial numbers it lists.
    listed: u64,
    /// Who opened it.
    opened_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    /// Certificates that it touches.
    touched: u64,
    /// Those of them that have neither ended nor been revoked.
    live: u64,
    /// The job, once it was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<ReissueJob>,
}

/// Faults.
#[derive(Debug, Serialize, ToSchema)]
pub struct FaultList {
    /// Newest first, at most 200.
    items: Vec<Fault>,
}

async fn body(state: &AppState, row: fault::Model) -> Result<Fault> {
    let db = &*state.db;
    let issuer = match row.institution_id {
        Some(id) => institution::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    let opener = reviewer::Entity::find_by_id(row.opened_by).one(db).await?;
    let serials = fault_serial::Entity::find().filter(fault_serial::Column::FaultId.eq(row.id));
    Ok(Fault {
        institution: issuer.as_ref().map(InstitutionRef::from),
        listed: serials.count(db).await?,
        opened_by: opener.map(|one| one.name).unwrap_or_default(),
        touched: store::touched(&row).count(db).await?,
        live: store::live(&row, state.now()).count(db).await?,
        job: job(state, &row).await?,
        id: row.id,
        name: row.name,
        note: row.note,
        ca_serial: row.ca_serial,
        issued_from: row.issued_from.map(from_millis),
        issued_to: row.issued_to.map(from_millis),
        kind: row.kind,
        product_id: row.product_id,
        opened_at: from_millis(row.opened_at),
    })
}

async fn job(state: &AppState, fault: &fault::Model) -> Result<Option<ReissueJob>> {
    let db = &*state.db;
    let Some(row) = reissue_job::Entity::find_by_id(fault.id).one(db).await? else { return Ok(None) };
    let stands = match JobState::parse(&row.state) {
        Some(JobState::Running) => match issuance::store::halted(db).await? {
            Some(halted) if store::may_go_on(db, fault, state.now(), &halted).await? => ReissueState::Running,
            _ => ReissueState::Halted,
        },
        Some(JobState::Paused) => ReissueState::Paused,
        Some(JobState::Done) => ReissueState::Done,
        None => return Err(Problem::internal("a job in no known state")),
    };
    let (reissued, failed) = store::outcome(db, fault.id).await?;
    Ok(Some(ReissueJob {
        state: stands,
        total: row.total,
        reissued,
        failed,
        started_at: from_millis(row.started_at),
        done_at: row.done_at.map(from_millis),
    }))
}

async fn load(state: &AppState, id: Uuid) -> Result<Json<Fault>> {
    let row = service::find(&*state.db, id).await?;
    Ok(Json(body(state, row).await?))
}

/// The faults of the platform.
#[utoipa::path(get, path = "/api/console/faults", tag = "console",
    responses((status = 200, body = FaultList), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn list(State(state): State<AppState>, who: Reviewer) -> Result<Json<FaultList>> {
    who.require(Act::ReadFaults)?;
    let rows = fault::Entity::find().order_by_desc(fault::Column::OpenedAt).limit(LISTED).all(&*state.db).await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(body(&state, row).await?);
    }
    Ok(Json(FaultList { items }))
}

/// One fault, with what it touches now and how its job stands.
#[utoipa::path(get, path = "/api/console/faults/{id}", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = Fault), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get(State(state): State<AppState>, who: Reviewer, Path(id): Path<Uuid>) -> Result<Json<Fault>> {
    who.require(Act::ReadFaults)?;
    load(&state, id).await
}

/// A fault to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFault {
    /// What people call it, 2 to 80 characters.
    name: String,
    /// What went wrong, at most 500 characters.
    #[serde(default)]
    note: String,
    /// Which certificates it touches; something must be said.
    criteria: FaultCriteria,
}

/// Opens a fault. Nothing happens to any certificate yet.
#[utoipa::path(post, path = "/api/console/faults", tag = "console", request_body = NewFault,
    responses((status = 201, body = Fault), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn open(
    State(state): State<AppState>,
    who: Reviewer,
    Json(new): Json<NewFault>,
) -> Result<(StatusCode, Json<Fault>)> {
    who.require(Act::ManageFaults)?;
    let NewFault { name, note, criteria } = new;
    let row = service::open(&state, who.id, service::New { name, note, criteria }).await?;
    Ok((StatusCode::CREATED, Json(body(&state, row).await?)))
}

/// Starts the job that issues another certificate in place of each live one that the fault touches, or lets it go on.
#[utoipa::path(post, path = "/api/console/faults/{id}/reissue", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = Fault), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn start(State(state): State<AppState>, who: Reviewer, Path(id): Path<Uuid>) -> Result<Json<Fault>> {
    who.require(Act::ManageFaults)?;
    service::start(&state, who.id, id).await?;
    load(&state, id).await
}

/// Stops the job until somebody lets it go on.
#[utoipa::path(post, path = "/api/console/faults/{id}/reissue-pause", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = Fault), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn pause(State(state): State<AppState>, who: Reviewer, Path(id): Path<Uuid>) -> Result<Json<Fault>> {
    who.require(Act::ManageFaults)?;
    service::pause(&state, who.id, id).await?;
    load(&state, id).await
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, open).layer(DefaultBodyLimit::max(BODY_LIMIT)))
        .routes(routes!(get))
        .routes(routes!(start))
        .routes(routes!(pause))
        .merge(list::routes())
}
