//! Table `service_certificate`. Times are Unix milliseconds.

use sea_orm::entity::prelude::*;

/// A certificate of one of the platform's own services, with its key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_certificate")]
pub struct Model {
    /// Names it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose issuing CA signed it.
    pub institution_id: Uuid,
    /// A [`Role`](super::signers::Role).
    pub role: String,
    /// Serial number, hexadecimal, lower case.
    pub serial: String,
    /// DER Certificate.
    pub certificate: Vec<u8>,
    /// Private key under the vault of services.
    pub key: Vec<u8>,
    /// First moment.
    pub not_before: i64,
    /// Last moment.
    pub not_after: i64,
    /// When it was made.
    pub created_at: i64,
    /// When an operator revoked it.
    pub revoked_at: Option<i64>,
    /// Why, in the words of RFC 5280 5.3.1.
    pub revocation_reason: Option<String>,
}

/// No relations: rows are looked up by institution and role.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
