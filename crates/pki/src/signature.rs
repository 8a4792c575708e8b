//! SM2 signatures over messages, with Z of the default user id (GB/T 35276).

use gm::sm2::{self, Signature};

use crate::{Error, PublicKey};

/// Is this the encoding of a point of the curve?
pub(crate) fn check_point(key: &PublicKey) -> Result<(), Error> {
    sm2::PublicKey::from_bytes(key).map(drop).map_err(|_| Error::PublicKey)
}

/// Checks a signature over `message`; `what` names the object in the error.
///
/// The signature is DER `SM2Signature`, or r‖s of 64 octets as some Chinese software writes.
///
/// # Errors
/// [`Error::PublicKey`], or [`Error::Signature`] for a signature that is malformed or does not belong to
/// this key and message.
pub fn verify(key: &PublicKey, message: &[u8], signature: &[u8], what: &'static str) -> Result<(), Error> {
    let key = sm2::PublicKey::from_bytes(key).map_err(|_| Error::PublicKey)?;
    // The shortest DER of two 32-octet numbers is longer than 64 unless both are small by a chance of 2^-40.
    let signature = Signature::from_der(signature)
        .or_else(|_| Signature::from_raw(signature))
        .map_err(|_| Error::Signature(what))?;
    key.verify(sm2::DEFAULT_ID, message, &signature).map_err(|_| Error::Signature(what))
}

/// DER `SM2Signature`, whichever of the two forms came in.
///
/// # Errors
/// [`Error::Signature`] if it is neither.
pub fn to_der(signature: &[u8]) -> Result<Vec<u8>, Error> {
    Signature::from_der(signature)
        .or_else(|_| Signature::from_raw(signature))
        .map(|signature| signature.to_der())
        .map_err(|_| Error::Signature("SM2Signature"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Signer;

    #[test]
    fn both_forms_of_a_signature_are_read_and_a_changed_one_is_refused() {
        let key = sm2::KeyPair::generate().unwrap();
        let der = Signer::sign(&key, b"message").unwrap();
        let raw = Signature::from_der(&der).unwrap().to_raw();
        let public_key = key.public_key();
        verify(&public_key, b"message", &der, "test").unwrap();
        verify(&public_key, b"message", &raw, "test").unwrap();
        assert_eq!(to_der(&raw).unwrap(), der);
        for position in 0..der.len() {
            let mut changed = der.clone();
            changed[position] ^= 1;
            assert!(verify(&public_key, b"message", &changed, "test").is_err());
        }
        assert!(verify(&public_key, b"messagf", &der, "test").is_err());
        assert!(verify(&public_key, b"message", &[], "test").is_err());
    }
}
