//! The key management centre (KMC, 密钥管理中心): makes the encryption keys and keeps them in escrow, so that what was
//! encrypted to a person can be read after the phone is lost.
//!
//! Its key-encryption key exists only as two custodians' components, each in a file of its own, which may lie on
//! different media; neither says anything about the other or about the key. It is not derived from the master key: who
//! holds database and master key reads no escrowed key. A key leaves escrow in two halves only ([`splitkey::decrypt`]),
//! for a certificate whose application was decided: a recovery by two reviewers ([`crate::application`]). Every release is
//! written down.

pub mod entity;
mod service;

pub use service::{entitled, forget, generate, split};

use std::{fs, os::unix::fs::DirBuilderExt as _, path::Path};

use gm::{sm3, sm4};
use zeroize::Zeroizing;

use crate::{
    keys::vault::MasterKeyVault,
    storage::{StorageError, key_file},
};

/// The centre's key.
pub struct Centre {
    vault: MasterKeyVault,
}

impl Centre {
    /// Puts the key together from both custodians' components, 32 octets each; makes them at the first start.
    pub fn open(first: &Path, second: &Path) -> Result<Self, StorageError> {
        let (first, second) = (component(first)?, component(second)?);
        let joined = Zeroizing::new(sm3::hmac(&*first, &*second));
        let mut key = Zeroizing::new([0; sm4::KEY_LENGTH]);
        key.copy_from_slice(&joined[..sm4::KEY_LENGTH]);
        Ok(Self { vault: MasterKeyVault::from_key(key) })
    }
}

fn component(file: &Path) -> Result<Zeroizing<[u8; 32]>, StorageError> {
    if let Some(folder) = file.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    key_file(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::vault::KeyVault as _;

    #[test]
    fn the_key_is_there_only_with_both_components() {
        let folder = tempfile::tempdir().expect("folder");
        let path = |name: &str| folder.path().join(name);
        let centre = Centre::open(&path("a/one.key"), &path("b/two.key")).expect("made");
        let wrapped = centre.vault.wrap(b"row", b"dE").expect("wrapped");
        let again = Centre::open(&path("a/one.key"), &path("b/two.key")).expect("opened");
        assert_eq!(again.vault.unwrap(b"row", &wrapped).expect("the key")[..], *b"dE");
        assert!(again.vault.unwrap(b"other row", &wrapped).is_err());
        for (one, two) in [("a/one.key", "b/other.key"), ("a/other.key", "b/two.key"), ("b/two.key", "a/one.key")] {
            let other = Centre::open(&path(one), &path(two)).expect("opened");
            assert!(other.vault.unwrap(b"row", &wrapped).is_err(), "{one} {two}");
        }
        fs::write(path("short.key"), [0; 31]).expect("written");
        assert!(Centre::open(&path("short.key"), &path("b/two.key")).is_err());
    }
}
