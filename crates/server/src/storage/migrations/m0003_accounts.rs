//! Passwords, codes for more than logging in, changes of the phone number, and counters that slow down guessing.
//!
//! Times are Unix milliseconds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, integer, pk_uuid, text, text_null, uuid, uuid_null,
};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for (table, mut column) in [
            // What a code is good for, and for which account if one asked.
            ("login_code", text("purpose").default("login").take()),
            ("login_code", uuid_null("account_id")),
            ("account", big_integer_null("deleted_at")),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(&mut column).take()).await?;
        }
        for (table, column) in [("rate", "expires_at"), ("phone_change", "account_id"), ("session", "account_id")] {
            let index = Index::create().name(format!("ix_{table}_{column}")).table(table).col(column).take();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn tables() -> [TableCreateStatement; 3] {
    [
        Table::create()
            .table("rate")
            .col(text("what"))
            .col(text("whom"))
            .col(integer("used"))
            .col(big_integer("expires_at"))
            .primary_key(Index::create().col("what").col("whom"))
            .take(),
        Table::create()
            .table("account_password")
            .col(uuid("account_id").primary_key())
            .col(text("hash"))
            .col(big_integer("changed_at"))
            .take(),
        // The statement is what a certificate's key signs when the old number is gone.
        Table::create()
            .table("phone_change")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(text("phone"))
            .col(binary("statement"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(text_null("proof"))
            .col(big_integer_null("done_at"))
            .take(),
    ]
}
