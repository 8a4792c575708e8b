//! What can go wrong on the phone.

use crate::pdf::PdfError;

/// Why an operation of the phone stopped. Nothing was signed and nothing secret is in here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The split-key protocol stopped: see [`splitkey::Error`].
    #[error(transparent)]
    Protocol(#[from] splitkey::Error),
    /// The document is not one that can be signed.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// A step was called out of turn, or twice.
    #[error("a step of the operation was called out of turn")]
    OutOfTurn,
    /// An argument has the wrong length.
    #[error("{0} has the wrong length")]
    Length(&'static str),
    /// A PIN that may not be chosen.
    #[error("this PIN may not be chosen")]
    WeakPin,
}

impl From<gm::Error> for Error {
    fn from(error: gm::Error) -> Self {
        Self::Protocol(error.into())
    }
}

/// Result of this crate's operations.
pub type Result<T, E = Error> = core::result::Result<T, E>;
