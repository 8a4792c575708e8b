//! Preparing: everything of a signature but the signature.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lopdf::{Dictionary, Object, ObjectId, Stream};

use super::byte_range::{self, ByteRange};
use super::geometry::{Rect, RectMm, Turn};
use super::picture::Picture;
use super::reader::Reader;
use super::write::{Update, serialize, text};
use super::{MAX_PLACEMENTS, ROOM, form, pages};
use crate::{Error, Result};

/// Where and how a signature shows.
#[derive(Debug, Clone, Copy)]
pub struct Placement<'a> {
    /// Page, from 1.
    pub page: u32,
    /// On the page as seen.
    pub rect: RectMm,
    /// The picture: PNG, usually with transparency. It fills the rectangle.
    pub png: &'a [u8],
}

/// What the signature dictionary says about the act. All of it is claimed, none proved: the certificate proves.
#[derive(Debug, Clone)]
pub struct Details<'a> {
    /// Name of who signs.
    pub name: &'a str,
    /// Reason, if any.
    pub reason: Option<&'a str>,
    /// The platform's time.
    pub signed_at: Timestamp,
}

/// A PDF that waits for its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The file: ByteRange filled in, Contents all zero.
    pub bytes: Vec<u8>,
    /// The ByteRange of the waiting signature.
    pub byte_range: ByteRange,
    /// SM3 of the octets that ByteRange covers: the message that the key signs.
    pub digest: [u8; 32],
}

impl Prepared {
    /// Takes up a file that [`prepare`] made earlier.
    ///
    /// # Errors
    /// [`Error::NotPrepared`] if no empty signature covers the file; otherwise as reading.
    pub fn reopen(bytes: Vec<u8>) -> Result<Self> {
        let byte_range = byte_range::of_newest(&bytes)?;
        let covered = byte_range.split(&bytes).ok_or(Error::NotPrepared)?;
        let contents = covered.contents().ok_or(Error::NotPrepared)?;
        if contents.iter().any(|&octet| octet != 0) {
            return Err(Error::NotPrepared);
        }
        let digest = covered.digest();
        Ok(Self { bytes, byte_range, digest })
    }
}

