//! ByteRange (ISO 32000-2 clause 12.8.1): everything but the hexadecimal string of Contents.

use crate::{Error, Result};

/// Offset and length, twice: what lies before Contents and what lies after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange(
    /// The four numbers as they stand in the file.
    pub [u64; 4],
);

impl ByteRange {
    /// The two covered parts and the gap between them with its angle brackets, if the range is shaped as it must be:
    /// from the start of the file, one gap, nothing outside of the file.
    #[must_use]
    pub fn split<'a>(&self, pdf: &'a [u8]) -> Option<Covered<'a>> {
        let [start, first, second, last] = self.0.map(|value| usize::try_from(value).ok());
        let (first, second) = (first?, second?);
        let end = second.checked_add(last?)?;
        if start? != 0 || first == 0 || first + 2 > second || end > pdf.len() {
            return None;
        }
        Some(Covered { before: &pdf[..first], gap: &pdf[first..second], after: &pdf[second..end], end })
    }
}

/// A file seen through a ByteRange.
#[derive(Debug, Clone, Copy)]
pub struct Covered<'a> {
    /// Octets before Contents.
    pub before: &'a [u8],
    /// Contents as written: `<…>`.
    pub gap: &'a [u8],
    /// Octets after Contents.
    pub after: &'a [u8],
    /// Where the covered octets end.
    pub end: usize,
}

impl Covered<'_> {
    /// SM3 of the covered octets.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        gm::sm3::Sm3::new().chain(self.before).chain(self.after).finalize()
    }

    /// The octets that the gap spells, if it is one hexadecimal string and nothing else.
    #[must_use]
    pub fn contents(&self) -> Option<Vec<u8>> {
        let digits = self.gap.strip_prefix(b"<")?.strip_suffix(b">")?;
        let (pairs, rest) = digits.as_chunks::<2>();
        if !rest.is_empty() {
            return None;
        }
        pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
    }
}

fn digit(octet: u8) -> Option<u8> {
    char::from(octet).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The last ByteRange of a file whose newest signature is still empty, or filled: the one that reaches the end.
pub(super) fn of_newest(pdf: &[u8]) -> Result<ByteRange> {
    let reader = super::reader::Reader::open(pdf)?;
    for signed in super::form::fields(&reader)?.signed.iter().rev() {
        if let Some(range) = read(&signed.value)
            && range.split(pdf).is_some_and(|covered| covered.end == pdf.len())
        {
            return Ok(range);
        }
    }
    Err(Error::NotPrepared)
}

/// The ByteRange of a signature dictionary, if it is four whole numbers.
pub(super) fn read(signature: &lopdf::Dictionary) -> Option<ByteRange> {
    let array = signature.get(b"ByteRange").and_then(lopdf::Object::as_array).ok()?;
    let numbers: Vec<u64> = array.iter().map(|n| u64::try_from(n.as_i64().ok()?).ok()).collect::<Option<_>>()?;
    Some(ByteRange(numbers.try_into().ok()?))
}
