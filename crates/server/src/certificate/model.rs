//! Certificates and enrolments as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::CertificateState;
use crate::enterprise::store::EnterpriseRef;

/// Who issued a certificate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Issuer {
    /// Names the institution.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
}

/// A certificate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Certificate {
    /// Names it.
    pub id: Uuid,
    /// `personal` or `enterprise`.
    pub kind: String,
    /// Who issued it.
    pub institution: Issuer,
    /// The enterprise of an enterprise certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enterprise: Option<EnterpriseRef>,
    /// The name in the certificate: the person's, or the enterprise's.
    pub subject_name: String,
    /// Whether the enterprise has another name now: a change of its information left this certificate as it was.
    pub outdated: bool,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// RFC 3339.
    pub not_before: String,
    /// RFC 3339.
    pub not_after: String,
    /// Whether it may be used.
    pub state: CertificateState,
    /// Whether its end is near.
    pub expiring: bool,
    /// Its key.
    pub key_id: Uuid,
    /// The device that holds the other half of the key.
    pub device_id: Uuid,
    /// How the key stands.
    pub key: KeyInfo,
    /// The certificate.
    pub certificate_pem: String,
    /// The issuing CA, then the root.
    pub chain_pem: String,
}

/// How a certificate's key stands, apart from the certificate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KeyInfo {
    /// Whether it signs.
    pub state: KeyStanding,
    /// Wrong PINs that are left before the lock.
    pub tries_left: u64,
    /// RFC 3339; when the PIN was last changed or reset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin_changed_at: Option<String>,
}

/// Whether a key signs, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyStanding {
    /// It signs.
    Ready,
    /// Too many wrong PINs: a forgotten PIN can be reset.
    Locked,
    /// A copy of it showed itself: the owner can have it unfrozen.
    Frozen,
    /// The institution has put it on hold.
    Suspended,
    /// Its server half is gone for ever.
    Destroyed,
}

/// A download that has begun.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Enrolment {
    /// Names it; the task id of the signature over the certification request.
    pub id: Uuid,
    /// The approved application.
    pub application_id: Uuid,
    /// Base64, 32 bytes: the server's part of the key generation's context.
    pub server_nonce: String,
    /// Base64 of the DER Name that goes into the certification request.
    pub subject: String,
    /// The account, part of the key generation's context.
    pub account_id: Uuid,
    /// RFC 3339.
    pub expires_at: String,
}
