//! Signing with one request and one reply (docs/protocol.md, "Signing").
//!
//! The server commits to its nonce point before it sees the phone's ([`ServerNonce`], [`Commitment`]). The phone then
//! asks with [`PendingSignature`], which owns the phone's nonce and can be finished once. The server checks the proof
//! ([`Proven`]) and only then can answer. Without that commitment a server with many open requests forges signatures.
//!
//! A nonce that answers twice gives its owner's share away, so neither side can do it:
//!
//! ```compile_fail,E0382
//! # use splitkey::{ServerShare, codec::{Header, Sign}, sign::ServerNonce};
//! fn twice(nonce: ServerNonce, share: &ServerShare, header: &Header, one: &Sign, other: &Sign) {
//!     let _ = nonce.check(share, header, one);
//!     let _ = nonce.check(share, header, other); // the nonce is gone
//! }
//! ```
//!
//! ```compile_fail,E0382
//! # use splitkey::sign::Proven;
//! fn twice(proven: Proven<'_>) {
//!     let _ = proven.answer();
//!     let _ = proven.answer(); // answered
//! }
//! ```
//!
//! ```compile_fail,E0382
//! # use splitkey::{codec::SignReply, sign::PendingSignature};
//! fn twice(pending: PendingSignature, one: &SignReply, other: &SignReply) {
//!     let _ = pending.finish(one);
//!     let _ = pending.finish(other); // finished
//! }
//! ```

mod phone;
mod server;

pub use phone::PendingSignature;
pub use server::{PartialSignature, Proven, ServerNonce};

use crate::{
    Id, binding,
    codec::{Header, KeygenOpenReply, PrepareReply, Sign, SignReply},
    transcript,
};
use gm::{curve::Point, sm2::PublicKey, sm3::Digest};

pub(crate) const PROOF: &str = "req-auth";

/// A server's commitment to a nonce point. Not secret; the phone may keep it until it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// Its id.
    pub cid: Id,
    /// `H("nonce-com", P, cid, R2, o)`.
    pub h2: Digest,
}

impl Commitment {
    pub(crate) fn digest(public: &PublicKey, cid: Id, r2: &Point, o: &[u8; 32]) -> Digest {
        transcript::hash("nonce-com", &[&public.to_bytes(), &cid.0, &r2.to_bytes(), o])
    }
}

impl From<&PrepareReply> for Commitment {
    fn from(reply: &PrepareReply) -> Self {
        Self { cid: reply.cid, h2: reply.h2 }
    }
}

impl From<&KeygenOpenReply> for Commitment {
    fn from(reply: &KeygenOpenReply) -> Self {
        Self { cid: reply.cid, h2: reply.h2 }
    }
}

impl From<&SignReply> for Commitment {
    fn from(reply: &SignReply) -> Self {
        Self { cid: reply.cid, h2: reply.h2 }
    }
}

impl From<Commitment> for PrepareReply {
    fn from(Commitment { cid, h2 }: Commitment) -> Self {
        Self { cid, h2 }
    }
}

/// `hdr = H("hdr", P, key_id, epoch, device_id, sid, req_id, cid, h2, e, task_id)`: what the phone's proof is bound to.
pub(crate) fn hdr(public: &PublicKey, header: &Header, commitment: &Commitment, e: &Digest, task_id: Id) -> Digest {
    binding::hdr(public, header, &[&commitment.cid.0, &commitment.h2, e, &task_id.0])
}

/// [`hdr`] of a received request.
fn hdr_of(public: &PublicKey, header: &Header, message: &Sign) -> Digest {
    hdr(public, header, &Commitment { cid: message.cid, h2: message.h2 }, &message.e, message.task_id)
}
