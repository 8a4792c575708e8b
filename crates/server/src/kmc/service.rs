//! Making encryption keys, and taking them out of escrow in two halves.

use gm::sm2::SecretKey;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, Set};
use serde_json::json;
use splitkey::{decrypt, pin::MAX_ENCRYPTION_KEYS};
use uuid::Uuid;

use super::entity::{ActiveModel, Column, Entity, Model};
use crate::{
    app::AppState,
    application::entity::application,
    audit,
    certificate::entity::{certificate, encryption_certificate},
    error::{Problem, Result},
    keys::vault::KeyVault as _,
    storage::{StorageError, Tx},
};

/// Makes the encryption key that goes with a certificate, in the transaction that writes the certificate down: neither
/// is there without the other.
pub async fn generate(state: &AppState, tx: &Tx, certificate: &certificate::Model) -> Result<Model> {
    let key = SecretKey::generate()?;
    let (id, now) = (state.new_id(), state.now());
    let public_key = key.public_key().to_bytes().to_vec();
    let wrapped = state.kmc.vault.wrap(&context(id, &public_key), &*key.to_bytes())?;
    let row = ActiveModel {
        id: Set(id),
        certificate_id: Set(certificate.id),
        account_id: Set(certificate.account_id),
        public_key: Set(public_key),
        wrapped: Set(wrapped),
        created_at: Set(now.as_millisecond()),
    };
    let row = row.insert(&**tx).await?;
    audit::record(tx, now, entry("kmc.generate", &row, certificate)).await?;
    Ok(row)
}

/// The keys that a certificate's holder is entitled to: its own, and those of the certificates in whose place it came,
/// newest first.
pub async fn entitled(db: &impl ConnectionTrait, certificate: &certificate::Model) -> Result<Vec<Model>> {
    let (mut keys, mut next) = (Vec::new(), Some(certificate.clone()));
    while let Some(one) = next.take().filter(|one| one.account_id == certificate.account_id) {
        if let Some(beside) = encryption_certificate::Entity::find_by_id(one.id).one(db).await? {
            keys.extend(Entity::find_by_id(beside.escrow_id).one(db).await?);
        }
        if keys.len() == MAX_ENCRYPTION_KEYS {
            break;
        }
        let application = application::Entity::find_by_id(one.application_id).one(db).await?;
        if let Some(before) = application.and_then(|application| application.old_certificate_id) {
            next = certificate::Entity::find_by_id(before).one(db).await?;
        }
    }
    Ok(keys)
}

/// Takes a key out of escrow, in two halves, for the key of a certificate.
pub async fn split(
    state: &AppState,
    tx: &Tx,
    row: &Model,
    certificate: &certificate::Model,
) -> Result<decrypt::EscrowSplit> {
    let octets = state.kmc.vault.unwrap(&context(row.id, &row.public_key), &row.wrapped)?;
    let octets =
        octets.as_slice().try_into().map_err(|_| StorageError::Secret("an escrowed key has a wrong length"))?;
    let split = decrypt::split(&SecretKey::from_bytes(octets)?).map_err(Problem::internal)?;
    audit::record(tx, state.now(), entry("kmc.release", row, certificate)).await?;
    Ok(split)
}

/// Forgets the key that goes with a certificate that never was: nothing can have been encrypted to it.
pub async fn forget(tx: &Tx, certificate_id: Uuid) -> Result<()> {
    Entity::delete_many().filter(Column::CertificateId.eq(certificate_id)).exec(&**tx).await?;
    Ok(())
}

fn entry(action: &'static str, row: &Model, certificate: &certificate::Model) -> audit::Entry<'static> {
    audit::Entry {
        actor: audit::Actor::System,
        action,
        target_kind: "escrowed_key",
        target_id: Some(row.id),
        detail: json!({
            "certificate": certificate.id, "key": certificate.key_id, "application": certificate.application_id,
        }),
    }
}

/// What a wrapped key is bound to.
fn context(id: Uuid, public_key: &[u8]) -> Vec<u8> {
    [id.as_bytes(), public_key].concat()
}
