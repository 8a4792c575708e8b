//! Everything that can be wrong with an input of this crate.

/// Why an input was refused. Carries kinds and lengths, never the offending value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A scalar is not 32 bytes, not below the group order, or zero where zero is not allowed.
    #[error("scalar out of range")]
    Scalar,
    /// A point is not `04||x||y` of 65 bytes, has a coordinate at or above p, is not on the curve, or is infinity.
    #[error("not a point of the curve")]
    Point,
    /// A private key is outside [1, n-2] (GB/T 32918.1 clause 6.1).
    #[error("private key out of range")]
    PrivateKey,
    /// A user identifier is longer than 8191 bytes (its bit length must fit two bytes, GB/T 32918.2 clause 5.5).
    #[error("user identifier too long")]
    UserId,
    /// A signature is not well formed DER or its parts are outside [1, n-1].
    #[error("malformed signature")]
    SignatureEncoding,
    /// A well formed signature does not belong to this key and message.
    #[error("signature does not verify")]
    SignatureInvalid,
    /// A ciphertext is not a well formed `SM2Cipher` (GB/T 35276 clause 7.2) or raw `C1||C3||C2`.
    #[error("malformed ciphertext")]
    CiphertextEncoding,
    /// A ciphertext was changed or belongs to another key.
    #[error("decryption failed")]
    Decryption,
    /// A plaintext is empty or too long for the algorithm.
    #[error("plaintext length not supported")]
    PlaintextLength,
    /// The operating system gave no random numbers.
    #[error("no random numbers available")]
    Random,
}
