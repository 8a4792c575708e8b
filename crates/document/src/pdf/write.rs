//! Appending one incremental update (ISO 32000-2 clause 7.5.6): the earlier octets stay as they are.

use std::collections::BTreeMap;
use std::io::Write;

use lopdf::{Dictionary, Object, ObjectId, Stream};

use super::reader::{Entry, Kind, Reader};
use crate::Result;

/// New and changed objects, each already in the octets that will be written.
pub(super) struct Update<'r, 'a> {
    reader: &'r Reader<'a>,
    next: u32,
    objects: BTreeMap<u32, (u16, Vec<u8>)>,
}

/// The file with the update, and where each of its objects starts.
pub(super) struct Written {
    pub bytes: Vec<u8>,
    pub offsets: BTreeMap<u32, usize>,
}

impl<'r, 'a> Update<'r, 'a> {
    pub fn new(reader: &'r Reader<'a>) -> Result<Self> {
        Ok(Self { reader, next: reader.next_number()?, objects: BTreeMap::new() })
    }

    /// A number that nothing uses yet.
    pub fn reserve(&mut self) -> ObjectId {
        let id = (self.next, 0);
        self.next += 1;
        id
    }

    /// Writes an object under this number.
    pub fn set(&mut self, id: ObjectId, object: &Object) {
        let mut octets = Vec::new();
        serialize(&mut octets, object);
        self.objects.insert(id.0, (id.1, octets));
    }

    /// Writes octets that are an object already.
    pub fn set_raw(&mut self, id: ObjectId, octets: Vec<u8>) {
        self.objects.insert(id.0, (id.1, octets));
    }

    /// Adds an object under a new number.
    pub fn add(&mut self, object: &Object) -> ObjectId {
        let id = self.reserve();
        self.set(id, object);
        id
    }

    /// The identity under which an existing object must be rewritten: objects out of object streams have generation 0.
    pub fn existing(&self, number: u32) -> ObjectId {
        match self.reader.entry(number) {
            Some(Entry::At { generation, .. }) => (number, generation),
            _ => (number, 0),
        }
    }

    /// Appends objects, cross-references and trailer.
    pub fn finish(mut self, file_id: [u8; 16]) -> Written {
        let mut bytes = Vec::with_capacity(self.reader.data().len() + 64 * 1024);
        bytes.extend_from_slice(self.reader.data());
        if !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        let mut offsets = BTreeMap::new();
        for (&number, (generation, octets)) in &self.objects {
            offsets.insert(number, bytes.len());
            bytes.extend_from_slice(format!("{number} {generation} obj\n").as_bytes());
            bytes.extend_from_slice(octets);
            bytes.extend_from_slice(b"\nendobj\n");
        }
        let start = bytes.len();
        let mut trailer = self.trailer(file_id);
        match self.reader.kind() {
            Kind::Table => {
                trailer.set("Size", i64::from(self.next));
                self.table(&mut bytes, &offsets);
                bytes.extend_from_slice(b"trailer\n");
                serialize(&mut bytes, &Object::Dictionary(trailer));
                bytes.push(b'\n');
            }
            Kind::Stream => {
                let id = self.reserve();
                trailer.set("Size", i64::from(self.next));
                offsets.insert(id.0, start);
                let stream = self.stream(trailer, &offsets);
                bytes.extend_from_slice(format!("{} 0 obj\n", id.0).as_bytes());
                serialize(&mut bytes, &Object::Stream(stream));
                bytes.extend_from_slice(b"\nendobj\n");
            }
        }
        bytes.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
        Written { bytes, offsets }
    }

    fn trailer(&self, file_id: [u8; 16]) -> Dictionary {
        let mut trailer = Dictionary::new();
        for key in [&b"Root"[..], b"Info"] {
            if let Ok(value) = self.reader.trailer().get(key) {
                trailer.set(key, value.clone());
            }
        }
        trailer.set("Prev", self.reader.startxref() as i64);
        let changing = Object::String(file_id.to_vec(), lopdf::StringFormat::Hexadecimal);
        // The first half names the document for good, the second this revision (clause 14.4).
        let permanent = match self.reader.trailer().get(b"ID").and_then(Object::as_array).map(Vec::as_slice) {
            Ok([permanent @ Object::String(..), _]) => permanent.clone(),
            _ => changing.clone(),
        };
        trailer.set("ID", Object::Array(vec![permanent, changing]));
        trailer
    }

    fn generation(&self, number: u32) -> u16 {
        self.objects.get(&number).map_or(0, |(generation, _)| *generation)
    }

