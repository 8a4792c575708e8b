//! Envelopes: what we make opens elsewhere, and what is changed does not.

use std::ffi::OsStr;

use pki::signed_data::Dialect;
use pki::{envelope, enveloped_key};

use crate::support::Institution;
use crate::tools::Outside;

const BID: &[u8] = "投标文件：报价 1,234,567.89 元".as_bytes();

#[test]
fn an_envelope_opens_elsewhere_and_its_changed_copies_do_not() {
    let (outside, made) = (Outside::new("envelope"), Institution::new());
    let holder = &made.encryption;
    let certificate = outside.file("encryption.cer", &holder.certificate.der);
    let private = outside.secret("private.hex", hex::encode(*holder.key.secret().to_bytes()).as_bytes());
    let bid = outside.file("bid", BID);
    for dialect in [Dialect::Gm, Dialect::Cms] {
        let der = envelope::seal(dialect, &[&holder.certificate], BID).unwrap();
        let file = outside.file(&format!("{dialect:?}.enveloped"), &der);
        let judge = |file: &std::path::Path| outside.judge_with("envelope", &[file, &certificate, &private, &bid]);
        judge(&file).accepts();
        // One bit in the key's ciphertext, one in the content's.
        for (number, from_end) in [(0, 120), (1, 40)] {
            let mut copy = der.clone();
            let at = copy.len() - from_end;
            copy[at] ^= 1;
            judge(&outside.file(&format!("corrupted-{dialect:?}-{number}.enveloped"), &copy)).refuses();
        }
    }
}

#[test]
fn openssl_opens_an_envelope_of_the_international_dialect() {
    let (outside, made) = (Outside::new("envelope-openssl"), Institution::new());
    let holder = &made.encryption;
    let certificate = outside.file("encryption.pem", holder.certificate.to_pem().as_bytes());
    let key = outside.secret("key.pem", &outside.private_key(&holder.key));
    let der = envelope::seal(Dialect::Cms, &[&holder.certificate], BID).unwrap();
    let file = outside.file("bid.enveloped", &der);
    let opened = outside.file("bid.opened", &[]);
    let mut words = ["cms", "-decrypt", "-binary", "-inform", "DER", "-recip"].map(OsStr::new).to_vec();
    words.extend([certificate.as_os_str(), OsStr::new("-inkey"), key.as_os_str()]);
    words.extend([OsStr::new("-out"), opened.as_os_str(), OsStr::new("-in"), file.as_os_str()]);
    let verdict = outside.openssl4(&words);
    verdict.accepts();
    if verdict.words().is_some() {
        assert_eq!(std::fs::read(opened).unwrap(), BID);
    }
}

#[test]
fn a_key_in_an_envelope_opens_elsewhere_and_its_changed_copies_do_not() {
    let (outside, made) = (Outside::new("enveloped-key"), Institution::new());
    let (owner, key) = (&made.signing.key, &made.encryption.key);
    let der = enveloped_key::seal(key.secret(), &pki::Signer::public_key(owner)).unwrap();
    let private = outside.secret("owner.hex", hex::encode(*owner.secret().to_bytes()).as_bytes());
    let file = outside.file("enveloped-key.der", &der);
    outside.judge_with("enveloped-key", &[&file, &private]).accepts();
    for from_end in [1, 34, 110, 150] {
        let mut copy = der.clone();
        let at = copy.len() - from_end;
        copy[at] ^= 1;
        outside.judge_with("enveloped-key", &[&outside.file("corrupted.der", &copy), &private]).refuses();
    }
}
