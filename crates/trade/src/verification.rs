//! A PDF of anybody's, checked by the platform. Nothing of it is kept.

use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use axum::{Json, Router};
use relying::{MAX_DOCUMENT, Verification};

use crate::app::App;
use crate::extract::Pdf;
use crate::problem::Result;

/// The routes of this feature.
pub fn routes() -> Router<App> {
    Router::new().route("/api/verifications", post(verify)).layer(DefaultBodyLimit::max(MAX_DOCUMENT))
}

async fn verify(State(app): State<App>, Pdf(pdf): Pdf) -> Result<Json<Verification>> {
    Ok(Json(app.platform.verify_document(pdf).await?))
}
