//! Logging in by password, logging out, and who is logged in.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::AppendHeaders,
};
use jiff::SignedDuration;
use sea_orm::EntityTrait as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    COOKIE, Reviewer, entity,
    policy::{Act, Role},
    rules, service,
    service::{Caller, Login},
};
use crate::{
    account::token,
    app::AppState,
    error::{FIELDS_INVALID, NOT_LOGGED_IN, ProblemBody, Result},
    extract::{ClientAddress, Json},
    institution::{self, InstitutionRef},
    rate::Limit,
};

/// Logins from one address.
const LOGINS: Limit = Limit { times: 30, window: SignedDuration::from_mins(10) };

/// A cookie to be set.
pub type SetCookie = AppendHeaders<[(HeaderName, HeaderValue); 1]>;

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
    /// What they are.
    role: Role,
    /// What they may do within their scope.
    acts: Vec<Act>,
    /// Whether their phone is linked, so that they may log in by scanning.
    linked: bool,
    /// Whether their password opens anything.
    password_login: bool,
    /// Whether somebody else has printed the password: it ought to be changed.
    password_temporary: bool,
}

/// A console login.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsoleSession {
    /// Who is logged in.
    reviewer: ReviewerBody,
}

impl ConsoleSession {
    /// What `who` is told about themselves.
    pub async fn of(state: &AppState, who: Reviewer) -> Result<Self> {
        let row = entity::reviewer::Entity::find_by_id(who.id).one(&*state.db).await?.ok_or(NOT_LOGGED_IN)?;
        let institution = match who.institution_id {
            Some(id) => institution::entity::institution::Entity::find_by_id(id).one(&*state.db).await?,
            None => None,
        };
        let acts = Act::ALL.into_iter().filter(|act| who.may(*act)).collect();
        let reviewer = ReviewerBody {
            id: who.id,
            username: who.username,
            name: row.name,
            institution: institution.as_ref().map(InstitutionRef::from),
            role: who.role,
            acts,
            linked: row.account_id.is_some(),
            password_login: row.password_login,
            password_temporary: row.password_login && row.password_changed_at.is_none(),
        };
        Ok(Self { reviewer })
    }
}

/// The browser's name for itself.
pub fn user_agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The answer to a login, by whichever way.
pub async fn welcome(state: &AppState, login: Login) -> Result<(StatusCode, SetCookie, Json<ConsoleSession>)> {
    let cookie = token::cookie(state, COOKIE, &login.token, "/", rules::SESSION_LIFETIME)?;
    let session = ConsoleSession::of(state, login.reviewer).await?;
    Ok((StatusCode::CREATED, AppendHeaders([(header::SET_COOKIE, cookie)]), Json(session)))
}

/// Logs in at the console. The session travels in the cookie `gq_console`.
#[utoipa::path(post, path = "/api/console/sessions", tag = "console", request_body = ConsoleLogin,
    responses((status = 201, body = ConsoleSession), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn log_in(
    State(state): State<AppState>,
    address: ClientAddress,
    headers: HeaderMap,
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
    let caller = Caller { address: &address.0, user_agent: user_agent(&headers) };
    let login = service::log_in(&state, &request.username, request.password, caller).await?;
    welcome(&state, login).await
}

/// Logs out of the console.
#[utoipa::path(delete, path = "/api/console/sessions/current", tag = "console",
    responses((status = 204), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
async fn log_out(State(state): State<AppState>, who: Reviewer) -> Result<(StatusCode, SetCookie)> {
    service::log_out(&state, &who).await?;
    let cookie = token::cookie(&state, COOKIE, "", "/", SignedDuration::ZERO)?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, cookie)])))
}

/// Who is logged in at the console, and what they may do.
#[utoipa::path(get, path = "/api/console/me", tag = "console",
    responses((status = 200, body = ConsoleSession), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
async fn me(State(state): State<AppState>, who: Reviewer) -> Result<Json<ConsoleSession>> {
    Ok(Json(ConsoleSession::of(&state, who).await?))
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(log_in)).routes(routes!(log_out)).routes(routes!(me))
}
