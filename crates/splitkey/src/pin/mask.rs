//! Masks that hide a share: from the PIN, and from the reset service.

use super::{DeviceSecret, Pin};
use crate::{
    Id, Result,
    codec::{Reader, Writer},
    transcript,
};
use gm::{
    curve::Scalar,
    sm2::{self, PublicKey, SecretKey},
    sm3::{self, Digest},
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Which share a mask is for. With one mask for both, the difference of the two stored values would be a test for PINs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// y1.
    Sign,
    /// a of the encryption key P_E.
    Enc(PublicKey),
}

impl Label {
    /// `"sign"`, or `"enc" || P_E`.
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Sign => b"sign".to_vec(),
            Self::Enc(public) => [&b"enc"[..], &public.to_bytes()].concat(),
        }
    }
}

/// `K = PBKDF2-HMAC-SM3(PIN, salt || K_dev)`.
pub(crate) struct PinKey(pub(crate) Zeroizing<[u8; 32]>);

impl PinKey {
    pub(crate) fn derive(pin: &Pin, salt: &[u8; 16], device: &DeviceSecret, rounds: u32) -> Self {
        let mut salted = Zeroizing::new([0; 48]);
        salted[..16].copy_from_slice(salt);
        salted[16..].copy_from_slice(&device.0);
        let mut key = Zeroizing::new([0; 32]);
        sm3::pbkdf2(pin.as_bytes(), &*salted, rounds, &mut *key);
        Self(key)
    }

    /// `F(l) = Hs("pin-mask", l, key_id, epoch, K)`.
    pub(crate) fn mask(&self, label: Label, key_id: Id, epoch: u64) -> Scalar {
        transcript::hash_to_scalar("pin-mask", &[&label.bytes(), &key_id.0, &epoch.to_be_bytes(), &*self.0])
    }
}

/// `Msk`: what the reset service holds of one key and epoch, in a store and under a key of its own.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ResetSecret(pub [u8; 32]);

impl ResetSecret {
    /// A new random one.
    pub fn random() -> Result<Self> {
        Ok(Self(*gm::random::secret()?))
    }

    /// The masks for a key with decryption shares of these encryption keys, in this order.
    pub fn masks(&self, key_id: Id, epoch: u64, encryption_keys: &[PublicKey]) -> ResetMasks {
        let enc = encryption_keys.iter().map(|public| self.mask(Label::Enc(*public), key_id, epoch)).collect();
        ResetMasks { sign: self.mask(Label::Sign, key_id, epoch), enc }
    }

    /// `mu_l = Hs("reset-mask", l, key_id, epoch, Msk)`.
    pub fn mask(&self, label: Label, key_id: Id, epoch: u64) -> Scalar {
        transcript::hash_to_scalar("reset-mask", &[&label.bytes(), &key_id.0, &epoch.to_be_bytes(), &self.0])
    }
}

/// The reset masks of one epoch, as they travel to the phone once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetMasks {
    /// For the signing share.
    pub sign: Scalar,
    /// For each decryption share.
    pub enc: Vec<Scalar>,
}

impl ResetMasks {
    /// `enc(mu_sign) enc(list of mu_enc)`, SM2-encrypted to the phone's one-time key, for a forgotten PIN.
    pub fn seal(&self, to: &PublicKey) -> Result<Vec<u8>> {
        let mut plain = Writer::new();
        plain.field(&self.sign).field(&self.enc);
        Ok(sm2::encrypt(to, plain.as_bytes())?.to_der()?)
    }

    /// Opens what [`ResetMasks::seal`] gave.
    pub fn open(key: &SecretKey, sealed: &[u8]) -> Result<Self> {
        let plain = sm2::decrypt(key, &sm2::Ciphertext::from_der(sealed)?)?;
        let mut reader = Reader::new(&plain);
        let masks = Self { sign: reader.field()?, enc: reader.field()? };
        reader.end()?;
        Ok(masks)
    }
}

/// `enc(mu)` for each decryption share, SM2-encrypted to the phone's one-time transport key; in the order of `masks`.
pub fn seal_masks(masks: &[Scalar], to: &PublicKey) -> Result<Vec<u8>> {
    let mut plain = Writer::new();
    for mask in masks {
        plain.field(mask);
    }
    Ok(sm2::encrypt(to, plain.as_bytes())?.to_der()?)
}

/// Opens what [`seal_masks`] gave.
pub fn open_masks(key: &SecretKey, sealed: &[u8]) -> Result<Vec<Scalar>> {
    let plain: Zeroizing<Vec<u8>> = sm2::decrypt(key, &sm2::Ciphertext::from_der(sealed)?)?;
    let mut reader = Reader::new(&plain);
    let mut masks = Vec::new();
    while !reader.is_empty() {
        masks.push(reader.field()?);
    }
    Ok(masks)
}

/// `H("key-delivery", enrol_id, key_id, T)`: what the device key signs to say that the decryption shares sealed to the
/// one-time key T are stored.
pub fn delivery_digest(enrol_id: Id, key_id: Id, to: &PublicKey) -> Digest {
    transcript::hash("key-delivery", &[&enrol_id.0, &key_id.0, &to.to_bytes()])
}

/// `H("reset-release", recovery_id, key_id, T)`: what the device key signs to have the masks sealed to the one-time key T.
pub fn release_digest(recovery_id: Id, key_id: Id, to: &PublicKey) -> Digest {
    transcript::hash("reset-release", &[&recovery_id.0, &key_id.0, &to.to_bytes()])
}

impl core::fmt::Debug for ResetSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ResetSecret(..)")
    }
}
