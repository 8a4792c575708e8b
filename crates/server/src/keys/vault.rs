//! Server shares at rest: each under a key of its own, that key under a key-encryption key that the database never sees.
//!
//! Destroying the wrapped key of a row destroys its share, in every backup of the key-encryption key's holder too.
//! The [`KeyVault`] is a trait because the key-encryption key may live in a security module
//! ([`TokenVault`](crate::vault::TokenVault)); [`MasterKeyVault`] keeps it in the platform's own file.

use gm::{random, sm4};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::storage::{Secrets, StorageError};

/// Length of a server share.
const SHARE_LENGTH: usize = 32;

/// Wraps small secrets under a key that never leaves it.
pub trait KeyVault: Send + Sync + 'static {
    /// Encrypts and authenticates; the same `context` is needed to open.
    fn wrap(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, StorageError>;
    /// Opens what [`KeyVault::wrap`] made.
    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, StorageError>;
}

/// The vault of a small site: a key derived from the master key file, for one purpose.
pub struct MasterKeyVault(Zeroizing<[u8; sm4::KEY_LENGTH]>);

impl MasterKeyVault {
    /// A vault for `purpose`. Vaults of different purposes cannot open each other's secrets.
    pub fn new(secrets: &Secrets, purpose: &str) -> Self {
        let derived = secrets.key(purpose);
        let mut key = Zeroizing::new([0; sm4::KEY_LENGTH]);
        key.copy_from_slice(&derived[..sm4::KEY_LENGTH]);
        Self(key)
    }

    /// A vault under a key that comes from elsewhere.
    pub fn from_key(key: Zeroizing<[u8; sm4::KEY_LENGTH]>) -> Self {
        Self(key)
    }
}

impl KeyVault for MasterKeyVault {
    fn wrap(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, StorageError> {
        seal_under(&self.0, context, secret)
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, StorageError> {
        open_under(&self.0, context, wrapped)
    }
}

/// A server share as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedShare {
    /// The row's own key under the vault's.
    pub wrapped_key: Vec<u8>,
    /// The share under the row's key.
    pub wrapped_share: Vec<u8>,
}

/// What a share belongs to. It is authenticated together with the share, so that rows cannot be swapped.
#[derive(Debug, Clone, Copy)]
pub struct ShareContext<'a> {
    /// The key.
    pub key_id: Uuid,
    /// Raised with every refresh of the shares.
    pub epoch: u64,
    /// The common public key P.
    pub public_key: &'a [u8],
    /// The device's own P-256 key.
    pub device_key: &'a [u8],
}

impl<'a> ShareContext<'a> {
    /// The same for the share of an encryption key P_E that this key holds.
    pub const fn of(self, public_key: &'a [u8]) -> Self {
        Self { public_key, ..self }
    }
}

impl ShareContext<'_> {
    /// What a vault is given as context.
    pub(crate) fn octets(&self) -> [u8; 32] {
        gm::sm3::Sm3::new()
            .chain(self.key_id.as_bytes())
            .chain(&self.epoch.to_be_bytes())
            .chain(self.public_key)
            .chain(self.device_key)
            .finalize()
    }
}

/// Seals a share under a fresh key.
pub fn seal_share(
    vault: &dyn KeyVault,
    context: &ShareContext<'_>,
    share: &[u8; SHARE_LENGTH],
) -> Result<SealedShare, StorageError> {
    let key = random::secret::<{ sm4::KEY_LENGTH }>()?;
    let context = context.octets();
    let wrapped_key = vault.wrap(&context, &*key)?;
    let wrapped_share = seal_under(&key, &context, share)?;
    Ok(SealedShare { wrapped_key, wrapped_share })
}

/// Opens a sealed share.
pub fn open_share(
    vault: &dyn KeyVault,
    context: &ShareContext<'_>,
    sealed: &SealedShare,
) -> Result<Zeroizing<[u8; SHARE_LENGTH]>, StorageError> {
    let context = context.octets();
    let key = vault.unwrap(&context, &sealed.wrapped_key)?;
    let key: &[u8; sm4::KEY_LENGTH] =
        key.as_slice().try_into().map_err(|_| StorageError::Secret("a wrapped key has the wrong length"))?;
    let share = open_under(key, &context, &sealed.wrapped_share)?;
    let share = share.as_slice().try_into().map_err(|_| StorageError::Secret("a share has the wrong length"))?;
    Ok(Zeroizing::new(share))
}

