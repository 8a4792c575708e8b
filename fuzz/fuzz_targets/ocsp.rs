//! Questions about revocation from anybody, and answers from other authorities.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pki::ocsp::{Request, Response};

fuzz_target!(|octets: &[u8]| {
    if let Ok(request) = Request::read(octets) {
        // What we would write for it means the same.
        assert_eq!(Request::read(&request.to_der()).expect("its own octets"), request);
        assert_eq!(Request::from_path(&request.to_path()).expect("its own path"), request);
    }
    if let Ok(text) = core::str::from_utf8(octets) {
        let _ = Request::from_path(text);
    }
    let _ = Response::read(octets);
});
