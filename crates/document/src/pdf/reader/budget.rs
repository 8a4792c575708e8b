//! How much work a file may cause.

use core::cell::Cell;

use crate::{Error, Result};

/// Octets that all decoded object and cross-reference streams together may have.
const MAX_DECODED: u64 = 64 << 20;

/// Counts down; when nothing is left, reading stops with [`Error::TooComplex`].
pub(in crate::pdf) struct Budget {
    work: Cell<u64>,
    decoded: Cell<u64>,
}

fn take(from: &Cell<u64>, amount: u64, what: &'static str) -> Result<()> {
    from.set(from.get().checked_sub(amount).ok_or(Error::TooComplex(what))?);
    Ok(())
}

impl Budget {
    /// Every octet may be looked at a few dozen times: more than reading needs, less than quadratic.
    pub fn for_file(size: usize) -> Self {
        Self {
            work: Cell::new((size as u64).saturating_mul(32).saturating_add(64 << 20)),
            decoded: Cell::new(MAX_DECODED),
        }
    }

    /// Reading these many octets.
    pub fn spend(&self, octets: u64) -> Result<()> {
        take(&self.work, octets, "reading it takes too long")
    }

    /// Decoding into these many octets.
    pub fn decode(&self, octets: usize) -> Result<()> {
        take(&self.decoded, octets as u64, "its streams are too large when decompressed")
    }

    /// How many octets a stream may still decode to.
    pub fn decodable(&self) -> usize {
        usize::try_from(self.decoded.get()).unwrap_or(usize::MAX)
    }
}
