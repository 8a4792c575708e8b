//! From the key file to the token: every secret is opened with the old key and wrapped under the new one, in a single
//! transaction. When anything fails, nothing has happened.

use std::{path::Path, sync::Arc};

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Set,
};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{Purpose, SETTINGS, Token, TokenSettings, Vaults, store};
use crate::{
    audit,
    certificate::{authority::context, entity::authority},
    keys::{
        entity::{decryption_share, device, reset_mask, split_key},
        vault::ShareContext,
    },
    pki_services::entity as service,
    storage::{Secrets, Storage, StorageError, Tx},
    transparency::entity::key as log_key,
};

/// Rows that are held in memory at once.
const BATCH: u64 = 500;

/// What was wrapped anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Private keys of CAs, services and the log.
    pub private_keys: u64,
    /// Shares.
    pub shares: u64,
    /// Reset secrets.
    pub resets: u64,
    /// Whether the token had to make its key.
    pub key_made: bool,
}

/// Moves the database's secrets from the key file in `folder` to the token that the settings beside it name.
pub async fn move_to_token(db: &Storage, folder: &Path, now: Timestamp) -> Result<Moved, StorageError> {
    let settings = TokenSettings::read(folder)?
        .ok_or_else(|| StorageError::Token(format!("there is no {}", folder.join(SETTINGS).display())))?;
    let (label, key) = (settings.token.clone(), settings.key.clone());
    let secrets = Secrets::open(folder)?;
    let token = Arc::new(Token::connect(settings)?);
    let tx = db.begin().await?;
    if store::is_in_token(&tx).await? {
        return Err(StorageError::Token("the secrets are in the token already".to_owned()));
    }
    let mut moved = Moved { key_made: token.ensure_key()?, ..Moved::default() };
    let rewrap = Rewrap { tx: &tx, from: Vaults::in_file(&secrets), to: Vaults::in_token(&token) };
    for purpose in Purpose::ALL {
        // A purpose that is added has to say here where its secrets are.
        match purpose {
            Purpose::AuthorityKeys => moved.private_keys += rewrap.authorities().await?,
            Purpose::ServiceKeys => moved.private_keys += rewrap.services().await?,
            Purpose::LogKey => moved.private_keys += rewrap.log_key().await?,
            Purpose::Shares => moved.shares = rewrap.shares().await?,
            Purpose::Resets => moved.resets = rewrap.resets().await?,
            Purpose::Check => store::remember(&tx, &rewrap.to, now).await?,
        }
    }
    let entry = audit::Entry {
        actor: audit::Actor::System,
        action: "keys.move_to_token",
        target_kind: "vault",
        target_id: None,
        detail: json!({ "token": label, "key": key, "moved": moved }),
    };
    audit::record(&tx, now, entry).await?;
    tx.commit().await?;
    Ok(moved)
}

struct Rewrap<'a> {
    tx: &'a Tx,
    from: Vaults,
    to: Vaults,
}

