//! SubjectPublicKeyInfo of SM2 keys.
//!
//! Chinese CAs name the algorithm id-ecPublicKey with the curve as parameter; OpenSSL 3 and later name
//! the SM2 identifier as the algorithm. Both are read, the first is written.

use der::asn1::AnyRef;
use der::{Decode, asn1::ObjectIdentifier};
use spki::SubjectPublicKeyInfoRef;

use crate::{Error, encode, oid};

/// An uncompressed point: 04, then X and Y of 32 bytes each.
pub type PublicKey = [u8; 65];

/// DER SubjectPublicKeyInfo of a key.
pub fn subject_public_key_info(key: &PublicKey) -> Vec<u8> {
    encode::sequence(&[
        &encode::sequence(&[&encode::oid(&oid::EC_PUBLIC_KEY), &encode::oid(&oid::SM2)]),
        &encode::bit_string(key),
    ])
}

/// Reads a DER SubjectPublicKeyInfo in either form and checks that the point lies on the curve.
///
/// # Errors
/// [`Error::Algorithm`] for another algorithm or curve, [`Error::PublicKey`] for a point that is
/// compressed, at infinity or off the curve.
pub fn read(subject_public_key_info: &[u8]) -> Result<PublicKey, Error> {
    let info =
        SubjectPublicKeyInfoRef::from_der(subject_public_key_info).map_err(Error::reading("SubjectPublicKeyInfo"))?;
    let curve =
        |parameters: AnyRef<'_>| parameters.decode_as::<ObjectIdentifier>().is_ok_and(|curve| curve == oid::SM2);
    let fits = match (info.algorithm.oid, info.algorithm.parameters) {
        (oid::EC_PUBLIC_KEY, Some(parameters)) => curve(parameters),
        (oid::SM2, None) => true,
        (oid::SM2, Some(parameters)) => parameters.is_null() || curve(parameters),
        _ => false,
    };
    if !fits {
        return Err(Error::Algorithm("SubjectPublicKeyInfo"));
    }
    let key: PublicKey =
        info.subject_public_key.as_bytes().ok_or(Error::PublicKey)?.try_into().map_err(|_| Error::PublicKey)?;
    crate::signature::check_point(&key)?;
    Ok(key)
}

/// The identifier that we give to a key: the leftmost 160 bits of SM3 over the point (RFC 7093 2, method 1
/// with SM3; any unique value would do, RFC 5280 4.2.1.2).
pub fn identifier(key: &PublicKey) -> [u8; 20] {
    let digest = gm::sm3::digest(key);
    let mut identifier = [0; 20];
    identifier.copy_from_slice(&digest[..20]);
    identifier
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Signer as _;

    #[test]
    fn both_names_of_the_algorithm_are_read_and_others_are_refused() {
        let key = gm::sm2::KeyPair::generate().unwrap().public_key();
        assert_eq!(read(&subject_public_key_info(&key)).unwrap(), key);
        let with =
            |algorithm: &[&[u8]]| read(&encode::sequence(&[&encode::sequence(algorithm), &encode::bit_string(&key)]));
        let sm2 = encode::oid(&oid::SM2);
        assert_eq!(with(&[&sm2, &sm2]).unwrap(), key);
        assert_eq!(with(&[&sm2]).unwrap(), key);
        let p256 = encode::oid(&ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"));
        assert!(matches!(with(&[&encode::oid(&oid::EC_PUBLIC_KEY), &p256]), Err(Error::Algorithm(_))));
        assert!(matches!(with(&[&encode::oid(&oid::EC_PUBLIC_KEY)]), Err(Error::Algorithm(_))));
    }

    #[test]
    fn a_point_off_the_curve_is_refused() {
        let mut key = gm::sm2::KeyPair::generate().unwrap().public_key();
        key[64] ^= 1;
        assert!(matches!(read(&subject_public_key_info(&key)), Err(Error::PublicKey)));
    }
}
