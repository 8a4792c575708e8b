//! Files that survive a kill at any moment: each change is a new file, synced, renamed over the old one.
//!
//! A demonstration with a handful of users needs no database. [`Table`] keeps one JSON file per record and an index in
//! memory; [`Files`] keeps octets.

mod files;
mod table;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

pub use files::Files;
pub use table::Table;

/// The disk does not do what it should.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct StoreError {
    path: String,
    source: std::io::Error,
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError + '_ {
    move |source| StoreError { path: path.display().to_string(), source }
}

/// Ending of files that are not complete yet; what a kill leaves of them is removed at the next start.
const UNFINISHED: &str = "new";

fn open_folder(folder: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(folder).map_err(at(folder))?;
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        if path.extension().is_some_and(|ending| ending == UNFINISHED) {
            fs::remove_file(&path).map_err(at(&path))?;
        }
    }
    Ok(())
}

/// Writes a file so that after a kill there is the old one or the new one, whole.
fn write(path: &Path, octets: &[u8]) -> Result<(), StoreError> {
    let beside = path.with_extension(UNFINISHED);
    let mut file = File::create(&beside).map_err(at(&beside))?;
    file.write_all(octets).and_then(|()| file.sync_all()).map_err(at(&beside))?;
    fs::rename(&beside, path).map_err(at(path))?;
    sync_folder_of(path)
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(at(path)(error)),
        _ => sync_folder_of(path),
    }
}

/// Names are on disk only when their folder is.
fn sync_folder_of(path: &Path) -> Result<(), StoreError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}
