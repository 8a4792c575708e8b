//! Tables `reviewer`, `console_session`, `console_scan` and `review_hold`. Times are Unix milliseconds.

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
        /// A [`Role`](super::super::policy::Role).
        pub role: String,
        /// Wrong passwords in a row.
        pub failures: i32,
        /// Until when nobody may try again.
        pub locked_until: Option<i64>,
        /// When it was made.
        pub created_at: i64,
        /// Since when it may not log in.
        pub disabled_at: Option<i64>,
        /// The person's own account, by which they log in with their phone.
        pub account_id: Option<Uuid>,
        /// Whether the password opens anything.
        pub password_login: bool,
        /// When its owner chose the password; none: somebody else has printed it.
        pub password_changed_at: Option<i64>,
        /// The way in that stays when every phone is lost: its password cannot be switched off.
        pub break_glass: bool,
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
        /// When it began.
        pub created_at: i64,
        /// When it ends by itself.
        pub expires_at: i64,
        /// When it was ended.
        pub ended_at: Option<i64>,
        /// `password` or `scan`.
        pub method: String,
        /// The browser's `User-Agent`, 300 characters of it.
        pub user_agent: String,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A question that the console has put to a phone.
pub mod scan {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "console_scan")]
    pub struct Model {
        /// The scan request's.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// SM3 digest of the token that the asking browser holds in a cookie.
        pub token_digest: Vec<u8>,
        /// Linking: who is logged in; none: a login.
        pub reviewer_id: Option<Uuid>,
        /// When it was asked.
        pub created_at: i64,
        /// When its answer was used; it counts once.
        pub used_at: Option<i64>,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// That somebody has an application in hand, so that two do not work on the same one.
pub mod hold {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_hold")]
    pub struct Model {
        /// The application.
        #[sea_orm(primary_key, auto_increment = false)]
        pub application_id: Uuid,
        /// Who has it.
        pub reviewer_id: Uuid,
        /// Since when.
        pub taken_at: i64,
        /// Until when, unless it is renewed.
        pub expires_at: i64,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
