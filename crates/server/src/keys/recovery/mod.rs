//! Getting a key back to its owner on the same phone: a forgotten PIN (manual 1.18.3), and a key that was frozen because
//! a copy of it showed itself.
//!
//! A recovery is begun, proven — a code to the number of the enrolment, the owner's face at the verification provider —
//! and then gives leave for **one** refresh of the shares, which ends it. For a forgotten PIN it also releases the reset
//! mask, sealed to a key that the phone made for this one use. Key and certificate stay what they are.
//!
//! | file | what |
//! |---|---|
//! | `rules.rs` | what must be proven, what that gives leave for |
//! | `service.rs` | begin, prove |
//! | `release.rs` | the reset mask on its way to the phone |
//! | `http.rs` | `/api/key-recoveries` |

pub mod entity;
mod http;
mod release;
pub mod rules;
mod service;
mod store;

pub(super) use http::routes;
pub(super) use store::{attempt, done, open};
