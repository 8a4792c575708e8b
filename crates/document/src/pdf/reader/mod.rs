//! Reading a PDF object by object, as far as signing and verifying need.
//!
//! A whole-document loader would parse and keep everything that a stranger put into the file. This one opens
//! the cross-reference chain and then reads only what is asked for, each octet within a [`Budget`]. It repairs
//! nothing: a file that needs guessing may look different in two viewers, and such a file must not be signed.

mod budget;
mod lexer;
mod stream;
mod xref;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use lopdf::{Dictionary, Object};

pub(super) use budget::Budget;
pub(super) use stream::Indirect;
pub(super) use xref::{Entry, Kind, MAX_OBJECT};

use crate::{Error, Result};
use lexer::Lexer;
use xref::Xref;

/// References that lead to references; more than a few is a circle.
const MAX_HOPS: usize = 16;

/// The decoded members of an object stream.
struct Members {
    octets: Vec<u8>,
    /// Object number and offset into `octets`, in the order of the stream.
    index: Vec<(u32, usize)>,
}

/// An open file.
pub(super) struct Reader<'a> {
    data: &'a [u8],
    xref: Xref,
    budget: Budget,
    members: RefCell<BTreeMap<u32, Rc<Members>>>,
}

impl<'a> Reader<'a> {
    /// Opens a file and reads its cross-references.
    pub fn open(data: &'a [u8]) -> Result<Self> {
        Self::within(data, Budget::for_file(data.len()))
    }

    /// Opens an earlier revision of this file, on the same budget of work.
    pub fn revision(&self, end: usize) -> Result<Self> {
        let data = self.data.get(..end).ok_or(Error::Damaged("a revision is longer than the file"))?;
        Self::within(data, self.budget.shared())
    }

    fn within(data: &'a [u8], budget: Budget) -> Result<Self> {
        if data.len() > super::MAX_SIZE {
            return Err(Error::TooLarge { limit: super::MAX_SIZE });
        }
        if !data.starts_with(b"%PDF-") {
            return Err(Error::NotPdf);
        }
        let xref = xref::read(data, &budget)?;
        if xref.trailer.has(b"Encrypt") {
            return Err(Error::Encrypted);
        }
        Ok(Self { data, xref, budget, members: RefCell::default() })
    }

    /// The octets of the file.
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// The newest trailer.
    pub fn trailer(&self) -> &Dictionary {
        &self.xref.trailer
    }

    /// Form of the newest cross-reference section.
    pub fn kind(&self) -> Kind {
        self.xref.kind
    }

    /// Offset of the newest cross-reference section.
    pub fn startxref(&self) -> usize {
        self.xref.start
    }

    /// Where an object lies; `None` if it was never defined.
    pub fn entry(&self, number: u32) -> Option<Entry> {
        self.xref.entries.get(&number).copied()
    }

