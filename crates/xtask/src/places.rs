//! Where things lie.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // crates/xtask lies two levels below the root, so both parents exist.
    here.parent().and_then(Path::parent).unwrap_or(here).to_path_buf()
}

/// Cargo's target folder: the one that this very program was built into.
pub fn target() -> PathBuf {
    let own = std::env::current_exe().ok();
    let found = own.as_deref().and_then(|exe| exe.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists()));
    found.map_or_else(|| root().join("target"), Path::to_path_buf)
}

/// The npm workspaces.
pub fn web() -> PathBuf {
    root().join("web")
}

/// The browser tests.
pub fn e2e() -> PathBuf {
    root().join("e2e")
}

/// What the browser tests leave behind.
pub fn artifacts() -> PathBuf {
    target().join("artifacts")
}

/// A path as the reader of a message wants it: from the root where it lies below it.
pub fn short(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
