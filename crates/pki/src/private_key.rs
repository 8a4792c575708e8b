//! A private key under a passphrase: PKCS#8 EncryptedPrivateKeyInfo (RFC 5958 3) with PBES2 (RFC 8018 6.2), as
//! `openssl pkey` reads and writes it. For keys that lie off-line.

use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode as _, Encode as _, Reader as _, SliceReader, Tag};
use gm::sm2::SecretKey;
use pkcs5::{EncryptionScheme, pbes2};
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use crate::{Error, encode, oid, read};

const WHAT: &str = "EncryptedPrivateKeyInfo";
const INSIDE: &str = "PrivateKeyInfo";
/// Rounds of PBKDF2 with HMAC-SHA256: a second's work for whoever guesses.
const ROUNDS: u32 = 600_000;
/// More than this is a file made to keep its reader busy.
const MOST_ROUNDS: u32 = 10_000_000;

/// DER EncryptedPrivateKeyInfo: PBKDF2 with HMAC-SHA256, then AES-256-CBC.
///
/// # Errors
/// [`Error::Signer`] if the operating system gives no random numbers; [`Error::Shape`].
pub fn seal(key: &SecretKey, passphrase: &str) -> Result<Vec<u8>, Error> {
    let random = |cause| Error::Signer(Box::new(cause));
    let salt = gm::random::bytes::<16>().map_err(random)?;
    let iv = gm::random::bytes::<16>().map_err(random)?;
    let parameters =
        pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(ROUNDS, &salt, iv).map_err(|_| Error::Shape(WHAT))?;
    let encrypted = parameters.encrypt(passphrase, &info(key)).map_err(|_| Error::Shape(WHAT))?;
    let scheme = EncryptionScheme::from(parameters).to_der().map_err(Error::reading(WHAT))?;
    Ok(encode::sequence(&[&scheme, &encode::octet_string(&encrypted)]))
}

/// PrivateKeyInfo around ECPrivateKey (RFC 5915).
fn info(key: &SecretKey) -> Zeroizing<Vec<u8>> {
    let octets = Zeroizing::new(encode::octet_string(&*key.to_bytes()));
    let public = encode::context(1, &encode::bit_string(&key.public_key().to_bytes()));
    let inner = Zeroizing::new(encode::sequence(&[&encode::unsigned(&[1]), &octets, &public]));
    let inner = Zeroizing::new(encode::octet_string(&inner));
    let algorithm = encode::sequence(&[&encode::oid(&oid::EC_PUBLIC_KEY), &encode::oid(&oid::SM2)]);
    Zeroizing::new(encode::sequence(&[&encode::unsigned(&[0]), &algorithm, &inner]))
}

/// Opens a DER EncryptedPrivateKeyInfo: PBES2 with PBKDF2 or scrypt.
///
/// # Errors
/// [`Error::Malformed`], [`Error::Shape`]; [`Error::Algorithm`] for another scheme or another key than SM2;
/// [`Error::Opening`] for a wrong passphrase.
pub fn open(der: &[u8], passphrase: &str) -> Result<SecretKey, Error> {
    let fault = Error::reading(WHAT);
    let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
    let scheme = EncryptionScheme::decode(&mut fields).map_err(&fault)?;
    let encrypted = <&OctetStringRef>::decode(&mut fields).map_err(&fault)?;
    fields.finish().map_err(&fault)?;
    let parameters = scheme.pbes2().ok_or(Error::Algorithm(WHAT))?;
    if parameters.kdf.pbkdf2().is_some_and(|kdf| kdf.iteration_count > MOST_ROUNDS) {
        return Err(Error::OutOfRange("rounds of PBKDF2"));
    }
    let opened = scheme.decrypt(passphrase, encrypted.as_bytes()).map_err(|_| Error::Opening("the private key"))?;
    let opened = Zeroizing::new(opened);
    // A wrong passphrase can leave a padding that looks right.
    read_info(&opened).map_err(|error| match error {
        Error::Algorithm(_) => error,
        _ => Error::Opening("the private key"),
    })
}

fn read_info(der: &[u8]) -> Result<SecretKey, Error> {
    let fault = Error::reading(INSIDE);
    let mut fields = SliceReader::new(read::content(der, Tag::Sequence, INSIDE)?).map_err(&fault)?;
    u8::decode(&mut fields).map_err(&fault)?;
    let algorithm = AlgorithmIdentifierRef::decode(&mut fields).map_err(&fault)?;
    let curve = algorithm.parameters.and_then(|parameters| parameters.decode_as::<ObjectIdentifier>().ok());
    let fits = algorithm.oid == oid::SM2 || (algorithm.oid == oid::EC_PUBLIC_KEY && curve == Some(oid::SM2));
    if !fits {
        return Err(Error::Algorithm(INSIDE));
    }
    let inner = <&OctetStringRef>::decode(&mut fields).map_err(&fault)?;
    let mut fields = SliceReader::new(read::content(inner.as_bytes(), Tag::Sequence, INSIDE)?).map_err(&fault)?;
    u8::decode(&mut fields).map_err(&fault)?;
    let octets = <&OctetStringRef>::decode(&mut fields).map_err(&fault)?;
    let octets = octets.as_bytes().try_into().map_err(|_| Error::Shape(INSIDE))?;
    SecretKey::from_bytes(octets).map_err(|_| Error::Shape(INSIDE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_key_opens_with_its_passphrase_only() {
        let key = SecretKey::generate().unwrap();
        let sealed = seal(&key, "correct horse battery").unwrap();
        let opened = open(&sealed, "correct horse battery").unwrap();
        assert_eq!(opened.to_bytes(), key.to_bytes());
        assert!(matches!(open(&sealed, "correct horse batterz"), Err(Error::Opening(_))));
        assert_ne!(seal(&key, "correct horse battery").unwrap(), sealed, "each time another salt");
    }

    #[test]
    fn a_changed_file_does_not_open() {
        let sealed = seal(&SecretKey::generate().unwrap(), "correct horse battery").unwrap();
        assert!(open(&sealed[..sealed.len() - 1], "correct horse battery").is_err());
        let mut changed = sealed.clone();
        // In the first block, where version and algorithm are.
        let position = sealed.len() - 140;
        changed[position] ^= 1;
        assert!(open(&changed, "correct horse battery").is_err());
        assert!(matches!(open(&encode::sequence(&[]), ""), Err(Error::Malformed { .. })));
    }
}
