//! Table `escrowed_key`.

use sea_orm::entity::prelude::*;

/// An encryption key in escrow.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "escrowed_key")]
pub struct Model {
    /// Names it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The signing certificate beside which it was made.
    #[sea_orm(unique)]
    pub certificate_id: Uuid,
    /// Whose it is.
    pub account_id: Uuid,
    /// P_E, 65 bytes.
    pub public_key: Vec<u8>,
    /// dE, 32 bytes under the custodians' key.
    pub wrapped: Vec<u8>,
    /// When it was made, Unix milliseconds.
    pub created_at: i64,
}

/// No relations: rows are looked up by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
