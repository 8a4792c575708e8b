//! PDF signatures (ISO 32000-2 clause 12.8) in the form that Chinese software writes: Filter `DJ.GMPkiLite`,
//! SubFilter `GM.sm2cms.detached`, Contents a GB/T 35275 SignedData over the 32 octets SM3(ByteRange octets).
//!
//! ```text
//! prepare ─► Prepared { bytes, byte_range, digest } ─► the key signs the digest ─► SignedData ─► embed ─► PDF
//! ```
//!
//! Each signature is one incremental update: the octets that were there stay, so earlier signatures stay valid.

mod byte_range;
mod date;
mod form;
mod geometry;
mod pages;
mod picture;
mod prepare;
mod reader;
mod verify;
mod write;

pub use byte_range::{ByteRange, Covered};
pub use geometry::RectMm;
pub use prepare::{Details, Placement, Prepared, embed, prepare};
pub use verify::{Chain, Facts, Reason, Report, SignatureReport, SignatureVerifier, Sm2Verifier, Verdict, verify};

use lopdf::Object;

use crate::Result;

/// The largest file that is read: 64 MiB.
pub const MAX_SIZE: usize = 64 << 20;
/// Placements in one act of signing.
pub const MAX_PLACEMENTS: usize = 500;
/// Octets kept for a SignedData with its chain.
pub const ROOM: usize = 12 * 1024;

/// Width and height of each page as seen, in millimetres.
///
/// # Errors
/// Whatever is wrong with the file.
pub fn page_sizes_mm(pdf: &[u8]) -> Result<Vec<(f64, f64)>> {
    let reader = reader::Reader::open(pdf)?;
    Ok(pages::list(&reader)?.iter().map(|page| page.view.size_mm()).collect())
}

/// SM3 over the octets that the newest signature covers, which must reach the end of the file: what the signer
/// computes to be sure that the digest belongs to the document on the screen.
///
/// # Errors
/// [`crate::Error::NotPrepared`] if no signature covers the whole file; otherwise whatever is wrong with it.
pub fn digest(pdf: &[u8]) -> Result<[u8; 32]> {
    let range = byte_range::of_newest(pdf)?;
    let covered = range.split(pdf).ok_or(crate::Error::NotPrepared)?;
    covered.contents().ok_or(crate::Error::NotPrepared)?;
    Ok(covered.digest())
}

/// A text string (ISO 32000-2 clause 7.9.2.2): UTF-16 or UTF-8 with its mark, else one octet per character.
fn text_string(object: &Object) -> Option<String> {
    let Object::String(octets, _) = object else { return None };
    Some(match octets.as_slice() {
        [0xfe, 0xff, units @ ..] => {
            let units = units.as_chunks::<2>().0.iter().map(|&unit| u16::from_be_bytes(unit));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        [0xef, 0xbb, 0xbf, utf8 @ ..] => String::from_utf8_lossy(utf8).into_owned(),
        plain => plain.iter().map(|&octet| char::from(octet)).collect(),
    })
}
