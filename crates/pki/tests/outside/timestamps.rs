//! Time stamps.

use std::ffi::OsStr;
use std::path::Path;

use pki::hash::Hash;
use pki::signed_data::Dialect;
use pki::timestamp::{Imprint, Request, Stamp, Token, granted};
use pki::{Serial, oid};

use crate::support::{Institution, NOW};
use crate::tools::{Outside, Verdict, corrupted};

const DOCUMENT: &[u8] = "关于公共资源交易的承诺书".as_bytes();

fn token(made: &Institution, dialect: Dialect, request: &Request) -> Vec<u8> {
    let tsa = &made.tsa.certificate;
    let serial = Serial::from_bytes(&[0x15; 16]);
    let nonce = request.nonce.as_deref();
    let stamp =
        Stamp { policy: oid::ANY_POLICY, imprint: &request.imprint, serial: &serial, at: NOW, accuracy: 1, nonce };
    let along = [tsa, &made.issuing.certificate];
    stamp.sign(dialect, tsa, if request.certificate { &along } else { &[] }, &made.tsa.key).unwrap()
}

/// `openssl cms -verify` of a token, for the purpose of time stamps.
fn cms(outside: &Outside, root: &Path, token: &Path) -> Verdict {
    let at = NOW.to_string();
    let mut words =
        ["cms", "-verify", "-binary", "-inform", "DER", "-purpose", "timestampsign"].map(OsStr::new).to_vec();
    words.extend(["-attime", &at, "-out", "/dev/null", "-CAfile"].map(OsStr::new));
    words.extend([root.as_os_str(), OsStr::new("-in"), token.as_os_str()]);
    outside.openssl4(&words)
}

#[test]
fn a_stamp_is_accepted_by_openssls_cms_and_its_corrupted_copies_are_refused() {
    let (outside, made) = (Outside::new("timestamp"), Institution::new());
    let root = outside.file("root.pem", made.root.certificate.to_pem().as_bytes());
    let document = outside.file("document", DOCUMENT);
    let authority = outside.file("tsa.cer", &made.tsa.certificate.der);
    for hash in [Hash::Sm3, Hash::Sha256] {
        let imprint = Imprint::of(hash, DOCUMENT);
        let request = Request { imprint, policy: None, nonce: Some(vec![0x42; 8]), certificate: true };
        for dialect in [Dialect::Cms, Dialect::Gm] {
            let der = token(&made, dialect, &request);
            let name = format!("{dialect:?}-{hash:?}");
            let file = outside.file(&format!("{name}.tst"), &der);
            outside.file(&format!("{name}.tsr"), &granted(&der));
            // OpenSSL does not know the identifiers of GB/T 35275.
            if dialect == Dialect::Cms {
                cms(&outside, &root, &file).accepts();
            }
            outside.judge("timestamp", &file, &document).accepts();
            outside.judge("stamped-by", &file, &authority).accepts();
            for (number, copy) in corrupted(&der, &request.imprint.digest).iter().enumerate() {
                let file = outside.file(&format!("corrupted-{name}-{number}.tst"), copy);
                cms(&outside, &root, &file).refuses();
                outside.judge("timestamp", &file, &document).refuses();
                assert!(Token::read(copy).is_ok_and(|read| read.check(&request.imprint, None).is_err()));
            }
        }
    }
    let another = outside.file("another", b"another document");
    let request = Request { imprint: Imprint::of(Hash::Sm3, DOCUMENT), policy: None, nonce: None, certificate: true };
    let file = outside.file("plain.tst", &token(&made, Dialect::Cms, &request));
    outside.judge("timestamp", &file, &another).refuses();
}

#[test]
fn openssl_reads_what_a_stamp_says() {
    let (outside, made) = (Outside::new("timestamp-text"), Institution::new());
    let imprint = Imprint::of(Hash::Sm3, DOCUMENT);
    let request = Request { imprint, policy: None, nonce: Some(vec![0x42; 8]), certificate: true };
    let file = outside.file("stamp.tsr", &granted(&token(&made, Dialect::Cms, &request)));
    let words = ["ts", "-reply", "-text", "-in"].map(OsStr::new);
    let verdict = outside.openssl(&[&words[..], &[file.as_os_str()]].concat());
    verdict.accepts();
    let text = verdict.words().unwrap();
    for part in [
        "Status: Granted.",
        "Hash Algorithm: sm3",
        "Time stamp: Jul 20 00:00:00 2026 GMT",
        "0x4242424242424242",
        "Accuracy: 0x01 seconds",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    let file = outside.file("refused.tsr", &pki::timestamp::Failure::BadAlg.to_der());
    let verdict = outside.openssl(&[&words[..], &[file.as_os_str()]].concat());
    let text = verdict.words().unwrap();
    assert!(text.contains("Status: Rejected.") && text.contains("unrecognized or unsupported algorithm"), "{text}");
}

#[test]
fn the_questions_that_openssl_asks_are_read() {
    let outside = Outside::new("timestamp-requests");
    let document = outside.file("document", DOCUMENT);
    for (hash, digest) in [(Hash::Sm3, "-sm3"), (Hash::Sha256, "-sha256"), (Hash::Sha512, "-sha512")] {
        for more in [&["-cert"][..], &["-no_nonce"], &["-cert", "-tspolicy", "1.2.3.4"]] {
            let file = outside.file("request.tsq", &[]);
            let mut words = ["ts", "-query", digest, "-data"].map(OsStr::new).to_vec();
            words.extend([document.as_os_str(), OsStr::new("-out"), file.as_os_str()]);
            words.extend(more.iter().map(OsStr::new));
            outside.openssl(&words).accepts();
            let octets = std::fs::read(&file).unwrap();
            let request = Request::read(&octets).unwrap();
            assert_eq!(request.imprint, Imprint::of(hash, DOCUMENT));
            assert_eq!(request.certificate, more.contains(&"-cert"));
            assert_eq!(request.nonce.is_none(), more.contains(&"-no_nonce"));
            assert_eq!(request.policy.is_some(), more.contains(&"1.2.3.4"));
        }
    }
}
