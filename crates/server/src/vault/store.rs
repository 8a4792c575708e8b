//! The database remembers who holds the key to its secrets, so that a platform with the wrong vault does not start.

use jiff::Timestamp;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, Set};

use super::{Purpose, Vaults, entity};
use crate::{
    certificate::entity::authority,
    storage::{Storage, StorageError, Tx},
};

/// The key file.
pub(super) const FILE: &str = "file";
/// The token.
pub(super) const TOKEN: &str = "token";

const ONLY: i32 = 1;
const KNOWN: &[u8] = b"guiqian";

/// Sees that the vaults are those of this database; at first start they become so, and a token's key is made.
pub async fn settle(db: &Storage, vaults: &Vaults, now: Timestamp) -> Result<(), StorageError> {
    let tx = db.begin().await?;
    if let Some(row) = row(&*tx).await? {
        return recognise(&row, vaults);
    }
    if let Some(token) = &vaults.token {
        // Databases from before this table are of the key file.
        if authority::Entity::find().count(&*tx).await? > 0 {
            return Err(foreign(FILE));
        }
        token.ensure_key()?;
    }
    remember(&tx, vaults, now).await?;
    Ok(tx.commit().await?)
}

fn recognise(row: &entity::Model, vaults: &Vaults) -> Result<(), StorageError> {
    if row.holder != vaults.holder() {
        return Err(foreign(&row.holder));
    }
    match vaults.of(Purpose::Check).unwrap(&[], &row.check_value) {
        Ok(known) if known.as_slice() == KNOWN => Ok(()),
        Err(gone @ StorageError::Token(_)) => Err(gone),
        _ => Err(StorageError::Token(format!("the key in the {} is not the one of this database", row.holder))),
    }
}

fn foreign(holder: &str) -> StorageError {
    let what = match holder {
        FILE => {
            "this database's secrets lie under the key file, but vault.json names a token: stop every node and run \
             `guiqian keys move-to-token`"
        }
        _ => "this database's secrets lie under a token's key: put vault.json back into the folder of the secrets",
    };
    StorageError::Token(what.to_owned())
}

/// Whether the token holds the key already.
pub(super) async fn is_in_token(tx: &Tx) -> Result<bool, StorageError> {
    Ok(row(&**tx).await?.is_some_and(|row| row.holder == TOKEN))
}

/// Writes down that these are the vaults.
pub(super) async fn remember(tx: &Tx, vaults: &Vaults, now: Timestamp) -> Result<(), StorageError> {
    let check_value = vaults.of(Purpose::Check).wrap(&[], KNOWN)?;
    entity::Entity::delete_by_id(ONLY).exec(&**tx).await?;
    let row = entity::ActiveModel {
        id: Set(ONLY),
        holder: Set(vaults.holder().to_owned()),
        check_value: Set(check_value),
        since: Set(now.as_millisecond()),
    };
    row.insert(&**tx).await?;
    Ok(())
}

async fn row(db: &impl ConnectionTrait) -> Result<Option<entity::Model>, StorageError> {
    Ok(entity::Entity::find_by_id(ONLY).one(db).await?)
}
