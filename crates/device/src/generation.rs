//! Making a key with the server, and hiding the phone's half under a PIN.

use crate::{Error, Result, Route, exchange::Exchange};
use gm::sm3::Digest;
use splitkey::{
    Id, Token,
    codec::{Header, KeygenCommitReply, KeygenOpenReply},
    keygen::{Context, NewKey, PhoneCommitted, PhoneOpened},
    pin::{DEFAULT_ROUNDS, DeviceSecret, Pin, SealedKey, Strength, strength},
    sign::Commitment,
};

/// A key generation: two exchanges, then [`KeyGeneration::protect`].
#[derive(Debug)]
pub struct KeyGeneration {
    route: Route,
    exchange: Exchange,
    step: Step,
}

#[derive(Debug)]
enum Step {
    Committed(PhoneCommitted),
    Opened(PhoneOpened),
    Made(Box<NewKey>),
    Over,
}

impl KeyGeneration {
    /// Draws the phone's half and builds the first request. `now` is in Unix milliseconds.
    pub fn new(route: Route, enrolment_id: Id, server_nonce: [u8; 32], now: u64) -> Result<Self> {
        let Route { account_id, device_id, .. } = route;
        let context = Context { account_id, device_id, enrol_id: enrolment_id, server_nonce };
        let (phone, message) = PhoneCommitted::new(&context)?;
        let exchange = Exchange::new(&header(&route, now)?, &message);
        Ok(Self { route, exchange, step: Step::Committed(phone) })
    }

    /// What the device key must sign next.
    pub fn digest(&self) -> Result<Digest> {
        self.exchange.digest()
    }

    /// The next sealed request.
    pub fn seal(&mut self, signature: &[u8; 64]) -> Result<Vec<u8>> {
        self.exchange.seal(&self.route, signature)
    }

    /// Takes the server's answer; after the first one the second request is ready.
    pub fn receive(&mut self, reply: &[u8], now: u64) -> Result<()> {
        self.step = match core::mem::replace(&mut self.step, Step::Over) {
            Step::Committed(phone) => {
                let (phone, message) = phone.open(&self.exchange.open::<KeygenCommitReply>(reply)?)?;
                self.exchange = Exchange::new(&header(&self.route, now)?, &message);
                Step::Opened(phone)
            }
            Step::Opened(phone) => Step::Made(phone.finish(&self.exchange.open::<KeygenOpenReply>(reply)?)?.into()),
            Step::Made(_) | Step::Over => return Err(Error::OutOfTurn),
        };
        Ok(())
    }

    /// Hides the new half under `pin`; the plain half is gone afterwards.
    pub fn protect(&mut self, pin: &str, device: &DeviceSecret) -> Result<(SealedKey, Commitment)> {
        if strength(pin) != Strength::Ok {
            return Err(Error::WeakPin);
        }
        let Step::Made(key) = core::mem::replace(&mut self.step, Step::Over) else { return Err(Error::OutOfTurn) };
        let sealed = SealedKey::seal(&key, &Pin::new(pin)?, device, DEFAULT_ROUNDS)?;
        Ok((sealed, key.commitment))
    }
}

/// The header before there is a key.
fn header(route: &Route, now: u64) -> Result<Header> {
    Ok(Header {
        key_id: Id::ZERO,
        epoch: 0,
        device_id: route.device_id,
        sid: Id::ZERO,
        req_id: Id::random()?,
        ts_ms: now,
        tok: Token::NONE,
        pending: None,
    })
}
