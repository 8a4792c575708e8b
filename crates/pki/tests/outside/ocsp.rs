//! Answers about revocation.

use std::ffi::OsStr;
use std::path::Path;

use pki::crl::Reason;
use pki::hash::Hash;
use pki::ocsp::{Answer, Ask, CertId, Fault, Request, Response, Status, Template};
use pki::{Serial, ocsp};

use crate::support::{DAY, Institution, NOW};
use crate::tools::{Outside, Verdict, corrupted};

const PKILINT: [&str; 2] = ["pkilint.bin.lint_ocsp_response", "lint"];

fn answer(made: &Institution, hash: Hash, serial: &Serial, status: Status) -> Vec<u8> {
    let id = CertId::new(hash, &made.issuing.certificate, serial.clone());
    let answers = [Answer { id, status, this_update: NOW, next_update: Some(NOW + DAY) }];
    let template = Template { produced_at: NOW, answers: &answers, nonce: None };
    let data = template.under(&made.responder.certificate).unwrap();
    ocsp::sign(&data, &made.responder.certificate, &made.responder.key).unwrap()
}

/// `openssl ocsp` over a response that lies there. It compares times with its own clock, so a wide period is given.
fn ask(outside: &Outside, made: &Institution, hash: Hash, response: &Path) -> Verdict {
    let root = outside.file("root.pem", made.root.certificate.to_pem().as_bytes());
    let issuer = outside.file("issuing.pem", made.issuing.certificate.to_pem().as_bytes());
    let leaf = outside.file("leaf.pem", made.signing.certificate.to_pem().as_bytes());
    let (at, digest) = (NOW.to_string(), format!("-{hash:?}").to_lowercase());
    let mut words = ["ocsp", "-no_nonce", "-validity_period", "315360000", "-attime", &at].map(OsStr::new).to_vec();
    words.extend([OsStr::new("-CAfile"), root.as_os_str(), OsStr::new("-verify_other"), issuer.as_os_str()]);
    words.extend([OsStr::new("-issuer"), issuer.as_os_str(), OsStr::new(&digest)]);
    words.extend([OsStr::new("-cert"), leaf.as_os_str(), OsStr::new("-respin"), response.as_os_str()]);
    outside.openssl4(&words)
}

#[test]
fn good_revoked_and_unknown_are_understood_and_corrupted_copies_are_refused() {
    let (outside, made) = (Outside::new("ocsp"), Institution::new());
    let above = outside.file("responder.cer", &made.responder.certificate.der);
    let serial = &made.signing.certificate.tbs.serial;
    let revoked = Status::Revoked { at: NOW - DAY, reason: Reason::KeyCompromise };
    for (name, status) in [("good", Status::Good), ("revoked", revoked), ("unknown", Status::Unknown)] {
        for hash in [Hash::Sm3, Hash::Sha1, Hash::Sha256] {
            let der = answer(&made, hash, serial, status.clone());
            let file = outside.file(&format!("{name}-{hash:?}.ors"), &der);
            let verdict = ask(&outside, &made, hash, &file);
            verdict.accepts();
            assert!(
                verdict.words().is_none_or(|words| {
                    words.contains("Response verify OK") && words.contains(&format!(": {name}\n"))
                }),
                "{name} {hash:?}: {:?}",
                verdict.words()
            );
            // The second judge looks at one function: the octets differ in the names only.
            let second = hash == Hash::Sm3;
            if second {
                outside.judge("ocsp", &file, &above).accepts();
            }
            if let Some(found) = second.then(|| outside.lint(&PKILINT, &file)).flatten() {
                assert_eq!(found, [""; 0], "{name}");
            }
            for (number, copy) in corrupted(&der, b"2026").iter().enumerate() {
                let file = outside.file(&format!("corrupted-{name}-{hash:?}-{number}.ors"), copy);
                let verdict = ask(&outside, &made, hash, &file);
                assert!(verdict.words().is_none_or(|words| !words.contains("Response verify OK")), "{name} {number}");
                if second {
                    outside.judge("ocsp", &file, &above).refuses();
                }
                let ask = Ask { issuer: &made.issuing.certificate, serial, nonce: None, at: NOW };
                let believed = Response::read(copy).is_ok_and(|read| match read {
                    Response::Basic(read) => read.check(&ask) != Err(Fault::Signature),
                    Response::Refused(_) => true,
                });
                assert!(!believed);
            }
        }
    }
}

#[test]
fn the_questions_that_openssl_asks_are_read() {
    let (outside, made) = (Outside::new("ocsp-requests"), Institution::new());
    let issuer = outside.file("issuing.pem", made.issuing.certificate.to_pem().as_bytes());
    let leaf = outside.file("leaf.pem", made.signing.certificate.to_pem().as_bytes());
    let other = outside.file("other.pem", made.encryption.certificate.to_pem().as_bytes());
    for (digest, nonce) in [("-sha1", "-nonce"), ("-sha256", "-no_nonce"), ("-sm3", "-nonce")] {
        let file = outside.file(&format!("request{digest}.orq"), &[]);
        let mut words = ["ocsp", nonce, digest, "-issuer"].map(OsStr::new).to_vec();
        words.extend([issuer.as_os_str(), OsStr::new("-cert"), leaf.as_os_str(), OsStr::new(digest)]);
        words.extend([OsStr::new("-cert"), other.as_os_str(), OsStr::new("-reqout"), file.as_os_str()]);
        outside.openssl(&words).accepts();
        let octets = std::fs::read(&file).unwrap();
        let request = Request::read(&octets).unwrap();
        assert_eq!(request.nonce.is_some(), nonce == "-nonce");
        let serials: Vec<_> = request.ids.iter().map(|id| id.serial.clone()).collect();
        assert_eq!(serials, [&made.signing, &made.encryption].map(|holder| holder.certificate.tbs.serial.clone()));
        let ours = ocsp::Issuer::of(&made.issuing.certificate);
        assert!(request.ids.iter().all(|id| ours.issued(id)));
        assert!(request.ids.iter().all(|id| !ocsp::Issuer::of(&made.root.certificate).issued(id)));
        assert_eq!(request.to_der(), octets);
        assert_eq!(Request::from_path(&request.to_path()).unwrap(), request);
    }
}
