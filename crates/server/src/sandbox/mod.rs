//! The sandbox: stand-ins for outside services, each clearly marked, served only when the platform runs in sandbox mode.

use utoipa_axum::router::OpenApiRouter;

use crate::app::AppState;

/// The routes of the sandbox.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
}
