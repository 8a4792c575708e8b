//! The description of the API (OpenAPI 3.1), made from the same code that serves it, and the two endpoints that belong
//! to no feature.

use axum::{Router, routing::get};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::AppState, error::ProblemBody, extract::Json};

/// What does not come from the routes themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "桂签 Guiqian",
        description = "An open mobile CA with split SM2 keys. Errors are RFC 9457 problems with a stable `code`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ProblemBody))
)]
pub struct Document;

/// Whether the platform is up.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`.
    status: &'static str,
}

/// Whether the platform is up.
#[utoipa::path(get, path = "/api/health", tag = "platform", responses((status = 200, body = Health)))]
async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(health))
}

/// The document as it is served and as it stands in `web/shared/openapi.json`.
pub fn render(document: &utoipa::openapi::OpenApi) -> String {
    // Made of strings and numbers only, so it can always be written.
    document.to_pretty_json().unwrap_or_default() + "\n"
}

/// `GET /api/openapi.json`.
pub fn document_route(document: utoipa::openapi::OpenApi) -> Router<AppState> {
    let body = render(&document);
    Router::new().route(
        "/api/openapi.json",
        get(async move || ([(axum::http::header::CONTENT_TYPE, "application/json")], body.clone())),
    )
}
