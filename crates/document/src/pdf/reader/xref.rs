//! The cross-reference chain: tables, streams and files that have both (ISO 32000-2 clauses 7.5.4, 7.5.8).

use std::collections::{BTreeMap, BTreeSet};

use lopdf::{Dictionary, Object};

use super::budget::Budget;
use super::lexer::Lexer;
use super::stream;
use crate::{Error, Result};

/// More revisions than a document collects in its life.
const MAX_SECTIONS: usize = 2_048;
const MAX_ENTRIES: usize = 2_000_000;
/// The largest object number a conforming file may use (annex C).
pub(in crate::pdf) const MAX_OBJECT: u32 = 8_388_607;

/// Where an object lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) enum Entry {
    /// The number is not in use.
    Free,
    /// At this octet of the file.
    At {
        /// From the start of the file.
        offset: usize,
        /// Generation number.
        generation: u16,
    },
    /// In an object stream.
    Inside {
        /// Object number of the stream.
        container: u32,
        /// Position in it, from 0.
        index: u32,
    },
}

/// How the newest section is written; an update is written the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) enum Kind {
    /// `xref` … `trailer`.
    Table,
    /// A stream of type XRef.
    Stream,
}

/// The whole chain, newest entry first.
pub(in crate::pdf) struct Xref {
    /// Object number to place.
    pub entries: BTreeMap<u32, Entry>,
    /// The newest section's trailer (or the entries of its stream that a trailer has).
    pub trailer: Dictionary,
    /// Form of the newest section.
    pub kind: Kind,
    /// Where the newest section starts.
    pub start: usize,
}

struct Section {
    used: Vec<(u32, Entry)>,
    free: Vec<u32>,
    trailer: Dictionary,
    kind: Kind,
}

/// Reads the chain from the last `startxref`.
pub(in crate::pdf) fn read(data: &[u8], budget: &Budget) -> Result<Xref> {
    let start = start_of(data)?;
    let newest = section(data, start, budget)?;
    let mut xref = Xref { entries: BTreeMap::new(), trailer: newest.trailer.clone(), kind: newest.kind, start };
    let mut seen = BTreeSet::from([start]);
    let mut next = Some(newest);
    while let Some(current) = next.take() {
        let fault = Error::Damaged("the cross-reference chain leads nowhere");
        let offset = |key: &[u8]| match current.trailer.get(key) {
            Ok(value) => {
                let offset = value.as_i64().ok().and_then(|offset| usize::try_from(offset).ok());
                offset.filter(|&offset| offset < data.len()).map(Some).ok_or_else(|| fault.clone())
            }
            Err(_) => Ok(None),
        };
        let (previous, hybrid) = (offset(b"Prev")?, offset(b"XRefStm")?);
        merge(&mut xref.entries, current.used)?;
        if let Some(hybrid) = hybrid.filter(|_| current.kind == Kind::Table) {
            let hidden = section(data, hybrid, budget)?;
            merge(&mut xref.entries, hidden.used)?;
        }
        merge(&mut xref.entries, current.free.into_iter().map(|number| (number, Entry::Free)))?;
        if let Some(previous) = previous {
            if !seen.insert(previous) {
                return Err(Error::Damaged("the cross-reference chain is a circle"));
            }
            if seen.len() > MAX_SECTIONS {
                return Err(Error::TooComplex("too many revisions"));
            }
            next = Some(section(data, previous, budget)?);
        }
    }
    Ok(xref)
}

fn merge(entries: &mut BTreeMap<u32, Entry>, older: impl IntoIterator<Item = (u32, Entry)>) -> Result<()> {
    for (number, entry) in older {
        entries.entry(number).or_insert(entry);
    }
    if entries.len() > MAX_ENTRIES { Err(Error::TooComplex("too many objects")) } else { Ok(()) }
}

/// The number behind the last `startxref`, near the end of the file.
fn start_of(data: &[u8]) -> Result<usize> {
    const WORD: &[u8] = b"startxref";
    let tail = data.len().saturating_sub(2_048);
    let found = data[tail..].windows(WORD.len()).rposition(|window| window == WORD);
    let position = tail + found.ok_or(Error::Damaged("the end of the file is missing"))? + WORD.len();
    let budget = Budget::for_file(0);
    let mut lexer = Lexer::new(data, position, &budget);
    let start = lexer.unsigned().and_then(|start| usize::try_from(start).ok());
    start.filter(|&start| start < data.len()).ok_or(Error::Damaged("the end of the file points outside of it"))
}

fn section(data: &[u8], start: usize, budget: &Budget) -> Result<Section> {
    let mut lexer = Lexer::new(data, start, budget);
    if lexer.keyword(b"xref") { table(lexer) } else { from_stream(data, start, budget) }
}

