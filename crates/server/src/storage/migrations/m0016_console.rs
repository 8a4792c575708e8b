//! The console: roles, linked accounts, scan logins, who has which application in hand, and what institutions promise.
//!
//! Times are Unix milliseconds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob, boolean, integer, pk_uuid, text, uuid, uuid_null,
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
        for (table, column, unique) in INDEXES {
            let mut index = Index::create();
            index.name(format!("{table}_{column}")).table(*table).col(*column);
            if *unique {
                index.unique();
            }
            manager.create_index(index).await?;
        }
        name_roles(manager).await
    }
}

fn tables() -> [TableCreateStatement; 2] {
    [
        // A question that the console has put to a phone.
        Table::create()
            .table("console_scan")
            // The scan request's.
            .col(pk_uuid("id"))
            .col(blob("token_digest"))
            // Linking: who is logged in; null: a login.
            .col(uuid_null("reviewer_id"))
            .col(big_integer("created_at"))
            .col(big_integer_null("used_at"))
            .take(),
        // Who has an application in hand.
        Table::create()
            .table("review_hold")
            .col(pk_uuid("application_id"))
            .col(uuid("reviewer_id"))
            .col(big_integer("taken_at"))
            .col(big_integer("expires_at"))
            .take(),
    ]
}

fn columns() -> Vec<(&'static str, ColumnDef)> {
    vec![
        ("reviewer", big_integer_null("disabled_at")),
        // The person's own account, by which they log in with their phone.
        ("reviewer", uuid_null("account_id")),
        ("reviewer", boolean("password_login").default(true).take()),
        // Null: the password is one that somebody else has printed.
        ("reviewer", big_integer_null("password_changed_at")),
        // The way in that stays when every phone is lost.
        ("reviewer", boolean("break_glass").default(false).take()),
        ("console_session", text("method").default("password").take()),
        ("console_session", text("user_agent").default("").take()),
        // Hours within which the institution promises to look at what is handed in.
        ("institution", integer("service_hours").default(24).take()),
        ("institution", text("contact_phone").default("").take()),
        ("institution", text("contact_email").default("").take()),
        ("institution", text("contact_address").default("").take()),
    ]
}

/// Whoever saw every institution's queue was the platform's; the first of them was made at first start.
async fn name_roles(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let everywhere = || Expr::col("institution_id").is_null();
    let operators = Query::update().table("reviewer").value("role", "operator").and_where(everywhere()).to_owned();
    manager.execute(operators).await?;
    let first = Query::update()
        .table("reviewer")
        .value("break_glass", true)
        .and_where(everywhere())
        .and_where(Expr::col("username").eq("reviewer"))
        .to_owned();
    manager.execute(first).await
}

const INDEXES: &[(&str, &str, bool)] = &[
    ("reviewer", "account_id", true),
    ("reviewer", "institution_id", false),
    ("console_session", "reviewer_id", false),
    ("review_hold", "reviewer_id", false),
    ("audit", "actor_id", false),
    ("audit", "target_id", false),
    ("audit", "at", false),
    ("application_step", "at", false),
];
