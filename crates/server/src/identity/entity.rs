//! Table `identity_verification`.

use sea_orm::entity::prelude::*;

/// One attempt to verify a real name.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_verification")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose.
    pub account_id: Uuid,
    /// Name as entered.
    pub name: String,
    /// Identity number as entered, sealed.
    pub id_number: Vec<u8>,
    /// Keyed digest of the identity number.
    pub id_number_mac: Vec<u8>,
    /// `pending`, `passed` or `failed`.
    pub status: String,
    /// Why it failed.
    pub reason_code: Option<String>,
    /// The provider's name for it.
    pub provider_reference: Option<String>,
    /// Where the person comes back to.
    pub return_path: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub updated_at: i64,
    /// `real_name`: the first one; `again`: that it is still the same person.
    pub purpose: String,
}

/// None are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
