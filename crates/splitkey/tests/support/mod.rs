//! A phone and a server in one process, speaking through the public interface.

#![allow(dead_code, clippy::unwrap_used)] // each test binary uses its part

use gm::{curve::Scalar, sm2::PublicKey, sm3::Digest};
use splitkey::{
    Id, PhoneShares, ServerShare, ServerShares, Token,
    codec::{Header, KeygenCommitReply, KeygenOpen, KeygenOpenReply, Sign, SignReply},
    decrypt::{self, PhoneDecryptionShare},
    keygen::{Context, NewKey, PhoneCommitted, ServerPending},
    pin::{DeviceSecret, Pin, ReceivedShare, ResetSecret, SealedKey},
    sign::{Commitment, PendingSignature, ServerNonce},
};

pub const PIN: &str = "864209";
/// The tests search for PINs themselves, so the derivation is quick.
pub const ROUNDS: u32 = 1;

/// One key with both halves, and what went over the line when it was made.
pub struct World {
    pub new_key: NewKey,
    pub shares: PhoneShares,
    pub server: ServerShares,
    pub device: DeviceSecret,
    pub device_id: Id,
    pub reset: ResetSecret,
    pub sealed: SealedKey,
    pub keygen: (KeygenCommitReply, KeygenOpen),
}

pub fn id() -> Id {
    Id::random().unwrap()
}

pub fn context(device_id: Id) -> Context {
    let server_nonce = gm::random::bytes().unwrap();
    Context { account_id: id(), device_id, enrol_id: id(), server_nonce }
}

impl World {
    /// A signing key.
    pub fn new() -> Self {
        let device_id = id();
        let context = context(device_id);
        let (phone, message) = PhoneCommitted::new(&context).unwrap();
        let (pending, first) = ServerPending::new(&context, &message).unwrap();
        let (phone, second) = phone.open(&first).unwrap();
        let pending = ServerPending::from_bytes(&pending.to_bytes()).unwrap();
        let (server, point) = pending.open(&second).unwrap();
        assert_eq!(server.phone_point().unwrap(), point);
        assert_eq!(phone.public_key(), server.public_key());
        let (key_id, epoch, reset) = (id(), 1, ResetSecret::random().unwrap());
        let nonce = ServerNonce::draw(server.public_key(), point, epoch, Id::ZERO, id()).unwrap();
        let Commitment { cid, h2 } = nonce.commitment();
        let mu_sign = reset.masks(key_id, epoch, &[]).sign;
        let reply = KeygenOpenReply { key_id, epoch, mu_sign, tok: Token::random().unwrap(), cid, h2 };
        let new_key = phone.finish(&reply).unwrap();
        let device = DeviceSecret::random().unwrap();
        let sealed = SealedKey::seal(&new_key, &pin(PIN), &device, ROUNDS).unwrap();
        let shares = new_key.share.clone().into();
        Self { new_key, shares, server: server.into(), device, device_id, reset, sealed, keygen: (first, second) }
    }

    /// A signing key with an encryption key.
    pub fn with_encryption() -> (Self, gm::sm2::SecretKey) {
        let (world, mut escrowed) = Self::with_encryption_keys(1);
        (world, escrowed.remove(0))
    }

    /// A signing key with several encryption keys, in ascending order.
    pub fn with_encryption_keys(count: usize) -> (Self, Vec<gm::sm2::SecretKey>) {
        let mut world = Self::new();
        let mut escrowed: Vec<_> = (0..count).map(|_| gm::sm2::SecretKey::generate().unwrap()).collect();
        escrowed.sort_by_key(|key| key.public_key().to_bytes());
        let transport = gm::sm2::SecretKey::generate().unwrap();
        let publics: Vec<_> = escrowed.iter().map(gm::sm2::SecretKey::public_key).collect();
        let masks = world.reset.masks(world.shares.sign.key_id(), 1, &publics);
        let mut received = Vec::new();
        for (key, reset_mask) in escrowed.iter().zip(masks.enc) {
            let split = decrypt::split(key).unwrap();
            let sealed = split.for_phone(&transport.public_key()).unwrap();
            let share = PhoneDecryptionShare::receive(&transport, &sealed, key.public_key()).unwrap();
            world.server.enc.push(split.server);
            received.push(ReceivedShare { share, reset_mask });
        }
        world.shares.enc = received.iter().map(|one| one.share.clone()).collect();
        received.reverse(); // whatever order they come in
        world.sealed.add_decryption(&received, &pin(PIN), &world.device).unwrap();
        (world, escrowed)
    }

    pub fn public(&self) -> &PublicKey {
        self.server.sign.public_key()
    }

    /// The header of a fresh request outside a session.
    pub fn header(&self) -> Header {
        Header { epoch: self.shares.sign.epoch(), ..self.sealed.header(self.device_id, id(), 1_800_000_000_000) }
    }

    pub fn nonce(&self) -> ServerNonce {
        nonce(&self.server.sign, self.shares.sign.epoch(), Id::ZERO)
    }

    /// A request for a signature on `e`.
    pub fn request(&self, commitment: Commitment, header: &Header, e: &Digest) -> (PendingSignature, Sign) {
        PendingSignature::new(self.shares.sign.clone(), header, commitment, e, id()).unwrap()
    }

    /// Server and phone, as they should be.
    pub fn sign(&self, e: &Digest) -> splitkey::Result<gm::sm2::Signature> {
        let (nonce, header) = (self.nonce(), self.header());
        let (pending, message) = self.request(nonce.commitment(), &header, e);
        pending.finish(&answer(&self.server.sign, nonce, &header, &message)?)
    }
}

pub fn nonce(share: &ServerShare, epoch: u64, sid: Id) -> ServerNonce {
    let nonce = ServerNonce::draw(share.public_key(), share.phone_point().unwrap(), epoch, sid, id()).unwrap();
    ServerNonce::from_bytes(&nonce.to_bytes()).unwrap()
}

pub fn answer(share: &ServerShare, nonce: ServerNonce, header: &Header, message: &Sign) -> splitkey::Result<SignReply> {
    let proven = nonce.check(share, header, message)?;
    let next = proven.next_nonce(id())?.commitment();
    Ok(proven.answer()?.into_reply(next, Token::random()?))
}

pub fn pin(digits: &str) -> Pin {
    Pin::new(digits).unwrap()
}

pub fn scalar(bytes: &[u8]) -> Scalar {
    Scalar::from_slice(bytes).unwrap()
}

pub fn digest(text: &str) -> Digest {
    gm::sm3::digest(text.as_bytes())
}
