//! What enterprises are found by, written anew: without the names' lengths, with the rarer legal forms and longer
//! beginnings, and how many names have each gram.

use sea_orm::{EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, string, uuid},
};
use uuid::Uuid;

use crate::enterprise::{
    entity::enterprise,
    search::{self, entity::gram, grams},
};

/// Names in one go: their grams fit into one statement on both databases.
const BATCH: u64 = 15;
const FREQUENCY: &str = "enterprise_gram_frequency";

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("enterprise_gram").take()).await?;
        let key = Index::create().col("gram").col("enterprise_id").take();
        let names = Table::create().table("enterprise_gram").col(string("gram")).col(uuid("enterprise_id")).take();
        create(manager, names, key).await?;
        let key = Index::create().col("gram").take();
        let frequencies = Table::create().table(FREQUENCY).col(string("gram")).col(big_integer("names")).take();
        create(manager, frequencies, key).await?;
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
            let Some((last, _)) = names.last() else { break };
            after = *last;
            let rows = names.iter().flat_map(|(id, name)| search::rows(*id, grams::of_name(name)));
            gram::Entity::insert_many(rows).exec_without_returning(db).await?;
        }
        let count = format!("INSERT INTO {FREQUENCY} SELECT gram, COUNT(*) FROM enterprise_gram GROUP BY gram");
        db.execute_unprepared(&count).await?;
        Ok(())
    }
}

/// The key is the row, or most of it: it need not be kept twice.
async fn create(
    manager: &SchemaManager<'_>,
    mut table: TableCreateStatement,
    mut key: IndexCreateStatement,
) -> Result<(), DbErr> {
    table.primary_key(&mut key);
    if manager.get_database_backend() == sea_orm::DbBackend::Sqlite {
        table.extra("WITHOUT ROWID");
    }
    manager.create_table(table).await
}
