//! The certificates of the platform's own services: OCSP responders and the authority for time stamps.
//!
//! Times are Unix milliseconds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, binary, pk_uuid, string, string_uniq, uuid};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("service_certificate")
            .col(pk_uuid("id"))
            .col(uuid("institution_id"))
            .col(string("role"))
            .col(string_uniq("serial"))
            .col(binary("certificate"))
            .col(binary("key"))
            .col(big_integer("not_before"))
            .col(big_integer("not_after"))
            .col(big_integer("created_at"))
            .take();
        manager.create_table(table).await?;
        let index = Index::create()
            .name("ix_service_certificate_institution_id_role")
            .table("service_certificate")
            .col("institution_id")
            .col("role")
            .take();
        manager.create_index(index).await?;
        Ok(())
    }
}
