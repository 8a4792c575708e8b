//! The key that signs heads. It signs nothing else.

use gm::sm2::{KeyPair, SecretKey};
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, EntityTrait as _, Set};
use serde_json::json;

use super::entity::key;
use crate::{
    app::AppState,
    audit,
    error::{NOT_FOUND, Result},
    storage::StorageError,
    vault::Purpose,
};

const ONLY: i32 = 1;

/// Makes it at first start.
pub async fn ensure(state: &AppState) -> Result<()> {
    let tx = state.db.begin().await?;
    if key::Entity::find_by_id(ONLY).one(&*tx).await?.is_some() {
        return Ok(());
    }
    let (pair, now) = (KeyPair::generate()?, state.now());
    let public_key = pair.public().to_bytes();
    let row = key::ActiveModel {
        id: Set(ONLY),
        public_key: Set(public_key.to_vec()),
        sealed: Set(state.vaults.of(Purpose::LogKey).wrap(&public_key, &*pair.secret().to_bytes())?),
        created_at: Set(now.as_millisecond()),
    };
    row.insert(&*tx).await?;
    let entry = audit::Entry {
        actor: audit::Actor::System,
        action: "log.key_create",
        target_kind: "log",
        target_id: None,
        detail: json!({ "public_key": hex::encode(public_key) }),
    };
    audit::record(&tx, now, entry).await?;
    Ok(tx.commit().await?)
}

/// The public key, once there is one.
pub async fn public(db: &impl ConnectionTrait) -> Result<Option<Vec<u8>>, sea_orm::DbErr> {
    Ok(key::Entity::find_by_id(ONLY).one(db).await?.map(|row| row.public_key))
}

/// The key, ready to sign.
pub async fn open(state: &AppState, db: &impl ConnectionTrait) -> Result<KeyPair> {
    let row = key::Entity::find_by_id(ONLY).one(db).await?.ok_or(NOT_FOUND)?;
    let octets = state.vaults.of(Purpose::LogKey).unwrap(&row.public_key, &row.sealed)?;
    let octets =
        octets.as_slice().try_into().map_err(|_| StorageError::Secret("the log's key has the wrong length"))?;
    Ok(KeyPair::from(SecretKey::from_bytes(octets)?))
}
