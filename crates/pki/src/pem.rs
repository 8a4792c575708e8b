//! Text form (RFC 7468).

use der::pem::{self, LineEnding};

use crate::Error;

/// Label of a certificate.
pub const CERTIFICATE: &str = "CERTIFICATE";
/// Label of a certification request.
pub const REQUEST: &str = "CERTIFICATE REQUEST";
/// Label of a revocation list.
pub const CRL: &str = "X509 CRL";
/// Label of a SubjectPublicKeyInfo.
pub const PUBLIC_KEY: &str = "PUBLIC KEY";

/// Label of an EncryptedPrivateKeyInfo.
pub const ENCRYPTED_PRIVATE_KEY: &str = "ENCRYPTED PRIVATE KEY";

/// DER to text.
///
/// # Errors
/// [`Error::OutOfRange`] for a label that RFC 7468 does not allow.
pub fn encode(label: &'static str, der: &[u8]) -> Result<String, Error> {
    pem::encode_string(label, LineEnding::LF, der).map_err(|_| Error::OutOfRange("PEM label"))
}

/// Text of one object with this label to DER.
///
/// # Errors
/// [`Error::Shape`] for other text or another label.
pub fn decode(label: &'static str, text: &str) -> Result<Vec<u8>, Error> {
    let (found, der) = pem::decode_vec(text.as_bytes()).map_err(|_| Error::Shape("PEM"))?;
    if found == label { Ok(der) } else { Err(Error::Shape("PEM label")) }
}

/// All objects with this label, in their order; text between them and other objects are skipped.
///
/// # Errors
/// [`Error::Shape`] for an object that begins and is not well formed.
pub fn decode_all(label: &'static str, text: &str) -> Result<Vec<Vec<u8>>, Error> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut rest = text;
    let mut found = Vec::new();
    while let Some(start) = rest.find(&begin) {
        let length = rest[start..].find(&end).ok_or(Error::Shape("PEM without its end line"))? + end.len();
        found.push(decode(label, &rest[start..start + length])?);
        rest = &rest[start + length..];
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_go_into_text_and_come_back_in_order() {
        let text = ["one", "two"].map(|data| encode(CERTIFICATE, data.as_bytes()).unwrap()).join("\nsaid between\n");
        assert_eq!(decode_all(CERTIFICATE, &text).unwrap(), [b"one".to_vec(), b"two".to_vec()]);
        assert!(decode_all(CRL, &text).unwrap().is_empty());
        assert!(decode(CRL, &encode(CERTIFICATE, b"one").unwrap()).is_err());
    }

    #[test]
    fn text_that_stops_in_the_middle_is_refused() {
        assert!(decode_all(CERTIFICATE, "-----BEGIN CERTIFICATE-----\nb25l\n").is_err());
        assert!(decode(CERTIFICATE, "").is_err());
    }
}
