//! The tables of the transparency log. Rows are written once and never changed. Times are Unix milliseconds.

/// Complete subtrees.
pub mod node {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "log_node")]
    pub struct Model {
        /// 0 for leaves.
        #[sea_orm(primary_key, auto_increment = false)]
        pub level: i32,
        /// From the left, at this level.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        /// Its hash.
        pub hash: Vec<u8>,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What the log has signed.
pub mod head {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "log_head")]
    pub struct Model {
        /// Entries that it covers.
        #[sea_orm(primary_key, auto_increment = false)]
        pub size: i64,
        /// When.
        pub at: i64,
        /// Hash of the root.
        pub root: Vec<u8>,
        /// DER SM2Signature.
        pub signature: Vec<u8>,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The key that signs heads.
pub mod key {
    use sea_orm::entity::prelude::*;

    /// The one row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "log_key")]
    pub struct Model {
        /// Always 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        /// Uncompressed point.
        pub public_key: Vec<u8>,
        /// Private key under the key-encryption key.
        pub sealed: Vec<u8>,
        /// When it was made.
        pub created_at: i64,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
