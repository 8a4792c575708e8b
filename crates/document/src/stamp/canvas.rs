//! A transparent sheet in millimetres, and glyphs as shapes on it.

use skrifa::MetadataProvider as _;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use tiny_skia::{FillRule, Paint, Path, PathBuilder, Pixmap, Stroke, Transform};

use super::Picture;
use crate::paper::FaceReader;
use crate::{Error, Result};

/// Vermilion, as seal paste is.
pub(super) const RED: [u8; 3] = [0xcf, 0x1f, 0x22];
/// Ink.
pub(super) const BLACK: [u8; 3] = [0x14, 0x14, 0x18];

pub(super) struct Canvas {
    pixels: Pixmap,
    scale: f32,
    size: (f32, f32),
    paint: Paint<'static>,
}

impl Canvas {
    /// A sheet of so many millimetres with so many pixels on each.
    pub fn new(width_mm: f32, height_mm: f32, scale: f32, colour: [u8; 3]) -> Result<Self> {
        // Sizes here are at most some hundred millimetres.
        let side = |mm: f32| (mm * scale).round().max(1.0) as u32;
        let pixels =
            Pixmap::new(side(width_mm), side(height_mm)).ok_or_else(|| Error::Drawing("picture size".to_owned()))?;
        let mut paint = Paint { anti_alias: true, ..Paint::default() };
        paint.set_color_rgba8(colour[0], colour[1], colour[2], 0xff);
        Ok(Self { pixels, scale, size: (width_mm, height_mm), paint })
    }

    /// Fills a shape after moving it; the result of `transform` is in millimetres.
    pub fn fill_at(&mut self, shape: Option<Path>, transform: Transform) {
        let transform = transform.post_scale(self.scale, self.scale);
        if let Some(shape) = shape {
            self.pixels.fill_path(&shape, &self.paint, FillRule::Winding, transform, None);
        }
    }

    /// Draws along a shape.
    pub fn stroke(&mut self, shape: Option<Path>, width_mm: f32) {
        let stroke = Stroke { width: width_mm, ..Stroke::default() };
        if let Some(shape) = shape {
            let transform = Transform::from_scale(self.scale, self.scale);
            self.pixels.stroke_path(&shape, &self.paint, &stroke, transform, None);
        }
    }

    pub fn finish(self) -> Result<Picture> {
        let png = self.pixels.encode_png().map_err(|error| Error::Drawing(error.to_string()))?;
        Ok(Picture { png, width_mm: f64::from(self.size.0), height_mm: f64::from(self.size.1) })
    }
}

/// A glyph in a box of one em: the middle of its body is the origin, y points down.
pub(super) struct Shape {
    pub path: Option<Path>,
    /// Width in em.
    pub advance: f32,
}

/// How high above the baseline the middle of a Chinese character's body is, in em.
const MIDDLE: f32 = 0.38;

impl Shape {
    pub fn of(face: &FaceReader<'_>, character: char) -> Result<Self> {
        let advance = face.advance(character);
        let glyph = face.glyph(character).ok_or(Error::NoGlyph { character })?;
        let mut pen = Pen { path: PathBuilder::new(), em: face.em, left: advance / 2.0 };
        if let Some(outline) = face.font.outline_glyphs().get(glyph) {
            let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
            outline.draw(settings, &mut pen).map_err(|error| Error::Drawing(error.to_string()))?;
        }
        Ok(Self { path: pen.path.finish(), advance })
    }

    /// The shapes of a text; none may be missing.
    pub fn all(face: &FaceReader<'_>, text: &[char]) -> Result<Vec<Self>> {
        text.iter().map(|&character| Self::of(face, character)).collect()
    }
}

struct Pen {
    path: PathBuilder,
    em: f32,
    left: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (x / self.em - self.left, MIDDLE - y / self.em)
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let ((cx, cy), (x, y)) = (self.at(cx, cy), self.at(x, y));
        self.path.quad_to(cx, cy, x, y);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        let ((cx0, cy0), (cx1, cy1), (x, y)) = (self.at(cx0, cy0), self.at(cx1, cy1), self.at(x, y));
        self.path.cubic_to(cx0, cy0, cx1, cy1, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
