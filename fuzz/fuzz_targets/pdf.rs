//! Documents that strangers upload to be signed or verified, and that a server sends to a phone.
#![no_main]

use document::pdf::{Chain, Details, Prepared, Sm2Verifier, page_sizes_mm, prepare, verify};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let _ = page_sizes_mm(octets);
    let _ = verify(octets, &Sm2Verifier(|_: &_, _: &[_], _| Chain::Untrusted));

    // Phone and server must read the same digest out of what the server prepared, or both refuse it.
    let phone = device::pdf::digest(octets);
    if let (Ok(phone), Ok(server)) = (phone, Prepared::reopen(octets.to_vec())) {
        assert_eq!(phone, server.digest);
    }
    let details = Details { name: "fuzz", reason: None, signed_at: Timestamp::UNIX_EPOCH };
    if let Ok(prepared) = prepare(octets, &[], &details) {
        assert!(prepared.bytes.starts_with(octets));
        assert_eq!(device::pdf::digest(&prepared.bytes).ok(), Some(prepared.digest));
    }
});
