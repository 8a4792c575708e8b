//! Revocation lists.

use std::ffi::OsStr;

use pki::crl::{self, Reason, Revoked, Template};
use pki::{Crl, pem};

use crate::support::{DAY, Institution, NOW};
use crate::tools::{Outside, corrupted};

const PKILINT: [&str; 6] = ["pkilint.bin.lint_crl", "lint", "-t", "CRL", "-p", "PKIX"];

fn list(made: &Institution, revoked: &[Revoked]) -> Crl {
    let template = Template { number: 7, this_update: NOW - DAY, next_update: NOW + DAY, revoked };
    let to_be_signed = template.under(&made.issuing.certificate).unwrap();
    crl::sign(&to_be_signed, &made.issuing.certificate, &made.issuing.key).unwrap()
}

fn entry(made: &Institution) -> Revoked {
    let serial = made.signing.certificate.tbs.serial.clone();
    Revoked { serial, at: NOW - 2 * DAY, reason: Reason::KeyCompromise }
}

#[test]
fn a_list_is_accepted_and_its_corrupted_copies_are_refused() {
    let (outside, made) = (Outside::new("revocation"), Institution::new());
    let issuer = outside.file("issuing.pem", made.issuing.certificate.to_pem().as_bytes());
    let above = outside.file("issuing.cer", &made.issuing.certificate.der);
    let openssl = |list: &std::path::Path| {
        let mut words = ["crl", "-verify", "-noout", "-inform", "DER", "-CAfile"].map(OsStr::new).to_vec();
        words.extend([issuer.as_os_str(), OsStr::new("-in"), list.as_os_str()]);
        outside.openssl4(&words)
    };
    for (name, revoked) in [("empty", vec![]), ("one", vec![entry(&made)])] {
        let list = list(&made, &revoked);
        let file = outside.file(&format!("{name}.crl"), &list.der);
        openssl(&file).accepts();
        outside.judge("signed", &file, &above).accepts();
        assert!(outside.lint(&PKILINT, &file).is_none_or(|found| found.is_empty()));
        for (number, copy) in corrupted(&list.der, "演示".as_bytes()).iter().enumerate() {
            let file = outside.file(&format!("corrupted-{name}-{number}.crl"), copy);
            openssl(&file).refuses();
            outside.judge("signed", &file, &above).refuses();
            let ours = Crl::read(copy).and_then(|read| read.verify_signature(&made.issuing.certificate.tbs.public_key));
            assert!(ours.is_err());
        }
    }
}

#[test]
fn openssl_refuses_exactly_the_certificate_that_the_list_names() {
    let (outside, made) = (Outside::new("revocation-in-chain"), Institution::new());
    let list = list(&made, &[entry(&made)]);
    let root = outside.file("root.pem", made.root.certificate.to_pem().as_bytes());
    let between = outside.file("issuing.pem", made.issuing.certificate.to_pem().as_bytes());
    let list = outside.file("list.pem", pem::encode(pem::CRL, &list.der).unwrap().as_bytes());
    let ask = |name: &str, pem: String| {
        let leaf = outside.file(name, pem.as_bytes());
        let more = [OsStr::new("-crl_check"), OsStr::new("-CRLfile"), list.as_os_str()];
        outside.verify(&leaf, Some(&between), &root, NOW, &more)
    };
    ask("encryption.pem", made.encryption.certificate.to_pem()).accepts();
    let verdict = ask("signing.pem", made.signing.certificate.to_pem());
    verdict.refuses();
    assert!(verdict.words().is_none_or(|words| words.contains("revoked")));
}
