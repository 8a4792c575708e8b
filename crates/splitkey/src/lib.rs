//! Two-party SM2: a signing key whose halves live on a phone and on a server, and whose signatures are ordinary SM2
//! signatures. Protocol and messages only: no clock, no storage, no network. `docs/protocol.md` is the normative text.
//!
//! | module | what |
//! |---|---|
//! | [`keygen`] | both halves of a new key; nobody ever holds the whole |
//! | [`sign`] | one request, one reply, an ordinary signature |
//! | [`session`] | the PIN once, many signatures |
//! | [`decrypt`] | the encryption key's halves: one request, one reply, the plaintext |
//! | [`refresh`] | other shares, the same key: at every change of PIN |
//! | [`pin`] | the phone's halves at rest |
//! | [`codec`] | the messages and their octets |
//! | [`envelope`] | what closes them on their way |
//! | [`transcript`] | domain-separated hashing |
//!
//! Each step consumes the state that it ends: a message of the wrong step cannot be built, and a nonce cannot be used
//! twice. Secrets are wiped when dropped, never printed, and handled in constant time.
//!
//! # From nothing to a signature
//!
//! ```
//! use gm::sm2;
//! use p256::ecdsa::{SigningKey, Signature, signature::{Signer, Verifier}};
//! use splitkey::{Id, ServerShare, Token, codec::{self, Body, Header, Operation, OperationMessage, Refusal, Request}};
//! use splitkey::{envelope, keygen, pin::{DeviceSecret, Pin, SealedKey}, sign};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Both sides know the account, the device's public key, the enrolment and the envelope key.
//! let (account_id, device_id, enrol_id) = (Id::random()?, Id::random()?, Id::random()?);
//! let device_key = SigningKey::from_slice(&[7; 32])?;
//! let envelope_key = envelope::SecretKey::new(Id::random()?, sm2::SecretKey::generate()?);
//! let context = keygen::Context { account_id, device_id, enrol_id, server_nonce: gm::random::bytes()? };
//!
//! // The phone's way of sending: header and message, the device's signature, the envelope.
//! fn send<M: OperationMessage>(
//!     header: &Header, message: &M, account_id: Id, key: &SigningKey, to: &envelope::PublicKey,
//! ) -> splitkey::Result<(Vec<u8>, envelope::PhoneChannel)> {
//!     let body = Body::new(header, message);
//!     let signature: Signature = key.sign(&body.digest());
//!     let octets = body.sign(&signature.to_bytes().into());
//!     envelope::seal(to, account_id, header.device_id, &octets)
//! }
//! // The server's way of receiving: open, check the device's signature, and only then look at the request.
//! let receive = |bytes: &[u8]| -> splitkey::Result<(Request, envelope::ServerChannel)> {
//!     let opened = envelope::open(&envelope_key, bytes)?;
//!     let request = codec::SignedBody::from_bytes(&opened.body)?.authenticate(|digest, signature| {
//!         Signature::from_slice(signature).is_ok_and(|s| device_key.verifying_key().verify(digest, &s).is_ok())
//!     })?;
//!     Ok((request, opened.channel))
//! };
//! let to_server = envelope_key.public_key();
//! let mut header = Header {
//!     key_id: Id::ZERO, epoch: 0, device_id, sid: Id::ZERO, req_id: Id::random()?, ts_ms: 1_800_000_000_000,
//!     tok: Token::NONE, pending: None,
//! };
//!
//! // Key generation, first request and reply.
//! let (phone, message) = keygen::PhoneCommitted::new(&context)?;
//! let (bytes, channel) = send(&header, &message, account_id, &device_key, &to_server)?;
//! let (request, reply_channel) = receive(&bytes)?;
//! let Operation::KeygenCommit(message) = request.operation else { panic!("another operation") };
//! let (pending, reply) = keygen::ServerPending::new(&context, &message)?;
//! let stored = pending.to_bytes(); // sealed, until the second request
//! let bytes = reply_channel.seal(&codec::encode_reply(&Ok(reply)))?;
//! let reply = codec::decode_reply(&channel.open(&bytes)?)?;
//!
//! // Second request and reply: the key exists.
//! let (phone, message) = phone.open(&reply)?;
//! header.req_id = Id::random()?;
//! let (bytes, channel) = send(&header, &message, account_id, &device_key, &to_server)?;
//! let (request, reply_channel) = receive(&bytes)?;
//! let Operation::KeygenOpen(message) = request.operation else { panic!("another operation") };
//! let (share, phone_point) = keygen::ServerPending::from_bytes(&stored)?.open(&message)?;
//! let (key_id, epoch) = (Id::random()?, 1);
//! let nonce = sign::ServerNonce::draw(share.public_key(), phone_point, epoch, Id::ZERO, Id::random()?)?;
//! let sign::Commitment { cid, h2 } = nonce.commitment();
//! let mu_sign = splitkey::pin::ResetSecret::random()?.mask(splitkey::pin::Label::Sign, key_id, epoch);
//! let reply = codec::KeygenOpenReply { key_id, epoch, mu_sign, tok: Token::random()?, cid, h2 };
//! let (stored_share, stored_nonce) = (share.to_bytes(), nonce.to_bytes()); // each sealed in its own way
//! let bytes = reply_channel.seal(&codec::encode_reply(&Ok(reply)))?;
//! let new_key = phone.finish(&codec::decode_reply(&channel.open(&bytes)?)?)?;
//! let k_dev = DeviceSecret::random()?;
//! let mut sealed = SealedKey::seal(&new_key, &Pin::new("864209")?, &k_dev, 1000)?;
//! let commitment = new_key.commitment;
//! drop(new_key.share);
//!
//! // A signature: the phone shows M, computes e itself, and asks.
//! let e = sm2::message_digest(sealed.public_key(), sm2::DEFAULT_ID, b"message")?;
//! let header = sealed.header(device_id, Id::random()?, 1_800_000_060_000);
//! sealed.pending = Some(header.req_id); // stored before sending
//! let share = sealed.unlock(&Pin::new("864209")?, &k_dev)?;
//! let (pending, message) = sign::PendingSignature::new(share, &header, commitment, &e, Id::random()?)?;
//! let (bytes, channel) = send(&header, &message, account_id, &device_key, &to_server)?;
//! // The server burns the nonce and reserves an attempt, durably, before it computes.
//! let (request, reply_channel) = receive(&bytes)?;
//! let Operation::Sign(message) = &request.operation else { panic!("another operation") };
//! let share = ServerShare::from_bytes(*sealed.public_key(), &*stored_share)?;
//! let nonce = sign::ServerNonce::from_bytes(&stored_nonce)?;
//! let proven = nonce.check(&share, &request.header, message)?; // Error::Proof: a wrong PIN
//! let next = proven.next_nonce(Id::random()?)?;
//! let reply = proven.answer()?.into_reply(next.commitment(), Token::random()?);
//! let bytes = reply_channel.seal(&codec::encode_reply(&Ok(reply)))?;
//! let reply: codec::SignReply = codec::decode_reply(&channel.open(&bytes)?)?;
//! let signature = pending.finish(&reply)?;
//! (sealed.tok, sealed.pending) = (reply.tok.clone(), None);
//! let commitment = sign::Commitment::from(&reply); // for the next signature
//!
//! // Anybody's SM2 verifies it.
//! sealed.public_key().verify(sm2::DEFAULT_ID, b"message", &signature)?;
//! # let _ = (commitment, Refusal::Retry);
//! # Ok(())
//! # }
//! ```

mod binding;
mod error;
mod id;
mod proof;
mod share;

pub mod codec;
pub mod decrypt;
pub mod envelope;
pub mod keygen;
pub mod pin;
pub mod refresh;
pub mod session;
pub mod sign;
pub mod transcript;

#[cfg(test)]
mod vectors;

pub use error::Error;
pub use id::{Id, Token};
pub use share::{PhonePoint, PhoneShare, PhoneShares, ServerShare, ServerShares};

/// Result of this crate's operations.
pub type Result<T, E = Error> = core::result::Result<T, E>;
