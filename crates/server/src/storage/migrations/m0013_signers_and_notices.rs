//! As whom a relying party wants a question answered; messages by SMS to those who are away.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, boolean, integer, pk_uuid, text, text_null, uuid_null};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let signer = Table::alter().table("scan_request").add_column(text_null("signer")).take();
        manager.alter_table(signer).await?;
        let notice = Table::create()
            .table("sms_notice")
            .col(pk_uuid("id"))
            // Whose number at the time of sending, or a number that need not be anybody's.
            .col(uuid_null("account_id"))
            .col(text_null("phone"))
            // The message that says the same; once it is read there is no need to send.
            .col(uuid_null("message_id"))
            .col(text("kind"))
            .col(text("subject"))
            .col(big_integer("due_at"))
            .col(integer("tries"))
            .col(big_integer_null("ended_at"))
            .take();
        manager.create_table(notice).await?;
        let mut due = Index::create();
        due.name("sms_notice_ended_at_due_at").table("sms_notice").col("ended_at").col("due_at");
        manager.create_index(due).await?;
        let setting = Table::create()
            .table("sms_setting")
            .col(pk_uuid("account_id"))
            .col(boolean("consent"))
            .col(boolean("approval"))
            .take();
        manager.create_table(setting).await
    }
}
