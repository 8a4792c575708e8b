//! The tables of the search.

/// What names have which grams.
pub mod gram {
    use sea_orm::entity::prelude::*;

    /// A row: that an enterprise's name has this gram.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "enterprise_gram")]
    pub struct Model {
        /// See [`grams`](super::super::grams).
        #[sea_orm(primary_key, auto_increment = false)]
        pub gram: String,
        /// Whose name.
        #[sea_orm(primary_key, auto_increment = false)]
        pub enterprise_id: Uuid,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How many names have which grams: what is rare is looked for first. Which names fit does not depend on these numbers.
pub mod frequency {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "enterprise_gram_frequency")]
    pub struct Model {
        /// See [`grams`](super::super::grams).
        #[sea_orm(primary_key, auto_increment = false)]
        pub gram: String,
        /// Names that have it.
        pub names: i64,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
