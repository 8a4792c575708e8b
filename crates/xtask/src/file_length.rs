//! One file, one idea: tells which files have grown so long that a second idea may be in them.

use std::fs;

use crate::stamp::files_below;
use crate::{places, shell};

/// Above this, ask what second idea is in there.
const LONG: usize = 500;

/// A report, not a refusal: tables and vectors may be long.
pub fn report() {
    let mut long = Vec::new();
    for top in ["crates", "web", "e2e", "fuzz"] {
        for file in files_below(&places::root().join(top)) {
            let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            if !["rs", "ts", "vue", "css"].contains(&extension) || file.to_string_lossy().ends_with(".d.ts") {
                continue;
            }
            let lines = fs::read_to_string(&file).map_or(0, |text| text.lines().count());
            if lines > LONG {
                long.push((lines, places::short(&file)));
            }
        }
    }
    long.sort_unstable_by(|a, b| b.cmp(a));
    for (lines, file) in long {
        shell::say(&format!("file length: {file} has {lines} lines"));
    }
}
