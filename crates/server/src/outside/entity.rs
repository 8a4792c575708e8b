//! Tables `outside_conversation` and `outside_withdrawal`. Times are Unix milliseconds.

/// What was said with a CA about one certificate.
pub mod conversation {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outside_conversation")]
    pub struct Model {
        /// The signing certificate that is being issued.
        #[sea_orm(primary_key, auto_increment = false)]
        pub certificate_id: Uuid,
        /// `signing`, or `encryption` for the certificate beside it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub purpose: String,
        /// Whose CA it is.
        pub institution_id: Uuid,
        /// transactionID, 16 octets.
        pub transaction_id: Vec<u8>,
        /// Nonce of our last question, 16 octets.
        pub nonce: Vec<u8>,
        /// Nonce of the last answer.
        pub answered: Option<Vec<u8>>,
        /// DER of the certificate that the CA has issued.
        pub certificate: Option<Vec<u8>>,
        /// When the CA has been told that it has arrived.
        pub confirmed_at: Option<i64>,
        /// Until then one request works on it, and no other.
        pub held_until: i64,
        /// When it was begun.
        pub created_at: i64,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A withdrawal that a CA has to be told.
pub mod withdrawal {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outside_withdrawal")]
    pub struct Model {
        /// Grows with time.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose CA it is.
        pub institution_id: Uuid,
        /// Serial number, hexadecimal.
        pub serial: String,
        /// A word of RFC 5280 5.3.1; none: a hold is over.
        pub reason: Option<String>,
        /// When it was decided.
        pub created_at: i64,
        /// When the CA is told (again).
        pub due_at: i64,
        /// How often it was tried.
        pub tries: i32,
        /// What the CA said against it.
        pub problem: Option<String>,
        /// When the CA had done it.
        pub done_at: Option<i64>,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