    fn table(&self, bytes: &mut Vec<u8>, offsets: &BTreeMap<u32, usize>) {
        bytes.extend_from_slice(b"xref\n");
        for run in runs(offsets) {
            bytes.extend_from_slice(format!("{} {}\n", run[0].0, run.len()).as_bytes());
            for (number, offset) in run {
                bytes.extend_from_slice(format!("{offset:010} {:05} n\r\n", self.generation(number)).as_bytes());
            }
        }
    }

    fn stream(&self, mut dictionary: Dictionary, offsets: &BTreeMap<u32, usize>) -> Stream {
        let mut index = Vec::new();
        let mut rows = Vec::new();
        for run in runs(offsets) {
            index.extend([Object::Integer(i64::from(run[0].0)), Object::Integer(run.len() as i64)]);
            for (number, offset) in run {
                rows.push(1);
                rows.extend_from_slice(&(offset as u64).to_be_bytes()[3..]);
                rows.extend_from_slice(&self.generation(number).to_be_bytes());
            }
        }
        dictionary.set("Type", Object::Name(b"XRef".to_vec()));
        dictionary.set("W", Object::Array(vec![1.into(), 5.into(), 2.into()]));
        dictionary.set("Index", Object::Array(index));
        Stream::new(dictionary, rows)
    }
}

/// Neighbouring object numbers together.
fn runs(offsets: &BTreeMap<u32, usize>) -> Vec<Vec<(u32, usize)>> {
    let mut runs: Vec<Vec<(u32, usize)>> = Vec::new();
    for (&number, &offset) in offsets {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(last, _)| last + 1 == number) => run.push((number, offset)),
            _ => runs.push(vec![(number, offset)]),
        }
    }
    runs
}

/// Writes an object as clause 7.3 says.
pub(super) fn serialize(out: &mut Vec<u8>, object: &Object) {
    match object {
        Object::Null => out.extend_from_slice(b"null"),
        Object::Boolean(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Object::Integer(value) => out.extend_from_slice(value.to_string().as_bytes()),
        // Rust never writes an exponent here, which PDF would not read.
        Object::Real(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Object::Name(name) => serialize_name(out, name),
        Object::String(text, _) => serialize_string(out, text),
        Object::Array(items) => {
            out.push(b'[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(b' ');
                }
                serialize(out, item);
            }
            out.push(b']');
        }
        Object::Dictionary(dictionary) => serialize_dictionary(out, dictionary),
        Object::Stream(stream) => {
            serialize_dictionary(out, &stream.dict);
            out.extend_from_slice(b"\nstream\n");
            out.extend_from_slice(&stream.content);
            out.extend_from_slice(b"\nendstream");
        }
        Object::Reference((number, generation)) => {
            out.extend_from_slice(format!("{number} {generation} R").as_bytes());
        }
    }
}

fn serialize_dictionary(out: &mut Vec<u8>, dictionary: &Dictionary) {
    out.extend_from_slice(b"<<");
    for (key, value) in dictionary.iter() {
        serialize_name(out, key);
        out.push(b' ');
        serialize(out, value);
    }
    out.extend_from_slice(b">>");
}

fn serialize_name(out: &mut Vec<u8>, name: &[u8]) {
    out.push(b'/');
    for &octet in name {
        if octet.is_ascii_graphic() && !b"#()<>[]{}/%".contains(&octet) {
            out.push(octet);
        } else {
            // Writing into a vector cannot fail.
            let _ = write!(out, "#{octet:02X}");
        }
    }
}

fn serialize_string(out: &mut Vec<u8>, text: &[u8]) {
    if text.iter().all(|octet| octet.is_ascii_graphic() || *octet == b' ') {
        out.push(b'(');
        for &octet in text {
            if b"()\\".contains(&octet) {
                out.push(b'\\');
            }
            out.push(octet);
        }
        out.push(b')');
    } else {
        out.push(b'<');
        for octet in text {
            let _ = write!(out, "{octet:02X}");
        }
        out.push(b'>');
    }
}

/// A text string (clause 7.9.2.2): plain when ASCII, otherwise UTF-16 with byte order mark.
pub(super) fn text(value: &str) -> Object {
    let octets = if value.is_ascii() {
        value.as_bytes().to_vec()
    } else {
        [0xfe, 0xff].into_iter().chain(value.encode_utf16().flat_map(u16::to_be_bytes)).collect()
    };
    Object::String(octets, lopdf::StringFormat::Literal)
}
