//! Table `vault`: one row. Times are Unix milliseconds.

use sea_orm::entity::prelude::*;

/// Who holds the key that this database's secrets are wrapped under.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vault")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// `file` or `token`.
    pub holder: String,
    /// A known value that only the right key opens.
    pub check_value: Vec<u8>,
    /// Since when.
    pub since: i64,
}

/// No relations: there is one row.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
