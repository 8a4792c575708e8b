//! Certification requests, PKCS#10 (RFC 2986, GM/T 0092-2020): the phone's proof that it holds the key.
//!
//! [`info`] and [`assemble`] are apart because the signature between them is a protocol of its own: the
//! phone and the server make it together over the octets of [`info`].

use der::{Decode, Reader, SliceReader, Tag};

use crate::key::{self, PublicKey};
use crate::{Error, encode, oid, read, signature};

/// What a verified request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// DER Name.
    pub subject: Vec<u8>,
    /// The key that made the request's signature.
    pub public_key: PublicKey,
    /// DER CertificationRequestInfo: the signed octets.
    pub info: Vec<u8>,
}

/// DER CertificationRequestInfo: the message that the requester signs (RFC 2986 4.1). It asks for two certificates
/// (`docs/profiles.md`): its attribute tempPublicKey is the one-time key to which the encryption key is sealed on its way
/// to the requester.
///
/// `subject` is a DER Name and goes in byte for byte.
pub fn info(subject: &[u8], public_key: &PublicKey, temporary: &PublicKey) -> Vec<u8> {
    let version = encode::unsigned(&[0]);
    let value = encode::tlv(encode::SET, &encode::tlv(encode::OCTET_STRING, temporary));
    let attribute = encode::sequence(&[&encode::oid(&oid::TEMP_PUBLIC_KEY), &value]);
    let key = key::subject_public_key_info(public_key);
    encode::sequence(&[&version, subject, &key, &encode::context(0, &attribute)])
}

/// DER CertificationRequest of an info and the DER SM2Signature over it.
pub fn assemble(info: &[u8], signature: &[u8]) -> Vec<u8> {
    encode::sequence(&[info, &encode::algorithm(&oid::SM2_WITH_SM3), &encode::bit_string(signature)])
}

/// Reads a DER CertificationRequest and checks its signature with the key inside it.
///
/// # Errors
/// [`Error::Malformed`], [`Error::Algorithm`], [`Error::PublicKey`], or [`Error::Signature`].
pub fn verify(request: &[u8]) -> Result<Request, Error> {
    const WHAT: &str = "CertificationRequest";
    let signed = read::signed(request, WHAT)?;
    let body = read::content(signed.to_be_signed, Tag::Sequence, "CertificationRequestInfo")?;
    let mut fields = SliceReader::new(body).map_err(Error::reading(WHAT))?;
    let fault = Error::reading("CertificationRequestInfo");
    let version = u8::decode(&mut fields).map_err(&fault)?;
    if version != 0 {
        return Err(Error::Shape("CertificationRequestInfo: version is not v1"));
    }
    let subject = fields.tlv_bytes().map_err(&fault)?;
    crate::name::Attributes::read(subject)?;
    let public_key = key::read(fields.tlv_bytes().map_err(&fault)?)?;
    // attributes [0] IMPLICIT SET OF: mandatory in RFC 2986, left out by some; nothing in them is used.
    if !fields.is_finished() {
        read::content(fields.tlv_bytes().map_err(&fault)?, read::context(0), "attributes of CertificationRequestInfo")?;
    }
    fields.finish().map_err(&fault)?;
    signature::verify(&public_key, signed.to_be_signed, signed.signature, WHAT)?;
    Ok(Request { subject: subject.to_vec(), public_key, info: signed.to_be_signed.to_vec() })
}
