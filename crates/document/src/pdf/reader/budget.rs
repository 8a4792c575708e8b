//! How much work a file may cause.

use core::cell::Cell;
use std::rc::Rc;

use crate::{Error, Result};

/// Octets that the decoded object and cross-reference streams of one reader may have: they are kept in memory.
const MAX_DECODED: u64 = 64 << 20;

/// Counts down; when nothing is left, reading stops with [`Error::TooComplex`].
#[derive(Clone)]
pub(in crate::pdf) struct Budget {
    /// Octets to look at; readers of several revisions of one file share it.
    work: Rc<Cell<u64>>,
    decoded: Cell<u64>,
}

fn take(from: &Cell<u64>, amount: u64, what: &'static str) -> Result<()> {
    from.set(from.get().checked_sub(amount).ok_or(Error::TooComplex(what))?);
    Ok(())
}

impl Budget {
    /// Every octet may be looked at a number of times: more than reading needs, less than quadratic.
    pub fn for_file(size: usize) -> Self {
        let work = (size as u64).saturating_mul(16).saturating_add(128 << 20);
        Self { work: Rc::new(Cell::new(work)), decoded: Cell::new(MAX_DECODED) }
    }

    /// For one more reader of the same file.
    pub fn shared(&self) -> Self {
        Self { work: Rc::clone(&self.work), decoded: Cell::new(MAX_DECODED) }
    }

    /// Reading these many octets.
    pub fn spend(&self, octets: u64) -> Result<()> {
        take(&self.work, octets, "reading it takes too long")
    }

    /// Decoding into these many octets.
    pub fn decode(&self, octets: usize) -> Result<()> {
        self.spend(octets as u64)?;
        take(&self.decoded, octets as u64, "its streams are too large when decompressed")
    }

    /// How many octets a stream may still decode to.
    pub fn decodable(&self) -> usize {
        usize::try_from(self.decoded.get()).unwrap_or(usize::MAX)
    }
}
