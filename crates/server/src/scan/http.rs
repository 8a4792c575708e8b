//! The phone's side of scan requests.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};
use jiff::SignedDuration;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{model::ScanRequest, service};
use crate::{
    account::Account,
    app::AppState,
    certificate,
    error::{NOT_FOUND, ProblemBody, Result},
    extract::{Json, Path},
    rate::Limit,
};

/// Codes that one account may try.
const CLAIMS: Limit = Limit { times: 60, window: SignedDuration::from_mins(1) };

/// What the camera saw.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewClaim {
    /// The code's text, whole or the part after `#`.
    #[schema(max_length = 512)]
    code: String,
}

/// Takes a request by its code. The first phone wins; the same account may do it again.
#[utoipa::path(
    post, path = "/api/scan-claims", tag = "scan", request_body = NewClaim,
    responses((status = 200, body = ScanRequest), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn claim(
    State(state): State<AppState>,
    account: Account,
    Json(new): Json<NewClaim>,
) -> Result<Json<ScanRequest>> {
    state.rates.take("scan-claim", &account.id.to_string(), CLAIMS, state.now()).await?;
    Ok(Json(service::claim(&state, account, &new.code).await?))
}

/// A request that this account has claimed.
#[utoipa::path(
    get, path = "/api/scan-requests/{id}", tag = "scan", params(("id" = Uuid, Path)),
    responses((status = 200, body = ScanRequest), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn get(State(state): State<AppState>, account: Account, Path(id): Path<Uuid>) -> Result<Json<ScanRequest>> {
    let row = service::own(&*state.db, account, id).await?;
    Ok(Json(service::view(&state, &row, account.id).await?))
}

/// The document that is signed: prepared, its ByteRange filled in, its Contents zero.
#[utoipa::path(
    get, path = "/api/scan-requests/{id}/document", tag = "scan", params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")
    )
)]
pub async fn document(State(state): State<AppState>, account: Account, Path(id): Path<Uuid>) -> Result<Response> {
    let row = service::own(&*state.db, account, id).await?;
    let name = service::document(&row)?.prepared.ok_or(NOT_FOUND)?;
    Ok(pdf(state.blobs.get(&name).await?))
}

/// A PDF as an answer. It belongs to one person: no cache keeps it.
pub(crate) fn pdf(content: bytes::Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/pdf"), (header::CACHE_CONTROL, "no-store")], content).into_response()
}

/// Why the owner says no.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// It was not the owner who asked.
    NotMe,
    /// It is not the document that was meant.
    WrongDocument,
    /// Anything else.
    Other,
}

/// What the owner says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Answer {
    /// Yes.
    Confirm {
        /// With this certificate.
        certificate_id: Uuid,
        /// Base64 of the DER SM2Signature: over the statement, or over the 32-byte digest.
        signature: String,
    },
    /// No.
    Refuse {
        /// Why.
        #[serde(default)]
        reason: Option<RefusalReason>,
    },
}

/// Answers a claimed request, once.
#[utoipa::path(
    post, path = "/api/scan-requests/{id}/answer", tag = "scan", params(("id" = Uuid, Path)), request_body = Answer,
    responses((status = 200, body = ScanRequest), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn answer(
    State(state): State<AppState>,
    account: Account,
    Path(id): Path<Uuid>,
    Json(answer): Json<Answer>,
) -> Result<Json<ScanRequest>> {
    let view = match answer {
        Answer::Confirm { certificate_id, signature } => {
            let signature = certificate::signature(&signature)?;
            service::confirm(&state, account, id, certificate_id, signature).await?
        }
        Answer::Refuse { reason } => {
            let reason = match reason {
                Some(RefusalReason::NotMe) => "not_me",
                Some(RefusalReason::WrongDocument) => "wrong_document",
                Some(RefusalReason::Other) | None => "other",
            };
            service::refuse(&state, account, id, reason).await?
        }
    };
    Ok(Json(view))
}
