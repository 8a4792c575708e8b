//! Verifying a real name from the phone.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::service::{self, Claim};
use crate::{
    account::Account,
    app::AppState,
    error::{ProblemBody, Result},
    extract::{Json, Origin, Path},
};

/// Who the user claims to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerificationRequest {
    /// Real name.
    #[schema(example = "韦桂花")]
    name: String,
    /// Identity number, 18 characters (GB 11643).
    #[schema(example = "11010519491231002X")]
    id_number: String,
    /// Page of this platform to come back to, such as `/verify/done`.
    #[schema(example = "/verify/done")]
    return_url_path: String,
}

/// A verification that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerificationStarted {
    /// Its id; also comes back as the parameter `verification` of the return address.
    id: Uuid,
    /// Where to send the browser.
    redirect_url: String,
}

/// Begins to verify the user's real name at the face verification provider.
#[utoipa::path(post, path = "/api/identity/verifications", tag = "identity", request_body = VerificationRequest,
    responses((status = 201, body = VerificationStarted), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn begin(
    State(state): State<AppState>,
    who: Account,
    origin: Origin,
    Json(request): Json<VerificationRequest>,
) -> Result<(StatusCode, Json<VerificationStarted>)> {
    let claim = Claim { name: &request.name, id_number: &request.id_number, return_path: &request.return_url_path };
    let (id, redirect_url) = service::begin(&state, who.id, claim, &origin.0).await?;
    Ok((StatusCode::CREATED, Json(VerificationStarted { id, redirect_url })))
}

/// How a verification stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerificationStatus {
    /// The person has not finished at the provider.
    Pending,
    /// The real name is verified.
    Passed,
    /// See `reason_code`.
    Failed,
}

/// A verification.
#[derive(Debug, Serialize, ToSchema)]
pub struct Verification {
    /// Its id.
    id: Uuid,
    /// How it stands.
    status: VerificationStatus,
    /// Why it failed: `FACE_NOT_PASSED`, `IDENTITY_TAKEN` (another account has this identity), `ALREADY_VERIFIED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<String>,
}

/// How a verification stands; asks the provider when that is not known yet.
#[utoipa::path(get, path = "/api/identity/verifications/{id}", tag = "identity", params(("id" = Uuid, Path)),
    responses((status = 200, body = Verification), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<Verification>> {
    let row = service::look(&state, who.id, id).await?;
    let status = match row.status.as_str() {
        "passed" => VerificationStatus::Passed,
        "failed" => VerificationStatus::Failed,
        _ => VerificationStatus::Pending,
    };
    Ok(Json(Verification { id: row.id, status, reason_code: row.reason_code }))
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(begin)).routes(routes!(get))
}
