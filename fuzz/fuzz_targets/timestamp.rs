//! Requests for time stamps from anybody, and tokens of other authorities.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pki::hash::Hash;
use pki::timestamp::{Imprint, Request, Response, Token, TstInfo};

fuzz_target!(|octets: &[u8]| {
    if let Ok(request) = Request::read(octets) {
        assert_eq!(Request::read(&request.to_der()).as_ref(), Ok(&request));
    }
    let imprint = Imprint::of(Hash::Sm3, b"document");
    if let Ok(Response::Granted(token)) = Response::read(octets) {
        let _ = token.check(&imprint, None);
    }
    if let Ok(token) = Token::read(octets) {
        let _ = token.check(&imprint, None);
    }
    let _ = TstInfo::read(octets);
});
