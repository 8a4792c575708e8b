//! What is believed, what is refused, and what no input may do.
#![allow(missing_docs, clippy::unwrap_used)]

mod chains;
mod envelopes;
mod hostile;
mod lints;
mod messages;
mod ocsp;
mod profiles;
#[path = "../support/mod.rs"]
mod support;
mod timestamps;
