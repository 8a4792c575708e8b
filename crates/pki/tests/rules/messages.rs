//! The variants of signed messages that are met in the field, and what must not pass for one.

use gm::sm2::Signature;
use pki::signed_data::{Attached, Covered, Dialect, Message, trim};
use pki::{Error, SignedData, Signer};

use crate::support::{Institution, NOW};

const DOCUMENT: &[u8] = b"the document";

#[test]
fn a_message_is_not_made_around_a_signature_of_somebody_else() {
    let made = Institution::new();
    let message = Message::digest(&gm::sm3::digest(DOCUMENT));
    let signature = Signer::sign(&made.encryption.key, message.to_be_signed()).unwrap();
    let result = message.assemble(&made.signing.certificate, &[], &signature);
    assert!(matches!(result, Err(Error::Signature(_))));
    let signature = Signer::sign(&made.signing.key, DOCUMENT).unwrap();
    assert!(message.assemble(&made.signing.certificate, &[], &signature).is_err());
}

#[test]
fn a_raw_signature_comes_in_and_der_goes_out() {
    let made = Institution::new();
    let message = Message::digest(&gm::sm3::digest(DOCUMENT));
    let signature = Signer::sign(&made.signing.key, message.to_be_signed()).unwrap();
    let raw = Signature::from_der(&signature).unwrap().to_raw();
    let der = message.assemble(&made.signing.certificate, &[], &raw).unwrap();
    assert_eq!(SignedData::read(&der).unwrap().signers[0].signature, signature);
}

#[test]
fn a_message_over_the_documents_own_octets_is_read_too() {
    let made = Institution::new();
    let der = Message::direct(DOCUMENT).sign(&made.signing.certificate, &[], &made.signing.key).unwrap();
    let read = SignedData::read(&der).unwrap();
    assert_eq!(read.dialect, Dialect::Gm);
    read.verify(DOCUMENT).unwrap();
    assert!(read.verify(b"another document").is_err());
}

#[test]
fn content_of_one_document_does_not_pass_for_another() {
    let made = Institution::new();
    let message = Message::digest(&gm::sm3::digest(DOCUMENT));
    let der = message.sign(&made.signing.certificate, &[], &made.signing.key).unwrap();
    let check = &SignedData::read(&der).unwrap().check(b"another document")[0];
    assert_eq!((check.digest_ok, check.covered), (false, Some(Covered::Content)));
    assert!(!check.is_ok());
}

#[test]
fn both_dialects_embedded_and_detached_say_when_and_over_what() {
    let made = Institution::new();
    for dialect in [Dialect::Gm, Dialect::Cms] {
        for attached in [Attached::Embedded, Attached::Detached] {
            let message = Message::with_attributes(dialect, DOCUMENT, attached, NOW).unwrap();
            let above = [made.issuing.certificate.clone(), made.root.certificate.clone()];
            let der = message.sign(&made.signing.certificate, &above, &made.signing.key).unwrap();
            let read = SignedData::read(&der).unwrap();
            assert_eq!(read.certificates.len(), 3);
            assert_eq!(read.content.is_some(), attached == Attached::Embedded);
            let check = &read.check(DOCUMENT)[0];
            assert!(check.is_ok());
            assert_eq!((check.covered, check.signing_time), (Some(Covered::Attributes), Some(NOW)));
            assert!(!read.check(b"another document")[0].is_ok());
        }
    }
}

#[test]
fn a_message_without_the_signers_certificate_or_without_signers_proves_nothing() {
    let made = Institution::new();
    let message = Message::digest(&gm::sm3::digest(DOCUMENT));
    let der = message.sign(&made.signing.certificate, &[], &made.signing.key).unwrap();
    let mut read = SignedData::read(&der).unwrap();
    read.certificates = vec![made.encryption.certificate.der, b"not a certificate".to_vec()];
    assert!(read.verify(DOCUMENT).is_err());
    assert_eq!(read.check(DOCUMENT)[0].certificate, None);
    read.signers.clear();
    assert!(read.verify(DOCUMENT).is_err());
}

#[test]
fn padding_is_cut_off_and_anything_else_behind_a_message_is_refused() {
    let made = Institution::new();
    let message = Message::digest(&gm::sm3::digest(DOCUMENT));
    let der = message.sign(&made.signing.certificate, &[], &made.signing.key).unwrap();
    let padded = [&der[..], &[0; 100]].concat();
    assert_eq!(trim(&padded).unwrap(), der);
    assert_eq!(trim(&der).unwrap(), der);
    assert!(SignedData::read(&padded).is_err());
    assert!(trim(&[&padded[..], b"x"].concat()).is_err());
    assert!(trim(&der[..der.len() - 1]).is_err());
    assert!(trim(&[]).is_err());
    assert!(trim(&[0; 16]).is_err());
}
