//! Signing sessions: the PIN once, then many signatures (docs/protocol.md, "Sessions").
//!
//! The server gives factors that both sides apply to their shares. What the phone keeps in memory is then worth nothing
//! once the server has forgotten the session: it is no share of the key, and without the factors no test for PINs.

use crate::{
    Error, Id, PhonePoint, PhoneShares, Result, ServerShares, Token,
    binding::{fits, hdr},
    codec::{Header, NonZero, Reader, SessionOpen, SessionOpenReply, Writer},
    proof,
    sign::Commitment,
};
use gm::curve::Scalar;
use zeroize::Zeroizing;

pub(crate) const PROOF: &str = "sess-open";

/// A session that was asked for. Owns the long-term shares until the reply turns them into the session's.
#[must_use]
pub struct PendingSession {
    shares: PhoneShares,
}

/// An open session on the phone. Keep it in memory only; drop it to end it.
#[derive(Debug)]
pub struct Session {
    /// The session.
    pub sid: Id,
    /// When it ends at the latest, Unix milliseconds.
    pub expires_ms: u64,
    /// How many operations it allows.
    pub max_ops: u64,
    /// The session's shares.
    pub shares: PhoneShares,
    /// Nonce commitments for its signatures.
    pub commitments: Vec<Commitment>,
    /// The next clone token.
    pub tok: Token,
}

impl PendingSession {
    /// Proves the shares that the PIN gave and asks for a session.
    pub fn new(shares: PhoneShares, header: &Header, task_id: Id) -> Result<(Self, SessionOpen)> {
        if !fits(header, shares.sign.key_id, shares.sign.epoch, Id::ZERO) || shares.sign.sid != Id::ZERO {
            return Err(Error::Encoding);
        }
        let hdr = hdr(&shares.sign.public, header, &[&task_id.0]);
        let proof = proof::prove_shares(PROOF, &hdr, &shares)?;
        Ok((Self { shares }, SessionOpen { task_id, proof }))
    }

    /// Applies the session's factors; the long-term shares are wiped.
    pub fn finish(self, reply: &SessionOpenReply) -> Result<Session> {
        let PhoneShares { sign, enc } = &self.shares;
        if reply.tau.len() != enc.len() {
            return Err(Error::Encoding);
        }
        let mut sign = sign.clone();
        sign.sid = reply.sid;
        sign.y1 = &sign.y1 * &reply.sigma.0;
        let mut enc = enc.clone();
        for (share, tau) in enc.iter_mut().zip(&reply.tau) {
            share.sid = reply.sid;
            share.a = &share.a + &tau.0;
        }
        Ok(Session {
            sid: reply.sid,
            expires_ms: reply.expires_ms,
            max_ops: reply.max_ops,
            shares: PhoneShares { sign, enc },
            commitments: reply.commitments.clone(),
            tok: reply.tok.clone(),
        })
    }
}

impl core::fmt::Debug for PendingSession {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PendingSession({:?})", self.shares)
    }
}

/// A request whose proof was right: the session may be opened.
pub struct ProvenSession<'a> {
    shares: &'a ServerShares,
    phone: &'a PhonePoint,
}

/// The server's side of a session. Secret; store it sealed and delete it when the session ends.
#[derive(Clone)]
pub struct Factors {
    sigma: Scalar,
    /// One for each encryption key.
    tau: Vec<Scalar>,
}

/// How long a session lives and what it allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// When it ends at the latest, Unix milliseconds.
    pub expires_ms: u64,
    /// How many operations it allows.
    pub max_ops: u64,
}

/// Checks the proof of a request for a session. [`Error::Proof`] means a wrong PIN.
pub fn check<'a>(
    shares: &'a ServerShares,
    phone: &'a PhonePoint,
    header: &Header,
    message: &SessionOpen,
) -> Result<ProvenSession<'a>> {
    let hdr = hdr(&shares.sign.public, header, &[&message.task_id.0]);
    proof::verify_shares(PROOF, &hdr, phone, &shares.enc, &message.proof)?;
    Ok(ProvenSession { shares, phone })
}

impl ProvenSession<'_> {
    /// Draws the session's factors. Also gives the phone's point of the session, for drawing its nonces.
    pub fn open(self) -> Result<(Factors, PhonePoint)> {
        let tau = self.shares.enc.iter().map(|_| Scalar::random()).collect::<Result<_, _>>()?;
        let factors = Factors { sigma: Scalar::random()?, tau };
        let point = PhonePoint(self.phone.0.mul(&factors.sigma).normalize()?);
        Ok((factors, point))
    }
}

impl core::fmt::Debug for ProvenSession<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ProvenSession(..)")
    }
}

impl Factors {
    /// The server's shares inside the session: `y2 sigma^-1` and `b - tau`.
    pub fn apply(&self, shares: &ServerShares) -> Result<ServerShares> {
        let sign = shares.sign.with(&shares.sign.y2 * &self.sigma.invert()?)?;
        if self.tau.len() != shares.enc.len() {
            return Err(Error::Encoding);
        }
        let enc = shares.enc.iter().zip(&self.tau).map(|(share, tau)| share.with(&share.b - tau)).collect();
        Ok(ServerShares { sign, enc })
    }

    /// The reply that opens the session on the phone.
    pub fn reply(&self, sid: Id, limits: Limits, commitments: Vec<Commitment>, tok: Token) -> SessionOpenReply {
        let Limits { expires_ms, max_ops } = limits;
        let sigma = NonZero(self.sigma.clone());
        let tau = self.tau.iter().cloned().map(NonZero).collect();
        SessionOpenReply { sid, expires_ms, max_ops, sigma, tau, commitments, tok }
    }

    /// For storing, sealed.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::new();
        out.field(&self.sigma).field(&self.tau);
        out.finish()
    }

    /// Reads what [`Factors::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let factors = Self { sigma: reader.field()?, tau: reader.field()? };
        reader.end()?;
        Ok(factors)
    }
}

impl core::fmt::Debug for Factors {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Factors(..)")
    }
}
