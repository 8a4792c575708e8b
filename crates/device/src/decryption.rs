//! Opening what was encrypted to one of the key's encryption keys.

use crate::{Error, Result, Route, exchange::Exchange};
use gm::{
    sm2::{Ciphertext, PublicKey},
    sm3::Digest,
};
use splitkey::{
    Id,
    codec::DecryptReply,
    decrypt::PendingDecryption,
    pin::{DeviceSecret, Pin, SealedKey},
};
use zeroize::Zeroizing;

/// A decryption under way.
#[derive(Debug)]
pub struct Decryption {
    route: Route,
    exchange: Exchange,
    key: SealedKey,
    pending: Option<PendingDecryption>,
    plaintext: Option<Zeroizing<Vec<u8>>>,
}

impl Decryption {
    /// Unlocks the shares and builds the request. `now` is in Unix milliseconds.
    ///
    /// Store [`Decryption::key`] before the request is sent: it names the request that is pending.
    pub fn new(
        route: Route,
        mut key: SealedKey,
        (pin, device): (&str, &DeviceSecret),
        task_id: Id,
        (public, ciphertext): (&PublicKey, Ciphertext),
        now: u64,
    ) -> Result<Self> {
        let shares = key.unlock_all(&Pin::new(pin)?, device)?;
        let header = key.header(route.device_id, Id::random()?, now);
        let (pending, message) = PendingDecryption::new(&shares, public, &header, ciphertext, task_id)?;
        key.pending.get_or_insert(header.req_id);
        Ok(Self { exchange: Exchange::new(&header, &message), route, key, pending: Some(pending), plaintext: None })
    }

    /// What the device key must sign.
    pub fn digest(&self) -> Result<Digest> {
        self.exchange.digest()
    }

    /// The sealed request.
    pub fn seal(&mut self, signature: &[u8; 64]) -> Result<Vec<u8>> {
        self.exchange.seal(&self.route, signature)
    }

    /// Takes the server's half, checks it and completes the decryption.
    pub fn receive(&mut self, reply: &[u8]) -> Result<()> {
        let pending = self.pending.take().ok_or(Error::OutOfTurn)?;
        let reply: DecryptReply = self.exchange.open(reply)?;
        (self.key.tok, self.key.pending) = (reply.tok.clone(), None);
        self.plaintext = Some(pending.finish(&reply)?);
        Ok(())
    }

    /// The key as it must be stored now.
    pub fn key(&self) -> &SealedKey {
        &self.key
    }

    /// What was encrypted.
    pub fn plaintext(&self) -> Result<&[u8]> {
        self.plaintext.as_ref().map(|plain| plain.as_slice()).ok_or(Error::OutOfTurn)
    }
}
