//! The queue of applications and the decision about each.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, ExprTrait as _, Order, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
    sea_query::{Expr, Query as SubQuery},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Reviewer, rules};
use crate::{
    account::{self, entity::account as accounts},
    app::AppState,
    application::{
        self, Application, ApplicationBody,
        entity::application::{Column, Entity},
        rules::{MaterialKind, State as Stage},
    },
    clock::from_millis,
    error::{FIELDS_INVALID, NOT_FOUND, ProblemBody, QUERY_INVALID, Result},
    extract::{Json, Path, Query},
    identity, page,
    storage::holds_words,
};

/// The person behind an application.
#[derive(Debug, Serialize, ToSchema)]
pub struct Applicant {
    /// Real name, as verified.
    name: Option<String>,
    /// `138****8000`.
    phone_masked: String,
    /// `4****************4`.
    id_number_masked: Option<String>,
    /// When the real name was verified.
    #[schema(value_type = Option<String>, format = DateTime)]
    verified_at: Option<Timestamp>,
}

/// An application as the console sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsoleApplication {
    /// The application.
    #[serde(flatten)]
    application: ApplicationBody,
    /// The person.
    applicant: Applicant,
    /// When it was handed in.
    #[schema(value_type = String, format = DateTime)]
    waiting_since: Timestamp,
}

/// A page of the queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsoleApplicationList {
    /// Those that wait: longest first; others: newest first.
    items: Vec<ConsoleApplication>,
    /// Names the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// How many there are by state, whatever the page shows.
    counts: BTreeMap<String, i64>,
}

/// What to show.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    /// Only those in this state.
    state: Option<Stage>,
    /// Part of the name or of the phone number.
    q: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What a reviewer may see at all: handed in, and their institution's.
fn visible(who: &Reviewer) -> Condition {
    let handed_in = Condition::all().add(Column::SubmittedAt.is_not_null());
    match who.institution_id {
        Some(institution) => handed_in.add(Column::InstitutionId.eq(institution)),
        None => handed_in,
    }
}

fn matching(words: &str) -> Condition {
    let by_phone = SubQuery::select()
        .column(accounts::Column::Id)
        .from(accounts::Entity)
        .and_where(Expr::col(accounts::Column::Phone).like(format!("%{words}%")))
        .to_owned();
    Condition::any().add(holds_words((Entity, Column::SubjectName), words)).add(Column::AccountId.in_subquery(by_phone))
}

/// The applications of the reviewer's institution.
#[utoipa::path(get, path = "/api/console/applications", tag = "console", params(QueueQuery),
    responses((status = 200, body = ConsoleApplicationList), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn queue(
    State(state): State<AppState>,
    who: Reviewer,
    Query(query): Query<QueueQuery>,
) -> Result<Json<ConsoleApplicationList>> {
    let mut find = Entity::find().filter(visible(&who));
    if let Some(stage) = query.state {
        find = find.filter(Column::State.eq(stage.as_str()));
    }
    if let Some(words) = rules::search_words(query.q.as_deref()).ok_or_else(|| QUERY_INVALID.field("q", "INVALID"))? {
        find = find.filter(matching(words));
    }
    let oldest_first = query.state == Some(Stage::WithReviewer);
    if let Some(cursor) = query.cursor {
        let (at, id) = page::parse(&cursor).ok_or(QUERY_INVALID)?;
        let (beyond, tie) = if oldest_first {
            (Column::SubmittedAt.gt(at), Column::Id.gt(id))
        } else {
            (Column::SubmittedAt.lt(at), Column::Id.lt(id))
        };
        find = find.filter(Condition::any().add(beyond).add(Condition::all().add(Column::SubmittedAt.eq(at)).add(tie)));
    }
    let order = if oldest_first { Order::Asc } else { Order::Desc };
    let rows = find
        .order_by(Column::SubmittedAt, order.clone())
        .order_by(Column::Id, order)
        .limit(page::SIZE + 1)
        .all(&*state.db)
        .await?;
    let (rows, next_cursor) = page::cut(rows, |row| (application::waiting_since(row), row.id));
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(load(&state, row).await?);
    }
    Ok(Json(ConsoleApplicationList { items, next_cursor, counts: counts(&state, &who).await? }))
}

