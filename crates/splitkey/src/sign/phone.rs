//! The phone's half of a signature.

use super::{Commitment, PROOF, hdr};
use crate::{
    Error, Id, PhoneShare, Result,
    binding::fits,
    codec::{Header, Sign, SignReply},
    proof::{self, Pair, PairProof},
    transcript,
};
use gm::{
    curve::{Element, Point, Scalar},
    random,
    sm2::Signature,
    sm3::Digest,
};

/// A signature that was asked for. Owns the phone's nonce w1, which [`PendingSignature::finish`] uses up.
#[must_use]
pub struct PendingSignature {
    share: PhoneShare,
    commitment: Commitment,
    e: Digest,
    w1: Scalar,
}

impl PendingSignature {
    /// Asks for a signature on `e`, which the phone has computed itself from what it has shown to its user.
    ///
    /// `header` must be the one that the request will travel with. One key should have at most one signature pending.
    pub fn new(
        share: PhoneShare,
        header: &Header,
        commitment: Commitment,
        e: &Digest,
        task_id: Id,
    ) -> Result<(Self, Sign)> {
        if !fits(header, share.key_id, share.epoch, share.sid) {
            return Err(Error::Encoding);
        }
        let hdr = hdr(&share.public, header, &commitment, e, task_id);
        let hedge = Hedge::new(&share.y1, &hdr)?;
        let nonces = [hedge.scalar("nonce")?, hedge.scalar("nonce-t0")?, hedge.scalar("nonce-t1")?];
        Self::with_nonces(share, &hdr, commitment, e, task_id, nonces)
    }

    /// The request for given w1, t0 and t1.
    pub(crate) fn with_nonces(
        share: PhoneShare,
        hdr: &Digest,
        commitment: Commitment,
        e: &Digest,
        task_id: Id,
        [w1, t0, t1]: [Scalar; 3],
    ) -> Result<(Self, Sign)> {
        let [x1, q1] = Element::normalize_all([Point::mul_base(&share.y1), Point::mul_base(&w1)])?;
        let pair = Pair { secrets: [&share.y1, &w1], points: [&x1, &q1] };
        let PairProof { c, z0, z1 } = proof::prove_pair(PROOF, hdr, &pair, [&t0, &t1])?;
        let Commitment { cid, h2 } = commitment;
        let message = Sign { cid, h2, e: *e, task_id, q1, c, z0, z1 };
        Ok((Self { share, commitment, e: *e, w1 }, message))
    }

    /// Checks the server's answer, completes the signature and verifies it. Whatever happens, w1 is gone.
    pub fn finish(self, reply: &SignReply) -> Result<Signature> {
        let Self { share, commitment, e, w1 } = &self;
        if Commitment::digest(&share.public, commitment.cid, &reply.r2, &reply.o) != commitment.h2 {
            return Err(Error::Commitment);
        }
        let d1 = share.y1.invert()?;
        let x2 = share.server_point(&d1)?;
        let q = (x2.mul(w1) + &reply.r2).normalize().map_err(|_| Error::Redraw)?;
        let r = &Scalar::reduce(e) + &Scalar::reduce(&q.x());
        // s1 stays in constant time: together with R2 it would be a test for PINs.
        let s1 = &reply.s1.0;
        if x2.mul(s1) != Point::mul_base(&r) + &reply.r2 {
            return Err(Error::Partial);
        }
        let s = &(&d1 * &(s1 + w1)) - &r;
        if bool::from(s.is_zero()) || bool::from((&r + &s).is_zero()) {
            return Err(Error::Redraw);
        }
        let signature = Signature::from_scalars(&r, &s).map_err(|_| Error::Redraw)?;
        share.public.verify_digest(e, &signature).map_err(|_| Error::Final)?;
        Ok(signature)
    }
}

impl core::fmt::Debug for PendingSignature {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PendingSignature({:?})", self.share.key_id)
    }
}

/// Nonces that stay different for different requests even if the system's random numbers fail:
/// `Hs(tag, rng32, y1, hdr)`.
struct Hedge<'a> {
    entropy: zeroize::Zeroizing<[u8; 32]>,
    y1: zeroize::Zeroizing<[u8; 32]>,
    hdr: &'a Digest,
}

impl<'a> Hedge<'a> {
    fn new(y1: &Scalar, hdr: &'a Digest) -> Result<Self> {
        Ok(Self { entropy: random::secret()?, y1: y1.to_secret_bytes(), hdr })
    }

    fn scalar(&self, tag: &str) -> Result<Scalar> {
        transcript::hash_to_scalar(tag, &[&*self.entropy, &*self.y1, self.hdr]).nonzero().map_err(|_| Error::Redraw)
    }
}
