//! One request and its reply: first the device key signs, then the envelope closes, then the answer is opened.

use crate::{Error, Result};
use gm::sm3::Digest;
use splitkey::{
    Id,
    codec::{Body, DEVICE_SIGNATURE_LENGTH, Header, Message, OperationMessage, decode_reply},
    envelope,
};

/// From which device of which account to which server key.
#[derive(Clone, Debug)]
pub struct Route {
    /// The account.
    pub account_id: Id,
    /// The device, as the server knows it.
    pub device_id: Id,
    /// The server's pinned envelope key.
    pub envelope_key: envelope::PublicKey,
}

/// A request under way.
#[derive(Debug)]
pub(crate) enum Exchange {
    Unsigned(Body),
    Sent(envelope::PhoneChannel),
    Over,
}

impl Exchange {
    pub(crate) fn new<M: OperationMessage>(header: &Header, message: &M) -> Self {
        Self::Unsigned(Body::new(header, message))
    }

    /// What the device key must sign.
    pub(crate) fn digest(&self) -> Result<Digest> {
        match self {
            Self::Unsigned(body) => Ok(body.digest()),
            Self::Sent(_) | Self::Over => Err(Error::OutOfTurn),
        }
    }

    /// The sealed request. It is made once; a retry sends the same octets.
    pub(crate) fn seal(&mut self, route: &Route, signature: &[u8; DEVICE_SIGNATURE_LENGTH]) -> Result<Vec<u8>> {
        let Self::Unsigned(body) = core::mem::replace(self, Self::Over) else { return Err(Error::OutOfTurn) };
        let body = body.sign(signature);
        let (request, channel) = envelope::seal(&route.envelope_key, route.account_id, route.device_id, &body)?;
        *self = Self::Sent(channel);
        Ok(request)
    }

    /// The opened reply.
    pub(crate) fn open<R: Message>(&mut self, reply: &[u8]) -> Result<R> {
        let Self::Sent(channel) = core::mem::replace(self, Self::Over) else { return Err(Error::OutOfTurn) };
        Ok(decode_reply(&channel.open(reply)?)?)
    }
}
