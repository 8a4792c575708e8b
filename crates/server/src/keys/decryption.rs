//! What the owner of a certificate wants opened: the task of operation 7.

use axum::{extract::State, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use gm::curve::Point;
use jiff::SignedDuration;
use sea_orm::{ActiveModelTrait as _, QueryFilter as _, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{delivery, entity::decryption};
use crate::{
    account::Account,
    app::AppState,
    certificate,
    clock::from_millis,
    error::{FIELDS_INVALID, Kind, NOT_FOUND, ProblemBody, Result},
    extract::{Json, Path},
    rate::Limit,
};

/// How long the phone may take.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// Answers to chosen C1 wear a key out, though very slowly (`docs/protocol.md`): so many for one key in a day.
const A_DAY: Limit = Limit { times: 2000, window: SignedDuration::from_hours(24) };

/// The phone does not hold the encryption key.
const NOT_HELD: Kind = Kind::new(
    409,
    "ENCRYPTION_KEY_NOT_HELD",
    "该证书没有对应的解密密钥，无法解密此文件",
    "This certificate does not hold the key that the file was encrypted to",
);

/// A ciphertext to be opened. The platform sees no more of it than this.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDecryption {
    /// Base64, 65 octets: the encryption key P_E that it was encrypted to.
    public_key: String,
    /// Base64, 65 octets: its first part, C1.
    c1: String,
}

/// A decryption that waits for the PIN.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decryption {
    /// Names it; the task of the operation.
    id: Uuid,
    /// The key that opens it.
    key_id: Uuid,
    /// RFC 3339.
    expires_at: String,
}

/// Begins the decryption of something that was encrypted to one of the certificate's encryption keys, the present one or
/// one from before.
#[utoipa::path(
    post, path = "/api/certificates/{id}/decryptions", tag = "keys", params(("id" = Uuid, Path)),
    request_body = NewDecryption,
    responses((status = 201, body = Decryption), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn begin(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
    Json(new): Json<NewDecryption>,
) -> Result<(StatusCode, Json<Decryption>)> {
    let now = state.now();
    let row = certificate::store::usable(now).filter(certificate::store::owned(id, who.id)).one(&*state.db).await?;
    let row = row.ok_or(NOT_FOUND)?;
    let (public_key, c1) = (point("public_key", &new.public_key)?, point("c1", &new.c1)?);
    let held = delivery::delivered(&*state.db, row.key_id).await?;
    let share = held.into_iter().find(|share| share.public_key == public_key).ok_or(NOT_HELD)?;
    state.rates.take("decryption", &row.key_id.to_string(), A_DAY, now).await?;
    let task = decryption::ActiveModel {
        id: Set(state.new_id()),
        account_id: Set(who.id),
        key_id: Set(row.key_id),
        escrow_id: Set(share.escrow_id),
        c1: Set(c1.to_vec()),
        created_at: Set(now.as_millisecond()),
        expires_at: Set((now + LIFETIME).as_millisecond()),
        answered_at: Set(None),
    };
    let tx = state.db.begin().await?;
    let task = task.insert(&*tx).await?;
    tx.commit().await?;
    let shown = Decryption { id: task.id, key_id: task.key_id, expires_at: from_millis(task.expires_at).to_string() };
    Ok((StatusCode::CREATED, Json(shown)))
}

/// A point of the curve from base64.
fn point(field: &'static str, text: &str) -> Result<[u8; 65]> {
    let octets = BASE64.decode(text).ok().and_then(|octets| Point::from_slice(&octets).ok());
    octets.map(|point| point.to_bytes()).ok_or_else(|| FIELDS_INVALID.field(field, "NOT_AN_SM2_POINT"))
}
