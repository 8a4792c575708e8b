//! Documents that carry signatures. Pure: octets in, octets out; no files, no network, no clock.
//!
//! | module | what |
//! |---|---|
//! | [`pdf`] | prepare a PDF for signing, embed a signature, verify, what a page measures |
//! | [`paper`] | the platform's own papers: application forms and letters as PDF |
//! | [`stamp`] | seals and signatures drawn from a name |
//!
//! Every function takes octets from strangers. Work and memory are bounded by the size of the input, and
//! whatever is wrong comes back as an [`Error`] with a stable code.

pub mod error;
pub mod paper;
pub mod pdf;
pub mod stamp;

pub use error::Error;

/// Result of this crate.
pub type Result<T, E = Error> = core::result::Result<T, E>;
