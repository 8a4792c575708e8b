//! Writing DER (X.690). Every writer of this crate is a few calls of these functions, so that what is
//! encoded can be read off the code, and raw parts (names, keys) go in byte for byte.

use der::DateTime;
use der::asn1::ObjectIdentifier;

use crate::{Error, UnixSeconds};

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// Identifier octet, definite length, content.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    if content.len() < 0x80 {
        out.push(content.len() as u8);
    } else {
        let length = content.len().to_be_bytes();
        let significant = &length[length.iter().take_while(|byte| **byte == 0).count()..];
        out.push(0x80 | significant.len() as u8);
        out.extend_from_slice(significant);
    }
    out.extend_from_slice(content);
    out
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(SEQUENCE, &parts.concat())
}

/// SET OF: the elements in ascending order of their encodings (X.690 11.6).
pub(crate) fn set_of(tag: u8, mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    tlv(tag, &elements.concat())
}

/// `[number]` constructed: an EXPLICIT tag, or an IMPLICIT one over the content of a SEQUENCE or SET.
pub(crate) fn context(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, content)
}

/// The TLV of a constructed type under the IMPLICIT tag `[number]` instead of its own.
pub(crate) fn retagged(number: u8, der: &[u8]) -> Vec<u8> {
    let mut out = der.to_vec();
    if let Some(first) = out.first_mut() {
        *first = 0xa0 | number;
    }
    out
}

/// A non-negative INTEGER from its big-endian bytes.
pub(crate) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    tlv(INTEGER, &integer_content(bytes))
}

/// What stands in that INTEGER, for where it has another tag.
pub(crate) fn integer_content(bytes: &[u8]) -> Vec<u8> {
    let significant = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    match significant.first() {
        None => vec![0],
        Some(first) if *first >= 0x80 => [&[0], significant].concat(),
        Some(_) => significant.to_vec(),
    }
}

pub(crate) fn oid(oid: &ObjectIdentifier) -> Vec<u8> {
    tlv(OID, oid.as_bytes())
}

pub(crate) fn octet_string(content: &[u8]) -> Vec<u8> {
    tlv(OCTET_STRING, content)
}

/// A BIT STRING of whole octets.
pub(crate) fn bit_string(content: &[u8]) -> Vec<u8> {
    tlv(BIT_STRING, &[&[0], content].concat())
}

/// GeneralizedTime whatever the year, in whole seconds, as OCSP and time stamps have it.
pub(crate) fn generalized_time(at: UnixSeconds) -> Result<Vec<u8>, Error> {
    let (year, tail) = date(at)?;
    Ok(tlv(GENERALIZED_TIME, format!("{year:04}{tail}").as_bytes()))
}

/// `Time`: UTCTime to the end of 2049, GeneralizedTime after it (RFC 5280 4.1.2.5).
pub(crate) fn time(at: UnixSeconds) -> Result<Vec<u8>, Error> {
    let (year, tail) = date(at)?;
    if year < 2050 { Ok(tlv(UTC_TIME, format!("{:02}{tail}", year % 100).as_bytes())) } else { generalized_time(at) }
}

/// The year, and what follows it in both types.
fn date(at: UnixSeconds) -> Result<(u16, String), Error> {
    let moment = DateTime::from_unix_duration(core::time::Duration::from_secs(at))
        .map_err(|_| Error::OutOfRange("a time after the year 9999"))?;
    let tail = format!(
        "{:02}{:02}{:02}{:02}{:02}Z",
        moment.month(),
        moment.day(),
        moment.hour(),
        moment.minutes(),
        moment.seconds()
    );
    Ok((moment.year(), tail))
}

/// AlgorithmIdentifier with parameters absent, as Chinese CAs write SM2 with SM3 and SM3.
pub(crate) fn algorithm(identifier: &ObjectIdentifier) -> Vec<u8> {
    sequence(&[&oid(identifier)])
}

/// One `Extension`; `critical` FALSE is the default and so not written (X.690 11.5).
pub(crate) fn extension(identifier: &ObjectIdentifier, critical: bool, value: &[u8]) -> Vec<u8> {
    let flag: &[u8] = if critical { &[0x01, 0x01, 0xff] } else { &[] };
    sequence(&[&oid(identifier), flag, &octet_string(value)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_the_short_form_below_128_and_the_shortest_long_form_above() {
        assert_eq!(tlv(4, &[7; 3]), [4, 3, 7, 7, 7]);
        assert_eq!(tlv(4, &[0; 127])[..2], [4, 0x7f]);
        assert_eq!(tlv(4, &[0; 128])[..3], [4, 0x81, 0x80]);
        assert_eq!(tlv(4, &[0; 256])[..4], [4, 0x82, 1, 0]);
    }

    #[test]
    fn an_integer_is_minimal_and_never_reads_as_negative() {
        assert_eq!(unsigned(&[]), [2, 1, 0]);
        assert_eq!(unsigned(&[0, 0, 5]), [2, 1, 5]);
        assert_eq!(unsigned(&[0x80]), [2, 2, 0, 0x80]);
    }

    #[test]
    fn the_year_2050_changes_the_type_of_a_time() {
        assert_eq!(time(2_524_607_999).unwrap(), tlv(UTC_TIME, b"491231235959Z"));
        assert_eq!(time(2_524_608_000).unwrap(), tlv(GENERALIZED_TIME, b"20500101000000Z"));
        assert!(time(u64::MAX).is_err());
    }
}
