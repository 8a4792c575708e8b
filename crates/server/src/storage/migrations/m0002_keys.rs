//! Split keys, certificates, scan requests and relying parties.
//!
//! Times are Unix milliseconds. What must never be a column stands in `docs/protocol.md`: neither a point that depends on
//! the phone's share, nor a request's proof, nor a reply in clear.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, binary_null, boolean, integer, pk_uuid, string, string_null, string_uniq,
    text, text_null, uuid, uuid_null, uuid_uniq,
};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in key_tables().into_iter().chain(certificate_tables()).chain(scan_tables()) {
            manager.create_table(table).await?;
        }
        for (table, columns) in [
            ("device", &["account_id"][..]),
            ("split_key", &["account_id"]),
            ("nonce", &["key_id"]),
            ("nonce", &["expires_at"]),
            ("key_request", &["expires_at"]),
            ("enrolment", &["application_id"]),
            ("certificate", &["account_id"]),
            ("certificate", &["key_id"]),
            ("certificate", &["institution_id", "state"]),
            ("scan_request", &["account_id"]),
            ("scan_request", &["browser_key"]),
            ("appearance", &["account_id"]),
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

fn key_tables() -> [TableCreateStatement; 6] {
    [
        Table::create()
            .table("device")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(string("name"))
            .col(binary("public_key"))
            .col(big_integer("created_at"))
            .take(),
        // The server's half: the share under a key of its own, that key under the master key.
        Table::create()
            .table("split_key")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(uuid("device_id"))
            .col(uuid("enrolment_id"))
            .col(binary("public_key"))
            .col(string("state"))
            .col(big_integer("epoch"))
            .col(integer("failures"))
            .col(integer("total_failures"))
            .col(binary("token_current"))
            .col(binary_null("token_previous"))
            .col(uuid_null("token_consumed_by"))
            .col(binary_null("wrapped_key"))
            .col(binary_null("wrapped_share"))
            .col(big_integer("created_at"))
            .take(),
        // Under a master key of its own: who can sign must not be able to undo a PIN, and the other way round.
        Table::create()
            .table("reset_mask")
            .col(pk_uuid("key_id"))
            .col(binary("wrapped_mask"))
            .col(big_integer("created_at"))
            .take(),
        // `sealed` opens under the key of this process alone: no nonce survives a restart or a restored backup.
        Table::create()
            .table("nonce")
            .col(pk_uuid("id"))
            .col(uuid("key_id"))
            .col(uuid("device_id"))
            .col(boolean("open"))
            .col(binary_null("sealed"))
            .col(big_integer("expires_at"))
            .take(),
        Table::create()
            .table("key_request")
            .col(uuid("device_id"))
            .col(uuid("req_id"))
            .col(binary("digest"))
            .col(binary_null("sealed_reply"))
            .col(big_integer("expires_at"))
            .primary_key(Index::create().col("device_id").col("req_id"))
            .take(),
        Table::create()
            .table("key_generation")
            .col(pk_uuid("enrolment_id"))
            .col(binary("sealed"))
            .col(big_integer("expires_at"))
            .take(),
    ]
}

fn certificate_tables() -> [TableCreateStatement; 4] {
    [
        Table::create()
            .table("authority")
            .col(pk_uuid("institution_id"))
            .col(string_uniq("slug"))
            .col(binary("root_certificate"))
            .col(binary("root_key"))
            .col(binary("ca_certificate"))
            .col(binary("ca_key"))
            .col(big_integer("crl_number"))
            .col(binary_null("crl"))
            .col(big_integer_null("crl_next_update"))
            .col(big_integer("created_at"))
            .take(),
        Table::create()
            .table("enrolment")
            .col(pk_uuid("id"))
            .col(uuid("application_id"))
            .col(uuid("account_id"))
            .col(uuid("device_id"))
            .col(uuid("institution_id"))
            .col(binary("server_nonce"))
            .col(binary("subject"))
            .col(uuid_null("key_id"))
            .col(uuid_null("certificate_id"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .take(),
        // Serial and octets to be signed are stored before anything is signed; `der` is filled afterwards.
        Table::create()
            .table("certificate")
            .col(pk_uuid("id"))
            .col(uuid("institution_id"))
            .col(uuid("account_id"))
            .col(uuid("application_id"))
            .col(uuid_uniq("enrolment_id"))
            .col(uuid("key_id"))
            .col(uuid("device_id"))
            .col(string("kind"))
            .col(string_uniq("serial"))
            .col(string("subject_name"))
            .col(binary("to_be_signed"))
            .col(binary_null("der"))
            .col(string("state"))
            .col(big_integer("not_before"))
            .col(big_integer("not_after"))
            .col(big_integer_null("revoked_at"))
            .col(string_null("revocation_reason"))
            .col(big_integer("created_at"))
            .take(),
        Table::create()
            .table("appearance")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(string("kind"))
            .col(string("name"))
            .col(integer("width_um"))
            .col(integer("height_um"))
            .col(binary("png"))
            .col(big_integer("created_at"))
            .take(),
    ]
}

fn scan_tables() -> [TableCreateStatement; 3] {
    [
        Table::create()
            .table("relying_party")
            .col(pk_uuid("id"))
            .col(string("name"))
            .col(string("domain"))
            .col(string_null("logo_url"))
            .col(string_uniq("client_id"))
            .col(binary("secret_hash"))
            .col(big_integer("created_at"))
            .take(),
        // One name per person and relying party: two platforms cannot compare their users.
        Table::create()
            .table("relying_subject")
            .col(uuid("relying_party_id"))
            .col(uuid("account_id"))
            .col(uuid_uniq("subject"))
            .col(big_integer("created_at"))
            .primary_key(Index::create().col("relying_party_id").col("account_id"))
            .take(),
        Table::create()
            .table("scan_request")
            .col(pk_uuid("id"))
            .col(string_uniq("token"))
            .col(string("action"))
            .col(string("state"))
            .col(uuid("relying_party_id"))
            .col(string("check_number"))
            .col(uuid_null("subject_account_id"))
            .col(uuid_null("account_id"))
            .col(text("browser"))
            .col(binary("browser_key"))
            .col(binary_null("statement"))
            .col(text_null("document"))
            .col(binary_null("digest"))
            .col(uuid_null("certificate_id"))
            .col(binary_null("signature"))
            .col(string_null("refusal"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("claimed_at"))
            .col(big_integer_null("answered_at"))
            .take(),
    ]
}
