//! Tables `feedback`, `feedback_picture` and `feedback_reply`.

/// What a user wrote.
pub mod feedback {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "feedback")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub account_id: Uuid,
        /// The words.
        pub text: String,
        /// How else to reach the user.
        pub contact: Option<String>,
        /// Unix milliseconds.
        pub created_at: i64,
        /// When it was last answered, Unix milliseconds.
        pub replied_at: Option<i64>,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A picture with it.
pub mod picture {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "feedback_picture")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub account_id: Uuid,
        /// With which feedback; none yet when just uploaded.
        pub feedback_id: Option<Uuid>,
        /// Its place.
        pub position: i32,
        /// Name of the object that holds it.
        pub blob: String,
        /// Media type.
        pub content_type: String,
        /// Unix milliseconds.
        pub uploaded_at: i64,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An answer.
pub mod reply {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "feedback_reply")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// To which feedback.
        pub feedback_id: Uuid,
        /// Who answered.
        pub reviewer_id: Uuid,
        /// The words.
        pub text: String,
        /// Unix milliseconds.
        pub created_at: i64,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
