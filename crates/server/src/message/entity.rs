//! Tables `message` and `event`.

/// A message to a person.
pub mod message {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "message")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// To whom.
        pub account_id: Uuid,
        /// What it is about.
        pub kind: String,
        /// Chinese.
        pub title: String,
        /// Chinese.
        pub body: String,
        /// English.
        pub title_en: String,
        /// English.
        pub body_en: String,
        /// What its button does.
        pub action_kind: Option<String>,
        /// To which object.
        pub action_target: Option<Uuid>,
        /// Unix milliseconds.
        pub created_at: i64,
        /// Unix milliseconds.
        pub read_at: Option<i64>,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Something that a person's phone should look at.
pub mod event {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "event")]
    pub struct Model {
        /// Order of events; the id that a stream resumes from.
        #[sea_orm(primary_key)]
        pub seq: i64,
        /// Whose.
        pub account_id: Uuid,
        /// What kind of object changed.
        pub kind: String,
        /// Which one.
        pub target_id: Uuid,
        /// Unix milliseconds.
        pub created_at: i64,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An SMS that is to be sent, or has been.
pub mod sms_notice {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sms_notice")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// To whom.
        pub account_id: Option<Uuid>,
        /// To which number, where that need not be anybody's.
        pub phone: Option<String>,
        /// The message that says the same.
        pub message_id: Option<Uuid>,
        /// A [`Kind`](super::super::sms::Kind).
        pub kind: String,
        /// What it names, such as an enterprise.
        pub subject: String,
        /// Unix milliseconds.
        pub due_at: i64,
        /// Tries that failed.
        pub tries: i32,
        /// When it was sent, or found needless. Unix milliseconds.
        pub ended_at: Option<i64>,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a person wants to be told by SMS.
pub mod sms_setting {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sms_setting")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        /// When consent is asked.
        pub consent: bool,
        /// When an application is approved.
        pub approval: bool,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
