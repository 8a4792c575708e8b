//! The reset mask on its way to the phone: sealed to a key that the phone made for this one use, and only when the
//! device's own key asks for it.

use gm::sm2;
use sea_orm::EntityTrait as _;
use serde_json::json;
use splitkey::pin;
use uuid::Uuid;

use super::{
    entity::Model,
    rules::{self, Kind},
    service, store,
};
use crate::{
    account::Account,
    app::AppState,
    audit::{self, Actor},
    error::{FIELDS_INVALID, Kind as Refusal, NOT_FOUND, Problem, Result, TOO_MANY_REQUESTS},
    keys::{
        delivery,
        device::signed_by,
        entity::{device, split_key},
        id,
    },
};

const NOT_PROVEN: Refusal = Refusal::new(
    403,
    "KEY_RECOVERY_NOT_PROVEN",
    "请先完成短信验证和人脸核验",
    "Please confirm the code and verify your face first",
);
const DEVICE_SIGNATURE_WRONG: Refusal = Refusal::new(
    422,
    "DEVICE_SIGNATURE_WRONG",
    "请在保存该证书的手机上操作",
    "Please do this on the phone that holds the certificate",
);

/// What a phone asks with.
#[derive(Debug)]
pub struct Question<'a> {
    /// One-time SM2 key.
    pub public_key: sm2::PublicKey,
    /// By the device key, over [`pin::release_digest`].
    pub signature: &'a [u8; 64],
}

/// The reset masks of the key's epoch for the phone; the same question again gets an answer again, a few times.
pub async fn release(state: &AppState, who: Account, recovery: Uuid, question: Question<'_>) -> Result<Vec<u8>> {
    let row = service::under_way(state, who, recovery).await?;
    if row.kind != Kind::PinReset.as_str() || !rules::proven(&row) {
        return Err(NOT_PROVEN.into());
    }
    let key = service::still_recoverable(state, who, &row).await?;
    let device = device::Entity::find_by_id(row.device_id).one(&*state.db).await?.ok_or(NOT_FOUND)?;
    let asked = pin::release_digest(id(recovery), id(key.id), &question.public_key);
    if device.ended_at.is_some() || !signed_by(&device.public_key, &asked, question.signature) {
        return Err(DEVICE_SIGNATURE_WRONG.into());
    }
    let sealed = seal(state, &key, &question.public_key).await?;
    let now = state.now();
    let tx = state.db.begin().await?;
    if !store::release(&*tx, now, row.id).await? {
        return Err(TOO_MANY_REQUESTS.into());
    }
    audit::record(&tx, now, entry(who, &row)).await?;
    tx.commit().await?;
    Ok(sealed)
}

async fn seal(state: &AppState, key: &split_key::Model, to: &sm2::PublicKey) -> Result<Vec<u8>> {
    let secret = delivery::reset_secret(state, &*state.db, key.id).await?;
    let encryption_keys = delivery::encryption_keys(&*state.db, key.id).await?;
    let epoch = u64::try_from(key.epoch).map_err(Problem::internal)?;
    let masks = secret.masks(id(key.id), epoch, &encryption_keys);
    masks.seal(to).map_err(|_| FIELDS_INVALID.field("public_key", "UNUSABLE"))
}

fn entry(who: Account, row: &Model) -> audit::Entry<'static> {
    audit::Entry {
        actor: Actor::Account(who.id),
        action: "key.reset_release",
        target_kind: "key",
        target_id: Some(row.key_id),
        detail: json!({ "recovery": row.id }),
    }
}
