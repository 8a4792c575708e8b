//! Reading DER without re-encoding it: signatures are checked over the octets as they came.

use der::asn1::{BitStringRef, ObjectIdentifier};
use der::{Decode, Header, Reader, SliceReader, Tag, TagNumber};
use spki::AlgorithmIdentifierRef;
use x509_cert::time::Time;

use crate::{Error, UnixSeconds, oid};

/// The shape SIGNED of X.509: certificates, CRLs and requests.
pub(crate) struct Signed<'a> {
    /// The whole TLV that the signature covers.
    pub to_be_signed: &'a [u8],
    /// The whole TLV of the outer AlgorithmIdentifier.
    pub algorithm: &'a [u8],
    /// Content of the BIT STRING.
    pub signature: &'a [u8],
}

pub(crate) fn signed<'a>(der: &'a [u8], what: &'static str) -> Result<Signed<'a>, Error> {
    let fault = Error::reading(what);
    let mut fields = SliceReader::new(content(der, Tag::Sequence, what)?).map_err(&fault)?;
    let to_be_signed = fields.tlv_bytes().map_err(&fault)?;
    let algorithm = fields.tlv_bytes().map_err(&fault)?;
    check_sm2_with_sm3(algorithm, what)?;
    let signature = BitStringRef::decode(&mut fields).map_err(&fault)?;
    fields.finish().map_err(&fault)?;
    Ok(Signed { to_be_signed, algorithm, signature: signature.as_bytes().ok_or(Error::Shape(what))? })
}

/// 1.2.156.10197.1.501 with parameters absent, or NULL as some CAs write.
pub(crate) fn check_sm2_with_sm3(algorithm: &[u8], what: &'static str) -> Result<(), Error> {
    let algorithm = AlgorithmIdentifierRef::from_der(algorithm).map_err(Error::reading(what))?;
    let plain = algorithm.parameters.is_none_or(|parameters| parameters.is_null());
    if algorithm.oid == oid::SM2_WITH_SM3 && plain { Ok(()) } else { Err(Error::Algorithm(what)) }
}

/// The tag `[number]`, constructed.
pub(crate) const fn context(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: true, number: TagNumber(number) }
}

/// The content of one TLV that has this tag and nothing behind it.
pub(crate) fn content<'a>(der: &'a [u8], tag: Tag, what: &'static str) -> Result<&'a [u8], Error> {
    let fault = Error::reading(what);
    let mut reader = SliceReader::new(der).map_err(&fault)?;
    let header = Header::decode(&mut reader).map_err(&fault)?;
    header.tag().assert_eq(tag).map_err(&fault)?;
    let content = reader.read_slice(header.length()).map_err(&fault)?;
    reader.finish().map_err(&fault)?;
    Ok(content)
}

/// Splits a content into the TLVs that it holds.
pub(crate) fn elements<'a>(content: &'a [u8], what: &'static str) -> Result<Vec<&'a [u8]>, Error> {
    let fault = Error::reading(what);
    let mut reader = SliceReader::new(content).map_err(&fault)?;
    let mut elements = Vec::new();
    while !reader.is_finished() {
        elements.push(reader.tlv_bytes().map_err(&fault)?);
    }
    Ok(elements)
}

/// The contents of all elements with this identifier octet, at any depth.
pub(crate) fn find_all<'a>(content: &'a [u8], identifier: u8, what: &'static str) -> Result<Vec<&'a [u8]>, Error> {
    const CONSTRUCTED: u8 = 0x20;
    let mut found = Vec::new();
    for element in elements(content, what)? {
        let mut reader = SliceReader::new(element).map_err(Error::reading(what))?;
        let header = Header::decode(&mut reader).map_err(Error::reading(what))?;
        let inside = reader.read_slice(header.length()).map_err(Error::reading(what))?;
        if element[0] == identifier {
            found.push(inside);
        } else if element[0] & CONSTRUCTED != 0 {
            found.extend(find_all(inside, identifier, what)?);
        }
    }
    Ok(found)
}

/// Does the next element carry this tag?
pub(crate) fn next_is(reader: &SliceReader<'_>, tag: Tag) -> bool {
    Tag::peek(reader).is_ok_and(|next| next == tag)
}

pub(crate) fn unix_seconds(time: &Time) -> UnixSeconds {
    time.to_unix_duration().as_secs()
}

/// One `Extension`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// extnID.
    pub oid: ObjectIdentifier,
    /// critical.
    pub critical: bool,
    /// Content of extnValue.
    pub value: Vec<u8>,
}

/// `Extensions`, each identifier at most once (RFC 5280 4.2).
pub(crate) fn extensions(der: &[u8], what: &'static str) -> Result<Vec<Extension>, Error> {
    let list = Vec::<x509_cert::ext::Extension>::from_der(der).map_err(Error::reading(what))?;
    let mut extensions: Vec<Extension> = Vec::with_capacity(list.len());
    for extension in list {
        if extensions.iter().any(|known| known.oid == extension.extn_id) {
            return Err(Error::Shape(what));
        }
        extensions.push(Extension {
            oid: extension.extn_id,
            critical: extension.critical,
            value: extension.extn_value.into_bytes().into_vec(),
        });
    }
    Ok(extensions)
}
