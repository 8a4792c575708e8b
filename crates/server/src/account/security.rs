//! Account and security (账号与安全): sessions, password, phone number, the end of the account.

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::AppendHeaders,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Account, COOKIE,
    codes::{self, Purpose, Slot},
    deletion,
    http::{GUESSES, LoginCodeSent, Me, check_code, check_password, check_phone, me},
    passwords, phone_change, sessions, token,
};
use crate::{
    app::AppState,
    certificate,
    clock::from_millis,
    error::{FIELDS_INVALID, ProblemBody, Result},
    extract::{ClientAddress, Json, Path},
    scan::model::Browser,
};

/// What a code is for that somebody asks for who is logged in.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnCodePurpose {
    /// Setting a password.
    Password,
    /// Proving the old number when it is changed.
    PhoneChange,
    /// Closing the account.
    Deletion,
}

/// A code to one's own number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnCodeRequest {
    /// What the code shall be good for.
    purpose: OwnCodePurpose,
}

/// Sends a code to the number of whoever is logged in.
#[utoipa::path(post, path = "/api/me/codes", tag = "account", request_body = OwnCodeRequest,
    responses((status = 202, body = LoginCodeSent), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn send_own_code(
    State(state): State<AppState>,
    who: Account,
    address: ClientAddress,
    Json(request): Json<OwnCodeRequest>,
) -> Result<(StatusCode, Json<LoginCodeSent>)> {
    let purpose = match request.purpose {
        OwnCodePurpose::Password => Purpose::Password,
        OwnCodePurpose::PhoneChange => Purpose::OldPhone,
        OwnCodePurpose::Deletion => Purpose::Deletion,
    };
    let account = who.row(&state).await?;
    let slot = Slot { purpose, phone: &account.phone, account_id: Some(who.id) };
    codes::send(&state, slot, &address.0).await?;
    Ok((StatusCode::ACCEPTED, Json(LoginCodeSent::now())))
}

/// A login that has not ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// Names it.
    id: Uuid,
    /// Whether it is the one that asks.
    current: bool,
    /// Program and system, such as `Chrome · Android`.
    user_agent_short: String,
    /// Where it began.
    address: String,
    /// When it began.
    created_at: String,
    /// When it ends by itself.
    expires_at: String,
}

/// Logins that have not ended, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionList {
    /// The logins.
    items: Vec<Session>,
}

