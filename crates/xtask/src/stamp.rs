//! Not doing again what is done: a stamp of the inputs' contents lies beside each output.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use walkdir::WalkDir;

/// Folders that are outputs themselves, wherever they lie.
const OUTPUTS: [&str; 4] = ["node_modules", "dist", "target", "wasm"];

/// A stamp file and what should stand in it.
pub struct Stamp {
    file: PathBuf,
    value: String,
}

impl Stamp {
    /// Takes names and contents of all files below `inputs` together; `extra` is whatever else decides the output.
    pub fn of(name: &str, inputs: &[PathBuf], extra: &str) -> Result<Self> {
        // Not a security matter: a collision would keep an old build, once in 2^64 edits.
        let mut hasher = DefaultHasher::new();
        extra.hash(&mut hasher);
        for input in inputs {
            for file in files_below(input) {
                file.strip_prefix(input).unwrap_or(&file).hash(&mut hasher);
                fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?.hash(&mut hasher);
            }
        }
        let file = super::places::target().join("stamps").join(name);
        Ok(Self { file, value: format!("{:016x}", hasher.finish()) })
    }

    /// True when the output was made from just these inputs and is still there.
    pub fn holds(&self, output: &Path) -> bool {
        output.exists() && fs::read_to_string(&self.file).is_ok_and(|found| found == self.value)
    }

    /// Says that the output is made.
    pub fn set(&self) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.file, &self.value).with_context(|| format!("cannot write {}", self.file.display()))
    }
}

/// Every source file below a folder (or the file itself), in a fixed order.
pub fn files_below(path: &Path) -> Vec<PathBuf> {
    let top = path.to_path_buf();
    WalkDir::new(path)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(move |entry| {
            let name = entry.file_name().to_string_lossy();
            entry.path() == top || !(entry.file_type().is_dir() && OUTPUTS.contains(&name.as_ref()))
        })
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_inside_a_package_do_not_count_as_its_sources() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("dist")).expect("dist");
        fs::write(folder.path().join("dist/a.js"), "made").expect("output");
        fs::write(folder.path().join("a.ts"), "written").expect("source");
        assert_eq!(files_below(folder.path()), vec![folder.path().join("a.ts")]);
    }

    #[test]
    fn a_changed_file_changes_the_stamp() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.ts"), "one").expect("source");
        let before = Stamp::of("test", &[folder.path().to_path_buf()], "").expect("stamp").value;
        fs::write(folder.path().join("a.ts"), "two").expect("source");
        let after = Stamp::of("test", &[folder.path().to_path_buf()], "").expect("stamp").value;
        assert_ne!(before, after);
    }
}
