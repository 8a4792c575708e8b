//! Certificates and revocation lists from other authorities.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pki::certificate::Certificate;
use pki::crl::Crl;

fuzz_target!(|octets: &[u8]| {
    if let Ok(certificate) = Certificate::read(octets) {
        let again = pki::pem::decode("CERTIFICATE", &certificate.to_pem()).expect("its own PEM");
        assert_eq!(again, octets);
    }
    let _ = Crl::read(octets);
});
