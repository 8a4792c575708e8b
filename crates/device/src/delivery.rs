//! Taking in the halves of the encryption keys.

use crate::Result;
use gm::{
    curve::Scalar,
    sm2::{PublicKey, SecretKey},
    sm3::Digest,
};
use splitkey::{
    Id,
    decrypt::PhoneDecryptionShare,
    pin::{DeviceSecret, Pin, ReceivedShare, SealedKey, delivery_digest, open_masks},
};

/// A delivery to a key made for this one use. It lives in memory only: a phone that has lost it asks again with another.
#[derive(Debug)]
pub struct Delivery {
    secret: SecretKey,
    public: PublicKey,
    enrolment_id: Id,
}

impl Delivery {
    /// Makes the one-time key.
    pub fn new(enrolment_id: Id) -> Result<Self> {
        let secret = SecretKey::generate()?;
        let public = secret.public_key();
        Ok(Self { secret, public, enrolment_id })
    }

    /// The one-time public key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// DER CertificationRequestInfo that names it: what the enrolment signs.
    pub fn request_info(&self, subject: &[u8], key: &PublicKey) -> Vec<u8> {
        pki::csr::info(subject, &key.to_bytes(), &self.public.to_bytes())
    }

    /// The key with the halves that came, each checked: `shares` are P_E and the sealed half. The PIN must be the right
    /// one; it has just signed.
    pub fn take(
        &self,
        mut key: SealedKey,
        shares: &[(PublicKey, Vec<u8>)],
        masks: &[u8],
        pin: &str,
        device: &DeviceSecret,
    ) -> Result<SealedKey> {
        let masks: Vec<Scalar> = open_masks(&self.secret, masks)?;
        if masks.len() != shares.len() {
            return Err(splitkey::Error::Encoding.into());
        }
        let received = shares.iter().zip(masks).map(|((public, sealed), reset_mask)| {
            Ok(ReceivedShare { share: PhoneDecryptionShare::receive(&self.secret, sealed, *public)?, reset_mask })
        });
        key.add_decryption(&received.collect::<Result<Vec<_>>>()?, &Pin::new(pin)?, device)?;
        Ok(key)
    }

    /// What the device key signs to say that the halves are stored.
    pub fn receipt(&self, key_id: Id) -> Digest {
        delivery_digest(self.enrolment_id, key_id, &self.public)
    }
}
