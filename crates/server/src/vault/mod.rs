//! Who holds the key that other keys are wrapped under: the key file of a small site, or a PKCS#11 token.
//!
//! | file | what |
//! |---|---|
//! | `settings.rs` | `secrets/vault.json`: which token, and where its PIN is |
//! | `token.rs` | an AES-256 key that never leaves the token |
//! | `store.rs` | the database remembers who holds its secrets |
//! | `moving.rs` | `guiqian keys move-to-token`: from the file to the token |
//!
//! Whoever keeps a private key or a share in the database takes a [`KeyVault`] for its [`Purpose`] from [`Vaults`] and
//! does not know which of both it is (`docs/decisions/0010`).

mod entity;
mod moving;
mod settings;
mod store;
mod token;

pub use moving::{Moved, move_to_token};
pub use settings::{SETTINGS, TokenSettings};
pub use store::settle;
pub use token::{Token, TokenVault};

use std::{path::Path, sync::Arc};

use crate::{
    keys::vault::{KeyVault, MasterKeyVault},
    storage::{Secrets, StorageError},
};

/// What a vault's secrets are. Vaults of different purposes cannot open each other's secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Private keys of roots and issuing CAs.
    AuthorityKeys,
    /// Keys of the server's shares.
    Shares,
    /// Secrets behind the reset masks.
    Resets,
    /// Private keys of the OCSP responders and the time stamp authority.
    ServiceKeys,
    /// The key that signs the transparency log.
    LogKey,
    /// A known value, by which a vault is recognised.
    Check,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::AuthorityKeys, Self::Shares, Self::Resets, Self::ServiceKeys, Self::LogKey, Self::Check];

    /// The word that goes into key derivation, or into what the token authenticates. It never changes.
    const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorityKeys => "certificate/authority-keys",
            Self::Shares => "key-operations/shares",
            Self::Resets => "key-operations/resets",
            Self::ServiceKeys => "pki/service-keys",
            Self::LogKey => "transparency/log-key",
            Self::Check => "vault/check",
        }
    }
}

/// The vaults of this platform, all in one place.
#[derive(Clone)]
pub struct Vaults {
    vaults: [Arc<dyn KeyVault>; Purpose::ALL.len()],
    token: Option<Arc<Token>>,
}

impl Vaults {
    /// In the token that `vault.json` in the folder of the secrets names; without that file, in the key file beside it.
    pub fn open(secrets: &Secrets, folder: &Path) -> Result<Self, StorageError> {
        match TokenSettings::read(folder)? {
            Some(settings) => Ok(Self::in_token(&Arc::new(Token::connect(settings)?))),
            None => Ok(Self::in_file(secrets)),
        }
    }

    /// Under keys derived from the key file.
    pub fn in_file(secrets: &Secrets) -> Self {
        let vault =
            |purpose: Purpose| -> Arc<dyn KeyVault> { Arc::new(MasterKeyVault::new(secrets, purpose.as_str())) };
        Self { vaults: Purpose::ALL.map(vault), token: None }
    }

    /// Under the token's key.
    pub fn in_token(token: &Arc<Token>) -> Self {
        let vault = |purpose: Purpose| -> Arc<dyn KeyVault> { Arc::new(TokenVault::new(token, purpose.as_str())) };
        Self { vaults: Purpose::ALL.map(vault), token: Some(Arc::clone(token)) }
    }

    /// The vault for `purpose`.
    pub fn of(&self, purpose: Purpose) -> Arc<dyn KeyVault> {
        Arc::clone(&self.vaults[purpose as usize])
    }

    /// The word for who holds the key, as the database remembers it.
    fn holder(&self) -> &'static str {
        if self.token.is_some() { store::TOKEN } else { store::FILE }
    }
}
