//! Certificate requests, subjects and public keys as strangers send them.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let _ = pki::csr::verify(octets);
    let _ = pki::key::read(octets);
    let _ = pki::name::Attributes::read(octets);
});
