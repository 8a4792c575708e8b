//! The page tree (ISO 32000-2 clause 7.7.3): pages in order, with what they inherit.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object, ObjectId};

use super::geometry::{Rect, Turn, View};
use super::reader::{Indirect, Reader};
use crate::{Error, Result};

/// More pages than a tender has.
const MAX_PAGES: usize = 20_000;
const MAX_DEPTH: usize = 48;
/// ISO A4, which a page without any MediaBox (not allowed, but met) is taken for.
const A4: [f64; 4] = [0.0, 0.0, 595.276, 841.89];

/// One page.
pub(super) struct Page {
    /// Object number and generation.
    pub id: ObjectId,
    /// How it is seen.
    pub view: View,
}

#[derive(Clone, Default)]
struct Inherited {
    media: Option<Rect>,
    crop: Option<Rect>,
    turn: i64,
}

/// All pages in the order of the document.
pub(super) fn list(reader: &Reader<'_>) -> Result<Vec<Page>> {
    let (_, catalog) = reader.catalog()?;
    let Ok(Object::Reference(root)) = catalog.get(b"Pages") else {
        return Err(Error::Damaged("the page tree is missing"));
    };
    let mut walk = Walk { reader, seen: BTreeSet::new(), pages: Vec::new() };
    walk.node(*root, &Inherited::default(), 0)?;
    if walk.pages.is_empty() { Err(Error::Damaged("there are no pages")) } else { Ok(walk.pages) }
}

/// The dictionary of a page.
pub(super) fn dictionary(reader: &Reader<'_>, id: ObjectId) -> Result<Dictionary> {
    match reader.get(id.0)? {
        Some(Indirect { object: Object::Dictionary(page), stream: None }) => Ok(page),
        _ => Err(Error::Damaged("a page is missing")),
    }
}

struct Walk<'r, 'a> {
    reader: &'r Reader<'a>,
    seen: BTreeSet<u32>,
    pages: Vec<Page>,
}

impl Walk<'_, '_> {
    fn node(&mut self, id: ObjectId, above: &Inherited, depth: usize) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(Error::TooComplex("the page tree is too deep"));
        }
        if !self.seen.insert(id.0) {
            return Err(Error::Damaged("a page stands in the page tree twice"));
        }
        let node = dictionary(self.reader, id)?;
        let mut inherited = above.clone();
        inherited.media = self.rect(&node, b"MediaBox")?.or(inherited.media);
        inherited.crop = self.rect(&node, b"CropBox")?.or(inherited.crop);
        if let Ok(turn) = self.reader.value(&node, b"Rotate")?.as_i64() {
            inherited.turn = turn;
        }
        // Some producers leave out Type; Kids tells nodes from pages.
        if let Object::Array(kids) = self.reader.value(&node, b"Kids")? {
            for kid in kids {
                let Object::Reference(kid) = kid else { return Err(Error::Damaged("the page tree cannot be read")) };
                self.node(kid, &inherited, depth + 1)?;
            }
            return Ok(());
        }
        if self.pages.len() >= MAX_PAGES {
            return Err(Error::TooComplex("too many pages"));
        }
        let view = self.view(&node, &inherited)?;
        self.pages.push(Page { id, view });
        Ok(())
    }

    fn view(&self, page: &Dictionary, inherited: &Inherited) -> Result<View> {
        let media = inherited.media.unwrap_or_else(|| Rect::from_corners(A4));
        let visible = inherited.crop.map_or(Some(media), |crop| crop.intersect(media)).unwrap_or(media);
        let unit = self.reader.value(page, b"UserUnit")?.as_float().ok().map(f64::from);
        let unit = unit.filter(|unit| (0.001..=10_000.0).contains(unit)).unwrap_or(1.0);
        Ok(View { visible, turn: Turn::from_degrees(inherited.turn), unit })
    }

    fn rect(&self, node: &Dictionary, key: &[u8]) -> Result<Option<Rect>> {
        let value = self.reader.value(node, key)?;
        Ok(rect(self.reader, &value)?.filter(|rect| rect.width() > 0.0 && rect.height() > 0.0))
    }
}

/// A rectangle (clause 7.9.5), whose numbers may be references.
pub(super) fn rect(reader: &Reader<'_>, value: &Object) -> Result<Option<Rect>> {
    let Object::Array(items) = value else { return Ok(None) };
    let [a, b, c, d] = items.as_slice() else { return Ok(None) };
    let mut corners = [0.0; 4];
    for (corner, item) in corners.iter_mut().zip([a, b, c, d]) {
        let Ok(number) = reader.resolve(item)?.as_float() else { return Ok(None) };
        *corner = f64::from(number);
    }
    Ok(Some(Rect::from_corners(corners)))
}
