//! Faults: something went wrong with certificates. A fault is a name and criteria; one query lists every certificate that it
//! touches, and a job issues others in their place.
//!
//! | file | what |
//! |---|---|
//! | `rules.rs` | criteria, states of the job |
//! | `store.rs` | the query, and what was replaced by what |
//! | `service.rs` | opening a fault; starting and pausing its job |
//! | `reissue.rs` | the job |
//! | `successor.rs` | one certificate in place of another |
//! | `http.rs`, `list.rs` | the console |

pub mod entity;
mod http;
mod list;
pub mod reissue;
pub mod rules;
pub mod service;
pub mod store;
mod successor;

pub use http::routes;
