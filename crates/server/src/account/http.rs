//! Codes, logins, and what the phone knows about its user.

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

use super::{
    Account, AccountRow, COOKIE,
    codes::{self, Purpose, Slot},
    passwords, rules, service,
    sessions::{self, Caller},
    token,
};
use crate::{
    app::AppState,
    application::{self, Guide},
    error::{FIELDS_INVALID, ProblemBody, Result},
    extract::{ClientAddress, Json},
    message,
    rate::Limit,
};

/// Guesses at codes and passwords from one address.
pub(super) const GUESSES: Limit = Limit { times: 60, window: SignedDuration::from_mins(10) };

/// Where to send a code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginCodeRequest {
    /// Mobile number, 11 digits.
    #[schema(example = "13800138000")]
    phone: String,
    /// What the code shall be good for.
    #[serde(default)]
    purpose: LoginCodePurpose,
}

/// What a code is for that somebody asks for who is not logged in.
#[derive(Debug, Default, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoginCodePurpose {
    /// Logging in.
    #[default]
    Login,
    /// Setting a new password.
    PasswordReset,
}

/// A code is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoginCodeSent {
    /// Seconds for which it is good.
    pub(super) expires_in: i64,
    /// Seconds until another may be asked for.
    pub(super) resend_after: i64,
}

impl LoginCodeSent {
    pub(super) fn now() -> Self {
        Self { expires_in: rules::CODE_LIFETIME.as_secs(), resend_after: rules::RESEND_AFTER.as_secs() }
    }
}

/// Sends a code by SMS, for logging in or for a new password.
#[utoipa::path(post, path = "/api/login-codes", tag = "account", request_body = LoginCodeRequest,
    responses((status = 202, body = LoginCodeSent), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn send_code(
    State(state): State<AppState>,
    address: ClientAddress,
    Json(request): Json<LoginCodeRequest>,
) -> Result<(StatusCode, Json<LoginCodeSent>)> {
    check_phone(&request.phone)?;
    let purpose = match request.purpose {
        LoginCodePurpose::Login => Purpose::Login,
        LoginCodePurpose::PasswordReset => Purpose::PasswordReset,
    };
    codes::send(&state, Slot { purpose, phone: &request.phone, account_id: None }, &address.0).await?;
    Ok((StatusCode::ACCEPTED, Json(LoginCodeSent::now())))
}

pub(super) fn check_phone(phone: &str) -> Result<()> {
    if rules::is_phone(phone) { Ok(()) } else { Err(FIELDS_INVALID.field("phone", "PHONE_INVALID")) }
}

pub(super) fn check_code(field: &str, code: &str) -> Result<()> {
    if rules::is_code(code) { Ok(()) } else { Err(FIELDS_INVALID.field(field, "CODE_INVALID")) }
}

/// A number, and either a code from an SMS or the password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// Mobile number, 11 digits.
    #[schema(example = "13800138000")]
    phone: String,
    /// Six digits.
    #[schema(example = "123456")]
    code: Option<String>,
    /// The login password, instead of a code.
    #[schema(max_length = 64)]
    password: Option<String>,
    /// Whether the user agreement and the privacy policy are agreed to; must be true.
    agreed: bool,
}

/// Logs in, by code or by password; a code makes the account at first use. The session travels in the cookie `gq_session`.
#[utoipa::path(post, path = "/api/sessions", tag = "account", request_body = LoginRequest,
    responses((status = 201, body = Me), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn log_in(
    State(state): State<AppState>,
    address: ClientAddress,
    headers: HeaderMap,
    Json(request): Json<LoginRequest>,
) -> Result<impl IntoResponse> {
    check_phone(&request.phone)?;
    match (&request.code, &request.password) {
        (Some(code), None) => check_code("code", code)?,
        (None, Some(password)) => check_password("password", password)?,
        _ => return Err(FIELDS_INVALID.field("code", "CODE_OR_PASSWORD")),
    }
    if !request.agreed {
        return Err(FIELDS_INVALID.field("agreed", "AGREEMENT_REQUIRED"));
    }
    state.rates.take("login", &address.0, GUESSES, state.now()).await?;
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let caller = Caller { address: &address.0, user_agent };
    let login = match request.password {
        Some(password) => service::log_in_with_password(&state, &request.phone, password, caller).await?,
        None => {
            let code = request.code.unwrap_or_default();
            service::log_in_with_code(&state, &request.phone, &code, caller).await?
        }
    };
    let cookie = token::cookie(&state, COOKIE, &login.token, "/", rules::SESSION_LIFETIME)?;
    let me = me(&state, &login.account).await?;
    Ok((StatusCode::CREATED, AppendHeaders([(header::SET_COOKIE, cookie)]), Json(me)))
}

/// Refuses what cannot be anybody's password before it costs a hash.
pub(super) fn check_password(field: &str, password: &str) -> Result<()> {
    let count = password.chars().count();
    if count == 0 || count > *rules::PASSWORD_LENGTH.end() {
        return Err(FIELDS_INVALID.field(field, "LENGTH"));
    }
    Ok(())
}

/// Logs out of this phone.
#[utoipa::path(delete, path = "/api/sessions/current", tag = "account",
    responses((status = 204), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
async fn log_out(
    State(state): State<AppState>,
    who: Account,
) -> Result<(StatusCode, AppendHeaders<[(header::HeaderName, HeaderValue); 1]>)> {
    sessions::end(&state, who, who.session_id).await?;
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
    /// Whether a login password is set.
    has_password: bool,
}

/// The user of this phone and the next step.
#[utoipa::path(get, path = "/api/me", tag = "account",
    responses((status = 200, body = Me), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
async fn get_me(State(state): State<AppState>, who: Account) -> Result<Json<Me>> {
    let row = who.row(&state).await?;
    Ok(Json(me(&state, &row).await?))
}

pub(super) async fn me(state: &AppState, row: &AccountRow) -> Result<Me> {
    let (guide, guide_application_id) = application::guide(&*state.db, row).await?;
    Ok(Me {
        id: row.id,
        phone_masked: rules::mask_phone(&row.phone),
        name: row.name.clone(),
        verified: row.verified_at.is_some(),
        guide,
        guide_application_id,
        unread: message::unread(&*state.db, row.id).await?,
        has_password: passwords::of(&*state.db, row.id).await?.is_some(),
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
