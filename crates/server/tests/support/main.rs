//! Support (manual 1.17.6 to 1.17.9): help, the assistant, feedback.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

mod assistant;
mod feedback;
