//! Who holds the key that private keys and shares are wrapped under.
//!
//! Times are Unix milliseconds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, blob, integer, string};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One row.
        let vault = Table::create()
            .table("vault")
            .col(integer("id").primary_key())
            .col(string("holder"))
            .col(blob("check_value"))
            .col(big_integer("since"))
            .take();
        manager.create_table(vault).await
    }
}
