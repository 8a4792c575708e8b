//! Domain-separated hashing, SM3 only (docs/protocol.md, "Hashing").
//!
//! `T(tag, f1, f2, ..) = enc("MCA-SM2-2P/v1/" || tag) || enc(f1) || enc(f2) || ..` with `enc(f)` the four-byte
//! big-endian length of `f` and then `f`. Equal transcripts mean equal tags and equal lists of fields.

use gm::{
    curve::Scalar,
    sm3::{Digest, Sm3},
};
use zeroize::Zeroizing;

/// What every tag begins with. Another version of the protocol has another prefix and shares no hash with this one.
pub const DOMAIN: &[u8] = b"MCA-SM2-2P/v1/";

fn absorb(mut state: Sm3, tag: &str, fields: &[&[u8]]) -> Sm3 {
    let length = |length: usize| (length as u32).to_be_bytes();
    state.update(&length(DOMAIN.len() + tag.len()));
    state.update(DOMAIN);
    state.update(tag.as_bytes());
    for field in fields {
        state.update(&length(field.len()));
        state.update(field);
    }
    state
}

/// `T(tag, fields..)` itself, for key derivation and as additional data of authenticated encryption.
pub fn octets(tag: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + fields.iter().map(|field| field.len() + 4).sum::<usize>());
    out.extend_from_slice(&((DOMAIN.len() + tag.len()) as u32).to_be_bytes());
    out.extend_from_slice(DOMAIN);
    out.extend_from_slice(tag.as_bytes());
    for field in fields {
        out.extend_from_slice(&(field.len() as u32).to_be_bytes());
        out.extend_from_slice(field);
    }
    out
}

/// `H(tag, fields..) = SM3(T)`.
pub fn hash(tag: &str, fields: &[&[u8]]) -> Digest {
    absorb(Sm3::new(), tag, fields).finalize()
}

/// `Hs(tag, fields..) = (SM3(00 || T) || SM3(01 || T)) mod n`: 512 bits reduced, so no bias is visible.
pub fn hash_to_scalar(tag: &str, fields: &[&[u8]]) -> Scalar {
    let mut wide = Zeroizing::new([0; 64]);
    for half in 0..2u8 {
        let block = Zeroizing::new(absorb(Sm3::new().chain(&[half]), tag, fields).finalize());
        wide[32 * half as usize..][..32].copy_from_slice(&*block);
    }
    Scalar::reduce_wide(&wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_cannot_slide_into_its_neighbour() {
        assert_ne!(hash("t", &[b"ab", b"c"]), hash("t", &[b"a", b"bc"]));
        assert_ne!(hash("t", &[b"ab"]), hash("t", &[b"ab", b""]));
        assert_ne!(hash("ta", &[b"b"]), hash("t", &[b"ab"]));
    }

    #[test]
    fn the_hash_is_sm3_of_the_written_octets() {
        let fields: [&[u8]; 2] = [&[1, 2, 3], &[]];
        assert_eq!(octets("x", &fields), b"\0\0\0\x0fMCA-SM2-2P/v1/x\0\0\0\x03\x01\x02\x03\0\0\0\0");
        assert_eq!(hash("x", &fields), gm::sm3::digest(&octets("x", &fields)));
    }
}
