//! What can go wrong between a relying party and the platform.

use serde::Deserialize;

/// The platform's refusal (RFC 9457). `code` is stable: decide by it, show `title`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Problem {
    /// Stable code, such as `SCAN_NOT_CONFIRMED`.
    pub code: String,
    /// HTTP status.
    pub status: u16,
    /// What the user should do next, in Chinese.
    pub title: String,
    /// The same in English.
    #[serde(default)]
    pub title_en: String,
    /// More about this case.
    #[serde(default)]
    pub detail: Option<String>,
    /// More about this case, in English.
    #[serde(default)]
    pub detail_en: Option<String>,
    /// Seconds to wait before asking again.
    #[serde(default)]
    pub retry_after: Option<u64>,
}

/// Why a login's answer was not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginFault {
    /// The request is not confirmed, or not a login.
    #[error("there is no confirmed login to verify")]
    NotConfirmed,
    /// The statement is not of the form that a login signs.
    #[error("the statement cannot be read")]
    Statement,
    /// The statement speaks of another request.
    #[error("the statement belongs to another request")]
    OtherRequest,
    /// The statement is about a time that is over or has not come.
    #[error("the statement is not valid now")]
    Time,
    /// The certificate cannot be read.
    #[error("the certificate cannot be read")]
    Certificate,
    /// The certificate leads to no trusted root, is over, revoked, or not for signing.
    #[error("the certificate is not trusted")]
    Untrusted,
    /// The signature is not that of the certificate's key over the statement.
    #[error("the signature is wrong")]
    Signature,
    /// The platform names another person than the certificate.
    #[error("the name is not that of the certificate")]
    Name,
    /// The platform names another enterprise than the certificate, or one where the certificate names none.
    #[error("the enterprise is not that of the certificate")]
    Enterprise,
}

/// Why a signed document was not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureFault {
    /// It does not begin with the octets that were sent.
    #[error("not the document that was sent")]
    OtherDocument,
    /// It cannot be read.
    #[error("the signed document cannot be read")]
    Unreadable,
    /// Not exactly one good signature over everything was added.
    #[error("the document does not carry the signature")]
    NotSigned,
    /// The certificate leads to no trusted root, is over, revoked, or not for signing.
    #[error("the certificate is not trusted")]
    Untrusted,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The platform's address is not an `http` or `https` address, or its credentials cannot be sent.
    #[error("configuration: {0}")]
    Configuration(&'static str),
    /// The platform could not be reached, or the connection broke.
    #[error("the platform cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The platform refused.
    #[error("the platform refused: {} ({})", .0.code, .0.title_en)]
    Refused(Box<Problem>),
    /// The platform answered something that this library does not understand.
    #[error("the platform's answer cannot be read: {0}")]
    Answer(&'static str),
    /// The answer is larger than what this library takes.
    #[error("the platform's answer is larger than {0} octets")]
    TooLarge(usize),
    /// A login's answer was not believed.
    #[error(transparent)]
    Login(#[from] LoginFault),
    /// A signed document was not believed.
    #[error(transparent)]
    Signature(#[from] SignatureFault),
}

impl Error {
    /// The platform's code, if it was the platform that refused.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(problem) => Some(&problem.code),
            _ => None,
        }
    }
}
