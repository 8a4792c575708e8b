//! Signed messages of both dialects.

use std::ffi::OsStr;

use pki::signed_data::{Attached, Covered, Dialect, Message};
use pki::{SignedData, key, pem};

use crate::support::{Institution, NOW};
use crate::tools::{Outside, corrupted};

const DOCUMENT: &[u8] = "%PDF-1.7 关于公共资源交易的承诺书".as_bytes();

#[test]
fn a_gb_t_35275_message_over_a_digest_is_accepted_and_its_corrupted_copies_are_refused() {
    let (outside, made) = (Outside::new("message-of-a-document"), Institution::new());
    let digest = gm::sm3::digest(DOCUMENT);
    let certificate = &made.signing.certificate;
    let message = Message::digest(&digest);
    assert_eq!(message.to_be_signed(), digest);
    let above = [made.issuing.certificate.clone()];
    let der = message.sign(certificate, &above, &made.signing.key).unwrap();

    let read = SignedData::read(&der).unwrap();
    assert_eq!(read.verify(DOCUMENT).unwrap(), std::slice::from_ref(certificate));
    assert_eq!(read.check(DOCUMENT)[0].covered, Some(Covered::Content));

    // OpenSSL does not know the identifiers of GB/T 35275, but the signature is an ordinary one over the content.
    let info = key::subject_public_key_info(&certificate.tbs.public_key);
    let info = outside.file("key.pem", pem::encode(pem::PUBLIC_KEY, &info).unwrap().as_bytes());
    let content = outside.file("content.bin", read.content.as_ref().unwrap());
    let signature = outside.file("signature.der", &read.signers[0].signature);
    outside.bare(&info, &content, &signature).accepts();
    outside.bare(&info, &outside.file("other.bin", &[0; 32]), &signature).refuses();
    let file = outside.file("message.gm", &der);
    outside
        .openssl(&[OsStr::new("asn1parse"), "-inform".as_ref(), "DER".as_ref(), "-in".as_ref(), file.as_os_str()])
        .accepts();

    let document = outside.file("document", DOCUMENT);
    outside.judge("message", &file, &document).accepts();
    for (number, copy) in corrupted(&der, &digest).iter().enumerate() {
        let file = outside.file(&format!("corrupted-{number}.gm"), copy);
        outside.judge("message", &file, &document).refuses();
        let ours = SignedData::read(copy).and_then(|read| read.verify(DOCUMENT).map(drop));
        assert!(ours.is_err());
        if let Ok(read) = SignedData::read(copy) {
            let content = outside.file("content.bin", read.content.as_ref().unwrap());
            let signature = outside.file("signature.der", &read.signers[0].signature);
            outside.bare(&info, &content, &signature).refuses();
        }
    }
    let other = outside.file("another", b"another document");
    outside.judge("message", &file, &other).refuses();
}

#[test]
fn a_message_with_attributes_is_accepted_by_openssls_cms_and_its_corrupted_copies_are_refused() {
    let (outside, made) = (Outside::new("message-with-attributes"), Institution::new());
    let root = outside.file("root.pem", made.root.certificate.to_pem().as_bytes());
    let document = outside.file("document", DOCUMENT);
    for (name, attached) in [("embedded", Attached::Embedded), ("detached", Attached::Detached)] {
        let message = Message::with_attributes(Dialect::Cms, DOCUMENT, attached, NOW).unwrap();
        let above = [made.issuing.certificate.clone()];
        let der = message.sign(&made.signing.certificate, &above, &made.signing.key).unwrap();
        let read = SignedData::read(&der).unwrap();
        assert_eq!(read.check(DOCUMENT)[0].signing_time, Some(NOW));
        read.verify(DOCUMENT).unwrap();

        let openssl = |file: &std::path::Path| {
            let at = NOW.to_string();
            let words = format!("cms -verify -binary -inform DER -purpose any -attime {at} -out /dev/null");
            let mut words: Vec<_> = words.split(' ').map(OsStr::new).collect();
            words.extend([OsStr::new("-CAfile"), root.as_os_str(), OsStr::new("-in"), file.as_os_str()]);
            if attached == Attached::Detached {
                words.extend([OsStr::new("-content"), document.as_os_str()]);
            }
            outside.openssl4(&words)
        };
        let file = outside.file(&format!("{name}.cms"), &der);
        openssl(&file).accepts();
        outside.judge("message", &file, &document).accepts();
        let digest = gm::sm3::digest(DOCUMENT);
        for (number, copy) in corrupted(&der, &digest).iter().enumerate() {
            let file = outside.file(&format!("corrupted-{name}-{number}.cms"), copy);
            openssl(&file).refuses();
            outside.judge("message", &file, &document).refuses();
            assert!(SignedData::read(copy).and_then(|read| read.verify(DOCUMENT).map(drop)).is_err());
        }
    }
}
