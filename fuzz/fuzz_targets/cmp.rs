//! Answers of a CA elsewhere: whatever comes is refused, because nobody here knows the secret.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use pki::Certificate;
use pki::cmp::{Parties, Protection, Transaction};

static AUTHORITY: LazyLock<Certificate> = LazyLock::new(|| {
    use pki::Signer as _;
    let (key, serial) = (gm::sm2::KeyPair::generate().unwrap(), pki::Serial::random().unwrap());
    let subject = pki::name::authority("CA", "CA").unwrap();
    let template = pki::certificate::Template {
        profile: &pki::Profile::ROOT,
        serial: &serial,
        subject: &subject,
        public_key: &key.public_key(),
        not_before: 0,
        not_after: 4_000_000_000,
        crl_url: None,
        issuer_url: None,
        ocsp_url: None,
        policy: None,
        credit_code: None,
    };
    pki::certificate::sign(&template.self_signed().unwrap(), None, &key).unwrap()
});

fuzz_target!(|data: &[u8]| {
    let protection = Protection::Secret { reference: "fuzz", secret: b"never guessed" };
    let mut talk = Transaction { id: vec![0; 16], nonce: vec![0; 16], answered: None };
    assert!(talk.hear(Parties { authority: &AUTHORITY, protection }, data).is_err());
});
