//! Masks that hide a share: from the PIN, and from the reset service.

use super::{DeviceSecret, Pin};
use crate::{Id, Result, transcript};
use gm::{curve::Scalar, sm3};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Which share a mask is for. With one mask for both, the difference of the two stored values would be a test for PINs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// y1.
    Sign,
    /// a.
    Enc,
}

impl Label {
    const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Sign => b"sign",
            Self::Enc => b"enc",
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
        transcript::hash_to_scalar("pin-mask", &[label.bytes(), &key_id.0, &epoch.to_be_bytes(), &*self.0])
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

    /// The masks for a key, with or without a decryption share.
    pub fn masks(&self, key_id: Id, epoch: u64, with_enc: bool) -> ResetMasks {
        let enc = with_enc.then(|| self.mask(Label::Enc, key_id, epoch));
        ResetMasks { sign: self.mask(Label::Sign, key_id, epoch), enc }
    }

    /// `mu_l = Hs("reset-mask", l, key_id, epoch, Msk)`.
    pub fn mask(&self, label: Label, key_id: Id, epoch: u64) -> Scalar {
        transcript::hash_to_scalar("reset-mask", &[label.bytes(), &key_id.0, &epoch.to_be_bytes(), &self.0])
    }
}

/// The reset masks of one epoch, as they travel to the phone once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetMasks {
    /// For the signing share.
    pub sign: Scalar,
    /// For the decryption share, when there is one.
    pub enc: Option<Scalar>,
}

impl core::fmt::Debug for ResetSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ResetSecret(..)")
    }
}
