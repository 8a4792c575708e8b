//! Certificates: institutions' own and persons'.
pub mod authority;

use crate::app::AppState;
use utoipa_axum::router::OpenApiRouter;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
}
