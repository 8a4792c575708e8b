//! Refreshing the shares: a change of the PIN, or the end of a recovery.

use crate::{Error, Result, Route, exchange::Exchange};
use gm::{
    sm2::{PublicKey, SecretKey},
    sm3::Digest,
};
use splitkey::{
    Id, PhoneShares,
    codec::{RefreshCommitReply, RefreshCompleteReply, Status, StatusReply},
    pin::{DEFAULT_ROUNDS, DeviceSecret, Pin, ResetMasks, SealedKey, Strength, release_digest, strength},
    refresh::{PhoneCommitted, PhoneRefreshed},
    sign::Commitment,
};

/// What opens the old shares.
#[derive(Debug)]
pub enum Opener<'a> {
    /// The old PIN.
    Pin(&'a str),
    /// The reset masks, when the PIN is forgotten.
    Masks(ResetMasks),
}

/// A refresh: two exchanges. Between them both [`Refresh::key`] and [`Refresh::next`] must be stored, side by side;
/// afterwards [`Refresh::next`] alone counts.
#[derive(Debug)]
pub struct Refresh {
    route: Route,
    exchange: Exchange,
    device: DeviceSecret,
    pin: Pin,
    key: SealedKey,
    next: Option<SealedKey>,
    step: Step,
    commitment: Option<Commitment>,
}

#[derive(Debug)]
enum Step {
    Committed(Box<PhoneCommitted>),
    Refreshed,
    Over,
}

impl Refresh {
    /// Opens the old shares and builds the first request; the new ones will be hidden under `pin`. `now` is in Unix
    /// milliseconds.
    ///
    /// Store [`Refresh::key`] before the request is sent: it names the request that is pending.
    pub fn new(
        route: Route,
        mut key: SealedKey,
        opener: Opener<'_>,
        pin: &str,
        device: DeviceSecret,
        now: u64,
    ) -> Result<Self> {
        if strength(pin) != Strength::Ok {
            return Err(Error::WeakPin);
        }
        let shares: PhoneShares = match opener {
            Opener::Pin(old) => key.unlock_all(&Pin::new(old)?, &device)?,
            Opener::Masks(masks) => key.recover(&masks)?,
        };
        let header = key.header(route.device_id, Id::random()?, now);
        let (phone, message) = PhoneCommitted::new(shares, &header)?;
        key.pending.get_or_insert(header.req_id);
        Ok(Self {
            exchange: Exchange::new(&header, &message),
            route,
            device,
            pin: Pin::new(pin)?,
            key,
            next: None,
            step: Step::Committed(Box::new(phone)),
            commitment: None,
        })
    }

    /// What the device key must sign next.
    pub fn digest(&self) -> Result<Digest> {
        self.exchange.digest()
    }

    /// The next sealed request.
    pub fn seal(&mut self, signature: &[u8; 64]) -> Result<Vec<u8>> {
        self.exchange.seal(&self.route, signature)
    }

    /// Takes the server's answer. After the first one the new shares are hidden and the second request is ready: store
    /// both keys before it is sent.
    pub fn receive(&mut self, reply: &[u8], now: u64) -> Result<()> {
        match core::mem::replace(&mut self.step, Step::Over) {
            Step::Committed(phone) => {
                let reply: RefreshCommitReply = self.exchange.open(reply)?;
                (self.key.tok, self.key.pending) = (reply.tok.clone(), None);
                self.hide(phone.refresh(&reply)?, now)?;
                self.step = Step::Refreshed;
            }
            Step::Refreshed => {
                let reply: RefreshCompleteReply = self.exchange.open(reply)?;
                let next = self.next.as_mut().filter(|next| next.epoch() == reply.epoch);
                let next = next.ok_or(splitkey::Error::Encoding)?;
                (next.tok, next.pending) = (reply.tok.clone(), None);
                self.commitment = Some(Commitment { cid: reply.cid, h2: reply.h2 });
            }
            Step::Over => return Err(Error::OutOfTurn),
        }
        Ok(())
    }

    fn hide(&mut self, phone: PhoneRefreshed, now: u64) -> Result<()> {
        let mut next = SealedKey::seal_shares(
            &phone.shares,
            &phone.reset,
            phone.tok.clone(),
            &self.pin,
            &self.device,
            DEFAULT_ROUNDS,
        )?;
        let header = self.key.header(self.route.device_id, Id::random()?, now);
        // The new key has seen the token of the first answer, and not the answer to this request.
        next.pending = Some(header.req_id);
        self.exchange = Exchange::new(&header, &phone.complete(&header)?);
        self.next = Some(next);
        Ok(())
    }

    /// The key of the old epoch as it must be stored now.
    pub fn key(&self) -> &SealedKey {
        &self.key
    }

    /// The key of the next epoch, once there is one.
    pub fn next(&self) -> Option<&SealedKey> {
        self.next.as_ref()
    }

    /// The commitment for the first signature of the new epoch, once it counts.
    pub fn commitment(&self) -> Result<&Commitment> {
        self.commitment.as_ref().ok_or(Error::OutOfTurn)
    }
}

/// Asking which epoch counts, after a refresh whose end this phone never saw.
#[derive(Debug)]
pub struct EpochQuestion {
    route: Route,
    exchange: Exchange,
    epoch: Option<u64>,
}

impl EpochQuestion {
    /// Builds the request. `now` is in Unix milliseconds.
    pub fn new(route: Route, key: &SealedKey, now: u64) -> Result<Self> {
        let header = key.header(route.device_id, Id::random()?, now);
        Ok(Self { exchange: Exchange::new(&header, &Status {}), route, epoch: None })
    }

    /// What the device key must sign.
    pub fn digest(&self) -> Result<Digest> {
        self.exchange.digest()
    }

    /// The sealed request.
    pub fn seal(&mut self, signature: &[u8; 64]) -> Result<Vec<u8>> {
        self.exchange.seal(&self.route, signature)
    }

    /// Takes the server's answer.
    pub fn receive(&mut self, reply: &[u8]) -> Result<()> {
        let StatusReply { epoch } = self.exchange.open(reply)?;
        self.epoch = Some(epoch);
        Ok(())
    }

    /// The epoch that counts.
    pub fn epoch(&self) -> Result<u64> {
        self.epoch.ok_or(Error::OutOfTurn)
    }
}

/// Asking the reset service for the masks of a forgotten PIN, under a key made for this one use. It lives in memory only:
/// after a restart another one is made.
#[derive(Debug)]
pub struct MaskRequest {
    secret: SecretKey,
    public: PublicKey,
    recovery_id: Id,
    key_id: Id,
}

impl MaskRequest {
    /// Makes the one-time key.
    pub fn new(recovery_id: Id, key_id: Id) -> Result<Self> {
        let secret = SecretKey::generate()?;
        let public = secret.public_key();
        Ok(Self { secret, public, recovery_id, key_id })
    }

    /// The one-time public key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// What the device key must sign.
    pub fn digest(&self) -> Digest {
        release_digest(self.recovery_id, self.key_id, &self.public)
    }

    /// Opens the sealed masks.
    pub fn open(&self, sealed: &[u8]) -> Result<ResetMasks> {
        Ok(ResetMasks::open(&self.secret, sealed)?)
    }
}
