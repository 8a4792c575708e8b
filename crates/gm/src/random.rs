//! Random numbers from the operating system (in a browser: `crypto.getRandomValues`).

use crate::{Error, Result};
use zeroize::Zeroizing;

/// Fills `out` with random bytes.
pub fn fill(out: &mut [u8]) -> Result<()> {
    getrandom::fill(out).map_err(|_| Error::Random)
}

/// `N` random bytes for public use: identifiers, salts, nonces.
pub fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut out = [0; N];
    fill(&mut out)?;
    Ok(out)
}

/// `N` random bytes that are wiped when dropped: keys, seeds, commitments' openings.
pub fn secret<const N: usize>() -> Result<Zeroizing<[u8; N]>> {
    let mut out = Zeroizing::new([0; N]);
    fill(&mut *out)?;
    Ok(out)
}
