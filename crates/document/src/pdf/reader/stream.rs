//! Indirect objects and the octets of streams (ISO 32000-2 clauses 7.3.8 and 7.3.10).

use lopdf::{Dictionary, Object, Stream};

use super::budget::Budget;
use super::lexer::Lexer;
use crate::{Error, Result};

/// An object as it lies in the file.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::pdf) struct Indirect {
    /// The object; for a stream its dictionary.
    pub object: Object,
    /// For a stream: where its octets start.
    pub stream: Option<usize>,
}

/// Reads `12 0 obj …` at `offset`; the number must be the expected one.
pub(super) fn indirect(data: &[u8], offset: usize, expected: Option<u32>, budget: &Budget) -> Result<Indirect> {
    const FAULT: Error = Error::Damaged("an object is not where the cross-references say");
    let mut lexer = Lexer::new(data, offset, budget);
    let number = lexer.unsigned().ok_or(FAULT)?;
    lexer.unsigned().ok_or(FAULT)?;
    if !lexer.keyword(b"obj") || expected.is_some_and(|expected| u64::from(expected) != number) {
        return Err(FAULT);
    }
    let object = lexer.object()?;
    let mut stream = None;
    if matches!(object, Object::Dictionary(_)) && lexer.keyword(b"stream") {
        stream = Some(match data.get(lexer.position..) {
            Some([b'\r', b'\n', ..]) => lexer.position + 2,
            Some([b'\n' | b'\r', ..]) => lexer.position + 1,
            _ => return Err(Error::Damaged("a stream has no start")),
        });
    } else if !lexer.keyword(b"endobj") {
        return Err(Error::Damaged("an object has no end"));
    }
    // White space counts too: an object behind a megabyte of it must not be read a thousand times.
    budget.spend((lexer.position - offset) as u64)?;
    Ok(Indirect { object, stream })
}

/// The octets of a stream as they lie in the file; `resolve` answers a Length that is a reference.
pub(super) fn body<'a>(
    data: &'a [u8],
    dictionary: &Dictionary,
    start: usize,
    resolve: impl FnOnce(&Object) -> Option<i64>,
) -> Result<&'a [u8]> {
    const FAULT: Error = Error::Damaged("the length of a stream is wrong");
    let length = match dictionary.get(b"Length").map_err(|_| FAULT)? {
        Object::Integer(length) => *length,
        other => resolve(other).ok_or(FAULT)?,
    };
    let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length)).ok_or(FAULT)?;
    let octets = data.get(start..end).ok_or(FAULT)?;
    let budget = Budget::for_file(0);
    if Lexer::new(data, end, &budget).keyword(b"endstream") { Ok(octets) } else { Err(FAULT) }
}

/// Takes the filters off, within the budget.
pub(super) fn decode(dictionary: &Dictionary, octets: &[u8], budget: &Budget) -> Result<Vec<u8>> {
    let filtered = dictionary.has(b"Filter");
    budget.spend(octets.len() as u64)?;
    let decoded = if filtered {
        let mut stream = Stream::new(dictionary.clone(), octets.to_vec());
        stream.dict.set("Length", octets.len() as i64);
        stream.decompressed_content_with_limit(budget.decodable()).map_err(|error| match error {
            lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. }) => {
                Error::TooComplex("its streams are too large when decompressed")
            }
            _ => Error::Damaged("a compressed stream cannot be decoded"),
        })?
    } else {
        octets.to_vec()
    };
    budget.decode(decoded.len())?;
    Ok(decoded)
}
