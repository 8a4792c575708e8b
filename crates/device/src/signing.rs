//! Asking for a nonce commitment, and signing with it.

use crate::{Error, Result, Route, exchange::Exchange};
use gm::{
    sm2::{self, Signature},
    sm3::Digest,
};
use splitkey::{
    Id,
    codec::{Prepare, PrepareReply, SignReply},
    pin::{DeviceSecret, Pin, SealedKey},
    sign::{Commitment, PendingSignature},
};

/// Asking the server to commit to a nonce, which needs no PIN.
#[derive(Debug)]
pub struct Preparation {
    route: Route,
    exchange: Exchange,
    commitment: Option<Commitment>,
}

impl Preparation {
    /// Builds the request. `now` is in Unix milliseconds.
    pub fn new(route: Route, key: &SealedKey, task_id: Id, now: u64) -> Result<Self> {
        let header = key.header(route.device_id, Id::random()?, now);
        Ok(Self { exchange: Exchange::new(&header, &Prepare { task_id }), route, commitment: None })
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
        let PrepareReply { cid, h2 } = self.exchange.open(reply)?;
        self.commitment = Some(Commitment { cid, h2 });
        Ok(())
    }

    /// The commitment, once.
    pub fn commitment(&mut self) -> Result<Commitment> {
        self.commitment.take().ok_or(Error::OutOfTurn)
    }
}

/// A signature under way.
#[derive(Debug)]
pub struct Signing {
    route: Route,
    exchange: Exchange,
    key: SealedKey,
    pending: Option<PendingSignature>,
    done: Option<(Signature, Commitment)>,
}

/// What is signed: where, with which nonce, and the message M itself.
#[derive(Debug)]
pub struct Task<'a> {
    /// The scan request or enrolment that this answers.
    pub id: Id,
    /// The server's commitment to its nonce.
    pub commitment: Commitment,
    /// M. Its digest e = SM3(Z_A || M) is computed here and nowhere else.
    pub message: &'a [u8],
}

impl Signing {
    /// Unlocks the share and builds the request. `now` is in Unix milliseconds.
    ///
    /// Store [`Signing::key`] before the request is sent: it names the request that is pending.
    pub fn new(
        route: Route,
        mut key: SealedKey,
        pin: &str,
        device: &DeviceSecret,
        task: &Task<'_>,
        now: u64,
    ) -> Result<Self> {
        let share = key.unlock(&Pin::new(pin)?, device)?;
        let header = key.header(route.device_id, Id::random()?, now);
        let e = sm2::message_digest(key.public_key(), sm2::DEFAULT_ID, task.message)?;
        let (pending, message) = PendingSignature::new(share, &header, task.commitment, &e, task.id)?;
        // The first request whose answer was lost keeps standing for those after it, until one is answered.
        key.pending.get_or_insert(header.req_id);
        Ok(Self { exchange: Exchange::new(&header, &message), route, key, pending: Some(pending), done: None })
    }

    /// What the device key must sign.
    pub fn digest(&self) -> Result<Digest> {
        self.exchange.digest()
    }

    /// The sealed request.
    pub fn seal(&mut self, signature: &[u8; 64]) -> Result<Vec<u8>> {
        self.exchange.seal(&self.route, signature)
    }

    /// Takes the server's answer, completes the signature and verifies it.
    ///
    /// The new clone token is taken over even when the signature turns out wrong: the server has moved on.
    pub fn receive(&mut self, reply: &[u8]) -> Result<()> {
        let pending = self.pending.take().ok_or(Error::OutOfTurn)?;
        let reply: SignReply = self.exchange.open(reply)?;
        (self.key.tok, self.key.pending) = (reply.tok.clone(), None);
        let signature = pending.finish(&reply)?;
        self.done = Some((signature, Commitment::from(&reply)));
        Ok(())
    }

    /// The key as it must be stored now.
    pub fn key(&self) -> &SealedKey {
        &self.key
    }

    /// The finished signature and the commitment for the next one.
    pub fn result(&self) -> Result<(&Signature, &Commitment)> {
        self.done.as_ref().map(|(signature, commitment)| (signature, commitment)).ok_or(Error::OutOfTurn)
    }
}
