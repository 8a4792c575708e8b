//! The sandbox's pages: what is where, the SMS outbox, and the face verification provider's page.

use axum::{
    extract::{Form, FromRequestParts, State, rejection::FormRejection},
    http::{StatusCode, header, request::Parts},
    response::{Html, IntoResponse as _, Response},
};
use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::entity::{face, sms};
use crate::{
    app::AppState,
    clock::from_millis,
    error::{BODY_UNREADABLE, NOT_FOUND, Problem, ProblemBody, Result},
    extract::{Json, Path},
};

/// Lets a request through in sandbox mode only; otherwise there is nothing here.
struct Sandbox;

impl FromRequestParts<AppState> for Sandbox {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, state: &AppState) -> Result<Self> {
        if state.config.is_sandbox() { Ok(Self) } else { Err(NOT_FOUND.into()) }
    }
}

/// A message that was not sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct SandboxSms {
    /// To whom.
    phone: String,
    /// The whole text.
    text: String,
    /// The code in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// The outbox.
#[derive(Debug, Serialize, ToSchema)]
pub struct SandboxSmsList {
    /// Newest first, at most 50.
    items: Vec<SandboxSms>,
}

/// The SMS outbox (sandbox mode only).
#[utoipa::path(get, path = "/api/sandbox/sms", tag = "sandbox",
    responses((status = 200, body = SandboxSmsList), (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
async fn outbox(_: Sandbox, State(state): State<AppState>) -> Result<Json<SandboxSmsList>> {
    let rows = sms::Entity::find().order_by_desc(sms::Column::At).limit(50).all(&*state.db).await?;
    let item =
        |row: sms::Model| SandboxSms { phone: row.phone, text: row.text, code: row.code, at: from_millis(row.at) };
    Ok(Json(SandboxSmsList { items: rows.into_iter().map(item).collect() }))
}

/// What is where, and the SMS outbox (sandbox mode only).
#[utoipa::path(get, path = "/sandbox", tag = "sandbox", responses((status = 200, body = String, content_type = "text/html"), (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
async fn index(_: Sandbox) -> Html<&'static str> {
    Html(include_str!("index.html"))
}

/// The script of the sandbox page.
#[utoipa::path(get, path = "/sandbox/outbox.js", tag = "sandbox", responses((status = 200, body = String, content_type = "text/javascript"), (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
async fn script(_: Sandbox) -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("outbox.js")).into_response()
}

async fn session(state: &AppState, token: &str) -> Result<face::Model> {
    let row = face::Entity::find().filter(face::Column::Token.eq(token)).one(&*state.db).await?;
    Ok(row.ok_or(NOT_FOUND)?)
}

/// The face verification provider's page (sandbox mode only).
#[utoipa::path(get, path = "/sandbox/face/{token}", tag = "sandbox", params(("token" = String, Path)),
    responses((status = 200, body = String, content_type = "text/html"), (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
async fn face_page(_: Sandbox, State(state): State<AppState>, Path(token): Path<String>) -> Result<Html<String>> {
    let row = session(&state, &token).await?;
    // Names hold letters, dots, blanks, hyphens and apostrophes only (identity::rules::parse_name): nothing to escape
    // but the apostrophe.
    Ok(Html(include_str!("face.html").replace("{name}", &row.name.replace('\'', "&#39;"))))
}

/// Which button was pressed.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaceButton {
    /// 通过
    Passed,
    /// 不通过
    Failed,
}

/// The form of the provider's page.
#[derive(Debug, Deserialize, ToSchema)]
pub struct FaceAnswer {
    /// Which button was pressed.
    outcome: FaceButton,
}

/// A button of the provider's page: sends the browser back (sandbox mode only).
#[utoipa::path(post, path = "/sandbox/face/{token}", tag = "sandbox", params(("token" = String, Path)),
    request_body(content = FaceAnswer, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn face_answer(
    _: Sandbox,
    State(state): State<AppState>,
    Path(token): Path<String>,
    form: Result<Form<FaceAnswer>, FormRejection>,
) -> Result<Response> {
    let Form(answer) = form.map_err(|_| BODY_UNREADABLE)?;
    let outcome = match answer.outcome {
        FaceButton::Passed => "passed",
        FaceButton::Failed => "failed",
    };
    let tx = state.db.begin().await?;
    let row = face::Entity::find().filter(face::Column::Token.eq(&*token)).one(&*tx).await?.ok_or(NOT_FOUND)?;
    let return_url = row.return_url.clone();
    // The first answer counts.
    if row.outcome.is_none() {
        let mut row = row.into_active_model();
        row.outcome = Set(Some(outcome.to_owned()));
        row.update(&*tx).await?;
        tx.commit().await?;
    }
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, return_url)]).into_response())
}

/// The routes of the sandbox.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(outbox))
        .routes(routes!(index))
        .routes(routes!(script))
        .routes(routes!(face_page, face_answer))
}
