//! Tables `account`, `account_password`, `login_code`, `session` and `phone_change`.

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
        /// When its owner left, Unix milliseconds. The row stays for the records that name it, without number and name.
        pub deleted_at: Option<i64>,
    }

    /// The one that logging in follows.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        /// The login password.
        #[sea_orm(has_one = "super::password::Entity")]
        Password,
    }

    impl Related<super::password::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Password.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The login password of an account that has one.
pub mod password {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account_password")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        /// PHC string of Argon2id.
        pub hash: String,
        /// Unix milliseconds.
        pub changed_at: i64,
    }

    /// The one that logging in follows.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        /// Whose.
        #[sea_orm(belongs_to = "super::account::Entity", from = "Column::AccountId", to = "super::account::Column::Id")]
        Account,
    }

    impl Related<super::account::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Account.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A change of an account's number that was begun.
pub mod phone_change {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "phone_change")]
    pub struct Model {
        /// Its id; also the task of the signature that stands in for the old number.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub account_id: Uuid,
        /// The new number.
        pub phone: String,
        /// The octets that are signed.
        pub statement: Vec<u8>,
        /// Unix milliseconds.
        pub created_at: i64,
        /// Unix milliseconds.
        pub expires_at: i64,
        /// `old_number` or `certificate`, once done.
        pub proof: Option<String>,
        /// When the account had the new number, Unix milliseconds.
        pub done_at: Option<i64>,
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
        /// What it is good for, see [`Purpose`](super::super::codes::Purpose).
        pub purpose: String,
        /// Who was logged in and asked for it.
        pub account_id: Option<Uuid>,
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
        /// The device that says it works under this session.
        pub device_id: Option<Uuid>,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
