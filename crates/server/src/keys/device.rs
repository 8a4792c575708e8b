//! Devices: a phone or browser that holds a P-256 key of its own and signs every key operation with it.

use axum::{extract::State, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    Set,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::entity::device;
use crate::{
    account::Account,
    app::AppState,
    clock::from_millis,
    error::{FIELDS_INVALID, Kind, ProblemBody, Result},
    extract::Json,
};

/// More devices than this belong to nobody.
const MAX_DEVICES: u64 = 50;
/// The account has registered too many devices.
const TOO_MANY_DEVICES: Kind =
    Kind::new(409, "TOO_MANY_DEVICES", "登记的设备过多，请联系客服", "Too many devices; please contact support");

/// What a phone says about itself.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewDevice {
    /// What the owner sees.
    #[schema(max_length = 64)]
    name: String,
    /// Base64 of the uncompressed P-256 point, 65 bytes.
    public_key: String,
}

/// A device.
#[derive(Debug, Serialize, ToSchema)]
pub struct Device {
    /// Names it.
    id: Uuid,
    /// What the owner sees.
    name: String,
    /// RFC 3339.
    created_at: String,
}

/// The devices of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Devices {
    /// Newest first.
    items: Vec<Device>,
}

impl From<device::Model> for Device {
    fn from(row: device::Model) -> Self {
        Self { id: row.id, name: row.name, created_at: from_millis(row.created_at).to_string() }
    }
}

/// Registers this phone's own key.
#[utoipa::path(
    post, path = "/api/devices", tag = "keys", request_body = NewDevice,
    responses((status = 201, body = Device), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn register(
    State(state): State<AppState>,
    account: Account,
    Json(new): Json<NewDevice>,
) -> Result<(StatusCode, Json<Device>)> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
        return Err(FIELDS_INVALID.field("name", "LENGTH"));
    }
    let key = BASE64.decode(&new.public_key).ok().filter(|key| is_device_key(key));
    let public_key = key.ok_or_else(|| FIELDS_INVALID.field("public_key", "NOT_A_P256_POINT"))?;
    let tx = state.db.begin().await?;
    let own = device::Entity::find().filter(device::Column::AccountId.eq(account.id));
    if own.count(&*tx).await? >= MAX_DEVICES {
        return Err(TOO_MANY_DEVICES.into());
    }
    let row = device::ActiveModel {
        id: Set(state.new_id()),
        account_id: Set(account.id),
        name: Set(name.to_owned()),
        public_key: Set(public_key),
        created_at: Set(state.now().as_millisecond()),
    };
    let row = row.insert(&*tx).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

/// The devices of this account.
#[utoipa::path(
    get, path = "/api/devices", tag = "keys",
    responses((status = 200, body = Devices), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn list(State(state): State<AppState>, account: Account) -> Result<Json<Devices>> {
    let rows = device::Entity::find()
        .filter(device::Column::AccountId.eq(account.id))
        .order_by_desc(device::Column::CreatedAt)
        .all(&*state.db)
        .await?;
    Ok(Json(Devices { items: rows.into_iter().map(Device::from).collect() }))
}

/// Is this a point of P-256 in the only form that we take?
fn is_device_key(octets: &[u8]) -> bool {
    octets.len() == 65 && octets[0] == 4 && VerifyingKey::from_sec1_bytes(octets).is_ok()
}

/// Did the device sign this digest? ECDSA with SHA-256 over the 32 bytes, r‖s.
#[must_use]
pub fn signed_by(public_key: &[u8], digest: &[u8; 32], signature: &[u8; 64]) -> bool {
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_sec1_bytes(public_key), Signature::from_slice(signature)) else {
        return false;
    };
    key.verify(digest, &signature).is_ok()
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::{SigningKey, signature::Signer as _};

    use super::*;

    #[test]
    fn a_device_signature_belongs_to_one_key_and_one_digest() {
        let (one, other) =
            (SigningKey::from_slice(&[1; 32]).expect("key"), SigningKey::from_slice(&[2; 32]).expect("key"));
        let point = |key: &SigningKey| key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        let signature: Signature = one.sign(&[7; 32]);
        let signature: [u8; 64] = signature.to_bytes().into();
        assert!(signed_by(&point(&one), &[7; 32], &signature));
        assert!(!signed_by(&point(&one), &[8; 32], &signature));
        assert!(!signed_by(&point(&other), &[7; 32], &signature));
        assert!(!signed_by(&[], &[7; 32], &signature));
        assert!(!signed_by(&point(&one), &[7; 32], &[0; 64]));
    }

    #[test]
    fn only_uncompressed_points_of_the_curve_are_device_keys() {
        let key = SigningKey::from_slice(&[1; 32]).expect("key");
        let uncompressed = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        assert!(is_device_key(&uncompressed));
        assert!(!is_device_key(key.verifying_key().to_sec1_point(true).as_bytes()));
        let mut off = uncompressed;
        off[64] ^= 1;
        assert!(!is_device_key(&off));
        assert!(!is_device_key(&[]));
    }
}
