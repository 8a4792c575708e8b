//! The user's side of feedback.

use axum::{
    extract::{DefaultBodyLimit, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};
use uuid::Uuid;

use super::{
    entity::{feedback, picture},
    rules, service,
};
use crate::{
    account::Account,
    app::AppState,
    application::picture as pictures,
    clock::from_millis,
    error::{FIELDS_INVALID, NOT_FOUND, Problem, ProblemBody, Result},
    extract::{Json, Octets, Path},
};

/// Feedback shown at a time; older ones are of no use to a user.
const SHOWN: u64 = 100;

/// An uploaded picture.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackPicture {
    /// To be named when the feedback is handed in.
    id: Uuid,
}

/// Uploads a picture for a feedback. It is forgotten when it is not handed in within a day.
#[utoipa::path(post, path = "/api/feedback-pictures", tag = "feedback",
    request_body(content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"))),
    responses((status = 201, body = FeedbackPicture), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn upload(
    State(state): State<AppState>,
    who: Account,
    octets: Octets,
) -> Result<(StatusCode, Json<FeedbackPicture>)> {
    let octets = octets.of_type(&["image/png", "image/jpeg"])?;
    let id = service::upload(&state, who.id, octets.media_type, octets.body).await?;
    Ok((StatusCode::CREATED, Json(FeedbackPicture { id })))
}

/// The picture, for whoever uploaded it.
#[utoipa::path(get, path = "/api/feedback-pictures/{id}", tag = "feedback", params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "image/jpeg"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get_picture(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Response> {
    let row = picture::Entity::find_by_id(id).one(&*state.db).await?.filter(|row| row.account_id == who.id);
    picture_response(&state, row).await
}

/// A picture's octets, for those who may see it.
pub async fn picture_response(state: &AppState, row: Option<picture::Model>) -> Result<Response> {
    let row = row.ok_or(NOT_FOUND)?;
    let octets = state.blobs.get(&row.blob).await?;
    let content_type = HeaderValue::from_str(&row.content_type).map_err(Problem::internal)?;
    let private = HeaderValue::from_static("private, no-store");
    Ok(([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, private)], octets).into_response())
}

/// What to hand in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFeedback {
    /// 5 to 1,000 characters.
    text: String,
    /// How else to reach the user: a number or an e-mail address.
    contact: Option<String>,
    /// At most four, uploaded before.
    #[serde(default)]
    picture_ids: Vec<Uuid>,
}

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackReply {
    /// The words.
    text: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// Feedback with its answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Feedback)]
pub struct FeedbackBody {
    /// Its id.
    id: Uuid,
    /// The words.
    text: String,
    /// How else to reach the user.
    contact: Option<String>,
    /// When it was handed in.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Its pictures, in their order.
    picture_ids: Vec<Uuid>,
    /// Oldest first.
    replies: Vec<FeedbackReply>,
}

impl FeedbackBody {
    /// With everything that belongs to it.
    pub async fn load(db: &impl ConnectionTrait, row: feedback::Model) -> Result<Self> {
        let pictures = service::pictures_of(db, row.id).await?;
        let replies = service::replies_to(db, row.id).await?;
        Ok(Self {
            id: row.id,
            text: row.text,
            contact: row.contact,
            created_at: from_millis(row.created_at),
            picture_ids: pictures.into_iter().map(|picture| picture.id).collect(),
            replies: replies
                .into_iter()
                .map(|reply| FeedbackReply { text: reply.text, at: from_millis(reply.created_at) })
                .collect(),
        })
    }
}

/// A person's feedback.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackList {
    /// Newest first.
    items: Vec<FeedbackBody>,
}

/// Hands feedback in.
#[utoipa::path(post, path = "/api/feedback", tag = "feedback", request_body = NewFeedback,
    responses((status = 201, body = FeedbackBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn create(
    State(state): State<AppState>,
    who: Account,
    Json(new): Json<NewFeedback>,
) -> Result<(StatusCode, Json<FeedbackBody>)> {
    let text = rules::parse_text(&new.text).ok_or_else(|| FIELDS_INVALID.field("text", "LENGTH"))?;
    let contact = rules::parse_contact(new.contact.as_deref());
    let contact = contact.map_err(|()| FIELDS_INVALID.field("contact", "INVALID"))?;
    let row = service::create(&state, who.id, service::Draft { text, contact, pictures: new.picture_ids }).await?;
    Ok((StatusCode::CREATED, Json(FeedbackBody::load(&*state.db, row).await?)))
}

/// This user's feedback, the newest hundred.
#[utoipa::path(get, path = "/api/feedback", tag = "feedback",
    responses((status = 200, body = FeedbackList), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
async fn list(State(state): State<AppState>, who: Account) -> Result<Json<FeedbackList>> {
    let find = feedback::Entity::find().filter(feedback::Column::AccountId.eq(who.id));
    let rows = find.order_by_desc(feedback::Column::CreatedAt).limit(SHOWN).all(&*state.db).await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(FeedbackBody::load(&*state.db, row).await?);
    }
    Ok(Json(FeedbackList { items }))
}

/// One feedback of this user.
#[utoipa::path(get, path = "/api/feedback/{id}", tag = "feedback", params(("id" = Uuid, Path)),
    responses((status = 200, body = FeedbackBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<FeedbackBody>> {
    let row = service::own(&*state.db, id, who.id).await?;
    Ok(Json(FeedbackBody::load(&*state.db, row).await?))
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(get))
        .routes(routes!(upload).layer(DefaultBodyLimit::max(pictures::MAX_OCTETS)))
        .routes(routes!(get_picture))
}
