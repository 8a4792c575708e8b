//! The way of the encryption keys to the phone (`docs/protocol.md`, "Delivery").
//!
//! Each key leaves escrow in two halves. The phone's is sealed to a one-time key that the PIN's owner has signed for, the
//! server's waits until the phone says, by its device key, that it has stored its own: until then the delivery can be
//! asked for again, under another one-time key too, and the halves before are worth nothing.

use gm::{curve::Scalar, sm2};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _,
    Set, sea_query::Expr,
};
use splitkey::pin::{self, Label, ResetSecret};
use uuid::Uuid;

use super::{
    admission::share_context,
    device::signed_by,
    entity::{decryption_share, device, reset_mask, split_key},
    id,
    vault::seal_share,
};
use crate::{
    app::AppState,
    certificate::entity::{certificate, enrolment},
    error::{FIELDS_INVALID, Kind, NOT_FOUND, Problem, Result},
    fail_point, kmc,
    storage::StorageError,
};

/// Another delivery or a change of the PIN has come in between.
const OVERTAKEN: Kind = Kind::new(
    409,
    "KEY_DELIVERY_OVERTAKEN",
    "加密密钥下载已失效，请重新下载",
    "This delivery of the encryption key is no longer good; please download it again",
);
/// Only the device that holds the key takes delivery.
const DEVICE_SIGNATURE_WRONG: Kind = Kind::new(
    422,
    "DEVICE_SIGNATURE_WRONG",
    "请在保存该证书的手机上操作",
    "Please do this on the phone that holds the certificate",
);

/// What is on the way to a phone.
#[derive(Debug)]
pub struct Delivery {
    /// P_E and the phone's half, SM2-encrypted (`splitkey::decrypt::EscrowSplit::for_phone`).
    pub shares: Vec<(Vec<u8>, Vec<u8>)>,
    /// The reset masks of these shares in the same order, SM2-encrypted (`splitkey::pin::seal_masks`).
    pub masks: Vec<u8>,
}

/// The halves that the key has and that the phone has stored, in ascending order of P_E.
pub async fn delivered(db: &impl ConnectionTrait, key_id: Uuid) -> Result<Vec<decryption_share::Model>, DbErr> {
    let mut rows = decryption_share::Entity::find()
        .filter(decryption_share::Column::KeyId.eq(key_id))
        .filter(decryption_share::Column::DeliveredAt.is_not_null())
        .all(db)
        .await?;
    rows.sort_by(|one, other| one.public_key.cmp(&other.public_key));
    Ok(rows)
}

/// The encryption keys of [`delivered`] halves.
pub async fn encryption_keys(db: &impl ConnectionTrait, key_id: Uuid) -> Result<Vec<sm2::PublicKey>> {
    let rows = delivered(db, key_id).await?;
    rows.iter().map(|row| Ok(sm2::PublicKey::from_slice(&row.public_key)?)).collect()
}

/// What the phone still has to take in; nothing once it has. The same answer for the same one-time key.
pub async fn deliver(
    state: &AppState,
    key: &split_key::Model,
    enrolment: &enrolment::Model,
    certificate: &certificate::Model,
) -> Result<Option<Delivery>> {
    let transport_key = enrolment.transport_key.clone().ok_or(OVERTAKEN)?;
    let transport = sm2::PublicKey::from_slice(&transport_key)?;
    let tx = state.db.begin().await?;
    let rows = decryption_share::Entity::find().filter(decryption_share::Column::KeyId.eq(key.id)).all(&*tx).await?;
    if rows.iter().any(|row| row.delivered_at.is_some()) {
        return Ok(None);
    }
    if rows.iter().any(|row| row.transport_key == transport_key && row.epoch == key.epoch) {
        return under_way(rows).map(Some);
    }
    forget_undelivered(&*tx, key.id).await?;
    let mut escrowed = kmc::entitled(&*tx, certificate).await?;
    escrowed.sort_by(|one, other| one.public_key.cmp(&other.public_key));
    if escrowed.is_empty() {
        return Ok(None);
    }
    let device = device::Entity::find_by_id(key.device_id).one(&*tx).await?.ok_or(NOT_FOUND)?;
    let publics =
        escrowed.iter().map(|row| sm2::PublicKey::from_slice(&row.public_key)).collect::<Result<Vec<_>, _>>()?;
    let masks = pin::seal_masks(&masks(state, &*tx, key, &publics).await?, &transport).map_err(Problem::internal)?;
    let mut shares = Vec::with_capacity(escrowed.len());
    for row in escrowed {
        let split = kmc::split(state, &tx, &row, certificate).await?;
        let epoch = u64::try_from(key.epoch).map_err(Problem::internal)?;
        let context = share_context(key, &device, epoch).of(&row.public_key);
        let sealed = seal_share(&*state.keys.shares, &context, &split.server.to_bytes())?;
        let for_phone = split.for_phone(&transport).map_err(Problem::internal)?;
        let share = decryption_share::ActiveModel {
            key_id: Set(key.id),
            escrow_id: Set(row.id),
            public_key: Set(row.public_key.clone()),
            wrapped_key: Set(sealed.wrapped_key),
            wrapped_share: Set(sealed.wrapped_share),
            epoch: Set(key.epoch),
            transport_key: Set(transport_key.clone()),
            sealed_share: Set(Some(for_phone.clone())),
            sealed_masks: Set(shares.is_empty().then(|| masks.clone())),
            delivered_at: Set(None),
        };
        share.insert(&*tx).await?;
        shares.push((row.public_key, for_phone));
    }
    fail_point::reach("delivery_before_commit").await;
    tx.commit().await?;
    fail_point::reach("delivery_after_commit").await;
    Ok(Some(Delivery { shares, masks }))
}

