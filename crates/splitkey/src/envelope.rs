//! The inner envelope: requests and replies stay closed where TLS ends early (docs/protocol.md, "Envelope").
//!
//! A recorded request or reply would let whoever also copied the phone's storage search for the PIN off-line, so
//! neither may be readable by a load balancer or an inspecting proxy.

use crate::{
    Error, Id, Result,
    codec::{Reader, Writer},
    transcript,
};
use gm::{
    curve::{Point, Scalar},
    kdf, random, sm2, sm3, sm4,
};
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// Longest envelope that is looked at.
pub const MAX_LENGTH: usize = 8 * 1024;

/// The server's public envelope key, pinned by the phone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey {
    /// Which key of the server this is.
    pub id: Id,
    /// S.
    pub point: Point,
}

impl core::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "envelope::PublicKey({:?})", self.id)
    }
}

/// The server's private envelope key.
#[derive(Clone, Debug)]
pub struct SecretKey {
    id: Id,
    secret: sm2::SecretKey,
}

impl SecretKey {
    /// Takes a key pair for envelopes. It must not be used for anything else.
    pub const fn new(id: Id, secret: sm2::SecretKey) -> Self {
        Self { id, secret }
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey { id: self.id, point: *self.secret.public_key().point() }
    }
}

/// The keys of one exchange.
#[derive(ZeroizeOnDrop)]
struct Keys {
    to_server: [u8; sm4::KEY_LENGTH],
    to_phone: [u8; sm4::KEY_LENGTH],
}

impl Keys {
    fn derive(shared: &Point, u: &Point, id: Id) -> Self {
        let (x, y) = (Zeroizing::new(shared.x()), Zeroizing::new(shared.y()));
        let info = transcript::octets("env", &[&u.to_bytes(), &id.0]);
        let bytes = kdf::derive(&[&*x, &*y, &info], 2 * sm4::KEY_LENGTH);
        let mut keys = Self { to_server: [0; sm4::KEY_LENGTH], to_phone: [0; sm4::KEY_LENGTH] };
        keys.to_server.copy_from_slice(&bytes[..sm4::KEY_LENGTH]);
        keys.to_phone.copy_from_slice(&bytes[sm4::KEY_LENGTH..]);
        keys
    }
}

/// A request's key serves for one message only, so its nonce may be fixed.
const REQUEST_NONCE: [u8; sm4::NONCE_LENGTH] = [0; sm4::NONCE_LENGTH];

fn request_aad(u: &Point, id: Id, account_id: Id, device_id: Id) -> Vec<u8> {
    transcript::octets("env-request", &[&u.to_bytes(), &id.0, &account_id.0, &device_id.0])
}

fn reply_aad(request: &sm3::Digest) -> Vec<u8> {
    transcript::octets("env-reply", &[request])
}

/// The phone's end of one exchange.
pub struct PhoneChannel {
    keys: Keys,
    request: sm3::Digest,
}

/// Closes a request's octets for the server. The same sealed octets may be sent again when no answer came.
pub fn seal(key: &PublicKey, account_id: Id, device_id: Id, body: &[u8]) -> Result<(Vec<u8>, PhoneChannel)> {
    seal_with(key, account_id, device_id, body, &Scalar::random()?)
}

/// Closes a request's octets with a given u.
pub(crate) fn seal_with(
    key: &PublicKey,
    account_id: Id,
    device_id: Id,
    body: &[u8],
    secret: &Scalar,
) -> Result<(Vec<u8>, PhoneChannel)> {
    let u = Point::mul_base(secret).normalize()?;
    let mut shared = key.point.mul(secret).normalize()?;
    let keys = Keys::derive(&shared, &u, key.id);
    zeroize::Zeroize::zeroize(&mut shared);
    let aad = request_aad(&u, key.id, account_id, device_id);
    let sealed = sm4::gcm_encrypt(&keys.to_server, &REQUEST_NONCE, &aad, body)?;
    let mut out = Writer::new();
    out.field(&u).field(&key.id).field(&account_id).field(&device_id).put(&sealed);
    let bytes = out.as_bytes().to_vec();
    if bytes.len() > MAX_LENGTH {
        return Err(Error::Encoding);
    }
    let request = sm3::digest(&bytes);
    Ok((bytes, PhoneChannel { keys, request }))
}

impl PhoneChannel {
    /// Opens the server's reply to this request.
    pub fn open(&self, reply: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = reply.split_first_chunk::<{ sm4::NONCE_LENGTH }>().ok_or(Error::Envelope)?;
        if reply.len() > MAX_LENGTH {
            return Err(Error::Envelope);
        }
        sm4::gcm_decrypt(&self.keys.to_phone, nonce, &reply_aad(&self.request), sealed)
            .map(Zeroizing::new)
            .map_err(|_| Error::Envelope)
    }
}

impl core::fmt::Debug for PhoneChannel {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PhoneChannel(..)")
    }
}

/// The server's end of one exchange.
pub struct ServerChannel {
    keys: Keys,
    request: sm3::Digest,
}

/// An opened request.
#[derive(Debug)]
pub struct Opened {
    /// The account that the envelope names; bound to the body, proven by nothing but the device's registration.
    pub account_id: Id,
    /// The device that the envelope names; must be the one in the body.
    pub device_id: Id,
    /// The body's octets, for [`crate::codec::SignedBody::from_bytes`].
    pub body: Zeroizing<Vec<u8>>,
    /// Closes the reply.
    pub channel: ServerChannel,
}

/// Which envelope key a request was closed for, so that the server can pick it while keys rotate.
pub fn key_id(bytes: &[u8]) -> Result<Id> {
    let mut reader = Reader::new(bytes);
    reader.array::<65>().and_then(|_| reader.field()).map_err(|_| Error::Envelope)
}

/// Opens a request.
pub fn open(key: &SecretKey, bytes: &[u8]) -> Result<Opened> {
    open_inner(key, bytes).map_err(|_| Error::Envelope)
}

fn open_inner(key: &SecretKey, bytes: &[u8]) -> Result<Opened> {
    if bytes.len() > MAX_LENGTH {
        return Err(Error::Envelope);
    }
    let mut reader = Reader::new(bytes);
    let u: Point = reader.field()?;
    let (id, account_id, device_id): (Id, Id, Id) = (reader.field()?, reader.field()?, reader.field()?);
    let sealed = reader.bytes()?;
    reader.end()?;
    if id != key.id {
        return Err(Error::Envelope);
    }
    let mut shared = u.mul(key.secret.scalar()).normalize()?;
    let keys = Keys::derive(&shared, &u, id);
    zeroize::Zeroize::zeroize(&mut shared);
    let aad = request_aad(&u, id, account_id, device_id);
    let body = Zeroizing::new(sm4::gcm_decrypt(&keys.to_server, &REQUEST_NONCE, &aad, sealed)?);
    let channel = ServerChannel { keys, request: sm3::digest(bytes) };
    Ok(Opened { account_id, device_id, body, channel })
}

impl ServerChannel {
    /// Closes a reply. A request that is sent twice is answered under the same key, so the nonce is random.
    pub fn seal(&self, reply: &[u8]) -> Result<Vec<u8>> {
        let nonce = random::bytes::<{ sm4::NONCE_LENGTH }>()?;
        let sealed = sm4::gcm_encrypt(&self.keys.to_phone, &nonce, &reply_aad(&self.request), reply)?;
        Ok([&nonce[..], &sealed].concat())
    }
}

impl core::fmt::Debug for ServerChannel {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ServerChannel(..)")
    }
}
