//! Encryption keys: in escrow, on their way to the phone, in two halves, certified, in use.
//!
//! Times are Unix milliseconds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, blob, blob_null, pk_uuid, text, uuid, uuid_null};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for (table, mut column) in
            [("enrolment", blob_null("transport_key")), ("application", uuid_null("verification_id"))]
        {
            manager.alter_table(Table::alter().table(table).add_column(&mut column).take()).await?;
        }
        let serial = Index::create()
            .name("ux_encryption_certificate_serial")
            .table("encryption_certificate")
            .col("institution_id")
            .col("serial")
            .unique()
            .take();
        manager.create_index(serial).await
    }
}

fn tables() -> [TableCreateStatement; 4] {
    [
        // The key management centre's own: dE under the custodians' key.
        Table::create()
            .table("escrowed_key")
            .col(pk_uuid("id"))
            .col(uuid("certificate_id").unique_key())
            .col(uuid("account_id"))
            .col(blob("public_key"))
            .col(blob("wrapped"))
            .col(big_integer("created_at"))
            .take(),
        // The encryption certificate beside a signing certificate, whose state is its state.
        Table::create()
            .table("encryption_certificate")
            .col(pk_uuid("certificate_id"))
            .col(uuid("institution_id"))
            .col(uuid("escrow_id"))
            .col(text("serial"))
            .col(blob("to_be_signed"))
            .col(blob_null("der"))
            .take(),
        // The server's half of an encryption key, and until the phone has stored its own, what is on the way to it.
        Table::create()
            .table("decryption_share")
            .col(uuid("key_id"))
            .col(uuid("escrow_id"))
            .col(blob("public_key"))
            .col(blob("wrapped_key"))
            .col(blob("wrapped_share"))
            .col(big_integer("epoch"))
            .col(blob("transport_key"))
            .col(blob_null("sealed_share"))
            .col(blob_null("sealed_masks"))
            .col(big_integer_null("delivered_at"))
            .primary_key(Index::create().col("key_id").col("escrow_id"))
            .take(),
        // What the owner wants opened.
        Table::create()
            .table("decryption")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(uuid("key_id"))
            .col(uuid("escrow_id"))
            .col(blob("c1"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("answered_at"))
            .take(),
    ]
}