    /// Every object number with its place.
    pub fn entries(&self) -> impl Iterator<Item = (u32, Entry)> + '_ {
        self.xref.entries.iter().map(|(&number, &entry)| (number, entry))
    }

    /// The first number that no object uses.
    pub fn next_number(&self) -> Result<u32> {
        let declared = self.xref.trailer.get(b"Size").and_then(Object::as_i64).ok().and_then(|n| u32::try_from(n).ok());
        let highest = self.xref.entries.last_key_value().map_or(0, |(&number, _)| number);
        let next = declared.unwrap_or(0).max(highest + 1);
        if next > MAX_OBJECT - 10_000 { Err(Error::TooComplex("object number too large")) } else { Ok(next) }
    }

    /// The object with this number; `None` if the number is free.
    pub fn get(&self, number: u32) -> Result<Option<Indirect>> {
        match self.entry(number) {
            None | Some(Entry::Free) => Ok(None),
            Some(Entry::At { offset, .. }) => stream::indirect(self.data, offset, Some(number), &self.budget).map(Some),
            Some(Entry::Inside { container, index }) => self.member(number, container, index).map(Some),
        }
    }

    /// Follows references; a missing object is null (ISO 32000-2 clause 7.3.10).
    pub fn resolve(&self, object: &Object) -> Result<Object> {
        let mut object = object.clone();
        for _ in 0..MAX_HOPS {
            let Object::Reference((number, _)) = object else { return Ok(object) };
            object = self.get(number)?.map_or(Object::Null, |indirect| indirect.object);
        }
        Err(Error::Damaged("references lead in a circle"))
    }

    /// The value of a key, references followed; null when absent.
    pub fn value(&self, dictionary: &Dictionary, key: &[u8]) -> Result<Object> {
        dictionary.get(key).map_or(Ok(Object::Null), |object| self.resolve(object))
    }

    /// The value of a key, if it is a dictionary.
    pub fn dictionary(&self, dictionary: &Dictionary, key: &[u8]) -> Result<Option<Dictionary>> {
        Ok(match self.value(dictionary, key)? {
            Object::Dictionary(dictionary) => Some(dictionary),
            _ => None,
        })
    }

    /// The document catalog and its object number.
    pub fn catalog(&self) -> Result<(u32, Dictionary)> {
        const FAULT: Error = Error::Damaged("the document catalog is missing");
        let Ok(Object::Reference((number, _))) = self.xref.trailer.get(b"Root") else { return Err(FAULT) };
        match self.get(*number)? {
            Some(Indirect { object: Object::Dictionary(catalog), stream: None }) => Ok((*number, catalog)),
            _ => Err(FAULT),
        }
    }

    fn member(&self, number: u32, container: u32, index: u32) -> Result<Indirect> {
        const FAULT: Error = Error::Damaged("an object is not in the object stream that should hold it");
        let members = self.open_container(container)?;
        // The index is a hint in practice; the number decides.
        let hinted = members.index.get(index as usize).filter(|(found, _)| *found == number);
        let found = hinted.or_else(|| members.index.iter().find(|(found, _)| *found == number));
        let (_, offset) = found.ok_or(FAULT)?;
        let object = Lexer::new(&members.octets, *offset, &self.budget).object()?;
        if matches!(object, Object::Reference(_)) { Err(FAULT) } else { Ok(Indirect { object, stream: None }) }
    }

    fn open_container(&self, number: u32) -> Result<Rc<Members>> {
        const FAULT: Error = Error::Damaged("an object stream cannot be read");
        if let Some(known) = self.members.borrow().get(&number) {
            return Ok(Rc::clone(known));
        }
        // An object stream never lies in another one, so this cannot recurse without end.
        let Some(Entry::At { offset, .. }) = self.entry(number) else { return Err(FAULT) };
        let indirect = stream::indirect(self.data, offset, Some(number), &self.budget)?;
        let (Object::Dictionary(dictionary), Some(start)) = (indirect.object, indirect.stream) else {
            return Err(FAULT);
        };
        if !dictionary.has_type(b"ObjStm") {
            return Err(FAULT);
        }
        let body = stream::body(self.data, &dictionary, start, |length| self.plain_integer(length))?;
        let octets = stream::decode(&dictionary, body, &self.budget)?;
        let integer = |key: &[u8]| {
            let value = dictionary.get(key).and_then(Object::as_i64).ok();
            value.and_then(|value| usize::try_from(value).ok()).filter(|&value| value <= octets.len()).ok_or(FAULT)
        };
        let (count, first) = (integer(b"N")?, integer(b"First")?);
        let mut index = Vec::new();
        let mut lexer = Lexer::new(&octets, 0, &self.budget);
        for _ in 0..count {
            let number = lexer.unsigned().and_then(|number| u32::try_from(number).ok()).ok_or(FAULT)?;
            let offset = lexer.unsigned().and_then(|offset| usize::try_from(offset).ok()).ok_or(FAULT)?;
            index.push((number, first.saturating_add(offset).min(octets.len())));
        }
        let members = Rc::new(Members { octets, index });
        self.members.borrow_mut().insert(number, Rc::clone(&members));
        Ok(members)
    }

    /// A Length that is a reference, which must lie outside of object streams.
    fn plain_integer(&self, object: &Object) -> Option<i64> {
        let Object::Reference((number, _)) = object else { return None };
        let Some(Entry::At { offset, .. }) = self.entry(*number) else { return None };
        stream::indirect(self.data, offset, Some(*number), &self.budget).ok()?.object.as_i64().ok()
    }

    /// The octets of a stream as they lie in the file.
    pub fn stream_octets(&self, indirect: &Indirect) -> Result<Option<&'a [u8]>> {
        match (&indirect.object, indirect.stream) {
            (Object::Dictionary(dictionary), Some(start)) => {
                stream::body(self.data, dictionary, start, |length| self.resolve(length).ok()?.as_i64().ok()).map(Some)
            }
            _ => Ok(None),
        }
    }
}
