//! The tables of certificates. Times are Unix milliseconds.

/// An institution's root and issuing CA.
pub mod authority {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "authority")]
    pub struct Model {
        /// Whose CA it is.
        #[sea_orm(primary_key, auto_increment = false)]
        pub institution_id: Uuid,
        /// Its name in addresses.
        pub slug: String,
        /// DER certificate of the root.
        pub root_certificate: Vec<u8>,
        /// Private key of the root under the CA vault; empty when it is off-line.
        pub root_key: Vec<u8>,
        /// DER certificate of the issuing CA.
        pub ca_certificate: Vec<u8>,
        /// Private key of the issuing CA under the CA vault; empty when the CA is elsewhere.
        pub ca_key: Vec<u8>,
        /// Number of the newest CRL.
        pub crl_number: i64,
        /// DER of the newest CRL.
        pub crl: Option<Vec<u8>>,
        /// When the newest CRL must be replaced; 0 once something was revoked since.
        pub crl_next_update: Option<i64>,
        /// When it was made.
        pub created_at: i64,
    }

    impl Model {
        /// Is the CA elsewhere?
        pub const fn is_outside(&self) -> bool {
            self.ca_key.is_empty()
        }
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The download of one approved certificate to one device.
pub mod enrolment {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "enrolment")]
    pub struct Model {
        /// Names it; also the task of the signature over the certification request.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// The approved application.
        pub application_id: Uuid,
        /// Who downloads.
        pub account_id: Uuid,
        /// To which device.
        pub device_id: Uuid,
        /// Who issues.
        pub institution_id: Uuid,
        /// The server's part of the key generation's context.
        pub server_nonce: Vec<u8>,
        /// DER Name of the person.
        pub subject: Vec<u8>,
        /// The phone's one-time key that the encryption key's halves are sealed to, 65 bytes; it names another one when it
        /// has lost it.
        pub transport_key: Option<Vec<u8>>,
        /// The key, once generated.
        pub key_id: Option<Uuid>,
        /// The certificate, once issued.
        pub certificate_id: Option<Uuid>,
        /// When it was begun.
        pub created_at: i64,
        /// When it ends.
        pub expires_at: i64,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A certificate, from the moment its serial number is chosen.
pub mod certificate {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "certificate")]
    pub struct Model {
        /// Names it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Who issued it.
        pub institution_id: Uuid,
        /// Whose it is.
        pub account_id: Uuid,
        /// The application behind it.
        pub application_id: Uuid,
        /// The enrolment that ended with it; unique, so that completing twice issues once.
        pub enrolment_id: Uuid,
        /// Its key.
        pub key_id: Uuid,
        /// The device that holds the other half.
        pub device_id: Uuid,
        /// `personal` or `enterprise`.
        pub kind: String,
        /// Serial number, hexadecimal, lower case.
        pub serial: String,
        /// Common name of the subject.
        pub subject_name: String,
        /// DER TBSCertificate, stored before it is signed.
        pub to_be_signed: Vec<u8>,
        /// DER Certificate, once signed.
        pub der: Option<Vec<u8>>,
        /// A [`StoredState`](super::super::rules::StoredState).
        pub state: String,
        /// First moment.
        pub not_before: i64,
        /// Last moment.
        pub not_after: i64,
        /// When it was revoked.
        pub revoked_at: Option<i64>,
        /// Why, in the words of RFC 5280 5.3.1.
        pub revocation_reason: Option<String>,
        /// When the serial was chosen.
        pub created_at: i64,
        /// The enterprise that it speaks for; none: the person alone.
        pub enterprise_id: Option<Uuid>,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The encryption certificate beside a signing certificate. Its state is that of the signing certificate.
pub mod encryption_certificate {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "encryption_certificate")]
    pub struct Model {
        /// The signing certificate.
        #[sea_orm(primary_key, auto_increment = false)]
        pub certificate_id: Uuid,
        /// Who issued it.
        pub institution_id: Uuid,
        /// Its key, in escrow.
        pub escrow_id: Uuid,
        /// Serial number, hexadecimal, lower case.
        pub serial: String,
        /// DER TBSCertificate, stored before it is signed.
        pub to_be_signed: Vec<u8>,
        /// DER Certificate, once signed.
        pub der: Option<Vec<u8>>,
    }

    /// The one that lists and OCSP follow.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        /// The signing certificate, whose state is this one's too.
        #[sea_orm(
            belongs_to = "super::certificate::Entity",
            from = "Column::CertificateId",
            to = "super::certificate::Column::Id"
        )]
        Certificate,
    }

    impl Related<super::certificate::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Certificate.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The owner's wish to end a certificate, until its own key has signed it.
pub mod certificate_revocation {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "certificate_revocation")]
    pub struct Model {
        /// Names it; also the task of the signature.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose certificate.
        pub account_id: Uuid,
        /// Which one.
        pub certificate_id: Uuid,
        /// The octets that are signed: a JSON object that names what is revoked.
        pub statement: Vec<u8>,
        /// When it was begun.
        pub created_at: i64,
        /// When it stops being good.
        pub expires_at: i64,
        /// When the certificate was revoked by it.
        pub done_at: Option<i64>,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A reminder of a certificate's end that was sent.
pub mod expiry_notice {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "expiry_notice")]
    pub struct Model {
        /// Of which certificate.
        #[sea_orm(primary_key, auto_increment = false)]
        pub certificate_id: Uuid,
        /// How many days before the end; see [`REMINDERS`](super::super::rules::REMINDERS).
        #[sea_orm(primary_key, auto_increment = false)]
        pub days: i32,
        /// When it was sent.
        pub sent_at: i64,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A picture that a person can put on a page: the private seal (私章).
pub mod appearance {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "appearance")]
    pub struct Model {
        /// Names it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose it is.
        pub account_id: Uuid,
        /// `private_seal`, or the word of a [`SealKind`](crate::authorisation::rules::SealKind).
        pub kind: String,
        /// What the owner sees.
        pub name: String,
        /// Width on the page, micrometres.
        pub width_um: i32,
        /// Height on the page, micrometres.
        pub height_um: i32,
        /// The picture.
        pub png: Vec<u8>,
        /// The enterprise whose seal it is; none: the person's own.
        pub enterprise_id: Option<Uuid>,
        /// When it was made.
        pub created_at: i64,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
