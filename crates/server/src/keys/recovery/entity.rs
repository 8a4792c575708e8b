//! Table `key_recovery`. Times are Unix milliseconds.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_recovery")]
pub struct Model {
    /// Names it; the code by SMS is bound to it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose key.
    pub account_id: Uuid,
    /// Which key.
    pub key_id: Uuid,
    /// The device that holds the other half.
    pub device_id: Uuid,
    /// A [`Kind`](super::rules::Kind).
    pub kind: String,
    /// Whether a face is asked for besides.
    pub face_required: bool,
    /// When the code was confirmed.
    pub code_at: Option<i64>,
    /// The verification of the face.
    pub verification_id: Option<Uuid>,
    /// When the face was found to be the owner's.
    pub face_at: Option<i64>,
    /// How often the reset mask was released.
    pub releases: i32,
    /// Refreshes that were begun with its leave.
    pub attempts: i32,
    /// When it was begun.
    pub created_at: i64,
    /// When it stops being good.
    pub expires_at: i64,
    /// When the refresh was committed.
    pub done_at: Option<i64>,
    /// When another one took its place.
    pub ended_at: Option<i64>,
}

/// No relations: rows are looked up by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
