//! Which font of this machine is taken for papers: the one that the operator names, else the first of a list of places
//! where systems keep Chinese fonts. Read at the first paper and kept: some 50 MB.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use document::paper::{Face, Fonts};
use tokio::sync::OnceCell;

use super::FONT_MISSING;
use crate::{
    error::{Problem, Result},
    heavy,
};

/// Regular and bold, best first: Song type before Hei, as official papers have it.
const PLACES: [(&str, &str); 15] = [
    // Debian, Ubuntu
    ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"),
    // Arch, Alpine
    ("/usr/share/fonts/noto-cjk/NotoSerifCJK-Regular.ttc", "/usr/share/fonts/noto-cjk/NotoSerifCJK-Bold.ttc"),
    ("/usr/share/fonts/noto/NotoSerifCJK-Regular.ttc", "/usr/share/fonts/noto/NotoSerifCJK-Bold.ttc"),
    // Fedora, openEuler
    (
        "/usr/share/fonts/google-noto-serif-cjk-fonts/NotoSerifCJK-Regular.ttc",
        "/usr/share/fonts/google-noto-serif-cjk-fonts/NotoSerifCJK-Bold.ttc",
    ),
    (
        "/usr/share/fonts/google-noto-cjk/NotoSerifCJK-Regular.ttc",
        "/usr/share/fonts/google-noto-cjk/NotoSerifCJK-Bold.ttc",
    ),
    // Source Han Serif
    (
        "/usr/share/fonts/adobe-source-han-serif/SourceHanSerifSC-Regular.otf",
        "/usr/share/fonts/adobe-source-han-serif/SourceHanSerifSC-Bold.otf",
    ),
    (
        "/usr/share/fonts/adobe-source-han-serif/SourceHanSerifCN-Regular.otf",
        "/usr/share/fonts/adobe-source-han-serif/SourceHanSerifCN-Bold.otf",
    ),
    // AR PL UMing
    ("/usr/share/fonts/truetype/arphic/uming.ttc", "/usr/share/fonts/truetype/arphic/uming.ttc"),
    // macOS, and the fonts of Windows seen from its Linux
    ("/System/Library/Fonts/Supplemental/Songti.ttc", "/System/Library/Fonts/Supplemental/Songti.ttc"),
    ("/mnt/c/Windows/Fonts/simsun.ttc", "/mnt/c/Windows/Fonts/simhei.ttf"),
    // Hei type
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc"),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    ("/System/Library/Fonts/STHeiti Medium.ttc", "/System/Library/Fonts/STHeiti Medium.ttc"),
];

/// Finds the fonts and keeps them.
#[derive(Debug)]
pub struct FontRoom {
    places: Vec<(PathBuf, PathBuf)>,
    fonts: OnceCell<Arc<Fonts>>,
}

impl FontRoom {
    /// With the operator's file, or the list of places; says in the log when there is none.
    pub fn open(file: Option<&Path>) -> Self {
        let places: Vec<(PathBuf, PathBuf)> = match file {
            Some(file) => vec![(file.to_owned(), file.to_owned())],
            None => PLACES.iter().map(|&(regular, bold)| (regular.into(), bold.into())).collect(),
        };
        if !places.iter().any(|(regular, _)| regular.is_file()) {
            tracing::warn!(named = ?file, "no Chinese font: papers cannot be made; install fonts-noto-cjk or give serve --font");
        }
        Self { places, fonts: OnceCell::new() }
    }

    /// The fonts; looks again as long as there were none, so that installing one needs no restart.
    ///
    /// # Errors
    /// [`FONT_MISSING`].
    pub async fn fonts(&self) -> Result<Arc<Fonts>> {
        let load = async || {
            let places = self.places.clone();
            let found = heavy::run(move || load(&places)).await.map_err(Problem::internal)?;
            found.map(Arc::new).ok_or_else(|| FONT_MISSING.problem())
        };
        self.fonts.get_or_try_init(load).await.cloned()
    }
}

fn load(places: &[(PathBuf, PathBuf)]) -> Option<Fonts> {
    places.iter().find_map(|(regular, bold)| {
        let face = match std::fs::read(regular) {
            Ok(octets) => Face::from_octets(octets),
            // Most places of the list are other systems'.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(%error, file = %regular.display(), "font");
                return None;
            }
        };
        let face = face.inspect_err(|error| tracing::warn!(%error, file = %regular.display(), "font")).ok()?;
        let heavier = std::fs::read(bold).ok().and_then(|octets| Face::bold_from_octets(octets).ok());
        Some(Fonts { bold: heavier.unwrap_or_else(|| face.clone()), regular: face })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_font_that_is_not_there_or_none_is_told_with_what_to_install() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("font.ttc");
        let room = FontRoom::open(Some(&file));
        assert_eq!(room.fonts().await.expect_err("none").kind(), FONT_MISSING);
        std::fs::write(&file, b"not a font").expect("written");
        assert_eq!(room.fonts().await.expect_err("none").kind(), FONT_MISSING);
        assert!(FONT_MISSING.title.contains("fonts-noto-cjk") && FONT_MISSING.title_en.contains("--font"));
    }

    #[tokio::test]
    async fn a_font_installed_later_is_found_without_a_restart_and_read_once() {
        let (regular, _) = PLACES[0];
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("font.ttc");
        let room = FontRoom::open(Some(&file));
        assert!(room.fonts().await.is_err());
        std::fs::copy(regular, &file).expect("fonts-noto-cjk is installed");
        let first = room.fonts().await.expect("a font");
        std::fs::remove_file(&file).expect("removed");
        assert!(Arc::ptr_eq(&first, &room.fonts().await.expect("kept")));
    }
}
