//! The demonstration relying party of the sandbox, and the file in which its platform finds its credentials.

use std::{fs, path::Path};

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};
use serde::{Deserialize, Serialize};

use super::{
    client::{new_secret, secret_hash},
    entity::relying_party,
};
use crate::{
    app::AppState,
    error::{Problem, Result},
    storage::write_private,
};

const NAME: &str = "示范公共资源交易平台";
const CLIENT_ID: &str = "demo-trade";
const DOMAIN: &str = "trade.sandbox.invalid";

/// `DATA/relying-party.json`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Credentials {
    platform: String,
    client_id: String,
    client_secret: String,
}

/// Registers the demonstration relying party at first start (sandbox mode only) and keeps `DATA/relying-party.json`
/// telling where this platform is.
pub async fn ensure_demo(state: &AppState) -> Result<()> {
    if !state.config.is_sandbox() {
        return Ok(());
    }
    let file = state.config.data.join("relying-party.json");
    let known = read(&file);
    let row =
        relying_party::Entity::find().filter(relying_party::Column::ClientId.eq(CLIENT_ID)).one(&*state.db).await?;
    let fits = |row: &relying_party::Model| {
        known.as_ref().is_some_and(|known| secret_hash(&known.client_secret).as_slice() == row.secret_hash)
    };
    let client_secret = match (row, known.as_ref()) {
        (Some(row), Some(known)) if fits(&row) => known.client_secret.clone(),
        (row, _) => {
            // First start, or the file is lost: only a new secret can be told.
            let secret = new_secret()?;
            register(state, row, &secret).await?;
            secret
        }
    };
    let wanted = Credentials { platform: state.config.origin.clone(), client_id: CLIENT_ID.to_owned(), client_secret };
    if known.as_ref() != Some(&wanted) {
        write(&file, &wanted)?;
    }
    Ok(())
}

async fn register(state: &AppState, row: Option<relying_party::Model>, secret: &str) -> Result<()> {
    let tx = state.db.begin().await?;
    let secret_hash = secret_hash(secret).to_vec();
    match row {
        Some(row) => {
            let mut row: relying_party::ActiveModel = row.into();
            row.secret_hash = Set(secret_hash);
            row.update(&*tx).await?;
        }
        None => {
            let row = relying_party::ActiveModel {
                id: Set(state.new_id()),
                name: Set(NAME.to_owned()),
                domain: Set(DOMAIN.to_owned()),
                logo_url: Set(None),
                client_id: Set(CLIENT_ID.to_owned()),
                secret_hash: Set(secret_hash),
                created_at: Set(state.now().as_millisecond()),
            };
            row.insert(&*tx).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

fn read(file: &Path) -> Option<Credentials> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

fn write(file: &Path, credentials: &Credentials) -> Result<()> {
    let text = serde_json::to_string_pretty(credentials).map_err(Problem::internal)? + "\n";
    // Beside it first, so that a reader finds the old file or the new one, never half of it.
    let beside = file.with_extension("json.new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Problem::internal(error)),
        _ => {}
    }
    write_private(&beside, text.as_bytes())?;
    fs::rename(&beside, file).map_err(Problem::internal)
}
