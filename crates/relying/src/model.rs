//! What goes over the wire.

use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Octets as standard base64.
pub(crate) mod octets {
    use base64::Engine as _;

    use super::{BASE64, Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(octets: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(octets))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64.decode(text).map_err(serde::de::Error::custom)
    }
}

/// Optional octets as standard base64.
mod optional_octets {
    use base64::Engine as _;

    use super::{BASE64, Deserialize, Deserializer};

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| BASE64.decode(text).map_err(serde::de::Error::custom)).transpose()
    }
}

/// The browser that will show the code. The phone shows its owner where the question comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Browser {
    /// Network address.
    pub address: String,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// A value of a long-lived cookie, so that the phone can say that a browser is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser_id: Option<String>,
}

/// A rectangle on a page as it is seen, in millimetres from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RectMm {
    /// Left edge.
    pub x_mm: f64,
    /// Upper edge.
    pub y_mm: f64,
    /// Width.
    pub width_mm: f64,
    /// Height.
    pub height_mm: f64,
}

/// Where which of the person's pictures goes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    /// Page, from 1.
    pub page: u32,
    /// Left edge, mm from the page's left.
    pub x_mm: f64,
    /// Upper edge, mm from the page's top.
    pub y_mm: f64,
    /// Width, mm.
    pub width_mm: f64,
    /// Height, mm.
    pub height_mm: f64,
    /// One of [`crate::Client::appearances`].
    pub appearance_id: Uuid,
}

/// An enterprise: its name and credit code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enterprise {
    /// Full name.
    pub name: String,
    /// Unified social credit code.
    pub credit_code: String,
}

impl Enterprise {
    /// The enterprise that a certificate speaks for, if it is not a person's.
    pub(crate) fn of(certificate: &pki::Certificate) -> Result<Option<Self>, pki::Error> {
        let named = certificate.tbs.enterprise()?;
        Ok(named.map(|named| Self { name: named.name, credit_code: named.credit_code }))
    }
}

/// As whom a document is to be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Signer {
    /// The person alone, with a personal certificate.
    Person,
    /// An enterprise that the person acts for.
    Enterprise {
        /// Its unified social credit code.
        credit_code: String,
    },
}

/// A signature to ask for.
#[derive(Debug, Clone, Copy)]
pub struct NewSignature<'a> {
    /// Who is to sign: the subject of an earlier login.
    pub subject: Uuid,
    /// The document's title as the phone shows it.
    pub title: &'a str,
    /// The PDF, at most [`crate::MAX_DOCUMENT`] octets.
    pub pdf: &'a [u8],
    /// Where the pictures go; none for an invisible signature.
    pub placements: &'a [Placement],
    /// As whom; certificates of others cannot answer. Without it any certificate of the person's can.
    pub signer: Option<&'a Signer>,
    /// In which browser the code will be shown.
    pub browser: &'a Browser,
}

#[derive(Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub(crate) enum NewScanRequest<'a> {
    Login {
        browser: &'a Browser,
    },
    Sign {
        subject: Uuid,
        document: NewDocument<'a>,
        placements: &'a [Placement],
        #[serde(skip_serializing_if = "Option::is_none")]
        signer: Option<&'a Signer>,
        browser: &'a Browser,
    },
}

#[derive(Serialize)]
pub(crate) struct NewDocument<'a> {
    pub title: &'a str,
    #[serde(serialize_with = "octets::serialize")]
    pub pdf: &'a [u8],
}

/// A request that was made: keep it until the answer is verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The scan request.
    pub id: Uuid,
    /// Four digits that the page shows beside the code and the phone shows too.
    pub check_number: String,
    /// When the question ends.
    pub expires_at: Timestamp,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Log in.
    Login,
    /// Sign a PDF.
    Sign,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has scanned the code.
    Waiting,
    /// A phone asks its owner.
    Claimed,
    /// The owner agreed.
    Confirmed,
    /// The owner said no.
    Refused,
    /// Nobody answered in time.
    Expired,
    /// The relying party took the question back.
    Cancelled,
    /// The platform could not finish what was confirmed.
    Failed,
}

impl State {
    /// Whether nothing can follow.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Claimed)
    }
}

/// A request as the platform knows it now.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ScanRequest {
    /// The scan request.
    pub id: Uuid,
    /// What was asked.
    pub action: Action,
    /// Where it stands.
    pub state: State,
    /// Four digits.
    pub check_number: String,
    /// When the question ends.
    pub expires_at: Timestamp,
    /// What came of a confirmed request.
    #[serde(default)]
    pub result: Option<ScanResult>,
}

/// What came of a confirmed request. None of it is verified yet.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ScanResult {
    /// The person, as this relying party alone knows them.
    pub subject: Uuid,
    /// Name in the certificate: the person's, or the enterprise's.
    pub name: String,
    /// The person's real name.
    #[serde(default)]
    pub person_name: Option<String>,
    /// The enterprise that the certificate speaks for.
    #[serde(default)]
    pub enterprise: Option<Enterprise>,
    /// The certificate that answered, PEM.
    pub certificate_pem: String,
    /// DER SM2Signature.
    #[serde(with = "octets")]
    pub signature: Vec<u8>,
    /// Login: the octets that were signed.
    #[serde(default, deserialize_with = "optional_octets::deserialize")]
    pub statement: Option<Vec<u8>>,
}

/// A picture that a person can put on a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Appearance {
    /// Names it in a [`Placement`].
    pub id: Uuid,
    /// `private_seal`; of an enterprise `company`, `legal_person` or `legal_person_signature`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The enterprise whose seal it is: it goes with a certificate of that enterprise only.
    #[serde(default)]
    pub enterprise: Option<Enterprise>,
    /// Natural width.
    pub width_mm: f64,
    /// Natural height.
    pub height_mm: f64,
    /// PNG.
    #[serde(with = "octets")]
    pub png: Vec<u8>,
}

/// The answer of [`crate::Client::verify_document`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// There is a signature, the newest covers the whole file, and none is broken.
    pub intact: bool,
    /// In the order of signing.
    pub signatures: Vec<SignatureReport>,
}

/// One signature of a PDF. Codes are stable; new ones may come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignatureReport {
    /// Position in the order of signing, from 0.
    pub index: usize,
    /// Who signed, by the certificate.
    #[serde(default)]
    pub signer_name: Option<String>,
    /// Who issued the certificate.
    #[serde(default)]
    pub issuer_name: Option<String>,
    /// Serial number of the certificate, hexadecimal.
    #[serde(default)]
    pub serial: Option<String>,
    /// The time that the signer claims.
    #[serde(default)]
    pub signed_at: Option<Timestamp>,
    /// Form of the signature.
    pub sub_filter: String,
    /// Nothing of the file is outside of the signature.
    pub covers_whole_document: bool,
    /// Something follows what was signed.
    pub later_revision_exists: bool,
    /// The octets are those that were signed.
    pub digest_ok: bool,
    /// The signature value verifies.
    pub signature_ok: bool,
    /// `trusted`, `untrusted`, `expired` or `revoked`; absent when no certificate could be read.
    #[serde(default)]
    pub chain: Option<String>,
    /// `valid`, `invalid` or `unknown`.
    pub verdict: String,
    /// What led to the verdict.
    pub reasons: Vec<String>,
    /// Page on which it shows, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Where it shows on that page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rect_mm: Option<RectMm>,
}
