//! The end of a service's certificate before its time: when and why an operator revoked it.
//!
//! Times are Unix milliseconds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer_null, text_null};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut column in [big_integer_null("revoked_at"), text_null("revocation_reason")] {
            manager.alter_table(Table::alter().table("service_certificate").add_column(&mut column).take()).await?;
        }
        Ok(())
    }
}
