//! The transparency log: the tree over the audit entries, its signed heads, the key that signs them.
//!
//! Times are Unix milliseconds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, blob, integer};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        Ok(())
    }
}

fn tables() -> [TableCreateStatement; 3] {
    [
        // Complete subtrees. Written once.
        Table::create()
            .table("log_node")
            .col(integer("level"))
            .col(big_integer("number"))
            .col(blob("hash"))
            .primary_key(Index::create().col("level").col("number"))
            .take(),
        // What the log has signed. Written once.
        Table::create()
            .table("log_head")
            .col(big_integer("size").primary_key())
            .col(big_integer("at"))
            .col(blob("root"))
            .col(blob("signature"))
            .take(),
        // One row.
        Table::create()
            .table("log_key")
            .col(integer("id").primary_key())
            .col(blob("public_key"))
            .col(blob("sealed"))
            .col(big_integer("created_at"))
            .take(),
    ]
}
