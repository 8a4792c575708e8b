//! Everything that can go wrong between the two halves.

use crate::codec::Refusal;

/// Why a message was refused or an operation stopped. Carries no secret and no value of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The octets are not a message of this protocol: wrong length, wrong range, not on the curve, bytes left over.
    #[error("malformed message")]
    Encoding,
    /// The envelope is for another key, was changed on its way, or is not an envelope.
    #[error("the envelope cannot be opened")]
    Envelope,
    /// The device key did not sign this body.
    #[error("the device signature does not verify")]
    DeviceSignature,
    /// A proof of knowledge does not verify. On the server, in an operation that a PIN opens: a wrong PIN.
    #[error("the proof does not verify")]
    Proof,
    /// What was opened is not what had been committed to.
    #[error("the commitment was not kept")]
    Commitment,
    /// The server's partial signature does not fit its nonce point and the message.
    #[error("the partial signature is wrong")]
    Partial,
    /// The finished signature does not verify.
    #[error("the finished signature does not verify")]
    Final,
    /// The nonce belongs to another key, epoch or session.
    #[error("the nonce does not belong to this request")]
    ForeignNonce,
    /// A value that the standard excludes came out (r = 0, s = 0, infinity): start again with new nonces.
    #[error("start again with new nonces")]
    Redraw,
    /// A PIN outside the rules: see [`crate::pin::Pin::new`].
    #[error("not an acceptable PIN")]
    Pin,
    /// The ciphertext was changed, or the shares do not belong to its key.
    #[error("decryption failed")]
    Decryption,
    /// The operating system gave no random numbers.
    #[error("no random numbers available")]
    Random,
    /// The server refused with a status of the protocol.
    #[error("the server refused: {0}")]
    Refused(#[from] Refusal),
}

impl From<gm::Error> for Error {
    fn from(error: gm::Error) -> Self {
        match error {
            gm::Error::Random => Self::Random,
            gm::Error::Decryption => Self::Decryption,
            _ => Self::Encoding,
        }
    }
}
