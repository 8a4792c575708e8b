//! A split key as the phone stores it.

use super::{DeviceSecret, Label, Pin, mask::PinKey};
use crate::{
    Error, Id, PhoneShare, Result, Token,
    codec::{Header, Reader, Writer},
    keygen::NewKey,
    transcript,
};
use gm::{curve::Scalar, random, sm2::PublicKey, sm4};
use zeroize::Zeroizing;

/// Rounds of the PIN's key derivation. Only a second line: what protects six digits is the server's counter.
pub const DEFAULT_ROUNDS: u32 = 60_000;

const VERSION: u8 = 1;
/// Refuses a blob that would keep the phone busy for minutes.
const MAX_ROUNDS: u64 = 10_000_000;

/// One share under its two masks.
#[derive(Clone, PartialEq, Eq)]
struct Masked {
    /// share - F(label)
    by_pin: Scalar,
    /// share - mu_label
    by_reset: Scalar,
}

/// A split key at rest: the share under PIN and reset masks, and the clone token.
///
/// Holds no point and no check value that depends on the share: see the list in `docs/protocol.md`.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedKey {
    key_id: Id,
    epoch: u64,
    public: PublicKey,
    salt: [u8; 16],
    rounds: u32,
    sign: Masked,
    /// The current clone token.
    pub tok: Token,
    /// The request under way. Stored before it is sent and cleared when its answer is stored; never its body.
    pub pending: Option<Id>,
}

impl SealedKey {
    /// Hides a new key's share under `pin`.
    pub fn seal(key: &NewKey, pin: &Pin, device: &DeviceSecret, rounds: u32) -> Result<Self> {
        let salt = random::bytes()?;
        let (key_id, epoch) = (key.share.key_id, key.share.epoch);
        let mask = PinKey::derive(pin, &salt, device, rounds).mask(Label::Sign, key_id, epoch);
        let sign = Masked { by_pin: &key.share.y1 - &mask, by_reset: &key.share.y1 - &key.reset_mask };
        let tok = key.tok.clone();
        Ok(Self { key_id, epoch, public: key.share.public, salt, rounds, sign, tok, pending: None })
    }

    /// The key.
    pub fn key_id(&self) -> Id {
        self.key_id
    }

    /// The shares' generation.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The public key P.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The header of a request with this key, outside a session.
    pub fn header(&self, device_id: Id, req_id: Id, ts_ms: u64) -> Header {
        let (key_id, epoch, tok, pending) = (self.key_id, self.epoch, self.tok.clone(), self.pending);
        Header { key_id, epoch, device_id, sid: Id::ZERO, req_id, ts_ms, tok, pending }
    }

    /// The share that `pin` gives. Whether it is the right one only the server can say.
    pub fn unlock(&self, pin: &Pin, device: &DeviceSecret) -> Result<PhoneShare> {
        let key = PinKey::derive(pin, &self.salt, device, self.rounds);
        let y1 = &self.sign.by_pin + &key.mask(Label::Sign, self.key_id, self.epoch);
        PhoneShare::new(self.public, self.key_id, self.epoch, y1)
    }

    /// The share that the reset service's mask gives, for a forgotten PIN. A refresh must follow at once.
    pub fn recover(&self, reset_mask: &Scalar) -> Result<PhoneShare> {
        PhoneShare::new(self.public, self.key_id, self.epoch, &self.sign.by_reset + reset_mask)
    }

    /// The octets to store: SM4-GCM under a key from `K_dev`. The tag depends on `K_dev` and not on the PIN.
    pub fn to_bytes(&self, device: &DeviceSecret) -> Result<Vec<u8>> {
        let mut body = Writer::new();
        body.put(&self.public.to_bytes()).field(&self.epoch).put(&self.salt).field(&u64::from(self.rounds));
        body.field(&self.sign.by_pin).field(&self.sign.by_reset).field(&self.tok);
        body.put(self.pending.as_ref().map_or(&[], |id| &id.0[..]));
        let nonce = random::bytes()?;
        let sealed = sm4::gcm_encrypt(&wrapping_key(device), &nonce, &aad(self.key_id), body.as_bytes())?;
        let mut out = Writer::new();
        out.put(&[VERSION]).field(&self.key_id).put(&nonce).put(&sealed);
        Ok(out.as_bytes().to_vec())
    }

    /// Reads what [`SealedKey::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8], device: &DeviceSecret) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let ([version], key_id, nonce) = (reader.array()?, reader.field()?, reader.array()?);
        let sealed = reader.bytes()?;
        reader.end()?;
        if version != VERSION {
            return Err(Error::Encoding);
        }
        let body = sm4::gcm_decrypt(&wrapping_key(device), &nonce, &aad(key_id), sealed)?;
        let body = Zeroizing::new(body);
        let mut reader = Reader::new(&body);
        let public = PublicKey::from_bytes(&reader.array()?)?;
        let (epoch, salt, rounds) = (reader.field()?, reader.array()?, reader.field::<u64>()?);
        let sign = Masked { by_pin: reader.field()?, by_reset: reader.field()? };
        let (tok, pending) = (reader.field()?, reader.bytes()?);
        reader.end()?;
        let pending = match pending {
            [] => None,
            id => Some(Id(id.try_into().map_err(|_| Error::Encoding)?)),
        };
        let rounds = u32::try_from(rounds.min(MAX_ROUNDS)).map_err(|_| Error::Encoding)?;
        Ok(Self { key_id, epoch, public, salt, rounds, sign, tok, pending })
    }
}

impl core::fmt::Debug for SealedKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SealedKey({:?}, epoch {})", self.key_id, self.epoch)
    }
}

fn wrapping_key(device: &DeviceSecret) -> Zeroizing<[u8; sm4::KEY_LENGTH]> {
    let digest = Zeroizing::new(transcript::hash("blob-key", &[&device.0]));
    let mut key = Zeroizing::new([0; sm4::KEY_LENGTH]);
    key.copy_from_slice(&digest[..sm4::KEY_LENGTH]);
    key
}

fn aad(key_id: Id) -> Vec<u8> {
    transcript::octets("blob", &[&[VERSION], &key_id.0])
}
