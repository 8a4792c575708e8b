//! Key derivation function of GB/T 32918.4 clause 5.4.3: SM3(Z || counter) with a 32-bit counter from 1.

use crate::sm3::Sm3;
use zeroize::Zeroizing;

/// Derives `length` bytes from the shared secret `z` (may be given in pieces).
///
/// `length` stays far below the function's limit of (2^32 - 1) * 32 bytes for everything we encrypt with it.
pub fn derive(z: &[&[u8]], length: usize) -> Zeroizing<Vec<u8>> {
    let mut base = Sm3::new();
    for piece in z {
        base.update(piece);
    }
    let mut out = Zeroizing::new(Vec::with_capacity(length.next_multiple_of(32)));
    let mut counter = 1u32;
    while out.len() < length {
        let block = Zeroizing::new(base.clone().chain(&counter.to_be_bytes()).finalize());
        out.extend_from_slice(&*block);
        counter = counter.wrapping_add(1);
    }
    out.truncate(length);
    out
}
