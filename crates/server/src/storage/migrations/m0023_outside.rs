//! CAs elsewhere: conversations about certificates, and withdrawals that they have to be told.
//!
//! Times are Unix milliseconds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, binary_null, integer, pk_uuid, string, string_null, text_null, uuid,
};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let conversation = Table::create()
            .table("outside_conversation")
            .col(uuid("certificate_id"))
            .col(string("purpose"))
            .col(uuid("institution_id"))
            .col(binary("transaction_id"))
            .col(binary("nonce"))
            .col(binary_null("answered"))
            .col(binary_null("certificate"))
            .col(big_integer_null("confirmed_at"))
            .col(big_integer("held_until"))
            .col(big_integer("created_at"))
            .primary_key(Index::create().col("certificate_id").col("purpose"))
            .take();
        let withdrawal = Table::create()
            .table("outside_withdrawal")
            .col(pk_uuid("id"))
            .col(uuid("institution_id"))
            .col(string("serial"))
            // Null: a hold is over.
            .col(string_null("reason"))
            .col(big_integer("created_at"))
            .col(big_integer("due_at"))
            .col(integer("tries"))
            .col(text_null("problem"))
            .col(big_integer_null("done_at"))
            .take();
        for table in [conversation, withdrawal] {
            manager.create_table(table).await?;
        }
        let mut index = Index::create();
        index.name("ix_outside_withdrawal_done_at").table("outside_withdrawal").col("done_at").col("due_at");
        manager.create_index(index.take()).await
    }
}
