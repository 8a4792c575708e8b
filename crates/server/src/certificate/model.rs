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
    /// The encryption certificate beside it; certificates from before there were any have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
    /// The certificate.
    pub certificate_pem: String,
    /// The issuing CA, then the root.
    pub chain_pem: String,
}

/// The encryption certificate beside a signing certificate. It lives and ends with it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Encryption {
    /// Serial number, hexadecimal.
    pub serial: String,
    /// The certificate.
    pub certificate_pem: String,
    /// Whether the phone has stored its half of the key.
    pub delivered: bool,
    /// Keys of certificates before this one that open what was encrypted to them.
    pub earlier_keys: usize,
}

/// What came of a download.
#[derive(Debug, Serialize, ToSchema)]
pub struct Issued {
    /// The certificate.
    pub certificate: Certificate,
    /// The halves of the encryption keys for the phone, until it says that it has stored them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<KeyDelivery>,
}

/// Halves of encryption keys on their way to the phone, sealed to its one-time key.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyDelivery {
    /// One for each key, in ascending order of the public key.
    pub shares: Vec<KeyDeliveryShare>,
    /// Base64 of a DER SM2Cipher: the reset masks in the same order.
    pub masks: String,
}

/// One half.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyDeliveryShare {
    /// Base64, 65 octets: P_E.
    pub public_key: String,
    /// Base64 of a DER SM2Cipher.
    pub sealed: String,
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
