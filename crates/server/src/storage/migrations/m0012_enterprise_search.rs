//! What enterprises are found by. Nobody can have claimed one before this step.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, string, uuid};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create()
            .table("enterprise_gram")
            .col(string("gram"))
            .col(integer("length"))
            .col(uuid("enterprise_id"))
            .primary_key(Index::create().col("gram").col("length").col("enterprise_id"))
            .take();
        // The key is the whole row: it need not be kept twice.
        if manager.get_database_backend() == sea_orm::DbBackend::Sqlite {
            table.extra("WITHOUT ROWID");
        }
        manager.create_table(table).await?;
        let names = Index::create().name("enterprise_name").table("enterprise").col("name").take();
        manager.create_index(names).await
    }
}
