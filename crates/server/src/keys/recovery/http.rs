//! `/api/key-recoveries`.

use axum::{extract::State, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use gm::sm2;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    entity::Model,
    release::{self, Question},
    rules::{self, Kind},
    service,
};
use crate::{
    account::{Account, check_code, rules::mask_phone},
    app::AppState,
    clock::from_millis,
    error::{FIELDS_INVALID, ProblemBody, Result},
    extract::{ClientAddress, Json, Origin, Path},
    identity::Outcome,
};

/// Which key, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKeyRecovery {
    /// One of the account's keys.
    key_id: Uuid,
    /// Why.
    kind: Kind,
}

/// How one of the proofs stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProofState {
    /// It is not asked for.
    NotNeeded,
    /// It has not been given.
    Waiting,
    /// It was given and did not hold; it may be given again.
    Failed,
    /// It holds.
    Done,
}

/// A recovery.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyRecovery {
    /// Names it.
    id: Uuid,
    /// Why.
    kind: Kind,
    /// Which key.
    key_id: Uuid,
    /// The number that the code went to, `138****8000`.
    phone_masked: String,
    /// The code by SMS.
    code: ProofState,
    /// The face.
    face: ProofState,
    /// Whether everything that is asked for holds.
    proven: bool,
    /// Whether the key was refreshed with its leave: nothing is left to do.
    done: bool,
    /// Whether it is too late, or another one was begun.
    over: bool,
    /// RFC 3339.
    expires_at: String,
}

async fn view(state: &AppState, who: Account, row: Model, face: Option<Outcome>) -> Result<KeyRecovery> {
    let kind = Kind::parse(&row.kind).unwrap_or(Kind::PinReset);
    let number = service::number(state, who, &service::key(state, &row).await?).await?;
    let expires_at = from_millis(row.expires_at);
    let done = row.done_at.is_some();
    Ok(KeyRecovery {
        id: row.id,
        kind,
        key_id: row.key_id,
        phone_masked: mask_phone(&number),
        code: match (kind.wants_code(), row.code_at) {
            (false, _) => ProofState::NotNeeded,
            (true, None) => ProofState::Waiting,
            (true, Some(_)) => ProofState::Done,
        },
        face: match (row.face_required, face) {
            (false, _) => ProofState::NotNeeded,
            (true, Some(Outcome::Passed)) => ProofState::Done,
            (true, Some(Outcome::Failed)) => ProofState::Failed,
            (true, Some(Outcome::Pending) | None) => ProofState::Waiting,
        },
        proven: rules::proven(&row),
        done,
        over: !done && (row.ended_at.is_some() || state.now() >= expires_at),
        expires_at: expires_at.to_string(),
    })
}

/// Begins the recovery of a key on the phone that holds its other half; sends the code where one is asked for.
#[utoipa::path(
    post, path = "/api/key-recoveries", tag = "keys", request_body = NewKeyRecovery,
    responses((status = 201, body = KeyRecovery), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn begin(
    State(state): State<AppState>,
    who: Account,
    address: ClientAddress,
    Json(new): Json<NewKeyRecovery>,
) -> Result<(StatusCode, Json<KeyRecovery>)> {
    let row = service::begin(&state, who, new.key_id, new.kind, &address.0).await?;
    Ok((StatusCode::CREATED, Json(view(&state, who, row, None).await?)))
}

/// How a recovery stands; asks the face verification provider when that is not known yet.
#[utoipa::path(
    get, path = "/api/key-recoveries/{id}", tag = "keys", params(("id" = Uuid, Path)),
    responses((status = 200, body = KeyRecovery), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn get(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<KeyRecovery>> {
    let (row, face) = service::look(&state, who, id).await?;
    Ok(Json(view(&state, who, row, face).await?))
}

/// Sends another code.
#[utoipa::path(
    post, path = "/api/key-recoveries/{id}/codes", tag = "keys", params(("id" = Uuid, Path)),
    responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn send_again(
    State(state): State<AppState>,
    who: Account,
    address: ClientAddress,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    service::send_again(&state, who, id, &address.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRecoveryCode {
    /// Six digits.
    #[schema(example = "123456")]
    code: String,
}

/// Confirms the code; three tries.
#[utoipa::path(
    post, path = "/api/key-recoveries/{id}/code", tag = "keys", params(("id" = Uuid, Path)), request_body = KeyRecoveryCode,
    responses((status = 200, body = KeyRecovery), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn confirm(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
    Json(request): Json<KeyRecoveryCode>,
) -> Result<Json<KeyRecovery>> {
    check_code("code", &request.code)?;
    service::confirm(&state, who, id, &request.code).await?;
    let (row, face) = service::look(&state, who, id).await?;
    Ok(Json(view(&state, who, row, face).await?))
}

/// Where to come back to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRecoveryFace {
    /// Page of this platform.
    #[schema(example = "/certificates")]
    return_url_path: String,
}

/// A face verification that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyRecoveryFaceStarted {
    /// Where to send the browser.
    redirect_url: String,
}

/// Begins the verification of the owner's face.
#[utoipa::path(
    post, path = "/api/key-recoveries/{id}/face", tag = "keys", params(("id" = Uuid, Path)), request_body = KeyRecoveryFace,
    responses((status = 201, body = KeyRecoveryFaceStarted), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn face(
    State(state): State<AppState>,
    who: Account,
    origin: Origin,
    Path(id): Path<Uuid>,
    Json(request): Json<KeyRecoveryFace>,
) -> Result<(StatusCode, Json<KeyRecoveryFaceStarted>)> {
    let redirect_url = service::show_face(&state, who, id, &request.return_url_path, &origin.0).await?;
    Ok((StatusCode::CREATED, Json(KeyRecoveryFaceStarted { redirect_url })))
}

/// What the phone asks for the reset masks with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MaskRequest {
    /// Base64 of a one-time SM2 public key, 65 bytes.
    public_key: String,
    /// Base64, 64 bytes: by the device key over `H("reset-release", recovery, key, public_key)`.
    device_signature: String,
}

/// The reset masks.
#[derive(Debug, Serialize, ToSchema)]
pub struct SealedMasks {
    /// Base64 of the SM2Cipher for the one-time key (docs/protocol.md, "A forgotten PIN").
    sealed_masks: String,
}

/// Releases the reset masks of a forgotten PIN, once code and face are proven.
#[utoipa::path(
    post, path = "/api/key-recoveries/{id}/masks", tag = "keys", params(("id" = Uuid, Path)), request_body = MaskRequest,
    responses((status = 200, body = SealedMasks), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn masks(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
    Json(request): Json<MaskRequest>,
) -> Result<Json<SealedMasks>> {
    let point = BASE64.decode(&request.public_key).ok();
    let public_key = point.and_then(|point| sm2::PublicKey::from_slice(&point).ok());
    let public_key = public_key.ok_or_else(|| FIELDS_INVALID.field("public_key", "NOT_AN_SM2_POINT"))?;
    let signature = BASE64.decode(&request.device_signature).ok().and_then(|octets| octets.try_into().ok());
    let signature: [u8; 64] = signature.ok_or_else(|| FIELDS_INVALID.field("device_signature", "LENGTH"))?;
    let sealed = release::release(&state, who, id, Question { public_key, signature: &signature }).await?;
    Ok(Json(SealedMasks { sealed_masks: BASE64.encode(sealed) }))
}

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(begin))
        .routes(routes!(get))
        .routes(routes!(send_again))
        .routes(routes!(confirm))
        .routes(routes!(face))
        .routes(routes!(masks))
}
