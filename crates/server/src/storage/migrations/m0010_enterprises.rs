//! Enterprises, who acts for them and what they may do, and what applications about them carry.
//!
//! Times are Unix milliseconds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob_null, boolean, pk_uuid, text, text_null, uuid, uuid_null,
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
        for (table, column) in columns() {
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        for (table, columns, unique) in INDEXES {
            let mut index = Index::create();
            index.name(format!("{table}_{}", columns.join("_"))).table(*table);
            for column in *columns {
                index.col(*column);
            }
            if *unique {
                index.unique();
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn tables() -> [TableCreateStatement; 4] {
    [
        Table::create()
            .table("enterprise")
            .col(pk_uuid("id"))
            .col(text("name"))
            .col(text("credit_code"))
            .col(text("legal_person_name"))
            .col(text("legal_person_id_type"))
            .col(blob_null("legal_person_id_number"))
            .col(big_integer("created_at"))
            .col(big_integer("updated_at"))
            .take(),
        Table::create()
            .table("membership")
            .col(pk_uuid("id"))
            .col(uuid("enterprise_id"))
            .col(uuid("account_id"))
            .col(text("role"))
            .col(big_integer("joined_at"))
            .col(big_integer_null("ended_at"))
            // Enterprise and account while the membership lasts, null afterwards: a person belongs to it once.
            .col(text_null("active_slot"))
            // The enterprise while this is its administrator, null otherwise: there is exactly one.
            .col(uuid_null("admin_slot"))
            .take(),
        Table::create()
            .table("authorisation")
            .col(pk_uuid("id"))
            .col(uuid("enterprise_id"))
            .col(uuid("account_id"))
            .col(uuid_null("relying_party_id"))
            .col(text("permissions"))
            .col(text("seals"))
            .col(big_integer("valid_from"))
            .col(big_integer("valid_to"))
            .col(uuid("granted_by"))
            .col(uuid_null("application_id"))
            .col(big_integer("created_at"))
            .col(big_integer_null("ended_at"))
            .col(uuid_null("ended_by"))
            .col(text_null("end_reason"))
            .take(),
        Table::create()
            .table("invitation")
            .col(pk_uuid("id"))
            .col(uuid("enterprise_id"))
            .col(uuid("invited_by"))
            .col(text("name"))
            .col(text("phone"))
            .col(text("state"))
            .col(uuid_null("account_id"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("answered_at"))
            // Enterprise and phone while it waits for an answer, null afterwards.
            .col(text_null("open_slot"))
            .take(),
    ]
}

fn columns() -> Vec<(&'static str, ColumnDef)> {
    vec![
        ("application", uuid_null("enterprise_id")),
        // Who will hold the certificate, where that is not the applicant.
        ("application", uuid_null("holder_id")),
        // The certificate that is renewed or replaced.
        ("application", uuid_null("old_certificate_id")),
        // Sealed JSON: what the kind needs beyond the other columns.
        ("application", blob_null("details")),
        // Whether the administrator's sealed letter is wanted; decided when it is handed in.
        ("application", boolean_false("letter_due")),
        // The scan request that seals the letter.
        ("application", uuid_null("letter_request_id")),
        // Whoever said yes first, where two reviewers must.
        ("application", uuid_null("first_reviewer_id")),
        // What only one application may be about while it is under way, such as the credit code of a claim.
        ("application", text_null("exclusive_slot")),
        ("certificate", uuid_null("enterprise_id")),
        ("appearance", uuid_null("enterprise_id")),
        // The application whose letter this request seals.
        ("scan_request", uuid_null("application_id")),
        ("institution", boolean_false("four_eyes")),
    ]
}

fn boolean_false(name: &'static str) -> ColumnDef {
    boolean(name).default(false).take()
}

const INDEXES: &[(&str, &[&str], bool)] = &[
    ("enterprise", &["credit_code"], true),
    ("membership", &["active_slot"], true),
    ("membership", &["admin_slot"], true),
    ("membership", &["enterprise_id"], false),
    ("membership", &["account_id"], false),
    ("authorisation", &["enterprise_id", "account_id"], false),
    ("authorisation", &["account_id"], false),
    ("invitation", &["open_slot"], true),
    ("invitation", &["phone"], false),
    ("application", &["exclusive_slot"], true),
    ("application", &["enterprise_id"], false),
    ("application", &["holder_id"], false),
    ("certificate", &["enterprise_id"], false),
    ("appearance", &["enterprise_id"], false),
];
