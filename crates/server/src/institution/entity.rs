//! Tables `institution`, `product` and `required_material`.

/// A CA institution.
pub mod institution {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "institution")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Short name in paths.
        pub slug: String,
        /// Chinese.
        pub name: String,
        /// English.
        pub name_en: String,
        /// Chinese.
        pub description: String,
        /// English.
        pub description_en: String,
        /// Whether its certificates are worth nothing.
        pub sandbox: bool,
        /// Whether two reviewers must approve.
        pub four_eyes: bool,
        /// Place in lists.
        pub position: i32,
        /// Unix milliseconds.
        pub created_at: i64,
        /// Hours within which it promises to look at what is handed in.
        pub service_hours: i32,
        /// Telephone number for applicants; may be empty.
        pub contact_phone: String,
        /// E-mail address for applicants; may be empty.
        pub contact_email: String,
        /// Where its counter is; may be empty.
        pub contact_address: String,
        /// Object identifier of the policy that its new certificates name; may be empty.
        pub policy_oid: String,
        /// The line under the title of its forms and letters; empty: its name.
        pub form_heading: String,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What an institution sells.
pub mod product {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "product")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub institution_id: Uuid,
        /// `personal_certificate`.
        pub kind: String,
        /// How long a certificate is good.
        pub validity_months: i32,
        /// Price in fen.
        pub fee_fen: i64,
        /// Whether new applications may choose it.
        pub offered: bool,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What an institution wants to see with an application.
pub mod required_material {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "required_material")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub institution_id: Uuid,
        /// With which kind of application.
        pub application_kind: String,
        /// Which material.
        pub material_kind: String,
        /// Whether an application cannot be submitted without it.
        pub required: bool,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
