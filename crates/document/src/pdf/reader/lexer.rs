//! The object syntax (ISO 32000-2 clause 7.3), read strictly and within a budget of octets and nesting.

use lopdf::{Dictionary, Object, StringFormat};

use super::budget::Budget;
use crate::{Error, Result};

/// Deeper nesting of arrays and dictionaries than any producer writes.
const MAX_DEPTH: usize = 64;
/// A name or string in a file may be long (an ICC profile is a stream, not a string), but not this long.
const MAX_STRING: usize = 8 << 20;
/// Array items and dictionary entries of one object: the widest array is that of the pages of a huge document.
const MAX_VALUES: usize = 1_000_000;

pub(super) const fn is_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x0c)
}

const fn is_delimiter(octet: u8) -> bool {
    matches!(octet, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

const fn hex(octet: u8) -> Option<u8> {
    match octet {
        b'0'..=b'9' => Some(octet - b'0'),
        b'a'..=b'f' => Some(octet - b'a' + 10),
        b'A'..=b'F' => Some(octet - b'A' + 10),
        _ => None,
    }
}

/// A place in the file from which tokens are read.
pub(super) struct Lexer<'a> {
    data: &'a [u8],
    /// Where the next token starts.
    pub position: usize,
    budget: &'a Budget,
    values: usize,
}

impl<'a> Lexer<'a> {
    pub fn new(data: &'a [u8], position: usize, budget: &'a Budget) -> Self {
        Self { data, position, budget, values: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.data.get(self.position).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.data.get(self.position..).unwrap_or_default()
    }

    /// White space and comments (clauses 7.2.3 and 7.2.4).
    pub fn skip_space(&mut self) {
        while let Some(octet) = self.peek() {
            if is_space(octet) {
                self.position += 1;
            } else if octet == b'%' {
                while self.peek().is_some_and(|octet| octet != b'\n' && octet != b'\r') {
                    self.position += 1;
                }
            } else {
                break;
            }
        }
    }

    /// Takes `word` if it is the next token.
    pub fn keyword(&mut self, word: &[u8]) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(word)
            && self.rest().get(word.len()).is_none_or(|&next| is_space(next) || is_delimiter(next));
        if found {
            self.position += word.len();
        }
        found
    }

    /// An integer without sign, as object numbers, offsets and counts are written.
    pub fn unsigned(&mut self) -> Option<u64> {
        self.skip_space();
        let digits = self.rest().iter().take(20).take_while(|octet| octet.is_ascii_digit()).count();
        let text = core::str::from_utf8(&self.rest()[..digits]).ok()?;
        let value = text.parse().ok()?;
        self.position += digits;
        Some(value)
    }

    /// One object that is not a stream.
    pub fn object(&mut self) -> Result<Object> {
        let start = self.position;
        self.values = 0;
        let object = self.nested(MAX_DEPTH)?;
        self.budget.spend((self.position - start) as u64 + 1)?;
        Ok(object)
    }

    fn count_value(&mut self) -> Result<()> {
        self.values += 1;
        if self.values > MAX_VALUES { Err(Error::TooComplex("an object holds too many values")) } else { Ok(()) }
    }

    fn nested(&mut self, depth: usize) -> Result<Object> {
        self.skip_space();
        match self.peek().ok_or(Error::Damaged("an object is missing"))? {
            b'/' => self.name().map(Object::Name),
            b'(' => self.literal(),
            b'<' if self.rest().starts_with(b"<<") => self.dictionary(depth).map(Object::Dictionary),
            b'<' => self.hexadecimal(),
            b'[' => self.array(depth),
            b'0'..=b'9' => Ok(self.reference().map_or_else(|| self.number(), Ok)?),
            b'+' | b'-' | b'.' => self.number(),
            _ if self.keyword(b"true") => Ok(Object::Boolean(true)),
            _ if self.keyword(b"false") => Ok(Object::Boolean(false)),
            _ if self.keyword(b"null") => Ok(Object::Null),
            _ => Err(Error::Damaged("an object cannot be read")),
        }
    }

    /// `12 0 R`, or nothing taken.
    fn reference(&mut self) -> Option<Object> {
        let start = self.position;
        let found = (|| {
            let number = u32::try_from(self.unsigned()?).ok()?;
            let generation = u16::try_from(self.unsigned()?).ok()?;
            self.keyword(b"R").then_some(Object::Reference((number, generation)))
        })();
        if found.is_none() {
            self.position = start;
        }
        found
    }

    fn number(&mut self) -> Result<Object> {
        const FAULT: Error = Error::Damaged("a number cannot be read");
        let length = self.rest().iter().take(64).take_while(|o| matches!(o, b'0'..=b'9' | b'+' | b'-' | b'.')).count();
        let text = core::str::from_utf8(&self.rest()[..length]).map_err(|_| FAULT)?;
        let object = match text.parse::<i64>() {
            Ok(integer) => Object::Integer(integer),
            Err(_) => Object::Real(text.parse::<f32>().ok().filter(|real| real.is_finite()).ok_or(FAULT)?),
        };
        self.position += length;
        Ok(object)
    }

    fn name(&mut self) -> Result<Vec<u8>> {
        self.position += 1;
        let mut name = Vec::new();
        while let Some(octet) = self.peek().filter(|&octet| !is_space(octet) && !is_delimiter(octet)) {
            let escaped = match self.rest() {
                [b'#', high, low, ..] => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
                _ => None,
            };
            name.push(escaped.unwrap_or(octet));
            self.position += if escaped.is_some() { 3 } else { 1 };
        }
        if name.len() > MAX_STRING { Err(Error::TooComplex("a name is too long")) } else { Ok(name) }
    }

    fn literal(&mut self) -> Result<Object> {
        self.position += 1;
        let mut open = 1_usize;
        let mut text = Vec::new();
        loop {
            let octet = self.peek().ok_or(Error::Damaged("a string has no end"))?;
            self.position += 1;
            match octet {
                b'(' => open += 1,
                b')' if open == 1 => break,
                b')' => open -= 1,
                b'\\' => {
                    self.escape(&mut text);
                    continue;
                }
                _ => {}
            }
            text.push(octet);
            if text.len() > MAX_STRING {
                return Err(Error::TooComplex("a string is too long"));
            }
        }
        Ok(Object::String(text, StringFormat::Literal))
    }

    /// What follows a backslash (clause 7.3.4.2).
    fn escape(&mut self, text: &mut Vec<u8>) {
        let Some(octet) = self.peek() else { return };
        self.position += 1;
        match octet {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'\r' if self.peek() == Some(b'\n') => self.position += 1,
            b'\r' | b'\n' => {}
            b'0'..=b'7' => {
                let mut value = u32::from(octet - b'0');
                for _ in 0..2 {
                    let Some(digit) = self.peek().filter(|digit| (b'0'..=b'7').contains(digit)) else { break };
                    value = value * 8 + u32::from(digit - b'0');
                    self.position += 1;
                }
                text.push((value & 0xff) as u8);
            }
            other => text.push(other),
        }
    }

    fn hexadecimal(&mut self) -> Result<Object> {
        self.position += 1;
        let mut text = Vec::new();
        let mut half = None;
        loop {
            let octet = self.peek().ok_or(Error::Damaged("a string has no end"))?;
            self.position += 1;
            match (octet, hex(octet), half.take()) {
                (b'>', _, rest) => {
                    text.extend(rest.map(|high: u8| high << 4));
                    break;
                }
                (_, Some(low), Some(high)) => text.push(high << 4 | low),
                (_, Some(high), None) => half = Some(high),
                (octet, None, before) if is_space(octet) => half = before,
                _ => return Err(Error::Damaged("a hexadecimal string holds something else")),
            }
            if text.len() > MAX_STRING {
                return Err(Error::TooComplex("a string is too long"));
            }
        }
        Ok(Object::String(text, StringFormat::Hexadecimal))
    }

    fn array(&mut self, depth: usize) -> Result<Object> {
        let inner = depth.checked_sub(1).ok_or(Error::TooComplex("objects are nested too deeply"))?;
        self.position += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.peek() == Some(b']') {
                self.position += 1;
                return Ok(Object::Array(items));
            }
            self.count_value()?;
            items.push(self.nested(inner)?);
        }
    }

    fn dictionary(&mut self, depth: usize) -> Result<Dictionary> {
        let inner = depth.checked_sub(1).ok_or(Error::TooComplex("objects are nested too deeply"))?;
        self.position += 2;
        let mut dictionary = Dictionary::new();
        loop {
            self.skip_space();
            if self.rest().starts_with(b">>") {
                self.position += 2;
                return Ok(dictionary);
            }
            if self.peek() != Some(b'/') {
                return Err(Error::Damaged("a dictionary cannot be read"));
            }
            self.count_value()?;
            let key = self.name()?;
            let value = self.nested(inner)?;
            // Readers disagree on which of two equal keys counts: a way to show two people two documents.
            if dictionary.has(&key) {
                return Err(Error::Damaged("a dictionary has a key twice"));
            }
            dictionary.set(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<Object> {
        Lexer::new(text, 0, &Budget::for_file(text.len())).object()
    }

    #[test]
    fn the_kinds_of_objects_are_read_as_the_standard_writes_them() {
        assert_eq!(read(b"12 0 R").expect("reference"), Object::Reference((12, 0)));
        assert_eq!(read(b"12 0").expect("integer"), Object::Integer(12));
        assert_eq!(read(b"-.5").expect("real"), Object::Real(-0.5));
        assert_eq!(read(b"/A#20B").expect("name"), Object::Name(b"A B".to_vec()));
        assert_eq!(
            read(b"(a(b)\\)\\101\\\n)").expect("string"),
            Object::String(b"a(b))A".to_vec(), StringFormat::Literal)
        );
        assert_eq!(read(b"<4 142 5>").expect("hex"), Object::String(b"ABP".to_vec(), StringFormat::Hexadecimal));
        let Object::Dictionary(dictionary) = read(b"<</K[1 2 0 R true]%x\n/N null>>").expect("dictionary") else {
            panic!("not a dictionary");
        };
        assert_eq!(dictionary.get(b"K").and_then(Object::as_array).map(Vec::len).ok(), Some(3));
    }

    #[test]
    fn nesting_without_end_is_refused_without_exhausting_the_stack() {
        for opening in [&b"["[..], b"<</A"] {
            let text = opening.repeat(200_000);
            assert_eq!(read(&text), Err(Error::TooComplex("objects are nested too deeply")));
        }
        assert!(read(&b"(".repeat(200_000)).is_err());
    }

    #[test]
    fn a_key_that_stands_twice_is_refused() {
        assert!(matches!(read(b"<</A 1/A 2>>"), Err(Error::Damaged(_))));
    }

    #[test]
    fn cut_objects_are_refused() {
        for text in [&b"<</A"[..], b"[1 2", b"(abc", b"<41", b"/", b"<</A 1", b"tru", b"+", b""] {
            let object = read(text);
            assert!(object.is_err() || object == Ok(Object::Name(Vec::new())), "{text:?} gave {object:?}");
        }
    }
}
