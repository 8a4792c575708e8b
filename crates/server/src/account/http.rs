//! Login codes, sessions, and what the phone knows about its user.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Account, AccountRow, COOKIE, rules, service, token};
use crate::{
    app::AppState,
    application::{self, Guide},
    error::{FIELDS_INVALID, ProblemBody, Result},
    extract::{ClientAddress, Json},
    message,
    rate::Limit,
};

/// Guesses at codes from one address.
const GUESSES: Limit = Limit { times: 60, window: SignedDuration::from_mins(10) };

/// Where to send a code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginCodeRequest {
    /// Mobile number, 11 digits.
    #[schema(example = "13800138000")]
    phone: String,
}

/// A code is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoginCodeSent {
    /// Seconds for which it is good.
    expires_in: i64,
    /// Seconds until another may be asked for.
    resend_after: i64,
}

/// Sends a login code by SMS.
#[utoipa::path(post, path = "/api/login-codes", tag = "account", request_body = LoginCodeRequest,
    responses((status = 202, body = LoginCodeSent), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn send_code(
    State(state): State<AppState>,
    address: ClientAddress,
    Json(request): Json<LoginCodeRequest>,
) -> Result<(StatusCode, Json<LoginCodeSent>)> {
    check_phone(&request.phone)?;
    service::send_code(&state, &request.phone, &address.0).await?;
    let sent =
        LoginCodeSent { expires_in: rules::CODE_LIFETIME.as_secs(), resend_after: rules::RESEND_AFTER.as_secs() };
    Ok((StatusCode::ACCEPTED, Json(sent)))
}

fn check_phone(phone: &str) -> Result<()> {
    if rules::is_phone(phone) { Ok(()) } else { Err(FIELDS_INVALID.field("phone", "PHONE_INVALID")) }
}

/// A code from an SMS.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// Mobile number, 11 digits.
    #[schema(example = "13800138000")]
    phone: String,
    /// Six digits.
    #[schema(example = "123456")]
    code: String,
    /// Whether the user agreement and the privacy policy are agreed to; must be true.
    agreed: bool,
}

/// Logs in, making the account at first use. The session travels in the cookie `gq_session`.
#[utoipa::path(post, path = "/api/sessions", tag = "account", request_body = LoginRequest,
    responses((status = 201, body = Me), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn log_in(
    State(state): State<AppState>,
    address: ClientAddress,
    headers: HeaderMap,
    Json(request): Json<LoginRequest>,
) -> Result<impl IntoResponse> {
    check_phone(&request.phone)?;
    if !rules::is_code(&request.code) {
        return Err(FIELDS_INVALID.field("code", "CODE_INVALID"));
    }
    if !request.agreed {
        return Err(FIELDS_INVALID.field("agreed", "AGREEMENT_REQUIRED"));
    }
    state.rates.take("login", &address.0, GUESSES, state.now())?;
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let login = service::log_in(&state, &request.phone, &request.code, &address.0, user_agent).await?;
    let cookie = token::cookie(&state, COOKIE, &login.token, "/", rules::SESSION_LIFETIME)?;
    let me = me(&state, &login.account).await?;
    Ok((StatusCode::CREATED, AppendHeaders([(header::SET_COOKIE, cookie)]), Json(me)))
}

/// Logs out of this phone.
#[utoipa::path(delete, path = "/api/sessions/current", tag = "account",
    responses((status = 204), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
async fn log_out(
    State(state): State<AppState>,
    who: Account,
) -> Result<(StatusCode, AppendHeaders<[(header::HeaderName, HeaderValue); 1]>)> {
    service::log_out(&state, who).await?;
    let cookie = token::cookie(&state, COOKIE, "", "/", SignedDuration::ZERO)?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, cookie)])))
}

/// The user of this phone.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// The account.
    id: Uuid,
    /// `138****8000`.
    phone_masked: String,
    /// Real name, once verified.
    name: Option<String>,
    /// Whether the real name is verified.
    verified: bool,
    /// The next step towards a certificate.
    guide: Guide,
    /// The application that the guide speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    guide_application_id: Option<Uuid>,
    /// Messages not yet read.
    unread: u64,
}

/// The user of this phone and the next step.
#[utoipa::path(get, path = "/api/me", tag = "account",
    responses((status = 200, body = Me), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
async fn get_me(State(state): State<AppState>, who: Account) -> Result<Json<Me>> {
    let row = who.row(&state).await?;
    Ok(Json(me(&state, &row).await?))
}

async fn me(state: &AppState, row: &AccountRow) -> Result<Me> {
    let (guide, guide_application_id) = application::guide(&*state.db, row).await?;
    Ok(Me {
        id: row.id,
        phone_masked: rules::mask_phone(&row.phone),
        name: row.name.clone(),
        verified: row.verified_at.is_some(),
        guide,
        guide_application_id,
        unread: message::unread(&*state.db, row.id).await?,
    })
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(send_code))
        .routes(routes!(log_in))
        .routes(routes!(log_out))
        .routes(routes!(get_me))
}
