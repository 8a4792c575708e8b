//! Certificates: the institutions' own, and those that persons download to their devices.
//!
//! | file | what |
//! |---|---|
//! | `authority.rs` | root and issuing CA of each institution |
//! | `root_key.rs` | a root's key off-line, and a new certificate for the issuing CA |
//! | `enrolment.rs` | from an approved application to a certificate |
//! | `abandoned.rs` | what downloads that were never finished leave behind |
//! | `encryption.rs` | the encryption certificate beside it |
//! | `appearance.rs` | the private seal that comes with it |
//! | `revocation.rs` | the end of a certificate before its time, and a pause |
//! | `farewell.rs` | its owner ends it with its own key (证书注销) |
//! | `reminders.rs` | messages before its end |
//! | `history.rs` | what became of it, for its owner |
//! | `rules.rs` | states, lists, validity |

pub mod abandoned;
pub mod appearance;
pub mod authority;
pub mod encryption;
pub mod enrolment;
pub mod entity;
pub mod farewell;
mod history;
mod http;
pub mod model;
pub(crate) mod reminders;
pub mod revocation;
pub mod root_key;
pub mod rules;
pub mod store;

pub(crate) use http::signature;
pub use reminders::remind;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::AppState;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(http::begin))
        .routes(routes!(http::complete))
        .routes(routes!(http::enrolment))
        .routes(routes!(http::transport))
        .routes(routes!(http::acknowledge))
        .routes(routes!(http::list))
        .routes(routes!(http::get))
        .routes(routes!(history::history))
        .routes(routes!(farewell::begin))
        .routes(routes!(farewell::complete))
}
