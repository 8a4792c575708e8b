//! Tables of people and those who review them. Times are Unix milliseconds, ids UUIDs, money fen.

use sea_orm_migration::{prelude::*, schema};

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0001_people"
    }
}

/// A table whose key is a UUID named `id`.
fn table(name: &'static str, columns: Vec<ColumnDef>) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name).col(schema::uuid("id").primary_key());
    for column in columns {
        table.col(column);
    }
    table
}

fn required_text(name: &'static str) -> ColumnDef {
    schema::text(name)
}

fn text(name: &'static str) -> ColumnDef {
    schema::text_null(name)
}

fn uuid(name: &'static str) -> ColumnDef {
    schema::uuid(name)
}

fn time(name: &'static str) -> ColumnDef {
    schema::big_integer(name)
}

fn time_or_null(name: &'static str) -> ColumnDef {
    schema::big_integer_null(name)
}

fn index(table: &'static str, columns: &[&'static str], unique: bool) -> IndexCreateStatement {
    let mut index = Index::create();
    index.table(table).name(format!("{table}_{}", columns.join("_")));
    for column in columns {
        index.col(*column);
    }
    if unique {
        index.unique();
    }
    index
}

fn people() -> Vec<TableCreateStatement> {
    vec![
        table(
            "account",
            vec![
                required_text("phone"),
                text("name"),
                schema::blob_null("id_number"),
                schema::blob_null("id_number_mac"),
                time_or_null("verified_at"),
                time("created_at"),
            ],
        ),
        table(
            "login_code",
            vec![
                required_text("phone"),
                required_text("address"),
                schema::blob("code_mac"),
                schema::integer("tries"),
                time("created_at"),
                time_or_null("ended_at"),
            ],
        ),
        table(
            "session",
            vec![
                uuid("account_id"),
                schema::blob("token_digest"),
                required_text("address"),
                required_text("user_agent"),
                time("created_at"),
                time("expires_at"),
                time_or_null("ended_at"),
            ],
        ),
        table(
            "identity_verification",
            vec![
                uuid("account_id"),
                required_text("name"),
                schema::blob("id_number"),
                schema::blob("id_number_mac"),
                required_text("status"),
                text("reason_code"),
                text("provider_reference"),
                required_text("return_path"),
                time("created_at"),
                time("updated_at"),
            ],
        ),
        table(
            "message",
            vec![
                uuid("account_id"),
                required_text("kind"),
                required_text("title"),
                required_text("body"),
                required_text("title_en"),
                required_text("body_en"),
                text("action_kind"),
                schema::uuid_null("action_target"),
                time("created_at"),
                time_or_null("read_at"),
            ],
        ),
    ]
}

fn applications() -> Vec<TableCreateStatement> {
    vec![
        table(
            "institution",
            vec![
                required_text("slug"),
                required_text("name"),
                required_text("name_en"),
                required_text("description"),
                required_text("description_en"),
                schema::boolean("sandbox"),
                schema::integer("position"),
                time("created_at"),
            ],
        ),
        table(
            "product",
            vec![
                uuid("institution_id"),
                required_text("kind"),
                schema::integer("validity_months"),
                schema::big_integer("fee_fen"),
                schema::boolean("offered"),
            ],
        ),
        table(
            "required_material",
            vec![
                uuid("institution_id"),
                required_text("application_kind"),
                required_text("material_kind"),
                schema::boolean("required"),
            ],
        ),
        table(
            "application",
            vec![
                uuid("account_id"),
                required_text("kind"),
                required_text("state"),
                schema::integer("version"),
                schema::uuid_null("institution_id"),
                schema::uuid_null("product_id"),
                required_text("subject_name"),
                schema::uuid_null("certificate_id"),
                schema::uuid_null("previous_id"),
                // Account and kind while the application is open, null afterwards: the unique index lets one be open.
                text("open_slot"),
                time("created_at"),
                time("updated_at"),
                time_or_null("submitted_at"),
            ],
        ),
        table(
            "application_step",
            vec![
                uuid("application_id"),
                schema::integer("version"),
                required_text("state"),
                time("at"),
                required_text("by"),
                schema::uuid_null("actor_id"),
                text("reason"),
            ],
        ),
        table(
            "material",
            vec![
                uuid("application_id"),
                required_text("kind"),
                required_text("blob"),
                required_text("content_type"),
                schema::big_integer("size"),
                time("uploaded_at"),
            ],
        ),
    ]
}

fn reviewing() -> Vec<TableCreateStatement> {
    vec![
        table(
            "reviewer",
            vec![
                required_text("username"),
                required_text("name"),
                required_text("password_hash"),
                schema::uuid_null("institution_id"),
                required_text("role"),
                schema::integer("failures"),
                time_or_null("locked_until"),
                time("created_at"),
            ],
        ),
        table(
            "console_session",
            vec![
                uuid("reviewer_id"),
                schema::blob("token_digest"),
                required_text("address"),
                time("created_at"),
                time("expires_at"),
                time_or_null("ended_at"),
            ],
        ),
        Table::create()
            .table("audit")
            .col(schema::big_integer("seq").primary_key())
            .col(time("at"))
            .col(required_text("actor_kind"))
            .col(schema::uuid_null("actor_id"))
            .col(required_text("action"))
            .col(required_text("target_kind"))
            .col(schema::uuid_null("target_id"))
            .col(required_text("detail"))
            .col(schema::blob("previous"))
            .col(schema::blob("digest"))
            .to_owned(),
        Table::create()
            .table("event")
            .col(schema::big_integer("seq").primary_key().auto_increment())
            .col(uuid("account_id"))
            .col(required_text("kind"))
            .col(uuid("target_id"))
            .col(time("created_at"))
            .to_owned(),
    ]
}

fn sandbox() -> Vec<TableCreateStatement> {
    vec![
        table("sandbox_sms", vec![required_text("phone"), required_text("text"), text("code"), time("at")]),
        table(
            "sandbox_face",
            vec![
                required_text("token"),
                uuid("verification_id"),
                required_text("name"),
                required_text("return_url"),
                text("outcome"),
                time("created_at"),
            ],
        ),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("account", &["phone"], true),
        // One person, one account: the keyed digest of the identity number may stand once.
        index("account", &["id_number_mac"], true),
        index("login_code", &["phone", "created_at"], false),
        index("login_code", &["address", "created_at"], false),
        index("session", &["token_digest"], true),
        index("identity_verification", &["account_id"], false),
        index("message", &["account_id", "created_at"], false),
        index("institution", &["slug"], true),
        index("product", &["institution_id"], false),
        index("required_material", &["institution_id", "application_kind", "material_kind"], true),
        index("application", &["open_slot"], true),
        index("application", &["account_id"], false),
        index("application", &["state", "submitted_at"], false),
        index("application_step", &["application_id", "version"], true),
        index("material", &["application_id", "kind"], true),
        index("reviewer", &["username"], true),
        index("console_session", &["token_digest"], true),
        index("event", &["account_id", "seq"], false),
        index("sandbox_face", &["token"], true),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [people(), applications(), reviewing(), sandbox()].into_iter().flatten() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
