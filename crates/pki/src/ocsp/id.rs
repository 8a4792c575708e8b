//! CertID (RFC 6960 4.1.1).

use der::{Decode as _, Reader as _, SliceReader, Tag, asn1::OctetStringRef};

use crate::hash::Hash;
use crate::{Certificate, Error, Serial, encode, read};

const WHAT: &str = "CertID";

/// The digests by which an issuing CA is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer([(Hash, Vec<u8>, Vec<u8>); 3]);

impl Issuer {
    /// Of this issuing certificate: of its subject and of its key, by SM3, SHA-1 and SHA-256.
    pub fn of(certificate: &Certificate) -> Self {
        Self(
            [Hash::Sm3, Hash::Sha1, Hash::Sha256]
                .map(|hash| (hash, hash.digest(&certificate.tbs.subject), hash.digest(&certificate.tbs.public_key))),
        )
    }

    /// Does this name one of the issuer's certificates?
    pub fn issued(&self, id: &CertId) -> bool {
        let Some(hash) = id.hash else { return false };
        self.0.iter().any(|(known, name, key)| *known == hash && *name == id.name_hash && *key == id.key_hash)
    }
}

/// A certificate as requests and answers name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertId {
    /// As it came: an answer repeats the name octet for octet.
    pub(crate) der: Vec<u8>,
    /// None for a function that we do not know.
    hash: Option<Hash>,
    name_hash: Vec<u8>,
    key_hash: Vec<u8>,
    /// Serial number of the certificate.
    pub serial: Serial,
}

impl CertId {
    /// Names a certificate of this issuer; `hash` is SM3, or SHA-1 for responders that know nothing else.
    pub fn new(hash: Hash, issuer: &Certificate, serial: Serial) -> Self {
        let (name_hash, key_hash) = (hash.digest(&issuer.tbs.subject), hash.digest(&issuer.tbs.public_key));
        let der = encode::sequence(&[
            &hash.to_der(),
            &encode::octet_string(&name_hash),
            &encode::octet_string(&key_hash),
            &serial.to_der(),
        ]);
        Self { der, hash: Some(hash), name_hash, key_hash, serial }
    }

    /// DER CertID, as it came.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Reads a DER CertID. A digest function that is not known is no fault: the answer to it is *unknown*.
    pub(crate) fn read(der: &[u8]) -> Result<Self, Error> {
        let fault = Error::reading(WHAT);
        let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
        let hash = Hash::read(fields.tlv_bytes().map_err(&fault)?, WHAT)?;
        let name_hash = <&OctetStringRef>::decode(&mut fields).map_err(&fault)?.as_bytes().to_vec();
        let key_hash = <&OctetStringRef>::decode(&mut fields).map_err(&fault)?.as_bytes().to_vec();
        let serial = read::content(fields.tlv_bytes().map_err(&fault)?, Tag::Integer, WHAT)?;
        fields.finish().map_err(&fault)?;
        if hash.is_some_and(|hash| [&name_hash, &key_hash].iter().any(|digest| digest.len() != hash.length())) {
            return Err(Error::Shape("CertID: a digest of another length than its function's"));
        }
        Ok(Self { der: der.to_vec(), hash, name_hash, key_hash, serial: Serial::from_integer(serial)? })
    }
}
