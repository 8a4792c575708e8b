//! Devices: a phone or browser that holds a P-256 key of its own and signs every key operation with it.

use axum::{extract::State, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    entity::{device, split_key},
    store,
};
use crate::{
    account::{
        Account, check_code,
        codes::{self, Purpose, Slot},
        sessions,
    },
    app::AppState,
    audit::{self, Actor},
    certificate::{self, revocation::revoke},
    clock::from_millis,
    error::{FIELDS_INVALID, Kind, NOT_FOUND, ProblemBody, Result},
    extract::{Json, Path},
    message::{self, Draft},
    storage::Tx,
};

/// Certificates would end with the device.
const DEVICE_IN_USE: Kind = Kind::new(
    409,
    "DEVICE_IN_USE",
    "该设备上有生效中的证书，请确认一并注销后再退出",
    "Active certificates are on this device; confirm that they end with it",
);
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
    /// Whether the session that asks works on it.
    current: bool,
    /// Certificates in use whose keys it holds.
    active_certificates: usize,
    /// Logins that have not ended.
    sessions: usize,
}

/// The devices of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Devices {
    /// Newest first.
    items: Vec<Device>,
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
    let own = device::Entity::find().filter(own_devices(account.id));
    if own.count(&*tx).await? >= MAX_DEVICES {
        return Err(TOO_MANY_DEVICES.into());
    }
    let row = device::ActiveModel {
        id: Set(state.new_id()),
        account_id: Set(account.id),
        name: Set(name.to_owned()),
        public_key: Set(public_key),
        created_at: Set(state.now().as_millisecond()),
        ended_at: Set(None),
    };
    let row = row.insert(&*tx).await?;
    sessions::work_on(&tx, account, row.id).await?;
    tx.commit().await?;
    let device = shown(&state, account, vec![row]).await?.pop();
    device.map(|device| (StatusCode::CREATED, Json(device))).ok_or_else(|| NOT_FOUND.problem())
}

/// Those that were not logged out for ever.
fn own_devices(account_id: Uuid) -> Condition {
    Condition::all().add(device::Column::AccountId.eq(account_id)).add(device::Column::EndedAt.is_null())
}

/// Devices as their owner sees them.
async fn shown(state: &AppState, who: Account, rows: Vec<device::Model>) -> Result<Vec<Device>> {
    let now = state.now();
    let certificates = certificate::store::usable_of(&*state.db, now, who.id).await?;
    let logins = sessions::live(&*state.db, who.id, now).await?;
    let device = |row: device::Model| Device {
        id: row.id,
        name: row.name,
        created_at: from_millis(row.created_at).to_string(),
        current: logins.iter().any(|login| login.id == who.session_id && login.device_id == Some(row.id)),
        active_certificates: certificates.iter().filter(|certificate| certificate.device_id == row.id).count(),
        sessions: logins.iter().filter(|login| login.device_id == Some(row.id)).count(),
    };
    Ok(rows.into_iter().map(device).collect())
}

/// The devices of this account.
#[utoipa::path(
    get, path = "/api/devices", tag = "keys",
    responses((status = 200, body = Devices), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn list(State(state): State<AppState>, account: Account) -> Result<Json<Devices>> {
    let rows = device::Entity::find()
        .filter(own_devices(account.id))
        .order_by_desc(device::Column::CreatedAt)
        .all(&*state.db)
        .await?;
    Ok(Json(Devices { items: shown(&state, account, rows).await? }))
}

/// Says that this session works on that device, so that logging the device out ends it too.
#[utoipa::path(
    post, path = "/api/devices/{id}/presence", tag = "keys", params(("id" = Uuid, Path)),
    responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn present(State(state): State<AppState>, account: Account, Path(id): Path<Uuid>) -> Result<StatusCode> {
    let tx = state.db.begin().await?;
    device::Entity::find_by_id(id).filter(own_devices(account.id)).one(&*tx).await?.ok_or(NOT_FOUND)?;
    sessions::work_on(&tx, account, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The end of a device.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceEnd {
    /// A code that was sent for this; wanted when certificates end with the device.
    #[schema(example = "123456")]
    code: Option<String>,
    /// Whether the certificates whose keys it holds shall end too.
    #[serde(default)]
    confirmed: bool,
}

/// Logs a device out for ever: its logins end, its certificates are revoked, the keys on it are dead. Without `confirmed`
/// and a code it is refused while certificates would end with it.
#[utoipa::path(
    delete, path = "/api/devices/{id}", tag = "keys", params(("id" = Uuid, Path)), request_body = DeviceEnd,
    responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn end(
    State(state): State<AppState>,
    account: Account,
    Path(id): Path<Uuid>,
    Json(request): Json<DeviceEnd>,
) -> Result<StatusCode> {
    let owner = account.row(&state).await?;
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let row = device::Entity::find_by_id(id).filter(own_devices(account.id)).one(&*tx).await?.ok_or(NOT_FOUND)?;
    let ending = certificate::store::living_on(&*tx, now, id).await?;
    if !ending.is_empty() {
        if !request.confirmed {
            return Err(DEVICE_IN_USE.problem().with("active_certificates", ending.len()));
        }
        let code = request.code.as_deref().unwrap_or_default();
        check_code("code", code)?;
        let slot = Slot { purpose: Purpose::DeviceEnd, phone: &owner.phone, account_id: Some(account.id) };
        tx = codes::require(&state, tx, slot, code, "code").await?;
        codes::spend(&tx, slot, now).await?;
    }
    for certificate in &ending {
        revoke(&tx, now, certificate, "cessationOfOperation", Actor::Account(account.id)).await?;
    }
    let keys = split_key::Entity::find().filter(split_key::Column::DeviceId.eq(id)).all(&*tx).await?;
    store::destroy(&*tx, keys.into_iter().map(|key| key.id)).await?;
    sessions::end_on(&mut tx, now, account.id, id).await?;
    close(&mut tx, &state, row, ending.len()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Writes the end of a device down and tells its owner.
async fn close(tx: &mut Tx, state: &AppState, row: device::Model, certificates: usize) -> Result<()> {
    let (now, account_id, id, name) = (state.now(), row.account_id, row.id, row.name.clone());
    let mut row = row.into_active_model();
    row.ended_at = Set(Some(now.as_millisecond()));
    row.update(&**tx).await?;
    let entry = audit::Entry {
        actor: Actor::Account(account_id),
        action: "device.end",
        target_kind: "device",
        target_id: Some(id),
        detail: serde_json::json!({ "certificates": certificates }),
    };
    audit::record(tx, now, entry).await?;
    let draft = Draft {
        kind: "device_ended",
        title: ("设备已退出", "Device logged out"),
        body: (
            format!(
                "“{name}”已退出登录，其上的 {certificates} 张证书已注销，密钥已失效。若非本人操作，请立即联系客服。"
            ),
            format!(
                "“{name}” was logged out; {certificates} certificates on it were revoked and its keys are dead. If this was \
                 not you, contact support at once."
            ),
        ),
        action: None,
    };
    message::post(tx, now, account_id, draft).await?;
    Ok(())
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
