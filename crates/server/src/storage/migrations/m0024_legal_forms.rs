//! Enterprises are found by the rarer legal forms in their names too: their grams are added to what was written without
//! them.

use sea_orm::{EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Set, sea_query::OnConflict};
use sea_orm_migration::prelude::*;
use uuid::Uuid;

use crate::enterprise::{
    entity::enterprise,
    search::{self, entity, grams},
};

/// Names in one go: their grams fit into one statement on both databases.
const BATCH: u64 = 15;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let mut after = Uuid::nil();
        loop {
            let names: Vec<(Uuid, String)> = enterprise::Entity::find()
                .select_only()
                .columns([enterprise::Column::Id, enterprise::Column::Name])
                .filter(Expr::col(enterprise::Column::Id).gt(after))
                .order_by_asc(enterprise::Column::Id)
                .limit(BATCH)
                .into_tuple()
                .all(db)
                .await?;
            let Some((last, _)) = names.last() else { return Ok(()) };
            after = *last;
            let rows = names.iter().flat_map(|(id, name)| {
                grams::of_name(name).into_iter().map(|gram| entity::ActiveModel {
                    gram: Set(gram),
                    length: Set(search::length(name)),
                    enterprise_id: Set(*id),
                })
            });
            let known = OnConflict::new().do_nothing().to_owned();
            entity::Entity::insert_many(rows).on_conflict(known).exec_without_returning(db).await?;
        }
    }
}