impl Rewrap<'_> {
    /// One secret: opened, wrapped, and opened once more from the token before the old wrapping is given up.
    fn one(&self, purpose: Purpose, context: &[u8], wrapped: &[u8]) -> Result<Vec<u8>, StorageError> {
        let secret = self.from.of(purpose).unwrap(context, wrapped)?;
        let to = self.to.of(purpose);
        let again = to.wrap(context, &secret)?;
        if to.unwrap(context, &again)? != secret {
            return Err(StorageError::Token("the token does not give back what it wrapped".to_owned()));
        }
        Ok(again)
    }

    async fn authorities(&self) -> Result<u64, StorageError> {
        let mut moved = 0;
        let all = authority::Entity::find().all(&**self.tx).await?;
        for row in all.into_iter().filter(|row| !row.is_outside()) {
            let mut changed = row.clone().into_active_model();
            let ca = context(row.institution_id, "ca");
            changed.ca_key = Set(self.one(Purpose::AuthorityKeys, &ca, &row.ca_key)?);
            moved += 1;
            // It may be off-line.
            if !row.root_key.is_empty() {
                let root = context(row.institution_id, "root");
                changed.root_key = Set(self.one(Purpose::AuthorityKeys, &root, &row.root_key)?);
                moved += 1;
            }
            changed.update(&**self.tx).await?;
        }
        Ok(moved)
    }

    async fn services(&self) -> Result<u64, StorageError> {
        let mut moved = 0;
        for row in service::Entity::find().all(&**self.tx).await? {
            let key = self.one(Purpose::ServiceKeys, row.id.as_bytes(), &row.key)?;
            let mut changed = row.into_active_model();
            changed.key = Set(key);
            changed.update(&**self.tx).await?;
            moved += 1;
        }
        Ok(moved)
    }

    async fn log_key(&self) -> Result<u64, StorageError> {
        let mut moved = 0;
        for row in log_key::Entity::find().all(&**self.tx).await? {
            let sealed = self.one(Purpose::LogKey, &row.public_key, &row.sealed)?;
            let mut changed = row.into_active_model();
            changed.sealed = Set(sealed);
            changed.update(&**self.tx).await?;
            moved += 1;
        }
        Ok(moved)
    }

    /// The share itself lies under a key of its own and stays as it is; destroyed ones have none.
    async fn shares(&self) -> Result<u64, StorageError> {
        let (mut moved, mut last) = (0, Uuid::nil());
        loop {
            let rows = split_key::Entity::find()
                .filter(split_key::Column::Id.gt(last))
                .order_by_asc(split_key::Column::Id)
                .limit(BATCH)
                .all(&**self.tx)
                .await?;
            let Some(end) = rows.last() else { return Ok(moved) };
            last = end.id;
            for row in rows {
                let Some(wrapped) = &row.wrapped_key else { continue };
                let device = device::Entity::find_by_id(row.device_id).one(&**self.tx).await?;
                let device = device.ok_or(StorageError::Secret("a share's device is missing"))?;
                let epoch = u64::try_from(row.epoch).map_err(|_| StorageError::Secret("an epoch is negative"))?;
                let context =
                    ShareContext { key_id: row.id, epoch, public_key: &row.public_key, device_key: &device.public_key };
                let wrapped = self.one(Purpose::Shares, &context.octets(), wrapped)?;
                moved += 1 + self.decryption_shares(context).await?;
                let mut changed = row.into_active_model();
                changed.wrapped_key = Set(Some(wrapped));
                changed.update(&**self.tx).await?;
            }
        }
    }

    /// Those of the encryption keys that a key holds, those under way to the phone included.
    async fn decryption_shares(&self, of: ShareContext<'_>) -> Result<u64, StorageError> {
        let rows = decryption_share::Entity::find()
            .filter(decryption_share::Column::KeyId.eq(of.key_id))
            .all(&**self.tx)
            .await?;
        let mut moved = 0;
        for row in rows {
            let epoch = u64::try_from(row.epoch).map_err(|_| StorageError::Secret("an epoch is negative"))?;
            let context = ShareContext { epoch, ..of }.of(&row.public_key).octets();
            let wrapped = self.one(Purpose::Shares, &context, &row.wrapped_key)?;
            let mut changed = row.into_active_model();
            changed.wrapped_key = Set(wrapped);
            changed.update(&**self.tx).await?;
            moved += 1;
        }
        Ok(moved)
    }

    async fn resets(&self) -> Result<u64, StorageError> {
        let (mut moved, mut last) = (0, Uuid::nil());
        loop {
            let rows = reset_mask::Entity::find()
                .filter(reset_mask::Column::KeyId.gt(last))
                .order_by_asc(reset_mask::Column::KeyId)
                .limit(BATCH)
                .all(&**self.tx)
                .await?;
            let Some(end) = rows.last() else { return Ok(moved) };
            last = end.key_id;
            for row in rows {
                let wrapped = self.one(Purpose::Resets, row.key_id.as_bytes(), &row.wrapped_mask)?;
                let mut changed = row.into_active_model();
                changed.wrapped_mask = Set(wrapped);
                changed.update(&**self.tx).await?;
                moved += 1;
            }
        }
    }
}
