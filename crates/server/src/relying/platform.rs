//! This platform as a relying party of its own: it asks administrators to seal letters. Nobody calls under its name.

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, Set};

use super::entity::relying_party;
use crate::{
    app::AppState,
    error::{Problem, Result},
};

/// Its client id; it has no secret, so HTTP Basic never lets it in.
pub const BUILT_IN: &str = "guiqian";
const NAME: &str = "桂签平台";

/// Makes the built-in relying party at first start.
pub async fn ensure_built_in(state: &AppState) -> Result<()> {
    if find(&*state.db).await?.is_some() {
        return Ok(());
    }
    let domain = state.config.origin.split_once("://").map_or("", |(_, rest)| rest).to_owned();
    let tx = state.db.begin().await?;
    let row = relying_party::ActiveModel {
        id: Set(state.new_id()),
        name: Set(NAME.to_owned()),
        domain: Set(domain),
        logo_url: Set(None),
        client_id: Set(BUILT_IN.to_owned()),
        // No digest is empty: no secret fits.
        secret_hash: Set(Vec::new()),
        created_at: Set(state.now().as_millisecond()),
    };
    row.insert(&*tx).await?;
    Ok(tx.commit().await?)
}

/// The built-in relying party.
pub async fn built_in(db: &impl ConnectionTrait) -> Result<relying_party::Model> {
    find(db).await?.ok_or_else(|| Problem::internal("the built-in relying party is missing"))
}

async fn find(db: &impl ConnectionTrait) -> Result<Option<relying_party::Model>> {
    let find = relying_party::Entity::find().filter(relying_party::Column::ClientId.eq(BUILT_IN));
    Ok(find.one(db).await?)
}
