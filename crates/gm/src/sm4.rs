//! SM4 (GB/T 32907): authenticated encryption in Galois/counter mode, plain counter mode, and the modes of other
//! people's formats (ECB for keys, CBC for messages).

use crate::{Error, Result};
use aes_gcm::{
    AesGcm,
    aead::{Aead as _, KeyInit as _, Payload},
};
use cipher::{
    BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _,
    consts::U12,
};

/// Length of a key in bytes.
pub const KEY_LENGTH: usize = 16;
/// Length of a block in bytes.
pub const BLOCK_LENGTH: usize = 16;
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

/// SM4-ECB of whole blocks, in place, without padding: only for random keys (GB/T 35276 7.4).
///
/// # Errors
/// [`Error::PlaintextLength`] unless the length is a multiple of 16.
pub fn ecb_encrypt(key: &[u8; KEY_LENGTH], data: &mut [u8]) -> Result<()> {
    let cipher = ::sm4::Sm4::new(key.into());
    let (blocks, rest) = data.as_chunks_mut::<BLOCK_LENGTH>();
    if !rest.is_empty() {
        return Err(Error::PlaintextLength);
    }
    blocks.iter_mut().for_each(|block| cipher.encrypt_block(block.into()));
    Ok(())
}

/// Undoes [`ecb_encrypt`].
///
/// # Errors
/// [`Error::CiphertextEncoding`] unless the length is a multiple of 16.
pub fn ecb_decrypt(key: &[u8; KEY_LENGTH], data: &mut [u8]) -> Result<()> {
    let cipher = ::sm4::Sm4::new(key.into());
    let (blocks, rest) = data.as_chunks_mut::<BLOCK_LENGTH>();
    if !rest.is_empty() {
        return Err(Error::CiphertextEncoding);
    }
    blocks.iter_mut().for_each(|block| cipher.decrypt_block(block.into()));
    Ok(())
}

/// SM4-CBC with the padding of PKCS#7 (RFC 5652 6.3), as messages of GB/T 35275 have it. It hides the content and
/// proves nothing: whoever can change the ciphertext can change the content.
pub fn cbc_encrypt(key: &[u8; KEY_LENGTH], iv: &[u8; BLOCK_LENGTH], plaintext: &[u8]) -> Vec<u8> {
    let cipher = ::sm4::Sm4::new(key.into());
    let padding = BLOCK_LENGTH - plaintext.len() % BLOCK_LENGTH;
    let mut data = Vec::with_capacity(plaintext.len() + padding);
    data.extend_from_slice(plaintext);
    data.resize(plaintext.len() + padding, padding as u8);
    let mut before = *iv;
    for block in data.as_chunks_mut::<BLOCK_LENGTH>().0 {
        block.iter_mut().zip(before).for_each(|(octet, chained)| *octet ^= chained);
        cipher.encrypt_block((&mut *block).into());
        before = *block;
    }
    data
}

/// Undoes [`cbc_encrypt`].
///
/// # Errors
/// [`Error::CiphertextEncoding`] for octets that are no blocks, [`Error::Decryption`] for wrong padding.
pub fn cbc_decrypt(
    key: &[u8; KEY_LENGTH],
    iv: &[u8; BLOCK_LENGTH],
    ciphertext: &[u8],
) -> Result<zeroize::Zeroizing<Vec<u8>>> {
    let cipher = ::sm4::Sm4::new(key.into());
    let mut data = zeroize::Zeroizing::new(ciphertext.to_vec());
    let mut before = *iv;
    let (blocks, rest) = data.as_chunks_mut::<BLOCK_LENGTH>();
    if !rest.is_empty() || blocks.is_empty() {
        return Err(Error::CiphertextEncoding);
    }
    for block in blocks {
        let chained = core::mem::replace(&mut before, *block);
        cipher.decrypt_block((&mut *block).into());
        block.iter_mut().zip(chained).for_each(|(octet, chained)| *octet ^= chained);
    }
    let padding = usize::from(data[data.len() - 1]);
    let start = data.len().checked_sub(padding).filter(|_| (1..=BLOCK_LENGTH).contains(&padding));
    let start = start.ok_or(Error::Decryption)?;
    if data[start..].iter().any(|octet| usize::from(*octet) != padding) {
        return Err(Error::Decryption);
    }
    data.truncate(start);
    Ok(data)
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

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 16] =
        [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10];

    #[test]
    fn the_example_of_gb_t_32907_comes_out_block_by_block() {
        let mut data = [KEY, KEY].concat();
        ecb_encrypt(&KEY, &mut data).unwrap();
        assert_eq!(hex::encode(&data[..16]), "681edf34d206965e86b3e94f536e4246");
        assert_eq!(data[..16], data[16..]);
        ecb_decrypt(&KEY, &mut data).unwrap();
        assert_eq!(data, [KEY, KEY].concat());
        assert!(ecb_encrypt(&KEY, &mut [0; 15]).is_err());
        assert!(ecb_decrypt(&KEY, &mut [0; 17]).is_err());
    }

    #[test]
    fn cbc_is_that_of_openssl() {
        // openssl enc -sm4-cbc -K 0123456789abcdeffedcba9876543210 -iv 000102030405060708090a0b0c0d0e0f
        let iv: [u8; 16] = core::array::from_fn(|at| at as u8);
        assert_eq!(hex::encode(cbc_encrypt(&KEY, &iv, b"abc")), "4301693c448c7da7cff13f84690f7dea");
        assert_eq!(
            hex::encode(cbc_encrypt(&KEY, &iv, &[7; 32])),
            "60c62357d73f2991175ed7d86fba2f26b7e1d6f2fd2a62c601814bef2b758ac08e916b6c7d3345e8a410f176469f40ba"
        );
    }

    #[test]
    fn every_length_goes_there_and_back_and_wrong_padding_is_refused() {
        let iv = [9; 16];
        for length in 0..50 {
            let plain: Vec<u8> = (0..length).collect();
            let mut cipher = cbc_encrypt(&KEY, &iv, &plain);
            assert_eq!(**cbc_decrypt(&KEY, &iv, &cipher).unwrap(), plain[..]);
            cipher.pop();
            assert!(cbc_decrypt(&KEY, &iv, &cipher).is_err());
        }
        assert!(cbc_decrypt(&KEY, &iv, &[]).is_err());
        let mut block = [0; 16];
        for padding in [0, 17, 255] {
            // The first block's plaintext is what it decrypts to, xor the IV.
            block[15] = padding;
            let mut cipher = block;
            cipher.iter_mut().zip(iv).for_each(|(octet, iv)| *octet ^= iv);
            ecb_encrypt(&KEY, &mut cipher).unwrap();
            assert_eq!(cbc_decrypt(&KEY, &iv, &cipher), Err(Error::Decryption));
        }
    }
}
