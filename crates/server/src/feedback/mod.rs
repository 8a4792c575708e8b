//! Feedback (manual 1.17.9): users write, with pictures if they like; the platform's people answer at the console, and a
//! message tells the user.

mod console;
pub mod entity;
mod http;
mod rules;
mod service;

pub use service::{forget, names, sweep};

use utoipa_axum::router::OpenApiRouter;

use crate::app::AppState;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    http::routes().merge(console::routes())
}
