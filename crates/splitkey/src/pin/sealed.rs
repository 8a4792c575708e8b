//! A split key as the phone stores it.

use super::{DeviceSecret, Label, Pin, ResetMasks, mask::PinKey};
use crate::{
    Error, Id, PhoneShare, PhoneShares, Result, Token,
    codec::{Field, Header, Reader, Writer},
    decrypt::PhoneDecryptionShare,
    keygen::NewKey,
    transcript,
};
use gm::{
    curve::{Point, Scalar},
    random,
    sm2::PublicKey,
    sm4,
};
use zeroize::Zeroizing;

/// Rounds of the PIN's key derivation. Only a second line: what protects six digits is the server's counter.
pub const DEFAULT_ROUNDS: u32 = 60_000;

const VERSION: u8 = 1;
/// Refuses a blob that would keep the phone busy for minutes.
const MAX_ROUNDS: u32 = 10_000_000;

/// One share under its two masks.
#[derive(Clone, PartialEq, Eq)]
struct Masked {
    /// share - F(label)
    by_pin: Scalar,
    /// share - mu_label
    by_reset: Scalar,
}

impl Masked {
    fn new(share: &Scalar, pin_mask: &Scalar, reset_mask: &Scalar) -> Self {
        Self { by_pin: share - pin_mask, by_reset: share - reset_mask }
    }
}

impl Field for Masked {
    fn put(&self, to: &mut Writer) {
        to.field(&self.by_pin).field(&self.by_reset);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self> {
        Ok(Self { by_pin: from.field()?, by_reset: from.field()? })
    }
}

/// Encryption keys that one key may hold shares of: the present one and those before it.
pub const MAX_ENCRYPTION_KEYS: usize = 32;

/// A decryption share at rest.
#[derive(Clone, PartialEq, Eq)]
struct MaskedEnc {
    public: PublicKey,
    share: Masked,
}

impl Field for MaskedEnc {
    fn put(&self, to: &mut Writer) {
        to.put(&self.public.to_bytes()).field(&self.share);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self> {
        Ok(Self { public: from.field::<Point>()?.into(), share: from.field()? })
    }
}

/// A decryption share that has come, with its reset mask.
#[derive(Clone, Debug)]
pub struct ReceivedShare {
    /// The share.
    pub share: PhoneDecryptionShare,
    /// mu of [`Label::Enc`] for this key.
    pub reset_mask: Scalar,
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
    /// In ascending order of P_E.
    enc: Vec<MaskedEnc>,
    /// The current clone token.
    pub tok: Token,
    /// The request under way. Stored before it is sent and cleared when its answer is stored; never its body.
    pub pending: Option<Id>,
}

impl SealedKey {
    /// Hides a new key's share under `pin`.
    pub fn seal(key: &NewKey, pin: &Pin, device: &DeviceSecret, rounds: u32) -> Result<Self> {
        let reset = ResetMasks { sign: key.reset_mask.clone(), enc: Vec::new() };
        Self::seal_shares(&key.share.clone().into(), &reset, key.tok.clone(), pin, device, rounds)
    }

    /// Hides the shares of a refreshed key under `pin`. The same shares must never be hidden twice: whoever holds both
    /// results finds both PINs.
    pub fn seal_shares(
        shares: &PhoneShares,
        reset: &ResetMasks,
        tok: Token,
        pin: &Pin,
        device: &DeviceSecret,
        rounds: u32,
    ) -> Result<Self> {
        let PhoneShare { public, key_id, epoch, .. } = shares.sign;
        let salt = random::bytes()?;
        let key = PinKey::derive(pin, &salt, device, rounds);
        let sign = Masked::new(&shares.sign.y1, &key.mask(Label::Sign, key_id, epoch), &reset.sign);
        let mut sealed = Self { key_id, epoch, public, salt, rounds, sign, enc: Vec::new(), tok, pending: None };
        if shares.enc.len() != reset.enc.len() {
            return Err(Error::Encoding);
        }
        sealed.enc = shares.enc.iter().zip(&reset.enc).map(|(enc, reset)| sealed.mask_enc(enc, reset, &key)).collect();
        Ok(sealed)
    }

