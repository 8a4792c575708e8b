//! Share refresh: other shares, the same key and certificate (docs/protocol.md, "Refresh").
//!
//! Done at every change of PIN, every reset, every suspicion, and by the calendar. Both sides contribute, and the phone
//! commits first. The new shares must be on the phone's storage, beside the old ones, before the second request leaves;
//! whichever epoch the server then names is the one that counts.

use crate::{
    Error, Id, PhonePoint, PhoneShares, Result, ServerShares, Token,
    binding::{fits, hdr},
    codec::{Header, NonZero, Reader, RefreshCommit, RefreshCommitReply, RefreshComplete, Writer},
    decrypt::ServerDecryptionShare,
    pin::ResetMasks,
    proof, transcript,
};
use gm::{curve::Scalar, random, sm2::PublicKey, sm3::Digest};
use zeroize::Zeroizing;

const BEFORE: &str = "refresh";
const AFTER: &str = "refreshed";

/// One side's contribution, or both together: a factor for the signing shares, a summand for each encryption
/// key's shares. One summand for all would leave the difference of two shares what it was, and with it a test for PINs.
#[derive(Clone)]
pub(crate) struct Change {
    pub(crate) rho: Scalar,
    pub(crate) delta: Vec<Scalar>,
}

impl Change {
    fn random(encryption_keys: usize) -> Result<Self> {
        let delta = (0..encryption_keys).map(|_| Scalar::random()).collect::<Result<_, _>>()?;
        Ok(Self { rho: Scalar::random()?, delta })
    }

    fn join(&self, other: &Self) -> Result<Self> {
        if self.delta.len() != other.delta.len() {
            return Err(Error::Encoding);
        }
        let delta = self.delta.iter().zip(&other.delta).map(|(one, other)| one + other).collect();
        Ok(Self { rho: &self.rho * &other.rho, delta })
    }

    pub(crate) fn commitment(&self, public: &PublicKey, header: &Header, o: &[u8; 32]) -> Digest {
        let rho = self.rho.to_secret_bytes();
        let mut delta = Zeroizing::new(Vec::with_capacity(32 * self.delta.len()));
        for summand in &self.delta {
            delta.extend_from_slice(&*summand.to_secret_bytes());
        }
        let (public, epoch) = (public.to_bytes(), header.epoch.to_be_bytes());
        transcript::hash("rf-com", &[&public, &header.key_id.0, &epoch, &*rho, &delta, o])
    }
}

/// The binding of the second proof names the epoch that it begins.
pub(crate) fn new_hdr(public: &PublicKey, header: &Header, com: &Digest) -> Result<Digest> {
    let next = header.epoch.checked_add(1).ok_or(Error::Encoding)?;
    Ok(hdr(public, header, &[&next.to_be_bytes(), com]))
}

/// The phone after its first message.
#[must_use]
pub struct PhoneCommitted {
    shares: PhoneShares,
    change: Change,
    o: Zeroizing<[u8; 32]>,
    com: Digest,
}

/// The phone with its new shares, which must be stored before [`PhoneRefreshed::complete`].
#[must_use]
pub struct PhoneRefreshed {
    /// The shares of the next epoch. Seal them under the new PIN with [`crate::pin::SealedKey::seal_shares`].
    pub shares: PhoneShares,
    /// The reset masks of the next epoch.
    pub reset: ResetMasks,
    /// The next clone token, for the second request.
    pub tok: Token,
    change: Change,
    o: Zeroizing<[u8; 32]>,
    com: Digest,
}

impl PhoneCommitted {
    /// Proves the old shares (from the PIN, or from the reset masks) and commits to a contribution.
    pub fn new(shares: PhoneShares, header: &Header) -> Result<(Self, RefreshCommit)> {
        if !fits(header, shares.sign.key_id, shares.sign.epoch, Id::ZERO) || shares.sign.sid != Id::ZERO {
            return Err(Error::Encoding);
        }
        let change = Change::random(shares.enc.len())?;
        let o = random::secret()?;
        let com = change.commitment(&shares.sign.public, header, &o);
        let proof = proof::prove_shares(BEFORE, &hdr(&shares.sign.public, header, &[&com]), &shares)?;
        Ok((Self { shares, change, o, com }, RefreshCommit { com, proof }))
    }

