//! Records by name.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{StoreError, at, open_folder, remove, write};

/// One folder with a JSON file per record.
pub struct Table<T> {
    folder: PathBuf,
    rows: Mutex<BTreeMap<String, T>>,
}

impl<T: Clone + Serialize + DeserializeOwned> Table<T> {
    /// Opens the folder and reads all records. A record that cannot be read is left where it is, and logged.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        open_folder(folder)?;
        let mut rows = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(at(folder))? {
            let path = entry.map_err(at(folder))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".json")) else { continue };
            let octets = fs::read(&path).map_err(at(&path))?;
            match serde_json::from_slice(&octets) {
                Ok(row) => drop(rows.insert(name.to_owned(), row)),
                Err(error) => tracing::error!(path = %path.display(), %error, "a record cannot be read"),
            }
        }
        Ok(Self { folder: folder.to_owned(), rows: Mutex::new(rows) })
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<String, T>> {
        // A panic while holding the lock leaves the map as it was: changes are single insertions and removals.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }

    /// The record of this name.
    pub fn get(&self, name: &str) -> Option<T> {
        self.rows().get(name).cloned()
    }

    /// All records that fit, with their names.
    pub fn select(&self, fits: impl Fn(&T) -> bool) -> Vec<(String, T)> {
        self.rows().iter().filter(|(_, row)| fits(row)).map(|(name, row)| (name.clone(), row.clone())).collect()
    }

    /// Writes a record. `name` is one that we made: it becomes a file's name.
    pub fn put(&self, name: &str, row: &T) -> Result<(), StoreError> {
        // The lock is held while writing, so that two writers cannot leave disk and memory in different states.
        let mut rows = self.rows();
        self.write_row(name, row)?;
        rows.insert(name.to_owned(), row.clone());
        Ok(())
    }

    /// Reads, decides and writes in one step. `change` answers what becomes of the record, or why nothing does.
    pub fn update<R, E: From<StoreError>>(
        &self,
        name: &str,
        change: impl FnOnce(Option<&mut T>) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut rows = self.rows();
        let mut row = rows.get(name).cloned();
        let result = change(row.as_mut())?;
        if let Some(row) = row {
            self.write_row(name, &row)?;
            rows.insert(name.to_owned(), row);
        }
        Ok(result)
    }

    /// Removes a record, and answers it.
    pub fn take(&self, name: &str) -> Result<Option<T>, StoreError> {
        let mut rows = self.rows();
        if !rows.contains_key(name) {
            return Ok(None);
        }
        remove(&self.path(name))?;
        Ok(rows.remove(name))
    }

    fn write_row(&self, name: &str, row: &T) -> Result<(), StoreError> {
        let path = self.path(name);
        let octets = serde_json::to_vec_pretty(row).map_err(|error| at(&path)(error.into()))?;
        write(&path, &octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_there_again_after_a_restart_and_half_written_files_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let table = Table::<u32>::open(folder.path()).unwrap();
        table.put("a", &1).unwrap();
        table.put("b", &2).unwrap();
        table.put("a", &3).unwrap();
        table
            .update("b", |row| {
                *row.unwrap() += 5;
                Ok::<_, StoreError>(())
            })
            .unwrap();
        assert_eq!(table.take("c").unwrap(), None);
        drop(table);
        fs::write(folder.path().join("a.new"), b"12").unwrap();
        fs::write(folder.path().join("bad.json"), b"{").unwrap();
        let table = Table::<u32>::open(folder.path()).unwrap();
        assert_eq!(table.select(|_| true), [("a".to_owned(), 3), ("b".to_owned(), 7)]);
        assert!(!folder.path().join("a.new").exists());
        assert_eq!(table.take("a").unwrap(), Some(3));
        drop(table);
        assert_eq!(Table::<u32>::open(folder.path()).unwrap().get("a"), None);
    }

    #[test]
    fn a_refused_update_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let table = Table::<u32>::open(folder.path()).unwrap();
        table.put("a", &1).unwrap();
        let refused = table.update("a", |row| {
            *row.unwrap() = 9;
            Err::<(), _>(at(Path::new("x"))(std::io::Error::other("no")))
        });
        assert!(refused.is_err());
        assert_eq!(table.get("a"), Some(1));
    }
}
