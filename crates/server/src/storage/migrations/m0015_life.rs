//! The life of a certificate after its download: refresh of the shares, recovery of a key, revocation by the owner,
//! notices before the end, devices that were logged out.
//!
//! Times are Unix milliseconds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob, boolean, integer, pk_uuid, text, text_null, uuid, uuid_null,
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
            ("split_key", big_integer_null("pin_changed_at")),
            ("split_key", big_integer_null("pin_reset_at")),
            // The number that a code for a forgotten PIN goes to: the account's at the time of the key generation.
            ("split_key", text_null("reset_phone")),
            ("device", big_integer_null("ended_at")),
            ("session", uuid_null("device_id")),
            ("identity_verification", text("purpose").default("real_name").take()),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(&mut column).take()).await?;
        }
        for (table, column) in [
            ("certificate", "not_after"),
            ("split_key", "device_id"),
            ("key_recovery", "key_id"),
            ("certificate_revocation", "certificate_id"),
            ("audit", "target_id"),
        ] {
            let index = Index::create().name(format!("ix_{table}_{column}")).table(table).col(column).take();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn tables() -> [TableCreateStatement; 4] {
    [
        // The server's contribution and the next reset secret, sealed under the boot key, between both messages.
        Table::create()
            .table("key_refresh")
            .col(pk_uuid("key_id"))
            .col(blob("sealed"))
            .col(uuid_null("recovery_id"))
            .col(big_integer("expires_at"))
            .take(),
        Table::create()
            .table("key_recovery")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(uuid("key_id"))
            .col(uuid("device_id"))
            .col(text("kind"))
            .col(boolean("face_required"))
            .col(big_integer_null("code_at"))
            .col(uuid_null("verification_id"))
            .col(big_integer_null("face_at"))
            .col(integer("releases"))
            .col(integer("attempts"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("done_at"))
            .col(big_integer_null("ended_at"))
            .take(),
        // The statement is what the certificate's own key signs to end it.
        Table::create()
            .table("certificate_revocation")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(uuid("certificate_id"))
            .col(blob("statement"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("done_at"))
            .take(),
        Table::create()
            .table("expiry_notice")
            .col(uuid("certificate_id"))
            .col(integer("days"))
            .col(big_integer("sent_at"))
            .primary_key(Index::create().col("certificate_id").col("days"))
            .take(),
    ]
}
