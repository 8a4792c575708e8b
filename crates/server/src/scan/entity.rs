//! The table of scan requests. Times are Unix milliseconds.

use sea_orm::entity::prelude::*;

/// One row: a question that a PC puts to a phone.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "scan_request")]
pub struct Model {
    /// Names it; also the task of the key operation that answers it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Names it in the code: 22 characters base64url.
    pub token: String,
    /// An [`Action`](super::rules::Action).
    pub action: String,
    /// A [`ScanState`](super::rules::ScanState).
    pub state: String,
    /// Who asks.
    pub relying_party_id: Uuid,
    /// The four digits that both screens show.
    pub check_number: String,
    /// Whom the relying party wants, if it said so.
    pub subject_account_id: Option<Uuid>,
    /// Who claimed it.
    pub account_id: Option<Uuid>,
    /// JSON [`Browser`](super::model::Browser).
    pub browser: String,
    /// SM3 of what tells browsers apart.
    pub browser_key: Vec<u8>,
    /// Login: the octets to be signed.
    pub statement: Option<Vec<u8>>,
    /// Sign: JSON [`StoredDocument`](super::model::StoredDocument).
    pub document: Option<String>,
    /// Sign: SM3 of the octets that the ByteRange names, fixed at the claim.
    pub digest: Option<Vec<u8>>,
    /// The certificate that answered.
    pub certificate_id: Option<Uuid>,
    /// DER SM2Signature of the answer.
    pub signature: Option<Vec<u8>>,
    /// Why the owner said no, or why it failed.
    pub refusal: Option<String>,
    /// When it was asked.
    pub created_at: i64,
    /// When it ends.
    pub expires_at: i64,
    /// When a phone took it.
    pub claimed_at: Option<i64>,
    /// When it was answered.
    pub answered_at: Option<i64>,
    /// The application whose letter it seals.
    pub application_id: Option<Uuid>,
    /// As whom the relying party wants it answered: a word of [`Signer`](super::model::Signer).
    pub signer: Option<String>,
}

/// No relations: rows are looked up by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
