//! The applicant's side of applications.

use axum::{
    extract::{DefaultBodyLimit, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};
use uuid::Uuid;

use super::{
    body::{ApplicationBody, MaterialBody},
    entity::application,
    picture,
    rules::{Kind, MaterialKind},
    service, store,
};
use crate::{
    account::Account,
    app::AppState,
    error::{NOT_FOUND, ProblemBody, Result},
    extract::{Json, Octets, Path},
};

/// What to apply for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApplication {
    /// `personal_certificate`.
    kind: Kind,
}

/// Begins an application. One of a kind may be open: `APPLICATION_OPEN` names it in `application_id`.
#[utoipa::path(post, path = "/api/applications", tag = "applications", request_body = NewApplication,
    responses((status = 201, body = ApplicationBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn create(
    State(state): State<AppState>,
    who: Account,
    Json(request): Json<NewApplication>,
) -> Result<(StatusCode, Json<ApplicationBody>)> {
    let row = service::create(&state, who.id, request.kind).await?;
    Ok((StatusCode::CREATED, Json(ApplicationBody::load(&*state.db, row).await?)))
}

/// A person's applications.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationList {
    /// Newest first.
    items: Vec<ApplicationBody>,
}

/// This user's applications.
#[utoipa::path(get, path = "/api/applications", tag = "applications",
    responses((status = 200, body = ApplicationList), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
async fn list(State(state): State<AppState>, who: Account) -> Result<Json<ApplicationList>> {
    let rows = application::Entity::find()
        .filter(application::Column::AccountId.eq(who.id))
        .order_by_desc(application::Column::CreatedAt)
        .all(&*state.db)
        .await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(ApplicationBody::load(&*state.db, row).await?);
    }
    Ok(Json(ApplicationList { items }))
}

/// One application of this user.
#[utoipa::path(get, path = "/api/applications/{id}", tag = "applications", params(("id" = Uuid, Path)),
    responses((status = 200, body = ApplicationBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<ApplicationBody>> {
    let row = service::own(&*state.db, id, who.id).await?;
    Ok(Json(ApplicationBody::load(&*state.db, row).await?))
}

/// What to choose; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationEdit {
    /// Who shall issue. Another institution than before forgets the product.
    institution_id: Option<Uuid>,
    /// What it shall issue.
    product_id: Option<Uuid>,
}

/// Chooses institution and product of a draft.
#[utoipa::path(patch, path = "/api/applications/{id}", tag = "applications", params(("id" = Uuid, Path)), request_body = ApplicationEdit,
    responses((status = 200, body = ApplicationBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn edit(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
    Json(request): Json<ApplicationEdit>,
) -> Result<Json<ApplicationBody>> {
    let row = service::edit(&state, who.id, id, request.institution_id, request.product_id).await?;
    Ok(Json(ApplicationBody::load(&*state.db, row).await?))
}

/// Uploads a picture to a draft, in place of an earlier one. A signature is a PNG with a transparent ground.
#[utoipa::path(put, path = "/api/applications/{id}/materials/{kind}", tag = "applications",
    params(("id" = Uuid, Path), ("kind" = MaterialKind, Path)),
    request_body(content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"))),
    responses((status = 200, body = MaterialBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn put_material(
    State(state): State<AppState>,
    who: Account,
    Path((id, kind)): Path<(Uuid, MaterialKind)>,
    octets: Octets,
) -> Result<Json<MaterialBody>> {
    let octets = octets.of_type(&["image/png", "image/jpeg"])?;
    let row = service::put_material(&state, who.id, id, kind, octets.media_type, octets.body).await?;
    Ok(Json(row.into()))
}

/// The picture.
#[utoipa::path(get, path = "/api/applications/{id}/materials/{kind}", tag = "applications",
    params(("id" = Uuid, Path), ("kind" = MaterialKind, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "image/png"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get_material(
    State(state): State<AppState>,
    who: Account,
    Path((id, kind)): Path<(Uuid, MaterialKind)>,
) -> Result<Response> {
    service::own(&*state.db, id, who.id).await?;
    material_response(&state, id, kind).await
}

/// A material's octets, for those who may see the application.
pub async fn material_response(state: &AppState, id: Uuid, kind: MaterialKind) -> Result<Response> {
    let row = store::material(&*state.db, id, kind.as_str()).await?.ok_or(NOT_FOUND)?;
    let octets = state.blobs.get(&row.blob).await?;
    let content_type = HeaderValue::from_str(&row.content_type).map_err(crate::error::Problem::internal)?;
    let private = HeaderValue::from_static("private, no-store");
    Ok(([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, private)], octets).into_response())
}

/// Takes a picture off a draft.
#[utoipa::path(delete, path = "/api/applications/{id}/materials/{kind}", tag = "applications",
    params(("id" = Uuid, Path), ("kind" = MaterialKind, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn delete_material(
    State(state): State<AppState>,
    who: Account,
    Path((id, kind)): Path<(Uuid, MaterialKind)>,
) -> Result<StatusCode> {
    service::delete_material(&state, who.id, id, kind).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hands a complete draft in. `APPLICATION_INCOMPLETE` names what is missing.
#[utoipa::path(post, path = "/api/applications/{id}/submission", tag = "applications", params(("id" = Uuid, Path)),
    responses((status = 200, body = ApplicationBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn submit(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<ApplicationBody>> {
    let row = service::submit(&state, who.id, id).await?;
    Ok(Json(ApplicationBody::load(&*state.db, row).await?))
}

/// Takes an application back before it is decided.
#[utoipa::path(post, path = "/api/applications/{id}/withdrawal", tag = "applications", params(("id" = Uuid, Path)),
    responses((status = 200, body = ApplicationBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn withdraw(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<ApplicationBody>> {
    let row = service::withdraw(&state, who.id, id).await?;
    Ok(Json(ApplicationBody::load(&*state.db, row).await?))
}

/// Repeats a refused, withdrawn or expired application as a new draft with everything filled in.
#[utoipa::path(post, path = "/api/applications/{id}/resubmission", tag = "applications", params(("id" = Uuid, Path)),
    responses((status = 201, body = ApplicationBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn resubmit(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, Json<ApplicationBody>)> {
    let row = service::resubmit(&state, who.id, id).await?;
    Ok((StatusCode::CREATED, Json(ApplicationBody::load(&*state.db, row).await?)))
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(get, edit))
        .routes(routes!(put_material, get_material, delete_material).layer(DefaultBodyLimit::max(picture::MAX_OCTETS)))
        .routes(routes!(submit))
        .routes(routes!(withdraw))
        .routes(routes!(resubmit))
}
