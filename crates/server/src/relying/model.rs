//! What relying parties send and receive.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::entity::relying_party;
use crate::scan::{
    model::{Browser, Placement},
    rules::{Action, ScanState},
};

/// A relying party, by name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlatformRef {
    /// Its id.
    id: Uuid,
    /// What it is called.
    name: String,
    /// Where it lives.
    domain: String,
}

impl From<relying_party::Model> for PlatformRef {
    fn from(row: relying_party::Model) -> Self {
        Self { id: row.id, name: row.name, domain: row.domain }
    }
}

/// Where which of the person's pictures goes.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub struct NewPlacement {
    /// Page, the first is 1.
    pub page: u32,
    /// Left edge, mm from the page's left.
    pub x_mm: f64,
    /// Upper edge, mm from the page's top.
    pub y_mm: f64,
    /// Width, mm.
    pub width_mm: f64,
    /// Height, mm.
    pub height_mm: f64,
    /// One of the person's appearances.
    pub appearance_id: Uuid,
}

impl NewPlacement {
    /// Without the picture.
    pub fn at(&self) -> Placement {
        let Self { page, x_mm, y_mm, width_mm, height_mm, .. } = *self;
        Placement { page, x_mm, y_mm, width_mm, height_mm }
    }
}

/// A document to be signed.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewDocument {
    /// What it is called.
    #[schema(max_length = 200)]
    pub title: String,
    /// Base64 of the PDF, at most 20 MiB of it.
    pub pdf: String,
}

/// As whom a document is to be signed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NewSigner {
    /// The person alone, with a personal certificate.
    Person,
    /// An enterprise that the person belongs to, with its certificate.
    Enterprise {
        /// Its unified social credit code.
        credit_code: String,
    },
}

/// An enterprise, by its certificate.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RpEnterprise)]
pub struct CertifiedEnterprise {
    /// Full name.
    pub name: String,
    /// Unified social credit code.
    pub credit_code: String,
}

/// What a relying party asks.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum NewScanRequest {
    /// Somebody wants to log in.
    Login {
        /// In this browser.
        browser: Browser,
    },
    /// A person who is logged in wants to sign.
    Sign {
        /// The person, as this relying party knows it.
        subject: Uuid,
        /// The document.
        document: NewDocument,
        /// Where the pictures go; none for an invisible signature.
        placements: Vec<NewPlacement>,
        /// As whom, if that matters: certificates of others cannot answer.
        #[serde(default)]
        signer: Option<NewSigner>,
        /// In this browser.
        browser: Browser,
    },
}

/// A question that can be shown now.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedScanRequest {
    /// Names it.
    pub id: Uuid,
    /// Four digits to show beside the code.
    pub check_number: String,
    /// RFC 3339.
    pub expires_at: String,
}

/// What came of a confirmed question.
#[derive(Debug, Serialize, ToSchema)]
pub struct RpResult {
    /// The person, as this relying party knows it.
    pub subject: Uuid,
    /// Name in the certificate: the person's, or the enterprise's.
    pub name: String,
    /// Real name of the person. Of an enterprise's certificate the platform alone vouches for it.
    pub person_name: String,
    /// The enterprise that the certificate speaks for; none: the person alone.
    pub enterprise: Option<CertifiedEnterprise>,
    /// The certificate that answered.
    pub certificate_pem: String,
    /// Base64 of the DER SM2Signature.
    pub signature: String,
    /// Login: base64 of the octets that it signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
}

/// A question, as its relying party sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RpScanRequest {
    /// Names it.
    pub id: Uuid,
    /// What was asked.
    pub action: Action,
    /// Where it stands.
    pub state: ScanState,
    /// Four digits to show beside the code.
    pub check_number: String,
    /// RFC 3339.
    pub expires_at: String,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<RpResult>,
}

/// Data of the stream's event `code`.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeEvent {
    /// The text to show as a QR code.
    pub code: String,
    /// Four digits to show beside it.
    pub check_number: String,
    /// Seconds until the whole question expires.
    pub expires_in: i64,
}

/// Data of the stream's event `state`.
#[derive(Debug, Serialize, ToSchema)]
pub struct StateEvent {
    /// Where the question stands.
    pub state: ScanState,
}

/// A picture that a person can put on a page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Appearance {
    /// Names it.
    pub id: Uuid,
    /// `private_seal`, or a `SealKind` of an enterprise.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// The enterprise whose seal it is; only a certificate of it can use it. None: the person's own.
    pub enterprise: Option<CertifiedEnterprise>,
    /// Width on the page, mm.
    pub width_mm: f64,
    /// Height on the page, mm.
    pub height_mm: f64,
    /// Base64 of the PNG.
    pub png: String,
}

/// A person's pictures.
#[derive(Debug, Serialize, ToSchema)]
pub struct Appearances {
    /// The person's own, then those of enterprises that the person may use at this platform now; newest first.
    pub items: Vec<Appearance>,
}
