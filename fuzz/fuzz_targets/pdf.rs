//! Documents that strangers upload to be signed or verified.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let _ = document::pdf::page_sizes_mm(octets);
    let _ = device::pdf::digest(octets);
});
