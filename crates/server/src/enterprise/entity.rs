//! Tables `enterprise`, `membership` and `invitation`. Times are Unix milliseconds.

/// An enterprise that somebody has claimed.
pub mod enterprise {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "enterprise")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Full name, as on the licence.
        pub name: String,
        /// Unified social credit code, 18 characters (GB 32100).
        pub credit_code: String,
        /// Name of the legal person.
        pub legal_person_name: String,
        /// An [`IdType`](super::super::rules::IdType).
        pub legal_person_id_type: String,
        /// Number of the legal person's document, sealed.
        pub legal_person_id_number: Option<Vec<u8>>,
        /// When its first claim was completed.
        pub created_at: i64,
        /// When its facts last changed.
        pub updated_at: i64,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// That a person belongs, or belonged, to an enterprise.
pub mod membership {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "membership")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// To which enterprise.
        pub enterprise_id: Uuid,
        /// Who.
        pub account_id: Uuid,
        /// A [`Role`](super::super::rules::Role).
        pub role: String,
        /// Since when.
        pub joined_at: i64,
        /// Until when.
        pub ended_at: Option<i64>,
        /// Enterprise and account while it lasts.
        pub active_slot: Option<String>,
        /// The enterprise while this is its administrator.
        pub admin_slot: Option<Uuid>,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An administrator's invitation of a person.
pub mod invitation {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "invitation")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Into which enterprise.
        pub enterprise_id: Uuid,
        /// By whom.
        pub invited_by: Uuid,
        /// The person's real name.
        pub name: String,
        /// The person's mobile number, 11 digits.
        pub phone: String,
        /// An [`InvitationState`](super::super::rules::InvitationState).
        pub state: String,
        /// Who answered.
        pub account_id: Option<Uuid>,
        /// When it was sent.
        pub created_at: i64,
        /// When it ends unanswered.
        pub expires_at: i64,
        /// When it was answered or taken back.
        pub answered_at: Option<i64>,
        /// Enterprise and phone while it waits.
        pub open_slot: Option<String>,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
