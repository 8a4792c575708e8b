//! `secrets/vault.json`: which token holds the key.
//!
//! ```json
//! { "module": "/usr/lib/softhsm/libsofthsm2.so", "token": "guiqian", "pin_file": "/etc/guiqian/pin", "key": "guiqian-kek" }
//! ```

use std::{
    fs,
    io::ErrorKind,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::storage::StorageError;

/// The file's name, in the folder of the secrets.
pub const SETTINGS: &str = "vault.json";

/// Permission bits of anybody but the owner.
const OTHERS: u32 = 0o077;

/// Where the key-encryption key is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSettings {
    /// The maker's PKCS#11 library.
    pub module: PathBuf,
    /// Label of the token. Its slot is looked for: slots change their numbers.
    pub token: String,
    /// File with the user's PIN, for the platform's user alone.
    pub pin_file: PathBuf,
    /// Label of the AES-256 key.
    pub key: String,
}

impl TokenSettings {
    /// What the file in `folder` says; `None` without a file.
    pub fn read(folder: &Path) -> Result<Option<Self>, StorageError> {
        let file = folder.join(SETTINGS);
        let text = match fs::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let settings = serde_json::from_slice(&text);
        settings.map(Some).map_err(|error| StorageError::Token(format!("{}: {error}", file.display())))
    }

    /// The PIN, from a file that nobody else may read.
    pub(super) fn pin(&self) -> Result<Zeroizing<String>, StorageError> {
        let shown = self.pin_file.display();
        let unusable = |why: &dyn core::fmt::Display| StorageError::Token(format!("PIN file {shown}: {why}"));
        let mode = fs::metadata(&self.pin_file).map_err(|error| unusable(&error))?.mode();
        if mode & OTHERS != 0 {
            return Err(unusable(&"others may read it; chmod 600"));
        }
        let text = Zeroizing::new(fs::read_to_string(&self.pin_file).map_err(|error| unusable(&error))?);
        let pin = text.trim_end_matches(['\r', '\n']);
        if pin.is_empty() {
            return Err(unusable(&"it is empty"));
        }
        Ok(Zeroizing::new(pin.to_owned()))
    }
}