/// The key of this process: random, in memory only, gone with the process.
///
/// Open nonces and stored replies are sealed under it, so that no restart and no restored backup can bring a nonce
/// back, and no database dump holds a reply in clear.
pub struct BootKey(Zeroizing<[u8; sm4::KEY_LENGTH]>);

impl BootKey {
    /// A fresh key.
    pub fn generate() -> Result<Self, StorageError> {
        Ok(Self(random::secret()?))
    }

    /// Seals for this process.
    pub fn seal(&self, context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, StorageError> {
        seal_under(&self.0, context, plaintext)
    }

    /// Opens what this process sealed; `None` if another process did, or something was changed.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        open_under(&self.0, context, sealed).ok()
    }
}

fn seal_under(key: &[u8; sm4::KEY_LENGTH], context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, StorageError> {
    let nonce = random::bytes::<{ sm4::NONCE_LENGTH }>()?;
    let ciphertext = sm4::gcm_encrypt(key, &nonce, context, plaintext)?;
    Ok([nonce.as_slice(), &ciphertext].concat())
}

fn open_under(key: &[u8; sm4::KEY_LENGTH], context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StorageError> {
    let (nonce, ciphertext) = sealed.split_first_chunk().ok_or(StorageError::Secret("sealed value is too short"))?;
    Ok(Zeroizing::new(sm4::gcm_decrypt(key, nonce, context, ciphertext)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vaults() -> (MasterKeyVault, MasterKeyVault) {
        let folder = tempfile::tempdir().expect("temporary folder");
        let secrets = Secrets::open(folder.path()).expect("secrets");
        (MasterKeyVault::new(&secrets, "share"), MasterKeyVault::new(&secrets, "reset"))
    }

    const CONTEXT: ShareContext<'static> =
        ShareContext { key_id: Uuid::from_u128(1), epoch: 1, public_key: &[4; 65], device_key: &[5; 65] };

    #[test]
    fn a_sealed_share_opens_for_its_own_row_only() {
        let (vault, _) = vaults();
        let sealed = seal_share(&vault, &CONTEXT, &[9; 32]).expect("sealed");
        assert_eq!(*open_share(&vault, &CONTEXT, &sealed).expect("opens"), [9; 32]);
        for other in [
            ShareContext { key_id: Uuid::from_u128(2), ..CONTEXT },
            ShareContext { epoch: 2, ..CONTEXT },
            ShareContext { public_key: &[6; 65], ..CONTEXT },
            ShareContext { device_key: &[6; 65], ..CONTEXT },
        ] {
            assert!(open_share(&vault, &other, &sealed).is_err(), "{other:?}");
        }
    }

    #[test]
    fn another_purposes_vault_opens_nothing() {
        let (vault, other) = vaults();
        let sealed = seal_share(&vault, &CONTEXT, &[9; 32]).expect("sealed");
        assert!(open_share(&other, &CONTEXT, &sealed).is_err());
    }

    #[test]
    fn a_changed_or_shortened_row_does_not_open() {
        let (vault, _) = vaults();
        let sealed = seal_share(&vault, &CONTEXT, &[9; 32]).expect("sealed");
        for (key, share) in [
            (flipped(&sealed.wrapped_key), sealed.wrapped_share.clone()),
            (sealed.wrapped_key.clone(), flipped(&sealed.wrapped_share)),
            (Vec::new(), sealed.wrapped_share.clone()),
            (sealed.wrapped_key.clone(), vec![0; 5]),
        ] {
            let changed = SealedShare { wrapped_key: key, wrapped_share: share };
            assert!(open_share(&vault, &CONTEXT, &changed).is_err());
        }
    }

    fn flipped(octets: &[u8]) -> Vec<u8> {
        let mut changed = octets.to_vec();
        *changed.last_mut().expect("not empty") ^= 1;
        changed
    }

    #[test]
    fn what_one_process_sealed_another_cannot_open() {
        let (one, other) = (BootKey::generate().expect("key"), BootKey::generate().expect("key"));
        let sealed = one.seal(b"cid", b"nonce").expect("sealed");
        assert_eq!(one.open(b"cid", &sealed).as_deref().map(Vec::as_slice), Some(&b"nonce"[..]));
        assert!(one.open(b"other", &sealed).is_none());
        assert!(other.open(b"cid", &sealed).is_none());
    }
}
