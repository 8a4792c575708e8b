//! The description of the API (OpenAPI 3.1), made from the same code that serves it, and the two endpoints that belong
//! to no feature.

use axum::{Router, extract::State, routing::get};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::AppState, application::rules::MaterialKind, certificate::rules::CertificateList, error::ProblemBody,
    extract::Json,
};

/// What does not come from the routes themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "桂签 Guiqian",
        description = "An open mobile CA with split SM2 keys. Errors are RFC 9457 problems with a stable `code`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    // Parameters alone do not bring their types along.
    components(schemas(ProblemBody, MaterialKind, CertificateList))
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

/// The key that phones close their key operations for.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnvelopeKey {
    /// Names it in the envelope.
    id: Uuid,
    /// Uncompressed point of 65 octets, base64.
    public_key: String,
}

/// What the platform says about itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct Platform {
    /// Its name.
    name: &'static str,
    /// `sandbox` or `production`.
    mode: &'static str,
    /// Version of the software.
    version: &'static str,
    /// The key that phones close their key operations for.
    envelope_key: EnvelopeKey,
}

/// What the platform says about itself. Pages show a mark when the mode is `sandbox`.
#[utoipa::path(get, path = "/api/platform", tag = "platform", responses((status = 200, body = Platform)))]
async fn platform(State(state): State<AppState>) -> Json<Platform> {
    let key = state.keys.envelope_key();
    let envelope_key =
        EnvelopeKey { id: Uuid::from_bytes(key.id.0), public_key: STANDARD.encode(key.point.to_bytes()) };
    Json(Platform {
        name: "桂签 Guiqian",
        mode: state.config.mode.as_str(),
        version: env!("CARGO_PKG_VERSION"),
        envelope_key,
    })
}

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(platform))
}

/// Gives every operation a name of its own, made of method and path: `post_console_applications_id_approval`.
pub fn name_operations(document: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let words: Vec<&str> =
            path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let words = words.strip_prefix(&["api"]).unwrap_or(&words).join("_");
        let operations = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}_{words}"));
            }
        }
    }
}

/// The document as it is served and as it stands in `web/shared/openapi.json`.
pub fn render(document: &utoipa::openapi::OpenApi) -> String {
    // Made of strings and numbers only, so it can always be written.
    document.to_pretty_json().unwrap_or_default() + "\n"
}

/// `GET /api/openapi.json`.
pub fn document_route(document: &utoipa::openapi::OpenApi) -> Router<AppState> {
    let body = render(document);
    Router::new().route(
        "/api/openapi.json",
        get(async move || ([(axum::http::header::CONTENT_TYPE, "application/json")], body.clone())),
    )
}
