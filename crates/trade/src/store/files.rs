//! Octets by name.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{StoreError, at, open_folder, remove, write};

/// One folder of files. Names are those that we made.
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// Opens the folder and removes what no record names: a kill can come between a file and its record.
    pub fn open(folder: &Path, named: &BTreeSet<String>) -> Result<Self, StoreError> {
        open_folder(folder)?;
        for entry in fs::read_dir(folder).map_err(at(folder))? {
            let path = entry.map_err(at(folder))?.path();
            if !path.file_name().and_then(|name| name.to_str()).is_some_and(|name| named.contains(name)) {
                remove(&path)?;
            }
        }
        Ok(Self { folder: folder.to_owned() })
    }

    /// Writes a file under a new name.
    pub fn put(&self, name: &str, octets: &[u8]) -> Result<(), StoreError> {
        write(&self.folder.join(name), octets)
    }

    /// Reads a file.
    pub fn get(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let path = self.folder.join(name);
        fs::read(&path).map_err(at(&path))
    }

    /// Removes a file that no record names any more.
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        remove(&self.folder.join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_without_a_record_are_gone_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path(), &BTreeSet::new()).unwrap();
        files.put("one.pdf", b"1").unwrap();
        files.put("two.pdf", b"2").unwrap();
        let files = Files::open(folder.path(), &BTreeSet::from(["two.pdf".to_owned()])).unwrap();
        assert!(files.get("one.pdf").is_err());
        assert_eq!(files.get("two.pdf").unwrap(), b"2");
        files.remove("two.pdf").unwrap();
        files.remove("two.pdf").unwrap();
    }
}
