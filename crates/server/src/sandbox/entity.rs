//! Tables `sandbox_sms` and `sandbox_face`.

/// A message that the sandbox did not send.
pub mod sms {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sandbox_sms")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// To whom.
        pub phone: String,
        /// The whole text.
        pub text: String,
        /// The code in it.
        pub code: Option<String>,
        /// Unix milliseconds.
        pub at: i64,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A face verification at the sandbox's provider.
pub mod face {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sandbox_face")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Names it in the page's address.
        pub token: String,
        /// The platform's name for it.
        pub verification_id: Uuid,
        /// Whose face.
        pub name: String,
        /// Where the browser goes afterwards.
        pub return_url: String,
        /// `passed` or `failed`, once a button was pressed.
        pub outcome: Option<String>,
        /// Unix milliseconds.
        pub created_at: i64,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