/// The delivery that was begun, as when it was made: in ascending order of P_E, the masks at the first.
fn under_way(mut rows: Vec<decryption_share::Model>) -> Result<Delivery> {
    const BROKEN: StorageError = StorageError::Secret("a delivery lacks a part");
    rows.sort_by(|one, other| one.public_key.cmp(&other.public_key));
    let masks = rows.first_mut().and_then(|row| row.sealed_masks.take()).ok_or(BROKEN)?;
    let share = |row: decryption_share::Model| Ok((row.public_key, row.sealed_share.ok_or(BROKEN)?));
    Ok(Delivery { shares: rows.into_iter().map(share).collect::<Result<_>>()?, masks })
}

/// The reset masks of these encryption keys in the key's epoch.
async fn masks(
    state: &AppState,
    db: &impl ConnectionTrait,
    key: &split_key::Model,
    publics: &[sm2::PublicKey],
) -> Result<Vec<Scalar>> {
    let reset = reset_secret(state, db, key.id).await?;
    let epoch = u64::try_from(key.epoch).map_err(Problem::internal)?;
    Ok(publics.iter().map(|public| reset.mask(Label::Enc(*public), id(key.id), epoch)).collect())
}

/// The secret behind the reset masks of a key.
pub(super) async fn reset_secret(state: &AppState, db: &impl ConnectionTrait, key_id: Uuid) -> Result<ResetSecret> {
    let stored = reset_mask::Entity::find_by_id(key_id).one(db).await?;
    let stored = stored.ok_or(StorageError::Secret("a key without a reset secret"))?;
    let secret = state.keys.resets.unwrap(key_id.as_bytes(), &stored.wrapped_mask)?;
    let secret = secret.as_slice().try_into().map(ResetSecret);
    Ok(secret.map_err(|_| StorageError::Secret("a reset secret has the wrong length"))?)
}

/// Forgets what was on the way: the next delivery begins anew.
pub async fn forget_undelivered(db: &impl ConnectionTrait, key_id: Uuid) -> Result<(), DbErr> {
    decryption_share::Entity::delete_many()
        .filter(decryption_share::Column::KeyId.eq(key_id))
        .filter(decryption_share::Column::DeliveredAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Whether the phone has stored its halves, as far as there are any.
pub async fn is_delivered(db: &impl ConnectionTrait, certificate: &certificate::Model) -> Result<bool> {
    let delivered = delivered(db, certificate.key_id).await?;
    Ok(!delivered.is_empty() || kmc::entitled(db, certificate).await?.is_empty())
}

/// The phone has stored its halves: the server's count from now on. The same word again changes nothing.
pub async fn acknowledge(
    state: &AppState,
    enrolment: &enrolment::Model,
    transport: &sm2::PublicKey,
    signature: &[u8; 64],
) -> Result<()> {
    let tx = state.db.begin().await?;
    let key_id = enrolment.key_id.ok_or(OVERTAKEN)?;
    let key = split_key::Entity::find_by_id(key_id).one(&*tx).await?.ok_or(NOT_FOUND)?;
    let device = device::Entity::find_by_id(key.device_id).one(&*tx).await?.ok_or(NOT_FOUND)?;
    let said = pin::delivery_digest(id(enrolment.id), id(key_id), transport);
    if device.ended_at.is_some() || !signed_by(&device.public_key, &said, signature) {
        return Err(DEVICE_SIGNATURE_WRONG.into());
    }
    let of_this = Condition::all()
        .add(decryption_share::Column::KeyId.eq(key_id))
        .add(decryption_share::Column::TransportKey.eq(transport.to_bytes().to_vec()));
    let rows = decryption_share::Entity::find().filter(of_this.clone()).all(&*tx).await?;
    if rows.is_empty() {
        return Err(OVERTAKEN.into());
    }
    if rows.iter().all(|row| row.delivered_at.is_some()) {
        return Ok(());
    }
    if rows.iter().any(|row| row.epoch != key.epoch) {
        return Err(OVERTAKEN.into());
    }
    decryption_share::Entity::update_many()
        .col_expr(decryption_share::Column::DeliveredAt, Expr::value(state.now().as_millisecond()))
        .col_expr(decryption_share::Column::SealedShare, Expr::value(Option::<Vec<u8>>::None))
        .col_expr(decryption_share::Column::SealedMasks, Expr::value(Option::<Vec<u8>>::None))
        .filter(of_this)
        .exec(&*tx)
        .await?;
    fail_point::reach("receipt_before_commit").await;
    tx.commit().await?;
    fail_point::reach("receipt_after_commit").await;
    Ok(())
}

/// A one-time key from outside.
pub fn transport_key(octets: &[u8]) -> Result<sm2::PublicKey> {
    sm2::PublicKey::from_slice(octets).map_err(|_| FIELDS_INVALID.field("public_key", "NOT_AN_SM2_POINT"))
}
