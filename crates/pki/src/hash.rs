//! Digests by identifier: what names an issuer in OCSP and a document in a time stamp. Signatures are always over SM3.

use der::Decode as _;
use der::asn1::ObjectIdentifier;
use sha1::Digest as _;
use spki::AlgorithmIdentifierRef;

use crate::{Error, encode, oid};

/// A digest function that other people's software uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // The names are those of the standards.
pub enum Hash {
    Sm3,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Sm3, Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// Its identifier.
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sm3 => oid::SM3,
            Self::Sha1 => oid::SHA1,
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }

    /// By its identifier; SM3 has two.
    pub fn from_oid(identifier: &ObjectIdentifier) -> Option<Self> {
        let identifier = if *identifier == oid::SM3_UNKEYED { &oid::SM3 } else { identifier };
        Self::ALL.into_iter().find(|hash| hash.oid() == *identifier)
    }

    /// Octets of a digest.
    pub const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sm3 | Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest of these octets.
    pub fn digest(self, octets: &[u8]) -> Vec<u8> {
        match self {
            Self::Sm3 => gm::sm3::digest(octets).to_vec(),
            Self::Sha1 => sha1::Sha1::digest(octets).to_vec(),
            Self::Sha256 => sha2::Sha256::digest(octets).to_vec(),
            Self::Sha384 => sha2::Sha384::digest(octets).to_vec(),
            Self::Sha512 => sha2::Sha512::digest(octets).to_vec(),
        }
    }

    /// DER AlgorithmIdentifier; NULL parameters for SHA-1 as RFC 6960 and its clients write them.
    pub(crate) fn to_der(self) -> Vec<u8> {
        match self {
            Self::Sha1 => encode::sequence(&[&encode::oid(&self.oid()), &[5, 0]]),
            _ => encode::algorithm(&self.oid()),
        }
    }

    /// Of a DER AlgorithmIdentifier with parameters absent or NULL; none for a function that is not known.
    pub(crate) fn read(der: &[u8], what: &'static str) -> Result<Option<Self>, Error> {
        let algorithm = AlgorithmIdentifierRef::from_der(der).map_err(Error::reading(what))?;
        match algorithm.parameters {
            Some(parameters) if !parameters.is_null() => Ok(None),
            _ => Ok(Self::from_oid(&algorithm.oid)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_gives_the_digest_of_its_standard() {
        let abc = [
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
            "a9993e364706816aba3e25717850c26c9cd0d89d",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd\
             454d4423643ce80e2a9ac94fa54ca49f",
        ];
        for (hash, expected) in Hash::ALL.into_iter().zip(abc) {
            assert_eq!(hex::encode(hash.digest(b"abc")), expected, "{hash:?}");
            assert_eq!(hash.length() * 2, expected.len());
            assert_eq!(Hash::read(&hash.to_der(), "test").unwrap(), Some(hash));
        }
        assert_eq!(Hash::from_oid(&oid::SM3_UNKEYED), Some(Hash::Sm3));
        assert_eq!(Hash::from_oid(&oid::SM2), None);
    }
}