    /// Takes in the decryption shares, when the encryption certificate comes. `pin` must be the right one: prove it
    /// first. The server must learn that they were stored before the next refresh.
    pub fn add_decryption(&mut self, received: &[ReceivedShare], pin: &Pin, device: &DeviceSecret) -> Result<()> {
        if !self.enc.is_empty() || received.is_empty() || received.len() > MAX_ENCRYPTION_KEYS {
            return Err(Error::Encoding);
        }
        let key = PinKey::derive(pin, &self.salt, device, self.rounds);
        self.enc = received.iter().map(|one| self.mask_enc(&one.share, &one.reset_mask, &key)).collect();
        self.enc.sort_by_key(|one| one.public.to_bytes());
        if self.enc.windows(2).any(|two| two[0].public == two[1].public) {
            self.enc.clear();
            return Err(Error::Encoding);
        }
        Ok(())
    }

    /// The encryption keys that this key holds shares of.
    pub fn encryption_keys(&self) -> Vec<PublicKey> {
        self.enc.iter().map(|enc| enc.public).collect()
    }

    fn mask_enc(&self, enc: &PhoneDecryptionShare, reset_mask: &Scalar, key: &PinKey) -> MaskedEnc {
        let mask = key.mask(Label::Enc(enc.public), self.key_id, self.epoch);
        MaskedEnc { public: enc.public, share: Masked::new(&enc.a, &mask, reset_mask) }
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

    /// The signing share that `pin` gives. Whether it is the right one only the server can say.
    pub fn unlock(&self, pin: &Pin, device: &DeviceSecret) -> Result<PhoneShare> {
        Ok(self.unlock_all(pin, device)?.sign)
    }

    /// All shares that `pin` gives.
    pub fn unlock_all(&self, pin: &Pin, device: &DeviceSecret) -> Result<PhoneShares> {
        let key = PinKey::derive(pin, &self.salt, device, self.rounds);
        self.shares(|masked, label| &masked.by_pin + &key.mask(label, self.key_id, self.epoch))
    }

    /// All shares that the reset service's masks give, for a forgotten PIN. A refresh must follow at once.
    pub fn recover(&self, reset: &ResetMasks) -> Result<PhoneShares> {
        if self.enc.len() != reset.enc.len() {
            return Err(Error::Encoding);
        }
        let masks: Vec<_> = self.encryption_keys().into_iter().map(Label::Enc).zip(&reset.enc).collect();
        self.shares(|masked, label| {
            let mask = masks.iter().find(|(of, _)| *of == label).map_or(&reset.sign, |(_, mask)| mask);
            &masked.by_reset + mask
        })
    }

    fn shares(&self, unmask: impl Fn(&Masked, Label) -> Scalar) -> Result<PhoneShares> {
        let sign = PhoneShare::new(self.public, self.key_id, self.epoch, unmask(&self.sign, Label::Sign))?;
        let unmasked =
            |enc: &MaskedEnc| PhoneDecryptionShare::new(enc.public, unmask(&enc.share, Label::Enc(enc.public)));
        Ok(PhoneShares { sign, enc: self.enc.iter().map(unmasked).collect::<Result<_>>()? })
    }

    /// The octets to store: SM4-GCM under a key from `K_dev`. The tag depends on `K_dev` and not on the PIN.
    pub fn to_bytes(&self, device: &DeviceSecret) -> Result<Vec<u8>> {
        let mut body = Writer::new();
        body.put(&self.public.to_bytes()).field(&self.epoch).put(&self.salt).field(&u64::from(self.rounds));
        body.field(&self.sign).field(&self.tok).field(&self.pending);
        for enc in &self.enc {
            body.field(enc);
        }
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
        let (sign, tok, pending) = (reader.field()?, reader.field()?, reader.field()?);
        let mut enc: Vec<MaskedEnc> = Vec::new();
        while !reader.is_empty() && enc.len() < MAX_ENCRYPTION_KEYS {
            enc.push(reader.field()?);
        }
        reader.end()?;
        let rounds = u32::try_from(rounds).ok().filter(|rounds| (1..=MAX_ROUNDS).contains(rounds));
        let rounds = rounds.ok_or(Error::Encoding)?;
        Ok(Self { key_id, epoch, public, salt, rounds, sign, enc, tok, pending })
    }
}

impl core::fmt::Debug for SealedKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SealedKey({:?}, epoch {})", self.key_id, self.epoch)
    }
}

pub(crate) fn wrapping_key(device: &DeviceSecret) -> Zeroizing<[u8; sm4::KEY_LENGTH]> {
    let digest = Zeroizing::new(transcript::hash("blob-key", &[&device.0]));
    let mut key = Zeroizing::new([0; sm4::KEY_LENGTH]);
    key.copy_from_slice(&digest[..sm4::KEY_LENGTH]);
    key
}

fn aad(key_id: Id) -> Vec<u8> {
    transcript::octets("blob", &[&[VERSION], &key_id.0])
}
