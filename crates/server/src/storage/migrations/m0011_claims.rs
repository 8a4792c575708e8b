//! The credit code of a claim: whoever comes first, the others of the same enterprise are found and told.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = text_null("credit_code");
        manager.alter_table(Table::alter().table("application").add_column(column).take()).await?;
        let index = Index::create().name("application_credit_code").table("application").col("credit_code").take();
        manager.create_index(index).await
    }
}
