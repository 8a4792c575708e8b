//! Key generation in three messages (docs/protocol.md, "Key generation").
//!
//! The phone commits to its point before it sees the server's, and both prove that they know their logarithm, so
//! neither can choose P or its own share as a function of the other's.

use crate::{
    Error, Id, PhonePoint, PhoneShare, Result, ServerShare, Token,
    codec::{KeygenCommit, KeygenCommitReply, KeygenOpen, KeygenOpenReply, Reader, Writer},
    proof::{self, Proof},
    share::joint_key,
    sign::Commitment,
    transcript,
};
use gm::{
    curve::{Point, Scalar},
    random,
    sm2::PublicKey,
    sm3::Digest,
};
use zeroize::Zeroizing;

pub(crate) const PHONE: &str = "pok/kg-phone";
pub(crate) const SERVER: &str = "pok/kg-server";

/// Who generates a key, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// The account that the key will belong to.
    pub account_id: Id,
    /// The device whose key signs the requests.
    pub device_id: Id,
    /// The enrolment.
    pub enrol_id: Id,
    /// The server's random contribution, from the call that opened the enrolment.
    pub server_nonce: [u8; 32],
}

impl Context {
    /// `H("kg-ctx", account_id, device_id, enrol_id, server_nonce, phone_nonce)`.
    pub(crate) fn digest(&self, phone_nonce: &[u8; 32]) -> Digest {
        let Self { account_id, device_id, enrol_id, server_nonce } = self;
        transcript::hash("kg-ctx", &[&account_id.0, &device_id.0, &enrol_id.0, server_nonce, phone_nonce])
    }
}

pub(crate) fn commitment(ctx: &Digest, x1: &Point, proof: &Proof, o1: &[u8; 32]) -> Digest {
    transcript::hash("kg-com", &[ctx, &x1.to_bytes(), &proof.c.to_bytes(), &proof.z.to_bytes(), o1])
}

/// The phone after its first message.
pub struct PhoneCommitted {
    ctx: Digest,
    enrol_id: Id,
    y1: Scalar,
    x1: Point,
    proof: Proof,
    o1: Zeroizing<[u8; 32]>,
}

/// The phone after its second message.
pub struct PhoneOpened {
    y1: Scalar,
    public: PublicKey,
}

/// What the phone holds when the key exists. Seal the share under a PIN at once; see [`crate::pin`].
#[derive(Debug)]
pub struct NewKey {
    /// y1.
    pub share: PhoneShare,
    /// The mask of the reset copy of y1.
    pub reset_mask: Scalar,
    /// The first clone token.
    pub tok: Token,
    /// The first nonce commitment.
    pub commitment: Commitment,
}

impl PhoneCommitted {
    /// Draws y1 and commits to it.
    pub fn new(context: &Context) -> Result<(Self, KeygenCommit)> {
        let phone_nonce = random::bytes()?;
        let ctx = context.digest(&phone_nonce);
        let y1 = Scalar::random()?;
        let x1 = Point::mul_base(&y1).normalize()?;
        let proof = proof::prove(PHONE, &ctx, &y1, &x1)?;
        let o1 = random::secret()?;
        let com1 = commitment(&ctx, &x1, &proof, &o1);
        let enrol_id = context.enrol_id;
        Ok((Self { ctx, enrol_id, y1, x1, proof, o1 }, KeygenCommit { enrol_id, phone_nonce, com1 }))
    }

    /// Checks the server's proof, computes P and opens the commitment.
    pub fn open(self, reply: &KeygenCommitReply) -> Result<(PhoneOpened, KeygenOpen)> {
        let proof = Proof { c: reply.c2.clone(), z: reply.z2.clone() };
        proof::verify(SERVER, &self.ctx, &reply.x2, &proof)?;
        let public = joint_key(&self.y1, &reply.x2).map_err(|_| Error::Redraw)?;
        let message =
            KeygenOpen { enrol_id: self.enrol_id, x1: self.x1, c1: self.proof.c, z1: self.proof.z, o1: *self.o1 };
        Ok((PhoneOpened { y1: self.y1, public }, message))
    }
}

impl PhoneOpened {
    /// The public key P, known before the server has answered.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Takes the server's confirmation.
    pub fn finish(self, reply: &KeygenOpenReply) -> Result<NewKey> {
        Ok(NewKey {
            share: PhoneShare::new(self.public, reply.key_id, reply.epoch, self.y1)?,
            reset_mask: reply.mu_sign.clone(),
            tok: reply.tok.clone(),
            commitment: Commitment { cid: reply.cid, h2: reply.h2 },
        })
    }
}

impl core::fmt::Debug for PhoneCommitted {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PhoneCommitted(..)")
    }
}

impl core::fmt::Debug for PhoneOpened {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PhoneOpened(..)")
    }
}

/// The server between its first and the phone's second message.
pub struct ServerPending {
    ctx: Digest,
    com1: Digest,
    y2: Scalar,
}

impl ServerPending {
    /// Draws y2 and proves it.
    pub fn new(context: &Context, message: &KeygenCommit) -> Result<(Self, KeygenCommitReply)> {
        if message.enrol_id != context.enrol_id {
            return Err(Error::Encoding);
        }
        let ctx = context.digest(&message.phone_nonce);
        let y2 = Scalar::random()?;
        let x2 = Point::mul_base(&y2).normalize()?;
        let Proof { c, z } = proof::prove(SERVER, &ctx, &y2, &x2)?;
        Ok((Self { ctx, com1: message.com1, y2 }, KeygenCommitReply { x2, c2: c, z2: z }))
    }

    /// Checks commitment and proof; the result is the server's share and the point for checking the phone's proofs.
    pub fn open(self, message: &KeygenOpen) -> Result<(ServerShare, PhonePoint)> {
        let proof = Proof { c: message.c1.clone(), z: message.z1.clone() };
        if commitment(&self.ctx, &message.x1, &proof, &message.o1) != self.com1 {
            return Err(Error::Commitment);
        }
        proof::verify(PHONE, &self.ctx, &message.x1, &proof)?;
        let public = joint_key(&self.y2, &message.x1).map_err(|_| Error::Redraw)?;
        Ok((ServerShare::new(public, self.y2)?, PhonePoint(message.x1)))
    }

    /// For storing between the two requests. Secret: seal it under a key that lives only in memory.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::new();
        out.field(&self.ctx).field(&self.com1).field(&self.y2);
        out.finish()
    }

    /// Reads what [`ServerPending::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let pending = Self { ctx: reader.field()?, com1: reader.field()?, y2: reader.field()? };
        reader.end()?;
        Ok(pending)
    }
}

impl core::fmt::Debug for ServerPending {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ServerPending(..)")
    }
}
