//! How both sides know each other: PKIProtection (RFC 9810 5.1.3).

use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode, Reader, SliceReader, Tag};
use hmac::{Hmac, Mac as _};
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use crate::certificate::Certificate;
use crate::hash::Hash;
use crate::profile::KeyUsage;
use crate::{Error, Signer, encode, oid, read, signature, signer};

const WHAT: &str = "PKIMessage";
/// Rounds of the one-way function in what we send.
const ROUNDS: u16 = 10_000;
/// More than this is a message made to keep its reader busy.
const MOST_ROUNDS: u32 = 100_000;
/// Fewer is a message made to have the secret guessed (RFC 4210 5.1.3.1 wants at least 100).
const LEAST_ROUNDS: u32 = 100;
const LONGEST_SALT: usize = 128;

/// By what messages are protected.
#[derive(Clone, Copy)]
pub enum Protection<'a> {
    /// A secret that was agreed upon outside (PasswordBasedMac, RFC 9810 5.1.3.1).
    Secret {
        /// Its name at the CA: senderKID.
        reference: &'a str,
        /// The secret.
        secret: &'a [u8],
    },
    /// SM2 signatures of both sides.
    Signatures {
        /// Ours, for the CA to look up.
        certificate: &'a Certificate,
        /// Its key.
        signer: &'a dyn Signer,
        /// Whose signature stands under answers: the CA's, or that of the server before it.
        answering: &'a Certificate,
    },
}

impl Protection<'_> {
    /// DER Name of the sender; an empty one for somebody who is known by a secret alone (RFC 9810 D.1).
    pub(super) fn sender(&self) -> Vec<u8> {
        match self {
            Self::Secret { .. } => encode::sequence(&[]),
            Self::Signatures { certificate, .. } => certificate.tbs.subject.clone(),
        }
    }

    /// Content of senderKID.
    pub(super) fn key_id(&self) -> Result<Option<Vec<u8>>, Error> {
        match self {
            Self::Secret { reference, .. } => Ok(Some(reference.as_bytes().to_vec())),
            Self::Signatures { certificate, .. } => Ok(certificate.tbs.subject_key_id()?.map(<[u8]>::to_vec)),
        }
    }

    /// DER AlgorithmIdentifier for a message to be sent.
    pub(super) fn algorithm(&self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Secret { .. } => {
                let salt = gm::random::bytes::<16>().map_err(|cause| Error::Signer(Box::new(cause)))?;
                let parameters = encode::sequence(&[
                    &encode::octet_string(&salt),
                    &Hash::Sha256.to_der(),
                    &encode::unsigned(&ROUNDS.to_be_bytes()),
                    &encode::algorithm(&oid::HMAC_WITH_SHA256),
                ]);
                Ok(encode::sequence(&[&encode::oid(&oid::PASSWORD_BASED_MAC), &parameters]))
            }
            Self::Signatures { .. } => Ok(encode::algorithm(&oid::SM2_WITH_SM3)),
        }
    }

    /// Content of the protection over DER ProtectedPart, by this DER AlgorithmIdentifier.
    pub(super) fn protect(&self, algorithm: &[u8], part: &[u8]) -> Result<Vec<u8>, Error> {
        match self {
            Self::Secret { secret, .. } => PasswordBasedMac::read(algorithm)?.compute(secret, part),
            Self::Signatures { signer, .. } => signer::sign(*signer, part, WHAT),
        }
    }

    /// Is an answer the other side's?
    pub(super) fn check(&self, algorithm: &[u8], part: &[u8], protection: &[u8]) -> Result<(), Error> {
        match self {
            Self::Secret { secret, .. } => PasswordBasedMac::read(algorithm)?.check(secret, part, protection),
            Self::Signatures { answering, .. } => {
                read::check_sm2_with_sm3(algorithm, WHAT)?;
                let may = answering.tbs.key_usage()?.is_none_or(|usage| usage.any(KeyUsage::DIGITAL_SIGNATURE));
                if !may {
                    return Err(Error::Shape("PKIMessage: signed with a key that is not for signing"));
                }
                signature::verify(&answering.tbs.public_key, part, protection, WHAT)
            }
        }
    }
}

/// PBMParameter: the key is the one-way function, applied so many times to secret and salt.
struct PasswordBasedMac {
    salt: Vec<u8>,
    one_way: Hash,
    rounds: u32,
    mac: Hash,
}

impl PasswordBasedMac {
    fn read(algorithm: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "PBMParameter";
        let fault = Error::reading(WHAT);
        let algorithm = AlgorithmIdentifierRef::from_der(algorithm).map_err(&fault)?;
        let Some(parameters) = algorithm.parameters.filter(|_| algorithm.oid == oid::PASSWORD_BASED_MAC) else {
            return Err(Error::Algorithm("PKIMessage: protected in another way than agreed upon"));
        };
        parameters.header().tag().assert_eq(Tag::Sequence).map_err(&fault)?;
        let mut fields = SliceReader::new(parameters.value()).map_err(&fault)?;
        let salt = <&OctetStringRef>::decode(&mut fields).map_err(&fault)?.as_bytes().to_vec();
        let one_way = Hash::read(fields.tlv_bytes().map_err(&fault)?, WHAT)?.ok_or(Error::Algorithm(WHAT))?;
        let rounds = u32::decode(&mut fields).map_err(&fault)?;
        let mac = AlgorithmIdentifierRef::decode(&mut fields).map_err(&fault)?;
        fields.finish().map_err(&fault)?;
        if salt.len() > LONGEST_SALT || !(LEAST_ROUNDS..=MOST_ROUNDS).contains(&rounds) {
            return Err(Error::OutOfRange("salt or rounds of PasswordBasedMac"));
        }
        let mac = mac_by(&mac.oid).ok_or(Error::Algorithm("PBMParameter: mac"))?;
        Ok(Self { salt, one_way, rounds, mac })
    }

    fn key(&self, secret: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut key = Zeroizing::new([secret, &self.salt].concat());
        for _ in 0..self.rounds {
            key = Zeroizing::new(self.one_way.digest(&key));
        }
        key
    }

    fn compute(&self, secret: &[u8], part: &[u8]) -> Result<Vec<u8>, Error> {
        let key = self.key(secret);
        match self.mac {
            Hash::Sha1 => Ok(keyed::<Hmac<sha1::Sha1>>(&key)?.chain_update(part).finalize().into_bytes().to_vec()),
            _ => Ok(keyed::<Hmac<sha2::Sha256>>(&key)?.chain_update(part).finalize().into_bytes().to_vec()),
        }
    }

    fn check(&self, secret: &[u8], part: &[u8], protection: &[u8]) -> Result<(), Error> {
        let key = self.key(secret);
        let right = match self.mac {
            Hash::Sha1 => keyed::<Hmac<sha1::Sha1>>(&key)?.chain_update(part).verify_slice(protection),
            _ => keyed::<Hmac<sha2::Sha256>>(&key)?.chain_update(part).verify_slice(protection),
        };
        right.map_err(|_| Error::Signature(WHAT))
    }
}

fn keyed<M: hmac::KeyInit>(key: &[u8]) -> Result<M, Error> {
    M::new_from_slice(key).map_err(|_| Error::OutOfRange("key of a MAC"))
}

/// HMAC-SHA1 is what older CAs answer with; its two names are as old.
fn mac_by(identifier: &ObjectIdentifier) -> Option<Hash> {
    match *identifier {
        oid::HMAC_WITH_SHA256 => Some(Hash::Sha256),
        oid::HMAC_WITH_SHA1 | oid::HMAC_SHA1 => Some(Hash::Sha1),
        _ => None,
    }
}
