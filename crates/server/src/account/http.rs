//! Routes of this feature.

use utoipa_axum::router::OpenApiRouter;

use crate::app::AppState;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
}
