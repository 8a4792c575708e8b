//! This platform as a relying party of its own: it asks administrators to seal letters, and reviewers to log in at the
//! console. Nobody calls under these names.

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, Set};

use super::entity::relying_party;
use crate::{
    app::AppState,
    error::{Problem, Result},
};

/// Client id of the platform, which asks for letters; it has no secret, so HTTP Basic never lets it in.
pub const BUILT_IN: &str = "guiqian";
/// Client id of the console, which asks for logins; it has no secret either.
pub const CONSOLE: &str = "guiqian-console";
/// Both: nobody grants anything there.
pub const BUILT_INS: [&str; 2] = [BUILT_IN, CONSOLE];
const NAMES: [(&str, &str); 2] = [(BUILT_IN, "桂签平台"), (CONSOLE, "桂签审核台")];

/// Makes the built-in relying parties at first start.
pub async fn ensure_built_in(state: &AppState) -> Result<()> {
    for (client_id, name) in NAMES {
        if find(&*state.db, client_id).await?.is_none() {
            register(state, client_id, name).await?;
        }
    }
    Ok(())
}

async fn register(state: &AppState, client_id: &str, name: &str) -> Result<()> {
    let domain = state.config.origin.split_once("://").map_or("", |(_, rest)| rest).to_owned();
    let tx = state.db.begin().await?;
    let row = relying_party::ActiveModel {
        id: Set(state.new_id()),
        name: Set(name.to_owned()),
        domain: Set(domain),
        logo_url: Set(None),
        client_id: Set(client_id.to_owned()),
        // No digest is empty: no secret fits.
        secret_hash: Set(Vec::new()),
        created_at: Set(state.now().as_millisecond()),
    };
    row.insert(&*tx).await?;
    Ok(tx.commit().await?)
}

/// The platform as a relying party.
pub async fn built_in(db: &impl ConnectionTrait) -> Result<relying_party::Model> {
    find(db, BUILT_IN).await?.ok_or_else(|| Problem::internal("a built-in relying party is missing"))
}

/// The console as a relying party.
pub async fn console(db: &impl ConnectionTrait) -> Result<relying_party::Model> {
    find(db, CONSOLE).await?.ok_or_else(|| Problem::internal("a built-in relying party is missing"))
}

async fn find(db: &impl ConnectionTrait, client_id: &str) -> Result<Option<relying_party::Model>> {
    let find = relying_party::Entity::find().filter(relying_party::Column::ClientId.eq(client_id));
    Ok(find.one(db).await?)
}
