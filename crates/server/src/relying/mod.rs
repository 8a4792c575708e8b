//! Relying parties: systems that ask for logins and signatures.
//!
//! | file | what |
//! |---|---|
//! | `client.rs` | who calls |
//! | `subject.rs` | under which name each knows a person |
//! | `http.rs`, `model.rs` | what they call |
//! | `demo.rs` | the sandbox's own relying party |
//! | `platform.rs` | this platform as its own relying party |

mod client;
mod demo;
pub mod entity;
mod http;
pub mod model;
mod platform;
pub mod subject;

pub use client::Client;
pub use demo::ensure_demo;
pub(crate) use http::{HEARTBEAT, follow};
pub use platform::{BUILT_IN, BUILT_INS, CONSOLE, built_in, console, ensure_built_in};

use axum::extract::DefaultBodyLimit;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::AppState, verify::MAX_PDF};

/// A PDF in base64, and what goes around it.
const MAX_REQUEST: usize = MAX_PDF / 3 * 4 + (64 << 10);

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    let asking = OpenApiRouter::new().routes(routes!(http::create)).layer(DefaultBodyLimit::max(MAX_REQUEST));
    OpenApiRouter::new()
        .routes(routes!(http::get, http::cancel))
        .routes(routes!(http::document))
        .routes(routes!(http::events))
        .routes(routes!(http::appearances))
        .merge(asking)
}
