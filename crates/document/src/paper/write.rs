//! From marks to PDF 1.7 through krilla: fonts as subsets, text that can be searched.

use jiff::civil::Date;
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Rect, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};

use super::fonts::{FaceReader, Fonts, Weight};
use super::layout::{CHECKED, HEIGHT, Mark, WIDTH};
use crate::{Error, Result};

/// The words of a file about itself.
pub(super) struct About<'a> {
    pub title: &'a str,
    pub number: &'a str,
    pub date: Date,
}

/// Writes pages; the same marks give the same octets.
pub(super) fn write(pages: &[Vec<Mark>], about: &About<'_>, fonts: &Fonts) -> Result<Vec<u8>> {
    let settings = SerializeSettings { enable_tagging: false, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let metadata = Metadata::new()
        .title(about.title.to_owned())
        .language("zh-CN".to_owned())
        .creator("Guiqian".to_owned())
        .document_id(about.number.to_owned())
        .creation_date(day(about.date));
    document.set_metadata(metadata);
    let pen = Pen { fonts, regular: fonts.regular.reader()?, bold: fonts.bold.reader()? };
    for marks in pages {
        let size = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| Error::Drawing("page size".to_owned()))?;
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        for mark in marks {
            pen.draw(&mut surface, mark);
        }
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|error| Error::Drawing(error.to_string()))
}

fn day(date: Date) -> DateTime {
    let small = |number: i8| u8::try_from(number).unwrap_or(1);
    DateTime::new(u16::try_from(date.year()).unwrap_or(0)).month(small(date.month())).day(small(date.day()))
}

struct Pen<'f> {
    fonts: &'f Fonts,
    regular: FaceReader<'f>,
    bold: FaceReader<'f>,
}

impl Pen<'_> {
    fn draw(&self, surface: &mut Surface<'_>, mark: &Mark) {
        match mark {
            Mark::Text { x, y, size, weight, text, stretch, grey } => {
                surface.set_stroke(None);
                surface.set_fill(Some(fill(*grey)));
                let glyphs = self.glyphs(*weight, text, stretch / size);
                let font = self.fonts.face(*weight).font.clone();
                surface.draw_glyphs(Point::from_xy(*x, *y), &glyphs, font, text, *size, false);
                let mut at = *x;
                for (glyph, character) in glyphs.iter().zip(text.chars()) {
                    if character == CHECKED {
                        self.draw(surface, &Mark::Tick { x: at, y: *y, size: *size });
                    }
                    at += glyph.x_advance * size;
                }
            }
            Mark::Rule { from, to, width, grey } => {
                surface.set_fill(None);
                surface.set_stroke(Some(stroke(*width, *grey)));
                draw(surface, polyline(&[*from, *to]));
            }
            Mark::Fill { x, y, width, height, grey } => {
                surface.set_stroke(None);
                surface.set_fill(Some(fill(*grey)));
                let mut path = PathBuilder::new();
                if let Some(rect) = Rect::from_xywh(*x, *y, *width, *height) {
                    path.push_rect(rect);
                }
                draw(surface, path.finish());
            }
            Mark::Tick { x, y, size } => {
                surface.set_fill(None);
                surface.set_stroke(Some(stroke(size * 0.12, 0)));
                let at = |right: f32, up: f32| (x + right * size, y - up * size);
                draw(surface, polyline(&[at(0.24, 0.42), at(0.44, 0.18), at(0.86, 0.74)]));
            }
            Mark::Watermark(text) => self.watermark(surface, text),
        }
    }

    fn watermark(&self, surface: &mut Surface<'_>, text: &str) {
        const SIZE: f32 = 150.0;
        surface.set_stroke(None);
        surface.set_fill(Some(fill(0xf0)));
        let glyphs = self.glyphs(Weight::Bold, text, 0.25);
        let width: f32 = glyphs.iter().map(|glyph| glyph.x_advance * SIZE).sum();
        surface.push_transform(&Transform::from_rotate_at(-40.0, WIDTH / 2.0, HEIGHT / 2.0));
        let start = Point::from_xy((WIDTH - width) / 2.0, HEIGHT / 2.0 + SIZE * 0.38);
        surface.draw_glyphs(start, &glyphs, self.fonts.bold.font.clone(), text, SIZE, true);
        surface.pop();
    }

    /// Character by character: Chinese needs no shaping. `extra` is added after each, in em.
    fn glyphs(&self, weight: Weight, text: &str, extra: f32) -> Vec<KrillaGlyph> {
        let reader = match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        };
        let glyph = |(at, character): (usize, char)| {
            let drawn = if character == CHECKED { '□' } else { character };
            KrillaGlyph {
                glyph_id: GlyphId::new(reader.glyph(drawn).map_or(0, |glyph| glyph.to_u32())),
                text_range: at..at + character.len_utf8(),
                x_advance: reader.advance(drawn) + extra,
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            }
        };
        text.char_indices().map(glyph).collect()
    }
}

fn draw(surface: &mut Surface<'_>, path: Option<Path>) {
    if let Some(path) = path {
        surface.draw_path(&path);
    }
}

fn polyline(points: &[(f32, f32)]) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (first, rest) = points.split_first()?;
    path.move_to(first.0, first.1);
    for (x, y) in rest {
        path.line_to(*x, *y);
    }
    path.finish()
}

fn fill(grey: u8) -> Fill {
    Fill { paint: rgb::Color::new(grey, grey, grey).into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}

fn stroke(width: f32, grey: u8) -> Stroke {
    Stroke { paint: rgb::Color::new(grey, grey, grey).into(), width, ..Stroke::default() }
}
