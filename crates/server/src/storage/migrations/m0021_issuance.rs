//! The halt switch of issuance.
//!
//! Times are Unix milliseconds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, pk_uuid, string_null, text, text_null, uuid_null};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let halts = Table::create()
            .table("issuance_halt")
            .col(pk_uuid("id"))
            // Null: the whole platform.
            .col(uuid_null("institution_id"))
            .col(text("reason"))
            .col(big_integer("halted_at"))
            // Null here and below: the command line.
            .col(uuid_null("halted_by"))
            .col(big_integer_null("asked_at"))
            .col(uuid_null("asked_by"))
            .col(text_null("asked_reason"))
            .col(big_integer_null("resumed_at"))
            .col(uuid_null("resumed_by"))
            // What is halted, as long as it is: nothing is halted twice at a time.
            .col(string_null("open_slot").unique_key())
            .take();
        manager.create_table(halts).await
    }
}
