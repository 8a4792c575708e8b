//! Distinguished names (X.501, X.520; GB/T 20518 5.2.3).
//!
//! A name is compared octet for octet, as GM software does, so it is kept as the DER that came in.

use der::asn1::ObjectIdentifier;
use der::{Decode, Header, Reader, SliceReader, Tag};

use crate::{Error, encode, oid, read};

/// An attribute that names are built from: identifier, short name, string type, most characters (X.520 annex C).
pub(crate) struct Kind {
    pub oid: ObjectIdentifier,
    pub short: &'static str,
    tag: u8,
    pub most: usize,
}

const fn kind(oid: ObjectIdentifier, short: &'static str, tag: u8, most: usize) -> Kind {
    Kind { oid, short, tag, most }
}

/// The table of attributes. countryName and serialNumber are PrintableString by X.520, the others UTF8String.
pub(crate) const KINDS: [Kind; 7] = [
    kind(oid::COUNTRY, "C", encode::PRINTABLE_STRING, 2),
    kind(oid::STATE, "ST", encode::UTF8_STRING, 128),
    kind(oid::LOCALITY, "L", encode::UTF8_STRING, 128),
    kind(oid::ORGANIZATION, "O", encode::UTF8_STRING, 64),
    kind(oid::ORGANIZATIONAL_UNIT, "OU", encode::UTF8_STRING, 64),
    kind(oid::COMMON_NAME, "CN", encode::UTF8_STRING, 64),
    kind(oid::SERIAL_NUMBER, "serialNumber", encode::PRINTABLE_STRING, 64),
];

/// A name under construction; attributes stand in the order in which they are added.
#[derive(Debug, Clone, Default)]
pub struct Name(Vec<u8>);

impl Name {
    /// An empty name.
    pub fn new() -> Self {
        Self::default()
    }

    /// `C=CN`, the beginning of every name that we make.
    pub fn china() -> Self {
        Self::new().add(&KINDS[0], "CN")
    }

    fn add(mut self, kind: &Kind, value: &str) -> Self {
        let attribute = encode::sequence(&[&encode::oid(&kind.oid), &encode::tlv(kind.tag, value.as_bytes())]);
        self.0.extend(encode::tlv(encode::SET, &attribute));
        self
    }

    /// Adds one attribute of [`oid`].
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for an attribute outside the table, an empty or too long value, or characters
    /// that its string type does not have.
    pub fn with(self, attribute: ObjectIdentifier, value: &str) -> Result<Self, Error> {
        let kind = KINDS
            .iter()
            .find(|kind| kind.oid == attribute)
            .ok_or(Error::OutOfRange("an attribute that our names do not use"))?;
        if let Some(fault) = fault(kind, value) {
            return Err(Error::OutOfRange(fault));
        }
        Ok(self.add(kind, value))
    }

    /// DER Name.
    pub fn to_der(&self) -> Vec<u8> {
        encode::tlv(encode::SEQUENCE, &self.0)
    }
}

/// Subject of a person's certificate: `C=CN, CN=<name>, serialNumber=<opaque id of the person>`.
///
/// An identity number does not belong in here: whoever gets a signed file can read it.
///
/// # Errors
/// [`Error::OutOfRange`] as [`Name::with`].
pub fn person(name: &str, opaque_id: &str) -> Result<Vec<u8>, Error> {
    Ok(Name::china().with(oid::COMMON_NAME, name)?.with(oid::SERIAL_NUMBER, opaque_id)?.to_der())
}

/// Subject of an enterprise's certificate that one of its people holds:
/// `C=CN, O=<full name>, OU=<credit code>, CN=<full name>, serialNumber=<opaque id of the holder>`.
///
/// The certificate speaks for the enterprise, so its name is the common name; who holds it is known to the
/// platform by the opaque id, which differs between two holders of one enterprise.
///
/// # Errors
/// [`Error::OutOfRange`] as [`Name::with`], and for a credit code that is not one.
pub fn enterprise(full_name: &str, credit_code: &str, holder_id: &str) -> Result<Vec<u8>, Error> {
    if !is_credit_code(credit_code) {
        return Err(Error::OutOfRange("a credit code has 18 digits and capital letters"));
    }
    Ok(Name::china()
        .with(oid::ORGANIZATION, full_name)?
        .with(oid::ORGANIZATIONAL_UNIT, credit_code)?
        .with(oid::COMMON_NAME, full_name)?
        .with(oid::SERIAL_NUMBER, holder_id)?
        .to_der())
}

/// Has this text the form of a unified social credit code (GB 32100: 18 characters, no I, O, S, V, Z)? Its check
/// digit is not computed here.
pub fn is_credit_code(text: &str) -> bool {
    text.len() == 18 && text.bytes().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase() && !b"IOSVZ".contains(&c))
}

/// Subject of an institution's own certificate: `C=CN, O=<organisation>, CN=<name>`.
///
/// # Errors
/// [`Error::OutOfRange`] as [`Name::with`].
pub fn authority(organization: &str, name: &str) -> Result<Vec<u8>, Error> {
    Ok(Name::china().with(oid::ORGANIZATION, organization)?.with(oid::COMMON_NAME, name)?.to_der())
}

/// What is wrong with a value of this kind, if something is.
pub(crate) fn fault(kind: &Kind, value: &str) -> Option<&'static str> {
    let printable = |c: char| c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c);
    if value.trim().is_empty() {
        Some("an attribute of the name is empty")
    } else if value.chars().count() > kind.most {
        Some("an attribute of the name is longer than X.520 allows")
    } else if kind.tag == encode::PRINTABLE_STRING && !value.chars().all(printable) {
        Some("an attribute of the name has characters that PrintableString does not have")
    } else if value.chars().any(char::is_control) {
        Some("an attribute of the name has control characters")
    } else if kind.oid == oid::COUNTRY && !(value.len() == 2 && value.bytes().all(|c| c.is_ascii_uppercase())) {
        Some("countryName is not a code of two capital letters")
    } else {
        None
    }
}

