//! Authorisations (授权): what a clerk may do for an enterprise at which platform, until when. One function decides every
//! use, [`rules::decide`].
//!
//! | file | what |
//! |---|---|
//! | `rules.rs` | the decision |
//! | `policy.rs` | what a scan request uses of whose certificate |
//! | `service.rs` | granting and ending |
//! | `store.rs` | queries |
//! | `http.rs` | the API |

pub mod entity;
mod http;
pub mod policy;
pub mod problems;
pub mod rules;
pub mod service;
pub mod store;

pub use entity::Model as Authorisation;
pub use http::routes;
