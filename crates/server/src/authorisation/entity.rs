//! Table `authorisation`. Times are Unix milliseconds.

use sea_orm::entity::prelude::*;

/// A row: what one clerk may do for one enterprise at one platform.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "authorisation")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// For which enterprise.
    pub enterprise_id: Uuid,
    /// Who.
    pub account_id: Uuid,
    /// At which platform; none: at every one.
    pub relying_party_id: Option<Uuid>,
    /// Words of [`Permission`](super::rules::Permission), separated by blanks.
    pub permissions: String,
    /// Words of [`SealKind`](super::rules::SealKind), separated by blanks.
    pub seals: String,
    /// First moment.
    pub valid_from: i64,
    /// Last moment.
    pub valid_to: i64,
    /// The administrator who granted it.
    pub granted_by: Uuid,
    /// The application that ended with it.
    pub application_id: Option<Uuid>,
    /// When it was made.
    pub created_at: i64,
    /// When it was ended before its time.
    pub ended_at: Option<i64>,
    /// By whom.
    pub ended_by: Option<Uuid>,
    /// Why: `deleted`, `left`, `transferred`, `replaced`.
    pub end_reason: Option<String>,
}

/// None are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
