//! Steps that bring the database forward; they never go back.

mod m0001_people;
mod m0002_keys;
mod m0003_accounts;
mod m0007_feedback;
mod m0010_enterprises;
mod m0011_claims;
mod m0012_enterprise_search;
mod m0013_signers_and_notices;
mod m0014_services;
mod m0015_life;
mod m0016_console;
mod m0017_log;
mod m0018_encryption;
mod m0019_vault;
mod m0020_services_end;
mod m0021_issuance;
mod m0022_faults;
mod m0023_outside;
mod m0024_legal_forms;
mod m0025_search_order;

use sea_orm_migration::prelude::*;

/// All steps in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_people::Migration),
            Box::new(m0002_keys::Migration),
            Box::new(m0003_accounts::Migration),
            Box::new(m0007_feedback::Migration),
            Box::new(m0010_enterprises::Migration),
            Box::new(m0011_claims::Migration),
            Box::new(m0012_enterprise_search::Migration),
            Box::new(m0013_signers_and_notices::Migration),
            Box::new(m0014_services::Migration),
            Box::new(m0015_life::Migration),
            Box::new(m0016_console::Migration),
            Box::new(m0017_log::Migration),
            Box::new(m0018_encryption::Migration),
            Box::new(m0019_vault::Migration),
            Box::new(m0020_services_end::Migration),
            Box::new(m0021_issuance::Migration),
            Box::new(m0022_faults::Migration),
            Box::new(m0023_outside::Migration),
            Box::new(m0024_legal_forms::Migration),
            Box::new(m0025_search_order::Migration),
        ]
    }
}
