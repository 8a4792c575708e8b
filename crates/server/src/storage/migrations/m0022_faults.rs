//! Faults, the certificates that they touch, and what was issued in their place; what an institution prints and promises.
//!
//! Times are Unix milliseconds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, pk_uuid, string, string_null, text, text_null, uuid, uuid_null,
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
        for column in ["policy_oid", "form_heading"] {
            let mut column = text(column).default("").take();
            manager.alter_table(Table::alter().table("institution").add_column(&mut column).take()).await?;
        }
        for (table, columns) in [
            ("reissued", &["fault_id", "account_id"][..]),
            ("reissued", &["fault_id", "done_at"]),
            ("certificate", &["created_at"]),
        ] {
            let mut index = Index::create().name(format!("ix_{table}_{}", columns.join("_"))).table(table).take();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn tables() -> [TableCreateStatement; 4] {
    [
        // The criteria; null: whatever.
        Table::create()
            .table("fault")
            .col(pk_uuid("id"))
            .col(text("name"))
            .col(text("note"))
            .col(uuid_null("institution_id"))
            .col(string_null("ca_serial"))
            .col(big_integer_null("issued_from"))
            .col(big_integer_null("issued_to"))
            .col(string_null("kind"))
            .col(uuid_null("product_id"))
            // Whether only what `fault_serial` lists is touched.
            .col(boolean("listed"))
            .col(uuid("opened_by"))
            .col(big_integer("opened_at"))
            .take(),
        Table::create()
            .table("fault_serial")
            .col(uuid("fault_id"))
            .col(string("serial"))
            .primary_key(Index::create().col("fault_id").col("serial"))
            .take(),
        Table::create()
            .table("reissue_job")
            .col(pk_uuid("fault_id"))
            .col(string("state"))
            .col(big_integer("total"))
            .col(uuid("started_by"))
            .col(big_integer("started_at"))
            .col(big_integer_null("done_at"))
            .take(),
        // The key keeps anything from being issued twice in place of the same certificate.
        Table::create()
            .table("reissued")
            .col(pk_uuid("old_id"))
            .col(uuid_null("new_id").unique_key())
            .col(uuid("fault_id"))
            .col(uuid("institution_id"))
            .col(uuid("account_id"))
            .col(text_null("problem"))
            .col(big_integer("intended_at"))
            .col(big_integer_null("done_at"))
            .take(),
    ]
}
