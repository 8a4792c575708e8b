//! Relying parties: systems that ask for logins and signatures.
use crate::{app::AppState, error::Result};
use utoipa_axum::router::OpenApiRouter;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
}

/// Registers the demonstration relying party at first start (sandbox mode only) and writes `DATA/relying-party.json`.
pub async fn ensure_demo(_state: &AppState) -> Result<()> {
    Ok(())
}
