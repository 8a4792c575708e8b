//! Decryption by both halves of an encryption key: `dE = a + b` (docs/protocol.md, "Decryption").
//!
//! The key management centre makes dE and keeps it in escrow ([`split`]); phone and server each hold a summand. One
//! request, one reply; the server proves that its half is right.
//!
//! A share that signs never decrypts, because answers to chosen C1 would make the server an oracle for it:
//!
//! ```compile_fail,E0308
//! # use splitkey::{ServerShare, codec::{Decrypt, Header}, decrypt};
//! fn confuse(share: &ServerShare, header: &Header, message: &Decrypt) {
//!     let _ = decrypt::check(share.public_key(), share, header, message); // not a decryption share
//! }
//! ```

mod escrow;
mod phone;
mod server;

pub use escrow::{EscrowSplit, split};
pub use phone::PendingDecryption;
pub use server::{ProvenDecryption, check};

use crate::{Id, Result, binding, codec::Header};
use gm::{
    curve::{Element, Point, Scalar},
    sm2::PublicKey,
    sm3::Digest,
};
use zeroize::Zeroizing;

pub(crate) const PROOF: &str = "dec-auth";
pub(crate) const EQUALITY: &str = "dleq";

/// The phone's half of an encryption key, unlocked: a.
#[derive(Clone)]
pub struct PhoneDecryptionShare {
    pub(crate) public: PublicKey,
    pub(crate) sid: Id,
    pub(crate) a: Scalar,
}

impl PhoneDecryptionShare {
    pub(crate) fn new(public: PublicKey, a: Scalar) -> Result<Self> {
        Ok(Self { public, sid: Id::ZERO, a: a.nonzero()? })
    }

    /// The public key P_E.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }
}

impl core::fmt::Debug for PhoneDecryptionShare {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PhoneDecryptionShare(..)")
    }
}

/// The server's half of an encryption key: b.
#[derive(Clone)]
pub struct ServerDecryptionShare {
    pub(crate) public: PublicKey,
    pub(crate) b: Scalar,
}

impl ServerDecryptionShare {
    /// Reads what [`ServerDecryptionShare::to_bytes`] gave, for the key with this public key.
    pub fn from_bytes(public: PublicKey, bytes: &[u8]) -> Result<Self> {
        Ok(Self { public, b: Scalar::from_slice(bytes)?.nonzero()? })
    }

    /// The secret, 32 bytes. Store it only wrapped.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.b.to_secret_bytes()
    }

    /// The public key P_E.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn with(&self, b: Scalar) -> Self {
        Self { public: self.public, b }
    }

    /// (A, B) with A = P_E - bG, the phone's point, and B = bG. Next to a copy of the phone's storage either is a test
    /// for PINs: never stored.
    pub(crate) fn points(&self) -> Result<[Point; 2]> {
        let own = Point::mul_base(&self.b);
        Ok(Element::normalize_all([Element::from(self.public.point()) - own, own])?)
    }
}

impl core::fmt::Debug for ServerDecryptionShare {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ServerDecryptionShare(..)")
    }
}

/// `H("hdr", P, key_id, .., req_id, P_E, C1, task_id)` with the signing key's P, which names the key.
pub(crate) fn hdr(signing: &PublicKey, public: &PublicKey, header: &Header, c1: &Point, task_id: Id) -> Digest {
    binding::hdr(signing, header, &[&public.to_bytes(), &c1.to_bytes(), &task_id.0])
}
