//! Tables `account`, `login_code` and `session`.

/// A person's account: a phone number, and after verification a real name.
pub mod account {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Mobile number, 11 digits.
        pub phone: String,
        /// Real name, once verified.
        pub name: Option<String>,
        /// Identity number, sealed.
        pub id_number: Option<Vec<u8>>,
        /// Keyed digest of the identity number: one person, one account.
        pub id_number_mac: Option<Vec<u8>>,
        /// When the real name was verified, Unix milliseconds.
        pub verified_at: Option<i64>,
        /// Unix milliseconds.
        pub created_at: i64,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A code that was sent by SMS.
pub mod login_code {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "login_code")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Where it was sent.
        pub phone: String,
        /// Who asked.
        pub address: String,
        /// Keyed digest of the code.
        pub code_mac: Vec<u8>,
        /// Wrong tries so far.
        pub tries: i32,
        /// Unix milliseconds.
        pub created_at: i64,
        /// When it was used, replaced or worn out, Unix milliseconds.
        pub ended_at: Option<i64>,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A login.
pub mod session {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub account_id: Uuid,
        /// SM3 digest of the token in the cookie.
        pub token_digest: Vec<u8>,
        /// Where it began.
        pub address: String,
        /// The browser.
        pub user_agent: String,
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
