//! Certificates and enrolments as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::CertificateState;

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
    /// `personal`.
    pub kind: String,
    /// Who issued it.
    pub institution: Issuer,
    /// The person's name.
    pub subject_name: String,
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
    /// The certificate.
    pub certificate_pem: String,
    /// The issuing CA, then the root.
    pub chain_pem: String,
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
