//! Feedback at the console. It is written to the platform, not to an institution: only the platform's own people see it.

use axum::{extract::State, http::StatusCode, response::Response};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    entity::{feedback, picture},
    http::{FeedbackBody, picture_response},
    rules, service,
};
use crate::{
    account::{self, entity::account as accounts},
    app::AppState,
    console::{Reviewer, policy::Act},
    error::{FIELDS_INVALID, NOT_FOUND, ProblemBody, QUERY_INVALID, Result},
    extract::{Json, Path, Query},
    page,
};

/// Feedback and who wrote it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsoleFeedback {
    /// The feedback.
    #[serde(flatten)]
    feedback: FeedbackBody,
    /// Real name, as verified.
    name: Option<String>,
    /// `138****8000`.
    phone_masked: String,
}

/// A page of feedback.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsoleFeedbackList {
    /// Newest first.
    items: Vec<ConsoleFeedback>,
    /// Names the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// How many wait for an answer.
    waiting: u64,
}

/// What to show.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FeedbackQuery {
    /// `waiting`: only what nobody has answered; `answered`: only the rest.
    state: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What users wrote.
#[utoipa::path(get, path = "/api/console/feedback", tag = "console", params(FeedbackQuery),
    responses((status = 200, body = ConsoleFeedbackList), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn list(
    State(state): State<AppState>,
    who: Reviewer,
    Query(query): Query<FeedbackQuery>,
) -> Result<Json<ConsoleFeedbackList>> {
    use feedback::{Column, Entity};
    who.require(Act::ReadFeedback)?;
    let mut find = match query.state.as_deref() {
        None | Some("") => Entity::find(),
        Some("waiting") => Entity::find().filter(Column::RepliedAt.is_null()),
        Some("answered") => Entity::find().filter(Column::RepliedAt.is_not_null()),
        Some(_) => return Err(QUERY_INVALID.into()),
    };
    if let Some(cursor) = query.cursor {
        let (at, id) = page::parse(&cursor).ok_or(QUERY_INVALID)?;
        let earlier = Condition::all().add(Column::CreatedAt.eq(at)).add(Column::Id.lt(id));
        find = find.filter(Condition::any().add(Column::CreatedAt.lt(at)).add(earlier));
    }
    let rows =
        find.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(page::SIZE + 1).all(&*state.db).await?;
    let (rows, next_cursor) = page::cut(rows, |row| (row.created_at, row.id));
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(body(&state, row).await?);
    }
    let waiting = Entity::find().filter(Column::RepliedAt.is_null()).count(&*state.db).await?;
    Ok(Json(ConsoleFeedbackList { items, next_cursor, waiting }))
}

async fn body(state: &AppState, row: feedback::Model) -> Result<ConsoleFeedback> {
    let author = accounts::Entity::find_by_id(row.account_id).one(&*state.db).await?;
    let phone_masked = author.as_ref().map(|author| account::rules::mask_phone(&author.phone)).unwrap_or_default();
    let name = author.and_then(|author| author.name);
    Ok(ConsoleFeedback { feedback: FeedbackBody::load(&*state.db, row).await?, name, phone_masked })
}

/// One of them.
#[utoipa::path(get, path = "/api/console/feedback/{id}", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = ConsoleFeedback), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get(State(state): State<AppState>, who: Reviewer, Path(id): Path<Uuid>) -> Result<Json<ConsoleFeedback>> {
    who.require(Act::ReadFeedback)?;
    let row = feedback::Entity::find_by_id(id).one(&*state.db).await?.ok_or(NOT_FOUND)?;
    Ok(Json(body(&state, row).await?))
}

/// A picture of feedback that was handed in.
#[utoipa::path(get, path = "/api/console/feedback-pictures/{id}", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "image/jpeg"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get_picture(State(state): State<AppState>, who: Reviewer, Path(id): Path<Uuid>) -> Result<Response> {
    who.require(Act::ReadFeedback)?;
    let row = picture::Entity::find_by_id(id).one(&*state.db).await?.filter(|row| row.feedback_id.is_some());
    picture_response(&state, row).await
}

/// What to answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFeedbackReply {
    /// 1 to 1,000 characters.
    text: String,
}

/// Answers; the user gets a message.
#[utoipa::path(post, path = "/api/console/feedback/{id}/replies", tag = "console", params(("id" = Uuid, Path)), request_body = NewFeedbackReply,
    responses((status = 201, body = ConsoleFeedback), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn reply(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
    Json(new): Json<NewFeedbackReply>,
) -> Result<(StatusCode, Json<ConsoleFeedback>)> {
    who.require(Act::AnswerFeedback)?;
    let text = rules::parse_reply(&new.text).ok_or_else(|| FIELDS_INVALID.field("text", "LENGTH"))?;
    let row = service::answer(&state, who.id, id, text).await?;
    Ok((StatusCode::CREATED, Json(body(&state, row).await?)))
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(get_picture)).routes(routes!(reply))
}