/// Adds a signature field with its appearance and an empty signature, as one incremental update.
///
/// A signature field has one widget (ISO 32000-2 clause 12.7.5.5), at the first placement; the others show as locked
/// stamp annotations in the same update and are covered by the same signature. Without placements the signature is
/// invisible.
///
/// # Errors
/// Whatever is wrong with the file or the placements; the file is never repaired.
pub fn prepare(pdf: &[u8], placements: &[Placement<'_>], details: &Details<'_>) -> Result<Prepared> {
    if placements.len() > MAX_PLACEMENTS {
        return Err(Error::TooManyPlacements { limit: MAX_PLACEMENTS });
    }
    let reader = Reader::open(pdf)?;
    if form::forbids_change(&reader)? {
        return Err(Error::Certified);
    }
    let pages = pages::list(&reader)?;
    let mut update = Update::new(&reader)?;
    let mut pictures = Pictures::default();
    let mut annotations: BTreeMap<usize, Vec<ObjectId>> = BTreeMap::new();

    let field = update.reserve();
    let signature = update.reserve();
    let mut widget = Annotation { page: 0, rect: [0.0; 4], appearance: None };
    for (index, placement) in placements.iter().enumerate() {
        let position = usize::try_from(placement.page).ok().and_then(|page| page.checked_sub(1));
        let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
        let missing = Error::NoSuchPage { page: placement.page, pages: count };
        let position = position.filter(|&position| position < pages.len()).ok_or(missing)?;
        let view = pages[position].view;
        let rect = view.place(placement.rect).ok_or(Error::OffPage { index })?;
        let picture = pictures.add(&mut update, placement.png).ok_or(Error::Appearance { index })?;
        let appearance = update.add(&appearance(rect, view.turn, picture));
        let annotation = Annotation {
            page: position,
            rect: [rect.left, rect.bottom, rect.right, rect.top],
            appearance: Some(appearance),
        };
        if index == 0 {
            widget = annotation;
        } else {
            let stamp = update.add(&Object::Dictionary(annotation.dictionary(b"Stamp", pages[position].id)));
            annotations.entry(position).or_default().push(stamp);
        }
    }

    let mut dictionary = widget.dictionary(b"Widget", pages[widget.page].id);
    dictionary.set("FT", Object::Name(b"Sig".to_vec()));
    dictionary.set("T", text(&free_name(&reader)?));
    dictionary.set("V", Object::Reference(signature));
    update.set(field, &Object::Dictionary(dictionary));
    annotations.entry(widget.page).or_default().insert(0, field);

    for (position, added) in annotations {
        let id = pages[position].id;
        let mut page = pages::dictionary(&reader, id)?;
        if form::append_all(&reader, &mut update, &mut page, b"Annots", &added)? {
            update.set(update.existing(id.0), &Object::Dictionary(page));
        }
    }
    form::add_field(&reader, &mut update, field)?;
    let (octets, spots) = signature_dictionary(details);
    update.set_raw(signature, octets);

    let mut seed = gm::sm3::Sm3::new().chain(&(pdf.len() as u64).to_be_bytes());
    seed = seed.chain(details.signed_at.as_second().to_be_bytes().as_slice()).chain(details.name.as_bytes());
    let mut file_id = [0; 16];
    file_id.copy_from_slice(&seed.chain(&pdf[pdf.len().saturating_sub(4096)..]).finalize()[..16]);
    let written = update.finish(file_id);
    // The signature is one of the objects that were just written.
    let start = written.offsets.get(&signature.0).copied().ok_or(Error::NotPrepared)?;
    fill(written.bytes, start, signature, &spots)
}

/// Puts the signature into the space that was kept for it.
///
/// # Errors
/// [`Error::SignatureTooLong`] if it does not fit, [`Error::NotPrepared`] if the range is not one of [`prepare`].
pub fn embed(prepared: &Prepared, cms_der: &[u8]) -> Result<Vec<u8>> {
    let covered = prepared.byte_range.split(&prepared.bytes).ok_or(Error::NotPrepared)?;
    let room = covered.contents().ok_or(Error::NotPrepared)?.len();
    if cms_der.len() > room {
        return Err(Error::SignatureTooLong { length: cms_der.len(), room });
    }
    let mut bytes = prepared.bytes.clone();
    let start = covered.before.len() + 1;
    for (place, octet) in bytes[start..].as_chunks_mut::<2>().0.iter_mut().zip(cms_der) {
        *place = hex_pair(*octet);
    }
    Ok(bytes)
}

fn hex_pair(octet: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [DIGITS[usize::from(octet >> 4)], DIGITS[usize::from(octet & 15)]]
}

struct Annotation {
    page: usize,
    rect: [f64; 4],
    appearance: Option<ObjectId>,
}

impl Annotation {
    fn dictionary(&self, subtype: &[u8], page: ObjectId) -> Dictionary {
        let mut dictionary = Dictionary::new();
        dictionary.set("Type", Object::Name(b"Annot".to_vec()));
        dictionary.set("Subtype", Object::Name(subtype.to_vec()));
        dictionary.set("Rect", Object::Array(self.rect.iter().map(|&value| real(value)).collect()));
        dictionary.set("P", Object::Reference(page));
        // Print and Locked; a stamp also ReadOnly and LockedContents (table 167).
        dictionary.set("F", if subtype == b"Stamp" { 4 + 64 + 128 + 512 } else { 4 + 128 });
        if let Some(appearance) = self.appearance {
            let mut appearances = Dictionary::new();
            appearances.set("N", Object::Reference(appearance));
            dictionary.set("AP", Object::Dictionary(appearances));
        }
        dictionary
    }
}

/// Pictures by their octets, so that a seal on a hundred pages is stored once.
#[derive(Default)]
struct Pictures<'a>(Vec<(&'a [u8], ObjectId)>);

impl<'a> Pictures<'a> {
    fn add(&mut self, update: &mut Update<'_, '_>, png: &'a [u8]) -> Option<ObjectId> {
        if let Some((_, known)) = self.0.iter().find(|(octets, _)| *octets == png) {
            return Some(*known);
        }
        let mut picture = Picture::from_png(png)?;
        if let Some(mask) = picture.mask {
            let mask = update.add(&Object::Stream(mask));
            picture.colours.dict.set("SMask", Object::Reference(mask));
        }
        let id = update.add(&Object::Stream(picture.colours));
        self.0.push((png, id));
        Some(id)
    }
}

