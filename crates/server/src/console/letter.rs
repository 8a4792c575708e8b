//! The administrator's sealed letter: the PDF, and what its signatures are worth.

use axum::{extract::State, response::Response};
use sea_orm::EntityTrait as _;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Reviewer,
    policy::Act,
    review,
    seen::{self, Look},
};
use crate::{
    app::AppState,
    application::Application,
    error::{NOT_FOUND, ProblemBody, Result},
    extract::{Json, Path},
    scan::{self, entity as scan_request, rules::ScanState},
    verify,
};

/// Name of the object that holds the sealed letter of `row`, once there is one.
pub async fn sealed(state: &AppState, row: &Application) -> Result<Option<String>> {
    let Some(id) = row.letter_request_id else { return Ok(None) };
    let Some(request) = scan_request::Entity::find_by_id(id).one(&*state.db).await? else { return Ok(None) };
    if request.state != ScanState::Confirmed.as_str() || request.application_id != Some(row.id) {
        return Ok(None);
    }
    Ok(scan::service::document(&request)?.signed)
}

async fn octets(state: &AppState, who: &Reviewer, id: Uuid) -> Result<bytes::Bytes> {
    who.require(Act::ReadApplications)?;
    let row = review::seen(state, who, id).await?;
    let name = sealed(state, &row).await?.ok_or(NOT_FOUND)?;
    seen::note(state, who, Look::at_letter(id)).await?;
    Ok(state.blobs.get(&name).await?)
}

/// The sealed letter. The look is written down.
#[utoipa::path(get, path = "/api/console/applications/{id}/letter", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get(State(state): State<AppState>, who: Reviewer, Path(id): Path<Uuid>) -> Result<Response> {
    Ok(scan::http::pdf(octets(&state, &who, id).await?))
}

/// What the signatures of the sealed letter are worth, as anybody would find.
#[utoipa::path(get, path = "/api/console/applications/{id}/letter-verification", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = verify::Verification), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn verification(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
) -> Result<Json<verify::Verification>> {
    let file = octets(&state, &who, id).await?;
    Ok(Json(verify::report(&state, file).await?))
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get)).routes(routes!(verification))
}
