//! Reading a message of either dialect.

use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode, Header, Reader, SliceReader, Tag, TagNumber};
use spki::AlgorithmIdentifierRef;

use super::Dialect;
use crate::{Error, Serial, oid, read};

const WHAT: &str = "SignedData";

/// More signers or certificates than anybody needs; each costs the reader a verification.
const MOST_SIGNERS: usize = 16;
const MOST_CERTIFICATES: usize = 64;

/// A message that was read; see [`SignedData::check`] for whether to believe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedData {
    /// Whose identifiers it uses.
    pub dialect: Dialect,
    /// Type of the content.
    pub content_type: ObjectIdentifier,
    /// The content, if it is inside.
    pub content: Option<Vec<u8>>,
    /// DER of the certificates that came along.
    pub certificates: Vec<Vec<u8>>,
    /// The signers.
    pub signers: Vec<SignerInfo>,
}

/// How a signer's certificate is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignerId {
    /// issuerAndSerialNumber.
    IssuerAndSerial {
        /// DER Name.
        issuer: Vec<u8>,
        /// serialNumber.
        serial: Serial,
    },
    /// subjectKeyIdentifier (RFC 5652 only).
    KeyId(Vec<u8>),
}

/// One signer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerInfo {
    /// Whose signature it claims to be.
    pub id: SignerId,
    /// DER SET OF Attribute: the signed octets, when there are any.
    pub attributes: Option<Vec<u8>>,
    /// DER SM2Signature, or r‖s.
    pub signature: Vec<u8>,
}

/// Cuts the zero octets behind a DER message, such as those that fill `/Contents` of a PDF signature.
///
/// # Errors
/// [`Error::Malformed`] if the octets do not begin with a whole TLV; [`Error::Shape`] if something other than
/// zeros lies behind it.
pub fn trim(padded: &[u8]) -> Result<&[u8], Error> {
    let fault = Error::reading(WHAT);
    let mut reader = SliceReader::new(padded).map_err(&fault)?;
    let message = reader.tlv_bytes().map_err(&fault)?;
    let padding = &padded[message.len()..];
    if padding.iter().all(|byte| *byte == 0) { Ok(message) } else { Err(Error::Shape("padding of SignedData")) }
}

impl SignedData {
    /// Reads a DER ContentInfo that holds a SignedData.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Shape`]; [`Error::Algorithm`] for other algorithms than SM2 and SM3.
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        let fault = Error::reading(WHAT);
        let mut outer = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
        let dialect = match ObjectIdentifier::decode(&mut outer).map_err(&fault)? {
            oid::GM_SIGNED_DATA => Dialect::Gm,
            oid::CMS_SIGNED_DATA => Dialect::Cms,
            _ => return Err(Error::Shape("ContentInfo: not a signedData")),
        };
        let explicit = read::content(outer.tlv_bytes().map_err(&fault)?, read::context(0), WHAT)?;
        outer.finish().map_err(&fault)?;

        let mut fields = SliceReader::new(read::content(explicit, Tag::Sequence, WHAT)?).map_err(&fault)?;
        // 1 by GB/T 35275; RFC 5652 5.1 has 3 to 5 for contents and certificates of other kinds.
        let version = u8::decode(&mut fields).map_err(&fault)?;
        if !(1..=5).contains(&version) {
            return Err(Error::Shape("SignedData: version"));
        }
        // digestAlgorithms is a hint for readers in one pass; each signer names its own.
        read::content(fields.tlv_bytes().map_err(&fault)?, Tag::Set, WHAT)?;
        let (content_type, content) = content_info(fields.tlv_bytes().map_err(&fault)?)?;
        let mut certificates = Vec::new();
        if read::next_is(&fields, read::context(0)) {
            let set = read::content(fields.tlv_bytes().map_err(&fault)?, read::context(0), WHAT)?;
            certificates = read::elements(set, WHAT)?.into_iter().map(<[u8]>::to_vec).collect();
        }
        if read::next_is(&fields, read::context(1)) {
            fields.tlv_bytes().map_err(&fault)?;
        }
        let set = read::content(fields.tlv_bytes().map_err(&fault)?, Tag::Set, WHAT)?;
        fields.finish().map_err(&fault)?;
        let infos = read::elements(set, WHAT)?;
        if infos.len() > MOST_SIGNERS || certificates.len() > MOST_CERTIFICATES {
            return Err(Error::OutOfRange("a message with so many signers or certificates"));
        }
        let signers = infos.into_iter().map(signer_info).collect::<Result<_, _>>()?;
        Ok(Self { dialect, content_type, content, certificates, signers })
    }
}

