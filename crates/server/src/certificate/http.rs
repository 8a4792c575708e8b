//! Enrolments and certificates over HTTP.

use axum::{extract::State, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use sea_orm::EntityTrait as _;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    enrolment,
    entity::{certificate, enrolment as enrolments},
    model::{Certificate, Enrolment, Issued, KeyDelivery, KeyDeliveryShare},
    rules::{CertificateList, StoredState},
    store,
};
use crate::{
    account::Account,
    app::AppState,
    clock::from_millis,
    error::{FIELDS_INVALID, NOT_FOUND, ProblemBody, Result},
    extract::{Json, Path, Query},
    keys::delivery,
};

/// Longest DER SM2Signature: two integers of 33 octets.
const MAX_SIGNATURE: usize = 72;

/// To which device.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewEnrolment {
    /// One of the account's devices.
    device_id: Uuid,
}

/// Begins the download of an approved certificate.
#[utoipa::path(
    post, path = "/api/applications/{id}/enrolments", tag = "certificates", params(("id" = Uuid, Path)),
    request_body = NewEnrolment,
    responses((status = 201, body = Enrolment), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn begin(
    State(state): State<AppState>,
    account: Account,
    Path(id): Path<Uuid>,
    Json(new): Json<NewEnrolment>,
) -> Result<(StatusCode, Json<Enrolment>)> {
    let row = enrolment::begin(&state, account, id, new.device_id).await?;
    Ok((StatusCode::CREATED, Json(shown(&row))))
}

fn shown(row: &enrolments::Model) -> Enrolment {
    Enrolment {
        id: row.id,
        application_id: row.application_id,
        server_nonce: BASE64.encode(&row.server_nonce),
        subject: BASE64.encode(&row.subject),
        account_id: row.account_id,
        expires_at: from_millis(row.expires_at).to_string(),
    }
}

/// A download of this account, for a phone that goes on with it.
#[utoipa::path(
    get, path = "/api/enrolments/{id}", tag = "certificates", params(("id" = Uuid, Path)),
    responses((status = 200, body = Enrolment), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn enrolment(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<Enrolment>> {
    Ok(Json(shown(&enrolment::own(&state, who, id).await?)))
}

/// The phone's proof that it holds the key.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Completion {
    /// The key that was generated.
    key_id: Uuid,
    /// Base64 of the DER SM2Signature over the CertificationRequestInfo.
    signature: String,
}

/// Ends a download; the same call again gives the same certificate.
#[utoipa::path(
    post, path = "/api/enrolments/{id}/completion", tag = "certificates", params(("id" = Uuid, Path)),
    request_body = Completion,
    responses((status = 201, body = Issued), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn complete(
    State(state): State<AppState>,
    account: Account,
    Path(id): Path<Uuid>,
    Json(completion): Json<Completion>,
) -> Result<(StatusCode, Json<Issued>)> {
    let signature = signature(&completion.signature)?;
    let (certificate, delivery) = enrolment::complete(&state, account, id, completion.key_id, &signature).await?;
    let share = |(public_key, sealed): (Vec<u8>, Vec<u8>)| KeyDeliveryShare {
        public_key: BASE64.encode(public_key),
        sealed: BASE64.encode(sealed),
    };
    let delivery = delivery.map(|delivery| KeyDelivery {
        shares: delivery.shares.into_iter().map(share).collect(),
        masks: BASE64.encode(delivery.masks),
    });
    Ok((StatusCode::CREATED, Json(Issued { certificate, delivery })))
}

/// The phone's one-time key for this download.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransportKey {
    /// Base64, 65 octets: an SM2 key that the phone made for this one use and keeps in memory.
    public_key: String,
}

/// Names the one-time key that the encryption keys are sealed to. The certification request repeats it, so that the PIN's
/// owner signs for it.
#[utoipa::path(
    put, path = "/api/enrolments/{id}/transport-key", tag = "certificates", params(("id" = Uuid, Path)),
    request_body = TransportKey,
    responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn transport(
    State(state): State<AppState>,
    account: Account,
    Path(id): Path<Uuid>,
    Json(named): Json<TransportKey>,
) -> Result<StatusCode> {
    enrolment::own(&state, account, id).await?;
    let key = transport_key(&named.public_key)?;
    enrolment::name_transport(&state, account, id, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn transport_key(text: &str) -> Result<gm::sm2::PublicKey> {
    delivery::transport_key(&BASE64.decode(text).unwrap_or_default())
}

/// The phone's word that it has stored its halves of the encryption keys.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryReceipt {
    /// Base64, 65 octets: the one-time key of the delivery.
    public_key: String,
    /// Base64, 64 octets: by the device key (`docs/protocol.md`, "Delivery").
    device_signature: String,
}

/// The phone has stored its halves of the encryption keys: they count from now on. The same call again changes nothing.
#[utoipa::path(
    post, path = "/api/enrolments/{id}/delivery-receipt", tag = "certificates", params(("id" = Uuid, Path)),
    request_body = DeliveryReceipt,
    responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn acknowledge(
    State(state): State<AppState>,
    account: Account,
    Path(id): Path<Uuid>,
    Json(receipt): Json<DeliveryReceipt>,
) -> Result<StatusCode> {
    let row = enrolment::own(&state, account, id).await?;
    let key = transport_key(&receipt.public_key)?;
    let signature = BASE64.decode(&receipt.device_signature).ok().and_then(|octets| octets.try_into().ok());
    let signature: [u8; 64] = signature.ok_or_else(|| FIELDS_INVALID.field("device_signature", "LENGTH"))?;
    delivery::acknowledge(&state, &row, &key, &signature).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A DER SM2Signature from base64.
pub(crate) fn signature(text: &str) -> Result<Vec<u8>> {
    let octets = BASE64.decode(text).ok().filter(|octets| octets.len() <= MAX_SIGNATURE);
    let octets = octets.filter(|octets| gm::sm2::Signature::from_der(octets).is_ok());
    octets.ok_or_else(|| FIELDS_INVALID.field("signature", "NOT_A_DER_SIGNATURE"))
}

/// Which certificates.
#[derive(Debug, Deserialize, IntoParams)]
pub struct Filter {
    /// One of the three lists; all of them when absent.
    state: Option<CertificateList>,
}

/// Certificates.
#[derive(Debug, Serialize, ToSchema)]
pub struct Certificates {
    /// Newest first.
    items: Vec<Certificate>,
}

/// The certificates of this account.
#[utoipa::path(
    get, path = "/api/certificates", tag = "certificates", params(Filter),
    responses((status = 200, body = Certificates), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn list(
    State(state): State<AppState>,
    account: Account,
    Query(filter): Query<Filter>,
) -> Result<Json<Certificates>> {
    let rows = store::of_account(&*state.db, account.id).await?;
    let mut items = store::views(&*state.db, state.now(), rows).await?;
    if let Some(list) = filter.state {
        items.retain(|certificate| list.holds(certificate.state));
    }
    Ok(Json(Certificates { items }))
}

/// One certificate of this account.
#[utoipa::path(
    get, path = "/api/certificates/{id}", tag = "certificates", params(("id" = Uuid, Path)),
    responses((status = 200, body = Certificate), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn get(State(state): State<AppState>, account: Account, Path(id): Path<Uuid>) -> Result<Json<Certificate>> {
    let row = certificate::Entity::find_by_id(id).one(&*state.db).await?;
    let row = row.filter(|row| row.account_id == account.id && row.state != StoredState::Issuing.as_str());
    let view = store::one(&*state.db, state.now(), row.ok_or(NOT_FOUND)?).await?;
    view.map(Json).ok_or_else(|| NOT_FOUND.problem())
}
