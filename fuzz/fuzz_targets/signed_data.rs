//! Signature messages inside documents that strangers upload for verification.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pki::signed_data::{SignedData, trim};

fuzz_target!(|octets: &[u8]| {
    let octets = trim(octets).unwrap_or(octets);
    if let Ok(message) = SignedData::read(octets) {
        let _ = message.check(b"document");
    }
});