/// The inner ContentInfo: its type, and the octets of the OCTET STRING in it.
fn content_info(der: &[u8]) -> Result<(ObjectIdentifier, Option<Vec<u8>>), Error> {
    let fault = Error::reading("ContentInfo");
    let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
    let content_type = ObjectIdentifier::decode(&mut fields).map_err(&fault)?;
    if fields.is_finished() {
        return Ok((content_type, None));
    }
    let explicit = read::content(fields.tlv_bytes().map_err(&fault)?, read::context(0), WHAT)?;
    fields.finish().map_err(&fault)?;
    let content = read::content(explicit, Tag::OctetString, "content of SignedData")?;
    Ok((content_type, Some(content.to_vec())))
}

fn signer_info(der: &[u8]) -> Result<SignerInfo, Error> {
    const WHAT: &str = "SignerInfo";
    let fault = Error::reading(WHAT);
    let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
    u8::decode(&mut fields).map_err(&fault)?;
    let id = signer_id(fields.tlv_bytes().map_err(&fault)?)?;
    algorithm(fields.tlv_bytes().map_err(&fault)?, &[oid::SM3, oid::SM3_UNKEYED])?;
    let mut attributes = None;
    if read::next_is(&fields, read::context(0)) {
        let implicit = fields.tlv_bytes().map_err(&fault)?;
        attributes = Some([&[0x31], &implicit[1..]].concat());
    }
    algorithm(fields.tlv_bytes().map_err(&fault)?, &[oid::SM2_WITH_SM3, oid::SM2_SIGN, oid::SM2])?;
    let signature = <&OctetStringRef>::decode(&mut fields).map_err(&fault)?.as_bytes().to_vec();
    // unauthenticatedAttributes [1], such as a timestamp, are not covered by this signature.
    if read::next_is(&fields, read::context(1)) {
        fields.tlv_bytes().map_err(&fault)?;
    }
    fields.finish().map_err(&fault)?;
    Ok(SignerInfo { id, attributes, signature })
}

fn signer_id(der: &[u8]) -> Result<SignerId, Error> {
    const WHAT: &str = "SignerIdentifier";
    let fault = Error::reading(WHAT);
    let key_id = Tag::ContextSpecific { constructed: false, number: TagNumber(0) };
    let mut reader = SliceReader::new(der).map_err(&fault)?;
    if Header::decode(&mut reader).map_err(&fault)?.tag() == key_id {
        return Ok(SignerId::KeyId(read::content(der, key_id, WHAT)?.to_vec()));
    }
    let parts = read::elements(read::content(der, Tag::Sequence, WHAT)?, WHAT)?;
    let [issuer, serial] = parts[..] else { return Err(Error::Shape(WHAT)) };
    let serial = Serial::from_integer(read::content(serial, Tag::Integer, WHAT)?)?;
    Ok(SignerId::IssuerAndSerial { issuer: issuer.to_vec(), serial })
}

fn algorithm(der: &[u8], known: &[ObjectIdentifier]) -> Result<(), Error> {
    let found = AlgorithmIdentifierRef::from_der(der).map_err(Error::reading("SignerInfo"))?;
    if known.contains(&found.oid) { Ok(()) } else { Err(Error::Algorithm("SignerInfo")) }
}
