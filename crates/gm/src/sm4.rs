//! SM4 (GB/T 32907): authenticated encryption in Galois/counter mode, and plain counter mode.

use crate::{Error, Result};
use aes_gcm::{
    AesGcm,
    aead::{Aead as _, KeyInit as _, Payload},
};
use cipher::{KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _, consts::U12};

/// Length of a key in bytes.
pub const KEY_LENGTH: usize = 16;
/// Length of a GCM nonce in bytes.
pub const NONCE_LENGTH: usize = 12;
/// Length of a GCM tag in bytes.
pub const TAG_LENGTH: usize = 16;

type Sm4Gcm = AesGcm<::sm4::Sm4, U12>;
type Sm4Ctr = ctr::Ctr128BE<::sm4::Sm4>;

/// SM4-GCM: encrypts `plaintext`, authenticates it together with `aad`, and appends the 16-byte tag.
///
/// One key must never see the same nonce twice.
pub fn gcm_encrypt(
    key: &[u8; KEY_LENGTH],
    nonce: &[u8; NONCE_LENGTH],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>> {
    Sm4Gcm::new(key.into()).encrypt(nonce.into(), Payload { msg: plaintext, aad }).map_err(|_| Error::PlaintextLength)
}

/// SM4-GCM: checks tag and `aad`, then decrypts. Nothing of the plaintext is returned when the check fails.
pub fn gcm_decrypt(
    key: &[u8; KEY_LENGTH],
    nonce: &[u8; NONCE_LENGTH],
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<Vec<u8>> {
    Sm4Gcm::new(key.into()).decrypt(nonce.into(), Payload { msg: ciphertext, aad }).map_err(|_| Error::Decryption)
}

/// SM4 in counter mode (GB/T 17964) with a 128-bit big-endian counter. Encryption and decryption are the same.
pub struct Ctr(Sm4Ctr);

impl Ctr {
    /// Starts at the counter block `iv`.
    pub fn new(key: &[u8; KEY_LENGTH], iv: &[u8; 16]) -> Self {
        Self(Sm4Ctr::new(key.into(), iv.into()))
    }

    /// Moves to the byte position `position` of the stream.
    pub fn seek(&mut self, position: u64) {
        self.0.seek(position);
    }

    /// Encrypts or decrypts `data` in place and moves on.
    pub fn apply(&mut self, data: &mut [u8]) {
        self.0.apply_keystream(data);
    }
}

impl core::fmt::Debug for Ctr {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("sm4::Ctr(..)")
    }
}
