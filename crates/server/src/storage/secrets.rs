//! The platform's own secrets: one master key in a file only the service may read, everything else derived from it.
//!
//! A database dump alone is worthless: identity numbers, CA keys and server shares in it are encrypted under keys that
//! come from here.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use gm::{random, sm3, sm4};
use zeroize::Zeroizing;

use super::StorageError;

/// Keys derived from the master key by purpose.
pub struct Secrets {
    master: Zeroizing<[u8; 32]>,
}

impl Secrets {
    /// Reads the master key in `folder`, or makes folder (0700) and key (0600) at the first start.
    pub fn open(folder: &Path) -> Result<Self, StorageError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        Ok(Self { master: key_file(&folder.join("master.key"))? })
    }

    /// The 32-byte key for `purpose`: HMAC-SM3(master, purpose).
    pub fn key(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(sm3::hmac(&*self.master, purpose.as_bytes()))
    }

    /// Encrypts with SM4-GCM under the key for `purpose`; `context` must be given again to open. Returns nonce ‖ ciphertext ‖ tag.
    pub fn seal(&self, purpose: &str, context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, StorageError> {
        let nonce = random::bytes::<{ sm4::NONCE_LENGTH }>()?;
        let ciphertext = sm4::gcm_encrypt(&self.sm4_key(purpose), &nonce, context, plaintext)?;
        Ok([nonce.as_slice(), &ciphertext].concat())
    }

    /// Opens what [`Secrets::seal`] made for the same purpose and context.
    pub fn open_sealed(
        &self,
        purpose: &str,
        context: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StorageError> {
        let (nonce, ciphertext) =
            sealed.split_first_chunk().ok_or(StorageError::Secret("sealed value is too short"))?;
        Ok(Zeroizing::new(sm4::gcm_decrypt(&self.sm4_key(purpose), nonce, context, ciphertext)?))
    }

    fn sm4_key(&self, purpose: &str) -> Zeroizing<[u8; sm4::KEY_LENGTH]> {
        let key = self.key(purpose);
        let mut short = Zeroizing::new([0; sm4::KEY_LENGTH]);
        short.copy_from_slice(&key[..sm4::KEY_LENGTH]);
        short
    }
}

/// Reads a key of 32 octets, or makes it (0600) at the first start.
pub fn key_file(file: &Path) -> Result<Zeroizing<[u8; 32]>, StorageError> {
    match fs::read(file) {
        Ok(octets) => {
            let octets = Zeroizing::new(octets);
            let key = octets.as_slice().try_into();
            key.map(Zeroizing::new).map_err(|_| StorageError::Secret("a key file must be 32 bytes"))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let key = random::secret::<32>()?;
            write_private(file, &*key)?;
            Ok(key)
        }
        Err(error) => Err(error.into()),
    }
}

/// Writes a new file that only its owner may read, and waits until it is on the disk.
pub fn write_private(file: &Path, content: &[u8]) -> Result<(), StorageError> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    file.write_all(content)?;
    file.sync_all()?;
    Ok(())
}
