//! What can be wrong, as one list for the crate.

/// Why an object could not be read, written or believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The octets are not the DER of this structure.
    #[error("malformed {what}")]
    Malformed {
        /// The structure that was expected, by its name in the standard.
        what: &'static str,
        /// Where the reader stopped.
        #[source]
        source: der::Error,
    },
    /// The octets are DER, but not this structure.
    #[error("malformed {0}")]
    Shape(&'static str),
    /// An algorithm, curve or parameter that is not SM2 with SM3.
    #[error("unsupported algorithm in {0}")]
    Algorithm(&'static str),
    /// The public key is not a point of the curve.
    #[error("the public key is not a point of the SM2 curve")]
    PublicKey,
    /// The signature does not belong to this message and key.
    #[error("wrong signature on {0}")]
    Signature(&'static str),
    /// A value outside what the standard or the profile allows.
    #[error("not allowed: {0}")]
    OutOfRange(&'static str),
    /// What is inside cannot be had with this key, or was changed.
    #[error("{0} cannot be opened")]
    Opening(&'static str),
    /// The lint refused to let this be signed.
    #[error("refused before signing: {0}")]
    Lint(crate::lint::Findings),
    /// The signer could not sign.
    #[error("the signer failed")]
    Signer(#[source] Box<dyn core::error::Error + Send + Sync>),
}

impl Error {
    /// For `map_err` while reading a structure.
    pub(crate) fn reading(what: &'static str) -> impl Fn(der::Error) -> Self {
        move |source| Self::Malformed { what, source }
    }
}