async fn counts(state: &AppState, who: &Reviewer) -> Result<BTreeMap<String, i64>> {
    let rows: Vec<(String, i64)> = Entity::find()
        .select_only()
        .column(Column::State)
        .column_as(Column::Id.count(), "count")
        .filter(visible(who))
        .group_by(Column::State)
        .into_tuple()
        .all(&*state.db)
        .await?;
    Ok(rows.into_iter().collect())
}

async fn load(state: &AppState, row: Application) -> Result<ConsoleApplication> {
    let person = accounts::Entity::find_by_id(row.account_id).one(&*state.db).await?.ok_or(NOT_FOUND)?;
    let id_number_masked = match person.verified_at {
        Some(_) => {
            let verified = identity::require_person(state, person.id).await?;
            Some(identity::rules::mask_id_number(&verified.id_number))
        }
        None => None,
    };
    let applicant = Applicant {
        phone_masked: account::rules::mask_phone(&person.phone),
        name: person.name,
        id_number_masked,
        verified_at: person.verified_at.map(from_millis),
    };
    let waiting_since = from_millis(application::waiting_since(&row));
    Ok(ConsoleApplication {
        application: ApplicationBody::load(state, row, application::Viewer::Console).await?,
        applicant,
        waiting_since,
    })
}

/// The application, if it is this reviewer's business; others do not exist.
async fn seen(state: &AppState, who: &Reviewer, id: Uuid) -> Result<Application> {
    let row = Entity::find_by_id(id).filter(visible(who)).one(&*state.db).await?;
    Ok(row.ok_or(NOT_FOUND)?)
}

/// One application with everything that a decision needs.
#[utoipa::path(get, path = "/api/console/applications/{id}", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = ConsoleApplication), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get(State(state): State<AppState>, who: Reviewer, Path(id): Path<Uuid>) -> Result<Json<ConsoleApplication>> {
    let row = seen(&state, &who, id).await?;
    Ok(Json(load(&state, row).await?))
}

/// A picture of an application.
#[utoipa::path(get, path = "/api/console/applications/{id}/materials/{kind}", tag = "console",
    params(("id" = Uuid, Path), ("kind" = MaterialKind, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "image/png"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn material(
    State(state): State<AppState>,
    who: Reviewer,
    Path((id, kind)): Path<(Uuid, MaterialKind)>,
) -> Result<Response> {
    seen(&state, &who, id).await?;
    application::material_response(&state, id, kind).await
}

/// Which version was looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The `version` of the application that the reviewer saw.
    version: i32,
}

/// Approves. `APPLICATION_CHANGED` when it is no longer what the reviewer saw.
#[utoipa::path(post, path = "/api/console/applications/{id}/approval", tag = "console", params(("id" = Uuid, Path)), request_body = Approval,
    responses((status = 200, body = ConsoleApplication), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn approve(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
    Json(request): Json<Approval>,
) -> Result<Json<ConsoleApplication>> {
    seen(&state, &who, id).await?;
    let row = application::approve(&state, who.id, id, request.version).await?;
    Ok(Json(load(&state, row).await?))
}

/// Which version was looked at, and what is wrong with it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The `version` of the application that the reviewer saw.
    version: i32,
    /// What the applicant is told, 2 to 500 characters.
    reason: String,
}

/// Refuses, with a reason. `APPLICATION_CHANGED` when it is no longer what the reviewer saw.
#[utoipa::path(post, path = "/api/console/applications/{id}/refusal", tag = "console", params(("id" = Uuid, Path)), request_body = Refusal,
    responses((status = 200, body = ConsoleApplication), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn refuse(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
    Json(request): Json<Refusal>,
) -> Result<Json<ConsoleApplication>> {
    let reason = rules::parse_reason(&request.reason).ok_or_else(|| FIELDS_INVALID.field("reason", "LENGTH"))?;
    seen(&state, &who, id).await?;
    let row = application::refuse(&state, who.id, id, request.version, &reason).await?;
    Ok(Json(load(&state, row).await?))
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(queue))
        .routes(routes!(get))
        .routes(routes!(material))
        .routes(routes!(approve))
        .routes(routes!(refuse))
}