/// A form that draws the picture over its whole box.
fn appearance(rect: Rect, turn: Turn, picture: ObjectId) -> Object {
    let (width, height) = match turn {
        Turn::None | Turn::Half => (rect.width(), rect.height()),
        Turn::Right | Turn::Left => (rect.height(), rect.width()),
    };
    let mut pictures = Dictionary::new();
    pictures.set("Picture", Object::Reference(picture));
    let mut resources = Dictionary::new();
    resources.set("XObject", Object::Dictionary(pictures));
    let mut dictionary = Dictionary::new();
    dictionary.set("Type", Object::Name(b"XObject".to_vec()));
    dictionary.set("Subtype", Object::Name(b"Form".to_vec()));
    dictionary.set("BBox", Object::Array(vec![0.into(), 0.into(), real(width), real(height)]));
    dictionary.set("Matrix", Object::Array(turn.upright_matrix().map(Object::Integer).to_vec()));
    dictionary.set("Resources", Object::Dictionary(resources));
    let content = format!("q {width:.4} 0 0 {height:.4} 0 0 cm /Picture Do Q");
    Object::Stream(Stream::new(dictionary, content.into_bytes()))
}

#[allow(clippy::cast_possible_truncation)] // a page position needs no more digits than f32 has
fn real(value: f64) -> Object {
    Object::Real(value as f32)
}

fn free_name(reader: &Reader<'_>) -> Result<String> {
    let names = form::fields(reader)?.names;
    let free = (1..).map(|number: u32| format!("Signature{number}")).find(|name| {
        let Object::String(octets, _) = text(name) else { return false };
        !names.contains(&octets)
    });
    // A form has fewer fields than there are numbers.
    free.ok_or(Error::TooComplex("the form is too large"))
}

/// Where in the signature dictionary the two late entries lie.
struct Spots {
    range: usize,
    contents: usize,
}

/// As wide as the largest ByteRange of a file that we accept.
const RANGE_WIDTH: usize = 48;

/// Written by hand, because the places of two entries must be known to the octet. Form and names: GM/T 0010 in PDF as
/// Chinese products write it.
fn signature_dictionary(details: &Details<'_>) -> (Vec<u8>, Spots) {
    let mut out = b"<</Type /Sig/Filter /DJ.GMPkiLite/SubFilter /GM.sm2cms.detached".to_vec();
    let mut entry = |key: &str, value: &Object| {
        out.extend_from_slice(key.as_bytes());
        serialize(&mut out, value);
    };
    entry("/Name ", &text(details.name));
    if let Some(reason) = details.reason {
        entry("/Reason ", &text(reason));
    }
    entry("/M ", &text(&super::date::format(details.signed_at)));
    out.extend_from_slice(b"/Prop_Build <</App <</Name /Guiqian>>>>/ByteRange ");
    let range = out.len();
    out.resize(range + RANGE_WIDTH, b' ');
    out.extend_from_slice(b"/Contents ");
    let contents = out.len();
    out.push(b'<');
    out.resize(out.len() + ROOM * 2, b'0');
    out.extend_from_slice(b">>>");
    (out, Spots { range, contents })
}

fn fill(mut bytes: Vec<u8>, start: usize, id: ObjectId, spots: &Spots) -> Result<Prepared> {
    let body = start + format!("{} {} obj\n", id.0, id.1).len();
    let first = body + spots.contents;
    let second = first + ROOM * 2 + 2;
    let numbers = [0, first as u64, second as u64, (bytes.len() - second) as u64];
    let written = format!("[{} {} {} {}]", numbers[0], numbers[1], numbers[2], numbers[3]);
    let place = body + spots.range;
    if written.len() > RANGE_WIDTH {
        return Err(Error::TooLarge { limit: super::MAX_SIZE });
    }
    bytes[place..place + written.len()].copy_from_slice(written.as_bytes());
    let byte_range = ByteRange(numbers);
    let digest = byte_range.split(&bytes).ok_or(Error::NotPrepared)?.digest();
    Ok(Prepared { bytes, byte_range, digest })
}
