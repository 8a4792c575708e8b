//! Messages and their octets (docs/protocol.md, "Messages").
//!
//! A request is a [`Body`]: a [`Header`] that every operation has, and the fields of one [`Message`]. The device key
//! signs [`Body::digest`]; [`Body::sign`] adds that signature and gives the octets for the envelope. On the server
//! [`SignedBody::authenticate`] checks it and only then gives the [`Request`] with its typed [`Operation`].

mod body;
mod messages;
mod reply;
mod wire;

pub use body::{Body, DEVICE_SIGNATURE_LENGTH, Header, Request, SignedBody};
pub use messages::*;
pub use reply::{Refusal, decode_reply, encode_reply};
pub use wire::{Field, MAX_LENGTH, NonZero, Reader, Writer};
