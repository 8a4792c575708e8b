//! The tables of faults. Times are Unix milliseconds.

/// A fault with its criteria.
pub mod fault {
    use sea_orm::entity::prelude::*;

    /// One row. A criterion that is none holds for every certificate.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fault")]
    pub struct Model {
        /// Names it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// What people call it.
        pub name: String,
        /// What went wrong; may be empty.
        pub note: String,
        /// Who issued.
        pub institution_id: Option<Uuid>,
        /// The serial number of the issuing CA, hexadecimal; its institution stands beside it.
        pub ca_serial: Option<String>,
        /// Issued at this time or later.
        pub issued_from: Option<i64>,
        /// Issued before this time.
        pub issued_to: Option<i64>,
        /// `personal` or `enterprise`.
        pub kind: Option<String>,
        /// The product that was chosen.
        pub product_id: Option<Uuid>,
        /// Whether only what is listed by serial number is touched.
        pub listed: bool,
        /// Which operator opened it.
        pub opened_by: Uuid,
        /// When.
        pub opened_at: i64,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Serial numbers that a fault lists.
pub mod fault_serial {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fault_serial")]
    pub struct Model {
        /// Of which fault.
        #[sea_orm(primary_key, auto_increment = false)]
        pub fault_id: Uuid,
        /// Hexadecimal, lower case.
        #[sea_orm(primary_key, auto_increment = false)]
        pub serial: String,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The mass re-issue of a fault's certificates.
pub mod reissue_job {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reissue_job")]
    pub struct Model {
        /// Of which fault.
        #[sea_orm(primary_key, auto_increment = false)]
        pub fault_id: Uuid,
        /// A [`JobState`](super::super::rules::JobState).
        pub state: String,
        /// Live certificates that the fault touched when it was started.
        pub total: i64,
        /// Which operator started it.
        pub started_by: Uuid,
        /// When.
        pub started_at: i64,
        /// When nothing was left to do.
        pub done_at: Option<i64>,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A certificate that another one takes the place of.
pub mod reissued {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reissued")]
    pub struct Model {
        /// The old certificate: nothing is issued twice in its place.
        #[sea_orm(primary_key, auto_increment = false)]
        pub old_id: Uuid,
        /// The new one; none where it could not be made, or was not needed any more.
        pub new_id: Option<Uuid>,
        /// Because of which fault.
        pub fault_id: Uuid,
        /// Who issues.
        pub institution_id: Uuid,
        /// Whose certificates.
        pub account_id: Uuid,
        /// Why there is no new one.
        pub problem: Option<String>,
        /// When the new serial number was chosen.
        pub intended_at: i64,
        /// When it was over.
        pub done_at: Option<i64>,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
