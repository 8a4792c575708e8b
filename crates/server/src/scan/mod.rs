//! Scan requests: every question that a PC puts to a phone, whatever it is about.
//!
//! | file | what |
//! |---|---|
//! | `rules.rs` | states, who may claim and answer |
//! | `code.rs` | the code that changes while it is shown |
//! | `statement.rs` | what a login signs |
//! | `service.rs` | asking, claiming, answering, cancelling |
//! | `http.rs` | the phone's side; the relying party's is in `relying/` |

pub mod code;
pub mod entity;
pub(crate) mod http;
pub mod model;
pub mod problems;
pub mod rules;
pub mod service;
pub mod statement;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::AppState;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(http::claim))
        .routes(routes!(http::get))
        .routes(routes!(http::document))
        .routes(routes!(http::answer))
}
