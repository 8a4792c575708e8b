//! What other people's software fetches: the institutions' certificates and revocation lists.

pub mod crl;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::AppState,
    certificate::entity::authority,
    error::{NOT_FOUND, ProblemBody, Result},
    extract::Path,
};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(ca)).routes(routes!(root)).routes(routes!(ca_crl))
}

async fn authority(state: &AppState, slug: &str) -> Result<authority::Model> {
    let row = authority::Entity::find().filter(authority::Column::Slug.eq(slug)).one(&*state.db).await?;
    row.ok_or_else(|| NOT_FOUND.problem())
}

fn object(media_type: &'static str, max_age: &'static str, der: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, max_age)], der).into_response()
}

/// The issuing CA's certificate, DER.
#[utoipa::path(
    get, path = "/pki/{slug}/ca.cer", tag = "pki", params(("slug" = String, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pkix-cert"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")
    )
)]
async fn ca(State(state): State<AppState>, Path(slug): Path<String>) -> Result<Response> {
    let row = authority(&state, &slug).await?;
    Ok(object("application/pkix-cert", "public, max-age=86400", row.ca_certificate))
}

/// The root's certificate, DER.
#[utoipa::path(
    get, path = "/pki/{slug}/root.cer", tag = "pki", params(("slug" = String, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pkix-cert"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")
    )
)]
async fn root(State(state): State<AppState>, Path(slug): Path<String>) -> Result<Response> {
    let row = authority(&state, &slug).await?;
    Ok(object("application/pkix-cert", "public, max-age=86400", row.root_certificate))
}

/// The issuing CA's revocation list, DER.
#[utoipa::path(
    get, path = "/pki/{slug}/ca.crl", tag = "pki", params(("slug" = String, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pkix-crl"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")
    )
)]
async fn ca_crl(State(state): State<AppState>, Path(slug): Path<String>) -> Result<Response> {
    Ok(object("application/pkix-crl", "public, max-age=300", crl::current(&state, &slug).await?))
}
