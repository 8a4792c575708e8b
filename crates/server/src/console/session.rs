//! Logging in and out at the console.

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::AppendHeaders,
};
use jiff::SignedDuration;
use sea_orm::EntityTrait as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{COOKIE, Reviewer, rules, service};
use crate::{
    account::token,
    app::AppState,
    error::{FIELDS_INVALID, ProblemBody, Result},
    extract::{ClientAddress, Json},
    institution::{self, InstitutionRef},
    rate::Limit,
};

/// Logins from one address.
const LOGINS: Limit = Limit { times: 30, window: SignedDuration::from_mins(10) };

type SetCookie = AppendHeaders<[(HeaderName, HeaderValue); 1]>;

/// User name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsoleLogin {
    /// Login name.
    #[schema(example = "reviewer")]
    username: String,
    /// Password.
    password: String,
}

/// Who works at the console.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reviewer)]
pub struct ReviewerBody {
    /// The reviewer.
    id: Uuid,
    /// Login name.
    username: String,
    /// Name shown.
    name: String,
    /// Whose applications; null: every institution's.
    institution: Option<InstitutionRef>,
    /// `reviewer`.
    role: String,
}

/// A console login.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsoleSession {
    /// Who is logged in.
    reviewer: ReviewerBody,
}

async fn body(state: &AppState, who: Reviewer) -> Result<ReviewerBody> {
    let institution = match who.institution_id {
        Some(id) => institution::entity::institution::Entity::find_by_id(id).one(&*state.db).await?,
        None => None,
    };
    let institution = institution.as_ref().map(InstitutionRef::from);
    Ok(ReviewerBody { id: who.id, username: who.username, name: who.name, institution, role: who.role })
}

/// Logs in at the console. The session travels in the cookie `gq_console`.
#[utoipa::path(post, path = "/api/console/sessions", tag = "console", request_body = ConsoleLogin,
    responses((status = 201, body = ConsoleSession), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn log_in(
    State(state): State<AppState>,
    address: ClientAddress,
    Json(request): Json<ConsoleLogin>,
) -> Result<(StatusCode, SetCookie, Json<ConsoleSession>)> {
    // Hashing costs time and memory: no endless passwords.
    if request.username.is_empty() || request.username.len() > 100 {
        return Err(FIELDS_INVALID.field("username", "LENGTH"));
    }
    if request.password.is_empty() || request.password.len() > 200 {
        return Err(FIELDS_INVALID.field("password", "LENGTH"));
    }
    state.rates.take("console-login", &address.0, LOGINS, state.now()).await?;
    let login = service::log_in(&state, &request.username, request.password, &address.0).await?;
    let cookie = token::cookie(&state, COOKIE, &login.token, "/", rules::SESSION_LIFETIME)?;
    let reviewer = body(&state, login.reviewer).await?;
    Ok((StatusCode::CREATED, AppendHeaders([(header::SET_COOKIE, cookie)]), Json(ConsoleSession { reviewer })))
}

/// Logs out of the console.
#[utoipa::path(delete, path = "/api/console/sessions/current", tag = "console",
    responses((status = 204), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
async fn log_out(State(state): State<AppState>, who: Reviewer) -> Result<(StatusCode, SetCookie)> {
    service::log_out(&state, &who).await?;
    let cookie = token::cookie(&state, COOKIE, "", "/", SignedDuration::ZERO)?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, cookie)])))
}

/// Who is logged in at the console.
#[utoipa::path(get, path = "/api/console/me", tag = "console",
    responses((status = 200, body = ConsoleSession), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
async fn me(State(state): State<AppState>, who: Reviewer) -> Result<Json<ConsoleSession>> {
    Ok(Json(ConsoleSession { reviewer: body(&state, who).await? }))
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(log_in)).routes(routes!(log_out)).routes(routes!(me))
}
