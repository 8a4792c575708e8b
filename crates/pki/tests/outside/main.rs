//! Every object that this crate makes, judged by OpenSSL and by gmalg, gmssl and pkilint; corrupted copies must be
//! refused by the same judges.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]

mod certificates;
mod cmp;
mod envelopes;
mod messages;
mod ocsp;
mod requests;
mod revocation;
#[path = "../support/mod.rs"]
mod support;
mod timestamps;
mod tools;
mod whole;
