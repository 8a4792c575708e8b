//! Envelopes of other software: for content (GB/T 35275) and for keys (GB/T 35276).
#![no_main]

use libfuzzer_sys::fuzz_target;
use pki::envelope::EnvelopedData;
use pki::enveloped_key::EnvelopedKey;

fuzz_target!(|octets: &[u8]| {
    if let Ok(envelope) = EnvelopedData::read(octets) {
        let _ = envelope.open_with(&[7; 16]);
    }
    if let Ok(envelope) = EnvelopedKey::read(octets) {
        let _ = envelope.open_with(&[7; 16]);
    }
});