fn table(mut lexer: Lexer<'_>) -> Result<Section> {
    const FAULT: Error = Error::Damaged("the cross-reference table cannot be read");
    let mut section = Section { used: Vec::new(), free: Vec::new(), trailer: Dictionary::new(), kind: Kind::Table };
    while !lexer.keyword(b"trailer") {
        let first = lexer.unsigned().ok_or(FAULT)?;
        let count = lexer.unsigned().ok_or(FAULT)?;
        for number in first..first.checked_add(count).ok_or(FAULT)? {
            let offset = lexer.unsigned().ok_or(FAULT)?;
            let generation = lexer.unsigned().ok_or(FAULT)?;
            let number = object_number(number)?;
            if lexer.keyword(b"n") {
                let offset = usize::try_from(offset).map_err(|_| FAULT)?;
                let generation = u16::try_from(generation).map_err(|_| FAULT)?;
                // Some producers write unused numbers as "in use at 0".
                if offset == 0 {
                    section.free.push(number);
                } else {
                    section.used.push((number, Entry::At { offset, generation }));
                }
            } else if lexer.keyword(b"f") {
                section.free.push(number);
            } else {
                return Err(FAULT);
            }
        }
    }
    match lexer.object()? {
        Object::Dictionary(trailer) => section.trailer = trailer,
        _ => return Err(Error::Damaged("the trailer is missing")),
    }
    Ok(section)
}

fn object_number(number: u64) -> Result<u32> {
    u32::try_from(number)
        .ok()
        .filter(|&number| number <= MAX_OBJECT)
        .ok_or(Error::TooComplex("object number too large"))
}

fn from_stream(data: &[u8], start: usize, budget: &Budget) -> Result<Section> {
    const FAULT: Error = Error::Damaged("the cross-reference stream cannot be read");
    let indirect = stream::indirect(data, start, None, budget)?;
    let Object::Dictionary(dictionary) = indirect.object else { return Err(FAULT) };
    if !dictionary.has_type(b"XRef") {
        return Err(FAULT);
    }
    let body = stream::body(data, &dictionary, indirect.stream.ok_or(FAULT)?, |_| None)?;
    let table = stream::decode(&dictionary, body, budget)?;
    let numbers = |key: &[u8]| -> Option<Vec<usize>> {
        let array = dictionary.get(key).and_then(Object::as_array).ok()?;
        array.iter().map(|value| value.as_i64().ok().and_then(|value| usize::try_from(value).ok())).collect()
    };
    let widths = numbers(b"W").filter(|w| w.len() == 3 && w.iter().all(|&w| w <= 8) && w.iter().sum::<usize>() > 0);
    let widths = widths.ok_or(FAULT)?;
    let size = dictionary.get(b"Size").and_then(Object::as_i64).ok().and_then(|size| usize::try_from(size).ok());
    let index = if dictionary.has(b"Index") { numbers(b"Index") } else { Some(vec![0, size.ok_or(FAULT)?]) };
    let index = index.filter(|index| index.len() % 2 == 0).ok_or(FAULT)?;

    let mut section = Section { used: Vec::new(), free: Vec::new(), trailer: dictionary.clone(), kind: Kind::Stream };
    for key in [&b"W"[..], b"Index", b"Type", b"Filter", b"DecodeParms", b"Length"] {
        section.trailer.remove(key);
    }
    let mut rows = table.chunks_exact(widths.iter().sum());
    for range in index.chunks_exact(2) {
        for offset in 0..range[1] {
            // A table shorter than its index says is common and harmless: the rest is not in use.
            let Some(row) = rows.next() else { return Ok(section) };
            let number = object_number(range[0].saturating_add(offset) as u64)?;
            match entry(row, &widths)? {
                Entry::Free => section.free.push(number),
                used => section.used.push((number, used)),
            }
        }
    }
    Ok(section)
}

fn entry(row: &[u8], widths: &[usize]) -> Result<Entry> {
    const FAULT: Error = Error::Damaged("an entry of the cross-reference stream is out of range");
    let value = |octets: &[u8]| octets.iter().fold(0_u64, |value, &octet| value << 8 | u64::from(octet));
    let (kind, rest) = row.split_at(widths[0]);
    let (second, third) = rest.split_at(widths[1]);
    match if widths[0] == 0 { 1 } else { value(kind) } {
        1 => Ok(Entry::At {
            offset: usize::try_from(value(second)).map_err(|_| FAULT)?,
            generation: u16::try_from(value(third)).map_err(|_| FAULT)?,
        }),
        2 => Ok(Entry::Inside {
            container: object_number(value(second))?,
            index: u32::try_from(value(third)).map_err(|_| FAULT)?,
        }),
        // Type 0, and unknown types which the standard wants read as references to null.
        _ => Ok(Entry::Free),
    }
}
