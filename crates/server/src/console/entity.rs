//! Tables `reviewer` and `console_session`.

/// Somebody who works at the console.
pub mod reviewer {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reviewer")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Login name.
        pub username: String,
        /// Name shown.
        pub name: String,
        /// Argon2id, PHC string.
        pub password_hash: String,
        /// Whose applications; none: every institution's.
        pub institution_id: Option<Uuid>,
        /// `reviewer`.
        pub role: String,
        /// Wrong passwords in a row.
        pub failures: i32,
        /// Unix milliseconds.
        pub locked_until: Option<i64>,
        /// Unix milliseconds.
        pub created_at: i64,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A login at the console.
pub mod session {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "console_session")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub reviewer_id: Uuid,
        /// SM3 digest of the token in the cookie.
        pub token_digest: Vec<u8>,
        /// Where it began.
        pub address: String,
        /// Unix milliseconds.
        pub created_at: i64,
        /// Unix milliseconds.
        pub expires_at: i64,
        /// When it was ended, Unix milliseconds.
        pub ended_at: Option<i64>,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
