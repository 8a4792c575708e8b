//! 示范公共资源交易平台: a demonstration trading platform. People log in by scanning, upload PDFs, place their seals,
//! sign by scanning, download and verify.
//!
//! It is a relying party like any other: everything that it knows about the platform goes through crate `relying`.
//!
//! | module | what |
//! |---|---|
//! | [`app`] | wiring: state, routes, what every answer carries |
//! | `session` | who is logged in, in which browser |
//! | `scans` | questions to phones: started, followed, completed |
//! | `documents` | the user's PDFs |
//! | `verification` | a PDF of anybody's, checked by the platform |
//! | `store` | files that survive a kill at any moment |
//! | `problem` | refusals (RFC 9457) |

pub mod app;
pub mod clock;
pub mod serve;

mod documents;
mod extract;
mod problem;
mod scans;
mod session;
mod store;
mod verification;
mod web;

pub use store::StoreError;
