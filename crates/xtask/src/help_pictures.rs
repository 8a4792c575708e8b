//! `cargo xtask help-pictures`: the screenshots that help articles name, from the last run of the browser tests.

use std::collections::BTreeSet;
use std::fs;
use std::io::BufWriter;

use anyhow::{Context, Result};
use image::codecs::jpeg::JpegEncoder;

use crate::{places, shell};

/// Of 100: letters stay sharp, and a picture stays below 100 kB.
const QUALITY: u8 = 78;

/// Writes `docs/help/pictures` anew. A screenshot that is not there any more leaves its picture as it was.
pub fn take() -> Result<()> {
    let help = places::root().join("docs/help");
    let names = named(&help)?;
    let folder = help.join("pictures");
    fs::create_dir_all(&folder)?;
    for entry in fs::read_dir(&folder)? {
        let file = entry?.path();
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !names.contains(&name) {
            fs::remove_file(&file)?;
        }
    }
    for name in &names {
        let screenshot = places::artifacts().join("screenshots/phone").join(format!("{name}.png"));
        if !screenshot.exists() {
            shell::say(&format!("help-pictures: no screenshot {name}: run cargo xtask e2e first"));
            continue;
        }
        let picture = image::open(&screenshot).with_context(|| places::short(&screenshot))?.into_rgb8();
        let file = folder.join(format!("{name}.jpg"));
        JpegEncoder::new_with_quality(BufWriter::new(fs::File::create(&file)?), QUALITY).encode_image(&picture)?;
    }
    shell::say(&format!("help-pictures: {} in {}", names.len(), places::short(&folder)));
    Ok(())
}

/// The words behind `pictures:` in every article's head.
fn named(help: &std::path::Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for language in ["zh-CN", "en"] {
        for entry in fs::read_dir(help.join(language))? {
            let text = fs::read_to_string(entry?.path())?;
            let line = text.lines().find_map(|line| line.strip_prefix("pictures: "));
            names.extend(line.unwrap_or_default().split_whitespace().map(str::to_owned));
        }
    }
    Ok(names)
}