/// A name that was read: attributes in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes(Vec<(ObjectIdentifier, String)>);

impl Attributes {
    /// Reads a DER Name.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Shape`].
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "Name";
        let fault = Error::reading(WHAT);
        let mut attributes = Vec::new();
        for set in read::elements(read::content(der, Tag::Sequence, WHAT)?, WHAT)? {
            for attribute in read::elements(read::content(set, Tag::Set, WHAT)?, WHAT)? {
                let mut fields = SliceReader::new(read::content(attribute, Tag::Sequence, WHAT)?).map_err(&fault)?;
                let kind = ObjectIdentifier::decode(&mut fields).map_err(&fault)?;
                let header = Header::decode(&mut fields).map_err(&fault)?;
                let value = fields.read_slice(header.length()).map_err(&fault)?;
                fields.finish().map_err(&fault)?;
                attributes.push((kind, text(header.tag(), value)?));
            }
        }
        Ok(Self(attributes))
    }

    /// The last value of this attribute (the most specific one).
    pub fn get(&self, attribute: &ObjectIdentifier) -> Option<&str> {
        self.0.iter().rev().find(|(kind, _)| kind == attribute).map(|(_, value)| value.as_str())
    }

    /// commonName, or what is most like it.
    pub fn display_name(&self) -> &str {
        self.get(&oid::COMMON_NAME).or_else(|| self.get(&oid::ORGANIZATION)).unwrap_or_default()
    }

    /// All attributes.
    pub fn iter(&self) -> impl Iterator<Item = (&ObjectIdentifier, &str)> {
        self.0.iter().map(|(kind, value)| (kind, value.as_str()))
    }
}

/// DirectoryString in any of the types that CAs have used; the type of an unknown attribute shows as hexadecimal.
fn text(tag: Tag, value: &[u8]) -> Result<String, Error> {
    const FAULT: Error = Error::Shape("Name: characters that the string type does not have");
    match tag {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            String::from_utf8(value.to_vec()).map_err(|_| FAULT)
        }
        // Old CAs put UTF-8 or GBK under TeletexString; the second cannot be told from Latin-1.
        Tag::TeletexString => Ok(String::from_utf8_lossy(value).into_owned()),
        Tag::BmpString => {
            if !value.len().is_multiple_of(2) {
                return Err(FAULT);
            }
            let units: Vec<u16> = value.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).map_err(|_| FAULT)
        }
        _ => Ok(value.iter().map(|byte| format!("{byte:02x}")).collect()),
    }
}

impl core::fmt::Display for Attributes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (position, (attribute, value)) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            match KINDS.iter().find(|kind| kind.oid == *attribute) {
                Some(kind) => write!(f, "{separator}{}={value}", kind.short)?,
                None => write!(f, "{separator}{attribute}={value}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_name_reads_back_as_it_was_written() {
        let name = Attributes::read(&person("韦小明", "p-018f").unwrap()).unwrap();
        assert_eq!(name.to_string(), "C=CN, CN=韦小明, serialNumber=p-018f");
        assert_eq!(name.display_name(), "韦小明");
        assert_eq!(name.get(&oid::ORGANIZATION), None);
    }

    #[test]
    fn an_enterprises_name_says_who_it_is_and_who_holds_the_certificate() {
        let name =
            Attributes::read(&enterprise("广西桂云工程有限公司", "91450100MA5KXXXX7P", "h-01").unwrap()).unwrap();
        let text = "C=CN, O=广西桂云工程有限公司, OU=91450100MA5KXXXX7P, CN=广西桂云工程有限公司, serialNumber=h-01";
        assert_eq!(name.to_string(), text);
        assert_eq!(name.display_name(), "广西桂云工程有限公司");
        for code in ["", "91450100MA5KXXXX7", "91450100ma5kxxxx7p", "91450100MA5KOOOO7P", "九一四五零一"] {
            assert!(enterprise("公司", code, "h-01").is_err(), "{code}");
        }
        assert!(enterprise("", "91450100MA5KXXXX7P", "h-01").is_err());
        assert!(enterprise("公司", "91450100MA5KXXXX7P", "编号").is_err());
    }

    #[test]
    fn values_that_x520_does_not_allow_are_refused() {
        assert!(person("", "1").is_err());
        assert!(person(" ", "1").is_err());
        assert!(person(&"名".repeat(64), "1").is_ok());
        assert!(person(&"名".repeat(65), "1").is_err());
        assert!(person("韦小明", "编号").is_err(), "serialNumber is a PrintableString");
        assert!(person("韦\u{0}小明", "1").is_err());
        assert!(Name::new().with(oid::COUNTRY, "cn").is_err());
        assert!(Name::new().with(oid::KEY_USAGE, "x").is_err());
    }

    #[test]
    fn names_of_old_cas_in_bmpstring_are_read() {
        let value = encode::tlv(0x1e, &[0x97, 0xe6, 0x00, 0x41]);
        let attribute = encode::sequence(&[&encode::oid(&oid::COMMON_NAME), &value]);
        let name = encode::sequence(&[&encode::tlv(encode::SET, &attribute)]);
        assert_eq!(Attributes::read(&name).unwrap().display_name(), "韦A");
    }

    #[test]
    fn a_name_that_stops_in_the_middle_is_refused() {
        let name = person("韦小明", "1").unwrap();
        for length in 0..name.len() {
            assert!(Attributes::read(&name[..length]).is_err());
        }
    }
}
