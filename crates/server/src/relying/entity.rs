//! The tables of relying parties. Times are Unix milliseconds.

/// Somebody who may ask phones.
pub mod relying_party {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "relying_party")]
    pub struct Model {
        /// Names it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// What phones show.
        pub name: String,
        /// Where it lives.
        pub domain: String,
        /// Its sign.
        pub logo_url: Option<String>,
        /// Basic authentication: user.
        pub client_id: String,
        /// Basic authentication: SM3 of the password, which is 32 random bytes in base64url.
        pub secret_hash: Vec<u8>,
        /// When it was registered.
        pub created_at: i64,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The name under which one relying party knows one person.
pub mod relying_subject {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "relying_subject")]
    pub struct Model {
        /// Who knows.
        #[sea_orm(primary_key, auto_increment = false)]
        pub relying_party_id: Uuid,
        /// Whom.
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        /// As what.
        pub subject: Uuid,
        /// Since when.
        pub created_at: i64,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
