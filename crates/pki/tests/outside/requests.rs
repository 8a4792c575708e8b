//! Certification requests.

use gm::sm2::KeyPair;
use pki::{Signer, csr, name};

use crate::tools::{Outside, corrupted};

#[test]
fn a_request_is_accepted_and_its_corrupted_copies_are_refused() {
    let (outside, key) = (Outside::new("request"), KeyPair::generate().unwrap());
    let info = csr::info(
        &name::person("韦小明", "018f3b2e").unwrap(),
        &key.public_key(),
        &KeyPair::generate().unwrap().public_key(),
    );
    let request = csr::assemble(&info, &Signer::sign(&key, &info).unwrap());
    assert_eq!(csr::verify(&request).unwrap().public_key, key.public_key());

    let file = outside.file("request.der", &request);
    outside.request(&file).accepts();
    outside.judge("signed", &file, &file).accepts();

    for (number, copy) in corrupted(&request, "小明".as_bytes()).iter().enumerate() {
        let file = outside.file(&format!("corrupted-request-{number}.der"), copy);
        outside.request(&file).refuses();
        outside.judge("signed", &file, &file).refuses();
        assert!(csr::verify(copy).is_err());
    }
}
