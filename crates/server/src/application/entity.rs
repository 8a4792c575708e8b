//! Tables `application`, `application_step` and `material`.

/// A request that somebody must approve.
pub mod application {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "application")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub account_id: Uuid,
        /// Row of the table of kinds.
        pub kind: String,
        /// Where it stands.
        pub state: String,
        /// Counts every change; who decides on an older one is told.
        pub version: i32,
        /// Chosen institution.
        pub institution_id: Option<Uuid>,
        /// Chosen product.
        pub product_id: Option<Uuid>,
        /// Whom the certificate will name.
        pub subject_name: String,
        /// What came of it.
        pub certificate_id: Option<Uuid>,
        /// The refused application that this one repeats.
        pub previous_id: Option<Uuid>,
        /// Account and kind while open.
        pub open_slot: Option<String>,
        /// Unix milliseconds.
        pub created_at: i64,
        /// Unix milliseconds.
        pub updated_at: i64,
        /// Unix milliseconds.
        pub submitted_at: Option<i64>,
        /// The enterprise that it is about.
        pub enterprise_id: Option<Uuid>,
        /// Who will hold the certificate or the role, where that is not the applicant.
        pub holder_id: Option<Uuid>,
        /// The certificate that is renewed or replaced.
        pub old_certificate_id: Option<Uuid>,
        /// Sealed [`Details`](super::super::details::Details).
        pub details: Option<Vec<u8>>,
        /// Recoveries: the verification of the applicant's face.
        pub verification_id: Option<Uuid>,
        /// Whether the administrator's sealed letter is wanted; decided when it is handed in.
        pub letter_due: bool,
        /// The scan request that seals the letter.
        pub letter_request_id: Option<Uuid>,
        /// Whoever said yes first, where two reviewers must.
        pub first_reviewer_id: Option<Uuid>,
        /// What only one application may be about while it is under way.
        pub exclusive_slot: Option<String>,
        /// Claims: the credit code, so that those of one enterprise are found.
        pub credit_code: Option<String>,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One entry of an application's history.
pub mod step {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "application_step")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Of which application.
        pub application_id: Uuid,
        /// The version that this step made.
        pub version: i32,
        /// The state entered.
        pub state: String,
        /// Unix milliseconds.
        pub at: i64,
        /// `applicant`, `reviewer` or `system`.
        pub by: String,
        /// Who.
        pub actor_id: Option<Uuid>,
        /// Why, for refusals.
        pub reason: Option<String>,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An image that belongs to an application.
pub mod material {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "material")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Of which application.
        pub application_id: Uuid,
        /// A [`MaterialKind`](super::super::kinds::MaterialKind).
        pub kind: String,
        /// Name of the object that holds it.
        pub blob: String,
        /// Media type.
        pub content_type: String,
        /// Octets.
        pub size: i64,
        /// Unix milliseconds.
        pub uploaded_at: i64,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
