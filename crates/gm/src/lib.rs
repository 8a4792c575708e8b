//! The national algorithms behind one face: SM2 (GB/T 32918), SM3 (GB/T 32905) and SM4 (GB/T 32907).
//!
//! This is the only crate of the workspace that names an implementation. Everything above it speaks of
//! keys, signatures, digests and points.
//!
//! | module | what |
//! |---|---|
//! | [`sm2`] | key pairs, signatures with user id, public key encryption |
//! | [`sm3`] | digest, HMAC, password based key derivation |
//! | [`sm4`] | authenticated encryption (GCM) and counter mode |
//! | [`kdf`] | the key derivation function of GB/T 32918.4 clause 5.4.3 |
//! | [`curve`] | scalars and points of sm2p256v1, for protocols that need more than signatures |
//! | [`random`] | the operating system's random numbers |
//!
//! Secret scalars and keys are wiped when dropped, never printed, and handled in constant time. Functions
//! whose running time depends on their arguments carry `vartime` in their name and are for public values only.

mod error;

pub mod curve;
pub mod kdf;
pub mod random;
pub mod sm2;
pub mod sm3;
pub mod sm4;

pub use error::Error;

/// Result of this crate's operations.
pub type Result<T, E = Error> = core::result::Result<T, E>;
