//! Verifying signed PDFs, for everybody, without an account.

mod http;
mod trust;

pub use http::{Verification, report};
pub use trust::Trust;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::AppState;

/// The largest PDF that is taken.
pub const MAX_PDF: usize = 20 << 20;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(http::verify)).layer(DefaultBodyLimit::max(MAX_PDF))
}
