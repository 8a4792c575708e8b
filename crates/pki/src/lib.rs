//! X.509 and GB/T 35275 with SM2 and SM3: the objects that other people's software has to accept.
//!
//! | module | what | standard |
//! |---|---|---|
//! | [`name`] | distinguished names | X.520, GB/T 20518 |
//! | [`key`], [`signature`], [`signer`] | public keys, signatures, whoever makes them | GB/T 35276 |
//! | [`profile`], [`certificate`] | what a certificate of each kind holds; building, signing, reading one | GB/T 20518, RFC 5280 |
//! | [`csr`] | certification requests | RFC 2986, GM/T 0092 |
//! | [`cmp`] | asking another CA for certificates | RFC 9810, RFC 4211 |
//! | [`crl`] | revocation lists | RFC 5280 |
//! | [`ocsp`] | is a certificate revoked, asked and answered | RFC 6960, RFC 9654 |
//! | [`lint`] | what may not be signed | RFC 5280, `docs/profiles.md` |
//! | [`chain`] | is this certificate to be trusted, for this use, at that time | RFC 5280 6 |
//! | [`signed_data`] | signed messages | GB/T 35275, RFC 5652 |
//! | [`timestamp`] | a document existed at a time | RFC 3161, GB/T 20520 |
//! | [`envelope`], [`enveloped_key`] | octets and keys for the holder of a certificate | GB/T 35275, GB/T 35276 |
//! | [`private_key`] | a key under a passphrase, for what lies off-line | RFC 5958, RFC 8018 |
//! | [`log`] | Merkle tree over an audit log, its heads and proofs | RFC 9162 2.1 with SM3 |
//! | [`pem`] | text form | RFC 7468 |
//!
//! Building goes in two steps, so that a server can store what it is about to sign before it signs: a
//! template gives the linted to-be-signed octets, and `sign` lints them again and signs them.
//! Reading never re-encodes: a signature is checked over the octets as they came.
//!
//! There is no clock, no file and no network in here: times and lists come from the caller.

mod encode;
mod error;
mod read;

pub mod certificate;
pub mod chain;
pub mod cmp;
pub mod crl;
pub mod csr;
pub mod envelope;
pub mod enveloped_key;
pub mod hash;
pub mod key;
pub mod lint;
pub mod log;
pub mod name;
pub mod ocsp;
pub mod oid;
pub mod pem;
pub mod private_key;
pub mod profile;
pub mod serial;
pub mod signature;
pub mod signed_data;
pub mod signer;
pub mod timestamp;

pub use certificate::Certificate;
pub use crl::Crl;
pub use der::asn1::ObjectIdentifier;
pub use error::Error;
pub use key::PublicKey;
pub use name::Name;
pub use profile::Profile;
pub use read::Extension;
pub use serial::Serial;
pub use signed_data::SignedData;
pub use signer::Signer;

/// Seconds since 1970-01-01T00:00:00Z.
pub type UnixSeconds = u64;
