//! The server's half of a signature.

use super::{Commitment, PROOF, hdr_of};
use crate::{
    Error, Id, PhonePoint, Result, ServerShare, Token,
    codec::{Header, NonZero, Reader, Sign, SignReply, Writer},
    proof::{self, PairProof},
};
use gm::{
    curve::{Point, Scalar},
    random,
    sm2::PublicKey,
};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A nonce that the server has committed to. Drawn ahead, so that nothing of it is left to compute when the request
/// comes; used for one answer.
///
/// It is bound to one epoch and session of one key and carries the phone's point of that epoch along.
pub struct ServerNonce {
    commitment: Commitment,
    epoch: u64,
    sid: Id,
    phone: PhonePoint,
    w2: Scalar,
    r2: Point,
    o: Zeroizing<[u8; 32]>,
}

impl ServerNonce {
    /// Draws a nonce for the key with this public key and the phone point of this epoch (and session; zero outside).
    pub fn draw(public: &PublicKey, phone: PhonePoint, epoch: u64, sid: Id, cid: Id) -> Result<Self> {
        let w2 = Scalar::random()?;
        let r2 = Point::mul_base(&w2).normalize()?;
        Self::assemble(public, phone, epoch, sid, cid, w2, r2)
    }

    fn assemble(
        public: &PublicKey,
        phone: PhonePoint,
        epoch: u64,
        sid: Id,
        cid: Id,
        w2: Scalar,
        r2: Point,
    ) -> Result<Self> {
        let o = random::secret()?;
        let h2 = Commitment::digest(public, cid, &r2, &o);
        Ok(Self { commitment: Commitment { cid, h2 }, epoch, sid, phone, w2, r2, o })
    }

    /// What the phone receives now.
    pub fn commitment(&self) -> Commitment {
        self.commitment
    }

    /// For storing until the request comes. Seal it under a key that lives only in memory, so that no restored backup
    /// brings a used nonce back.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::new();
        out.field(&self.commitment.cid).field(&self.commitment.h2).field(&self.epoch).field(&self.sid);
        out.field(&self.phone.0).field(&self.w2).field(&self.r2).field(&*self.o);
        out.finish()
    }

    /// Reads what [`ServerNonce::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let nonce = Self {
            commitment: Commitment { cid: reader.field()?, h2: reader.field()? },
            epoch: reader.field()?,
            sid: reader.field()?,
            phone: PhonePoint(reader.field()?),
            w2: reader.field()?,
            r2: reader.field()?,
            o: Zeroizing::new(reader.array()?),
        };
        reader.end()?;
        Ok(nonce)
    }

    /// Checks the phone's proof. The caller has burnt the nonce and reserved an attempt before; [`Error::Proof`] means
    /// a wrong PIN or a changed request and is counted, every other error is not the user's doing.
    pub fn check<'a>(self, share: &'a ServerShare, header: &Header, message: &'a Sign) -> Result<Proven<'a>> {
        if (self.epoch, self.sid) != (header.epoch, header.sid) || self.commitment.cid != message.cid {
            return Err(Error::ForeignNonce);
        }
        // Another h2 changes hdr as well; refused here so that it cannot be taken for a wrong PIN.
        if self.commitment.h2 != message.h2 {
            return Err(Error::ForeignNonce);
        }
        let hdr = hdr_of(&share.public, header, message);
        let proof = PairProof { c: message.c.clone(), z0: message.z0.clone(), z1: message.z1.clone() };
        proof::verify_pair(PROOF, &hdr, [&self.phone.0, &message.q1], &proof)?;
        Ok(Proven { nonce: self, share, message })
    }
}

impl core::fmt::Debug for ServerNonce {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ServerNonce({:?})", self.commitment.cid)
    }
}

/// A request whose proof was right. Only now can it be answered, once.
pub struct Proven<'a> {
    nonce: ServerNonce,
    share: &'a ServerShare,
    message: &'a Sign,
}

/// The server's partial signature.
#[derive(Debug)]
pub struct PartialSignature {
    r2: Point,
    o: [u8; 32],
    s1: NonZero,
}

impl Proven<'_> {
    /// Draws the next nonce for the same key, epoch and session.
    pub fn next_nonce(&self, cid: Id) -> Result<ServerNonce> {
        let ServerNonce { phone, epoch, sid, .. } = &self.nonce;
        ServerNonce::draw(&self.share.public, phone.clone(), *epoch, *sid, cid)
    }

    /// Computes the partial signature. [`Error::Redraw`] (one in 2^255) asks the phone to start over.
    pub fn answer(self) -> Result<PartialSignature> {
        let Self { nonce, share, message } = self;
        let q = (message.q1.mul(&share.y2) + &nonce.r2).normalize().map_err(|_| Error::Redraw)?;
        let r = &Scalar::reduce(&message.e) + &Scalar::reduce(&q.x());
        let sum = &r + &nonce.w2;
        let s1 = &share.inverse * &sum;
        if bool::from(r.is_zero()) || bool::from(s1.is_zero()) {
            return Err(Error::Redraw);
        }
        // A fault in the multiplication must not leave the house: s1 y2 = r + w2.
        if !bool::from((&s1 * &share.y2).ct_eq(&sum)) {
            return Err(Error::Partial);
        }
        Ok(PartialSignature { r2: nonce.r2, o: *nonce.o, s1: NonZero(s1) })
    }
}

impl core::fmt::Debug for Proven<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Proven(..)")
    }
}

impl PartialSignature {
    /// The reply, with the next commitment and the next token.
    pub fn into_reply(self, next: Commitment, tok: Token) -> SignReply {
        let Self { r2, o, s1 } = self;
        SignReply { r2, o, s1, cid: next.cid, h2: next.h2, tok }
    }
}
