//! Table `issuance_halt`. Times are Unix milliseconds.

use sea_orm::entity::prelude::*;

/// A halt, in force or over.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "issuance_halt")]
pub struct Model {
    /// Names it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What is halted; none: the whole platform.
    pub institution_id: Option<Uuid>,
    /// Why.
    pub reason: String,
    /// Since when.
    pub halted_at: i64,
    /// Who halted it; none: the command line.
    pub halted_by: Option<Uuid>,
    /// When somebody asked to resume, where a second voice is needed.
    pub asked_at: Option<i64>,
    /// Who; none beside a time: the command line.
    pub asked_by: Option<Uuid>,
    /// What they said.
    pub asked_reason: Option<String>,
    /// When it ended.
    pub resumed_at: Option<i64>,
    /// Who ended it; none beside a time: the command line.
    pub resumed_by: Option<Uuid>,
    /// What is halted, as long as it is.
    pub open_slot: Option<String>,
}

/// None are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
