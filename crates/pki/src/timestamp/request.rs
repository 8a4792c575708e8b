//! TimeStampReq (RFC 3161 2.4.1).

use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode as _, Reader as _, SliceReader, Tag};

use super::Failure;
use crate::hash::Hash;
use crate::{Error, encode, read};

/// The longest nonce that is repeated, octets.
const MOST_NONCE: usize = 64;

/// What a stamp is about: a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imprint {
    /// By which function.
    pub hash: Hash,
    /// As long as the function's digests.
    pub digest: Vec<u8>,
}

impl Imprint {
    /// Of these octets.
    pub fn of(hash: Hash, octets: &[u8]) -> Self {
        Self { hash, digest: hash.digest(octets) }
    }

    pub(super) fn to_der(&self) -> Vec<u8> {
        encode::sequence(&[&self.hash.to_der(), &encode::octet_string(&self.digest)])
    }

    /// Reads a DER MessageImprint. SHA-1 is refused: two documents with one digest can be made.
    pub(super) fn read(der: &[u8]) -> Result<Self, Failure> {
        const WHAT: &str = "MessageImprint";
        let parts = read::content(der, Tag::Sequence, WHAT).and_then(|content| read::elements(content, WHAT));
        let parts = parts.map_err(malformed)?;
        let [algorithm, digest] = parts[..] else { return Err(Failure::BadDataFormat) };
        let hash = Hash::read(algorithm, WHAT).map_err(malformed)?.filter(|hash| *hash != Hash::Sha1);
        let digest = <&OctetStringRef>::from_der(digest).map_err(|_| Failure::BadDataFormat)?.as_bytes().to_vec();
        let hash = hash.ok_or(Failure::BadAlg)?;
        if digest.len() == hash.length() { Ok(Self { hash, digest }) } else { Err(Failure::BadDataFormat) }
    }
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What is to be stamped.
    pub imprint: Imprint,
    /// The policy under which, if the client insists on one.
    pub policy: Option<ObjectIdentifier>,
    /// Content of an INTEGER, to come back in the token.
    pub nonce: Option<Vec<u8>>,
    /// Is the authority's certificate to stand in the token?
    pub certificate: bool,
}

impl Request {
    /// Reads a DER TimeStampReq.
    ///
    /// # Errors
    /// The [`Failure`] that the authority has to answer.
    pub fn read(der: &[u8]) -> Result<Self, Failure> {
        const WHAT: &str = "TimeStampReq";
        let der_fault = |_| Failure::BadDataFormat;
        let body = read::content(der, Tag::Sequence, WHAT).map_err(malformed)?;
        let mut fields = SliceReader::new(body).map_err(der_fault)?;
        if u8::decode(&mut fields).map_err(der_fault)? != 1 {
            return Err(Failure::BadRequest);
        }
        let imprint = Imprint::read(fields.tlv_bytes().map_err(der_fault)?)?;
        let mut policy = None;
        if read::next_is(&fields, Tag::ObjectIdentifier) {
            policy = Some(ObjectIdentifier::decode(&mut fields).map_err(der_fault)?);
        }
        let mut nonce = None;
        if read::next_is(&fields, Tag::Integer) {
            nonce = Some(self::nonce(&mut fields).map_err(malformed)?);
        }
        let certificate = read::next_is(&fields, Tag::Boolean) && bool::decode(&mut fields).map_err(der_fault)?;
        if read::next_is(&fields, read::context(0)) {
            // None is known, and an unknown one may change what is asked for (RFC 3161 2.4.1).
            return Err(Failure::UnacceptedExtension);
        }
        fields.finish().map_err(der_fault)?;
        Ok(Self { imprint, policy, nonce, certificate })
    }

    /// DER TimeStampReq.
    pub fn to_der(&self) -> Vec<u8> {
        let policy = self.policy.as_ref().map(encode::oid).unwrap_or_default();
        let nonce = self.nonce.as_ref().map(|nonce| encode::tlv(encode::INTEGER, nonce)).unwrap_or_default();
        let certificate: &[u8] = if self.certificate { &[1, 1, 0xff] } else { &[] };
        encode::sequence(&[&encode::unsigned(&[1]), &self.imprint.to_der(), &policy, &nonce, certificate])
    }
}

/// Content of the INTEGER that comes next: any number, in the shortest form.
pub(super) fn nonce(fields: &mut SliceReader<'_>) -> Result<Vec<u8>, Error> {
    const WHAT: &str = "nonce of a time stamp";
    let nonce = read::content(fields.tlv_bytes().map_err(Error::reading(WHAT))?, Tag::Integer, WHAT)?;
    match nonce {
        [] | [0, 0..0x80, ..] | [0xff, 0x80..=0xff, ..] => Err(Error::Shape(WHAT)),
        _ if nonce.len() > MOST_NONCE => Err(Error::OutOfRange("a nonce of that length")),
        _ => Ok(nonce.to_vec()),
    }
}

fn malformed(_: Error) -> Failure {
    Failure::BadDataFormat
}