/// Where one is logged in.
#[utoipa::path(get, path = "/api/me/sessions", tag = "account",
    responses((status = 200, body = SessionList), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
async fn list_sessions(State(state): State<AppState>, who: Account) -> Result<Json<SessionList>> {
    let rows = sessions::live(&*state.db, who.id, state.now()).await?;
    let items = rows.into_iter().map(|row| {
        let browser = Browser { address: row.address, user_agent: row.user_agent, browser_id: None };
        Session {
            id: row.id,
            current: row.id == who.session_id,
            user_agent_short: browser.short(),
            address: browser.address,
            created_at: from_millis(row.created_at).to_string(),
            expires_at: from_millis(row.expires_at).to_string(),
        }
    });
    Ok(Json(SessionList { items: items.collect() }))
}

/// Ends one of one's own logins.
#[utoipa::path(delete, path = "/api/me/sessions/{id}", tag = "account", params(("id" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn end_session(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<StatusCode> {
    sessions::end(&state, who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How many logins have ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionsEnded {
    /// How many.
    ended: u64,
}

/// Ends all of one's logins but this one.
#[utoipa::path(post, path = "/api/me/sessions/end-others", tag = "account",
    responses((status = 200, body = SessionsEnded), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
async fn end_other_sessions(State(state): State<AppState>, who: Account) -> Result<Json<SessionsEnded>> {
    let mut tx = state.db.begin().await?;
    let ended = sessions::end_all(&mut tx, state.now(), who.id, Some(who.session_id)).await?;
    tx.commit().await?;
    Ok(Json(SessionsEnded { ended }))
}

/// A new password, and what shows that its owner sets it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// 8 to 64 characters, two of: letters, digits, others.
    #[schema(min_length = 8, max_length = 64)]
    password: String,
    /// The present password.
    current_password: Option<String>,
    /// A code that was sent for this. Neither is needed for the first password within ten minutes after logging in.
    code: Option<String>,
}

/// Sets or changes the login password. All other logins end.
#[utoipa::path(put, path = "/api/me/password", tag = "account", request_body = NewPassword,
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn set_password(
    State(state): State<AppState>,
    who: Account,
    address: ClientAddress,
    Json(request): Json<NewPassword>,
) -> Result<StatusCode> {
    let proof = match (request.current_password, request.code) {
        (Some(current), None) => {
            check_password("current_password", &current)?;
            passwords::Proof::Current(current)
        }
        (None, Some(code)) => {
            check_code("code", &code)?;
            passwords::Proof::Code(code)
        }
        (None, None) => passwords::Proof::Session,
        (Some(_), Some(_)) => return Err(FIELDS_INVALID.field("code", "CODE_OR_PASSWORD")),
    };
    state.rates.take("login", &address.0, GUESSES, state.now()).await?;
    passwords::change(&state, who, request.password, proof).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new password for whoever receives the number's messages.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordReset {
    /// Mobile number, 11 digits.
    #[schema(example = "13800138000")]
    phone: String,
    /// A code that was sent for this.
    #[schema(example = "123456")]
    code: String,
    /// 8 to 64 characters, two of: letters, digits, others.
    #[schema(min_length = 8, max_length = 64)]
    password: String,
}

/// Sets a new password by a code (`purpose` `password_reset`). All logins of the account end.
#[utoipa::path(post, path = "/api/password-resets", tag = "account", request_body = PasswordReset,
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn reset_password(
    State(state): State<AppState>,
    address: ClientAddress,
    Json(request): Json<PasswordReset>,
) -> Result<StatusCode> {
    check_phone(&request.phone)?;
    check_code("code", &request.code)?;
    state.rates.take("login", &address.0, GUESSES, state.now()).await?;
    passwords::reset(&state, &request.phone, &request.code, request.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPhone {
    /// Mobile number, 11 digits.
    #[schema(example = "13900139000")]
    phone: String,
}

/// A change of the number that was begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct PhoneChange {
    /// Names it; the task of a signature that stands in for the old number.
    id: Uuid,
    /// Until when it can be completed.
    expires_at: String,
    /// Seconds until another code may be asked for.
    resend_after: i64,
    /// The octets that such a signature signs, base64: a JSON object that names account, change and new number.
    statement: String,
}

/// Begins a change of the number: sends a code to the new one.
#[utoipa::path(post, path = "/api/me/phone-changes", tag = "account", request_body = NewPhone,
    responses((status = 201, body = PhoneChange), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn begin_phone_change(
    State(state): State<AppState>,
    who: Account,
    address: ClientAddress,
    Json(request): Json<NewPhone>,
) -> Result<(StatusCode, Json<PhoneChange>)> {
    check_phone(&request.phone)?;
    let row = phone_change::begin(&state, who, &request.phone, &address.0).await?;
    let change = PhoneChange {
        id: row.id,
        expires_at: from_millis(row.expires_at).to_string(),
        resend_after: LoginCodeSent::now().resend_after,
        statement: BASE64.encode(row.statement),
    };
    Ok((StatusCode::CREATED, Json(change)))
}

/// What completes a change: the code on the new number, and the code on the old one or a signature.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneChangeCompletion {
    /// The code on the new number.
    #[schema(example = "123456")]
    code: String,
    /// The code on the old number (`/api/me/codes`, purpose `phone_change`).
    old_code: Option<String>,
    /// Instead of the old number's code: one of the account's certificates.
    certificate_id: Option<Uuid>,
    /// Its signature over the statement, DER, base64.
    signature: Option<String>,
}

/// Completes a change of the number. All other logins end; certificates stay as they are.
#[utoipa::path(post, path = "/api/me/phone-changes/{id}/completion", tag = "account", params(("id" = Uuid, Path)),
    request_body = PhoneChangeCompletion,
    responses((status = 200, body = Me), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn complete_phone_change(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
    Json(request): Json<PhoneChangeCompletion>,
) -> Result<Json<Me>> {
    check_code("code", &request.code)?;
    let proof = match (request.old_code, request.certificate_id, request.signature) {
        (Some(code), None, None) => {
            check_code("old_code", &code)?;
            phone_change::Proof::OldCode(code)
        }
        (None, Some(certificate_id), Some(signature)) => {
            phone_change::Proof::Signature { certificate_id, signature: certificate::signature(&signature)? }
        }
        _ => return Err(FIELDS_INVALID.field("old_code", "CODE_OR_SIGNATURE")),
    };
    let account = phone_change::complete(&state, who, id, &request.code, proof).await?;
    Ok(Json(me(&state, &account).await?))
}

/// What ends with the account.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeletionConsequences {
    /// Applications that are not finished: taken back.
    open_applications: usize,
    /// Certificates that may be used: revoked, their keys destroyed.
    active_certificates: usize,
}

/// What would end with one's account now.
#[utoipa::path(get, path = "/api/me/deletion", tag = "account",
    responses((status = 200, body = DeletionConsequences), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
async fn deletion_consequences(State(state): State<AppState>, who: Account) -> Result<Json<DeletionConsequences>> {
    let ends = deletion::consequences(&*state.db, who.id, state.now()).await?;
    Ok(Json(DeletionConsequences {
        open_applications: ends.open_applications,
        active_certificates: ends.active_certificates,
    }))
}

/// The end of the account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Deletion {
    /// A code that was sent for this.
    #[schema(example = "123456")]
    code: String,
    /// Whether open applications and active certificates shall end too.
    #[serde(default)]
    confirmed: bool,
}

/// Closes one's account. Without `confirmed` it is refused while something would end with it.
#[utoipa::path(delete, path = "/api/me", tag = "account", request_body = Deletion,
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn delete_account(
    State(state): State<AppState>,
    who: Account,
    Json(request): Json<Deletion>,
) -> Result<(StatusCode, AppendHeaders<[(HeaderName, HeaderValue); 1]>)> {
    check_code("code", &request.code)?;
    deletion::delete(&state, who, &request.code, request.confirmed).await?;
    let cookie = token::cookie(&state, COOKIE, "", "/", SignedDuration::ZERO)?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, cookie)])))
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(send_own_code))
        .routes(routes!(list_sessions))
        .routes(routes!(end_session))
        .routes(routes!(end_other_sessions))
        .routes(routes!(set_password))
        .routes(routes!(reset_password))
        .routes(routes!(begin_phone_change))
        .routes(routes!(complete_phone_change))
        .routes(routes!(deletion_consequences))
        .routes(routes!(delete_account))
}
