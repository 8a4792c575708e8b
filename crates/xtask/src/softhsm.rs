//! A security module in software, for the tests of keys that lie in a token.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Where Debian and others put the module.
const MODULES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];

/// What the tests are told by environment variables.
pub struct SoftHsm {
    /// The PKCS#11 library.
    pub module: PathBuf,
    /// The configuration that it reads (`SOFTHSM2_CONF`).
    pub configuration: PathBuf,
}

/// Finds the module and makes an empty folder for its tokens under `target/softhsm`.
pub fn prepare(target: &Path) -> Result<SoftHsm> {
    let module = MODULES.iter().map(PathBuf::from).find(|module| module.exists());
    let module = module.context("no SoftHSM found: cargo xtask setup")?;
    let folder = target.join("softhsm");
    let tokens = folder.join("tokens");
    if tokens.exists() {
        fs::remove_dir_all(&tokens)?;
    }
    fs::create_dir_all(&tokens).with_context(|| format!("cannot make {}", tokens.display()))?;
    let configuration = folder.join("softhsm2.conf");
    let lines = format!("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n", tokens.display());
    fs::write(&configuration, lines).with_context(|| format!("cannot write {}", configuration.display()))?;
    Ok(SoftHsm { module, configuration })
}
