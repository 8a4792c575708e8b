//! Fonts as octets from outside: which face of a collection is for simplified Chinese, what its glyphs measure.

use std::sync::Arc;

use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::string::StringId;
use skrifa::{FontRef, GlyphId, MetadataProvider as _, charmap::Charmap};

use crate::{Error, Result};

/// Simplified characters that a font made for another region may lack.
const PROBE: [char; 4] = ['证', '书', '签', '，'];

/// One face of a font file, ready to measure and to embed. Cheap to clone; making one reads the whole file.
#[derive(Clone, Debug)]
pub struct Face {
    octets: Arc<Vec<u8>>,
    index: u32,
    pub(super) font: Font,
}

impl Face {
    /// From an OpenType or TrueType file or collection (TTC); of a collection, the face for simplified Chinese.
    ///
    /// # Errors
    /// [`Error::Font`] if the octets are no such file or no face has simplified Chinese.
    pub fn from_octets(octets: Vec<u8>) -> Result<Self> {
        let octets = Arc::new(octets);
        let index = choose(&octets).ok_or(Error::Font("no face for simplified Chinese"))?;
        let font = Font::new(octets.clone().into(), index).ok_or(Error::Font("not an OpenType file"))?;
        Ok(Self { octets, index, font })
    }

    /// Reads glyphs; `None` never for a face that [`Face::from_octets`] made.
    pub(crate) fn reader(&self) -> Result<FaceReader<'_>> {
        let font = FontRef::from_index(&self.octets, self.index).map_err(|_| Error::Font("not an OpenType file"))?;
        let metrics = font.metrics(Size::unscaled(), LocationRef::default());
        let widths = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let em = f32::from(metrics.units_per_em.max(1));
        Ok(FaceReader { charmap: font.charmap(), widths, em, font })
    }
}

/// The fonts of a paper.
#[derive(Clone, Debug)]
pub struct Fonts {
    /// Running text.
    pub regular: Face,
    /// Titles, labels and seals; the regular face again where there is no other.
    pub bold: Face,
}

impl Fonts {
    /// One face for everything.
    #[must_use]
    pub fn single(face: Face) -> Self {
        Self { bold: face.clone(), regular: face }
    }

    pub(crate) fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

/// How heavy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Running text.
    Regular,
    /// Titles and labels.
    Bold,
}

/// A face opened for measuring.
pub(crate) struct FaceReader<'a> {
    charmap: Charmap<'a>,
    widths: GlyphMetrics<'a>,
    /// Units per em.
    pub em: f32,
    /// The face itself.
    pub font: FontRef<'a>,
}

impl FaceReader<'_> {
    /// The glyph of a character, unless the font has none.
    pub fn glyph(&self, character: char) -> Option<GlyphId> {
        self.charmap.map(character).filter(|glyph| glyph.to_u32() != 0)
    }

    /// How far a character moves the pen, in em.
    pub fn advance(&self, character: char) -> f32 {
        self.glyph(character).and_then(|glyph| self.widths.advance_width(glyph)).unwrap_or(self.em) / self.em
    }
}

fn choose(octets: &[u8]) -> Option<u32> {
    let mut first = None;
    for (index, font) in (0_u32..).zip(FontRef::fonts(octets)) {
        let Ok(font) = font else { continue };
        let charmap = font.charmap();
        if !PROBE.iter().all(|&character| charmap.map(character).is_some_and(|glyph| glyph.to_u32() != 0)) {
            continue;
        }
        let chinese = font.localized_strings(StringId::FAMILY_NAME).any(|name| {
            let name = name.to_string();
            ["SC", "CN", "GB"].iter().any(|region| name.split([' ', '_', '-']).any(|word| word == *region))
        });
        if chinese {
            return Some(index);
        }
        first.get_or_insert(index);
    }
    first
}
