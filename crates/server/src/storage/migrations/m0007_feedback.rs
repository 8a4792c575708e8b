//! What users write to the platform's people, with pictures, and what those answer (manual 1.17.9).
//!
//! Times are Unix milliseconds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, integer, pk_uuid, text, text_null, uuid, uuid_null};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for (table, column) in [
            ("feedback", "account_id"),
            ("feedback", "created_at"),
            ("feedback_picture", "feedback_id"),
            ("feedback_picture", "blob"),
            ("feedback_reply", "feedback_id"),
        ] {
            let index = Index::create().name(format!("ix_{table}_{column}")).table(table).col(column).take();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn tables() -> [TableCreateStatement; 3] {
    [
        Table::create()
            .table("feedback")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(text("text"))
            .col(text_null("contact"))
            .col(big_integer("created_at"))
            .col(big_integer_null("replied_at"))
            .take(),
        // A picture arrives before the feedback that it belongs to.
        Table::create()
            .table("feedback_picture")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(uuid_null("feedback_id"))
            .col(integer("position"))
            .col(text("blob"))
            .col(text("content_type"))
            .col(big_integer("uploaded_at"))
            .take(),
        Table::create()
            .table("feedback_reply")
            .col(pk_uuid("id"))
            .col(uuid("feedback_id"))
            .col(uuid("reviewer_id"))
            .col(text("text"))
            .col(big_integer("created_at"))
            .take(),
    ]
}
