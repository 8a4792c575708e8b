//! Table `enterprise_gram`.

use sea_orm::entity::prelude::*;

/// A row: that an enterprise's name has this gram. The key's order is the order in which names are found.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enterprise_gram")]
pub struct Model {
    /// See [`super::grams`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub gram: String,
    /// Characters of the name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub length: i32,
    /// Whose name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub enterprise_id: Uuid,
}

/// None are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