    /// Computes the new shares.
    pub fn refresh(self, reply: &RefreshCommitReply) -> Result<PhoneRefreshed> {
        let server = Change { rho: reply.rho_s.0.clone(), delta: reply.delta_s.clone() };
        let both = self.change.join(&server)?;
        let mut shares = self.shares;
        shares.sign.y1 = (&shares.sign.y1 * &both.rho).nonzero()?;
        shares.sign.epoch = shares.sign.epoch.checked_add(1).ok_or(Error::Encoding)?;
        let reset = ResetMasks { sign: reply.mu_sign.clone(), enc: reply.mu_enc.clone() };
        if both.delta.len() != shares.enc.len() || reset.enc.len() != shares.enc.len() {
            return Err(Error::Encoding);
        }
        for (share, delta) in shares.enc.iter_mut().zip(&both.delta) {
            share.a = (&share.a + delta).nonzero().map_err(|_| Error::Redraw)?;
        }
        let (change, o, com) = (self.change, self.o, self.com);
        Ok(PhoneRefreshed { shares, reset, tok: reply.tok.clone(), change, o, com })
    }
}

impl PhoneRefreshed {
    /// Opens the commitment and proves the new shares. `header` still names the old epoch: that is what the server
    /// holds. The new shares are stored by now.
    pub fn complete(self, header: &Header) -> Result<RefreshComplete> {
        let sign = &self.shares.sign;
        if header.key_id != sign.key_id || header.epoch.checked_add(1) != Some(sign.epoch) {
            return Err(Error::Encoding);
        }
        let proof = proof::prove_shares(AFTER, &new_hdr(&sign.public, header, &self.com)?, &self.shares)?;
        let Change { rho, delta } = self.change;
        Ok(RefreshComplete { rho_p: NonZero(rho), delta_p: delta, o: *self.o, proof })
    }
}

impl core::fmt::Debug for PhoneCommitted {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PhoneCommitted(..)")
    }
}

impl core::fmt::Debug for PhoneRefreshed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PhoneRefreshed(..)")
    }
}

/// The server between both requests.
pub struct ServerPending {
    com: Digest,
    change: Change,
}

impl ServerPending {
    /// Checks the old shares' proof ([`Error::Proof`]: a wrong PIN) and draws the server's contribution. `reset` are
    /// the masks of the next epoch's reset secret.
    pub fn new(
        shares: &ServerShares,
        phone: &PhonePoint,
        header: &Header,
        message: &RefreshCommit,
        reset: &ResetMasks,
        tok: Token,
    ) -> Result<(Self, RefreshCommitReply)> {
        let hdr = hdr(&shares.sign.public, header, &[&message.com]);
        proof::verify_shares(BEFORE, &hdr, phone, &shares.enc, &message.proof)?;
        let change = Change::random(shares.enc.len())?;
        let reply = RefreshCommitReply {
            rho_s: NonZero(change.rho.clone()),
            delta_s: change.delta.clone(),
            mu_sign: reset.sign.clone(),
            mu_enc: reset.enc.clone(),
            tok,
        };
        Ok((Self { com: message.com, change }, reply))
    }

    /// Checks the opening and the proof of the new shares. The result replaces the old shares in one transaction that
    /// also counts the epoch up, deletes the old shares, and ends sessions and nonces.
    pub fn complete(
        self,
        shares: &ServerShares,
        header: &Header,
        message: &RefreshComplete,
    ) -> Result<(ServerShares, PhonePoint)> {
        let public = &shares.sign.public;
        let phone = Change { rho: message.rho_p.0.clone(), delta: message.delta_p.clone() };
        if phone.commitment(public, header, &message.o) != self.com {
            return Err(Error::Commitment);
        }
        let both = self.change.join(&phone)?;
        let sign = shares.sign.with(&shares.sign.y2 * &both.rho.invert()?)?;
        if both.delta.len() != shares.enc.len() {
            return Err(Error::Encoding);
        }
        let refreshed = |(share, delta): (&ServerDecryptionShare, &Scalar)| {
            Ok(share.with((&share.b - delta).nonzero().map_err(|_| Error::Redraw)?))
        };
        let enc = shares.enc.iter().zip(&both.delta).map(refreshed).collect::<Result<_>>()?;
        let shares = ServerShares { sign, enc };
        let point = shares.sign.phone_point()?;
        let hdr = new_hdr(public, header, &self.com)?;
        proof::verify_shares(AFTER, &hdr, &point, &shares.enc, &message.proof)?;
        Ok((shares, point))
    }

    /// For storing between the two requests. Secret: with it, old and new shares are no longer unrelated.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::new();
        out.field(&self.com).field(&self.change.rho).field(&self.change.delta);
        out.finish()
    }

    /// Reads what [`ServerPending::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let com = reader.field()?;
        let pending = Self { com, change: Change { rho: reader.field()?, delta: reader.field()? } };
        reader.end()?;
        Ok(pending)
    }
}

impl core::fmt::Debug for ServerPending {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ServerPending(..)")
    }
}
