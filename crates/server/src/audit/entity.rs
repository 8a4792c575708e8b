//! Table `audit`.

use sea_orm::entity::prelude::*;

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    /// Place in the chain, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// Unix milliseconds.
    pub at: i64,
    /// `account`, `reviewer`, `relying_party` or `system`.
    pub actor_kind: String,
    /// Who.
    pub actor_id: Option<Uuid>,
    /// What was done.
    pub action: String,
    /// To what kind of thing.
    pub target_kind: String,
    /// To which one.
    pub target_id: Option<Uuid>,
    /// JSON object.
    pub detail: String,
    /// Digest of the entry before.
    pub previous: Vec<u8>,
    /// SM3 over all of the above.
    pub digest: Vec<u8>,
}

/// None are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
