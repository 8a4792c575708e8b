//! The applicant's side of applications.

use axum::{
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};
use uuid::Uuid;

use super::{
    Application, access,
    access::Viewer,
    body::{ApplicationBody, MaterialBody},
    consent,
    details::EnterpriseFacts,
    drafts,
    entity::application,
    origin::New,
    papers, picture,
    problems::NOT_THE_ADMIN,
    review,
    rules::{Kind, MaterialKind, State as Stage},
    store, submission,
};
use crate::{
    account::Account,
    app::AppState,
    authorisation::rules::Grant,
    enterprise::rules::Role,
    enterprise::store as enterprises,
    error::{NOT_FOUND, ProblemBody, Result},
    extract::{ClientAddress, Json, Octets, Origin, Path, Query},
    scan::{
        self,
        model::{Browser, Placement, ScanRequest},
    },
};

/// What to apply for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApplication {
    /// What.
    kind: Kind,
    /// About which enterprise; wanted by every kind that is not a person's own, but for a claim.
    enterprise_id: Option<Uuid>,
    /// Authorisation: the clerk; transfers: the next administrator.
    holder_id: Option<Uuid>,
    /// Renewals and reapplications: the certificate in whose place the new one comes.
    certificate_id: Option<Uuid>,
}

async fn body(state: &AppState, who: &Account, row: Application) -> Result<Json<ApplicationBody>> {
    Ok(Json(ApplicationBody::load(state, row, Viewer::Account(who.id)).await?))
}

/// Begins an application. What may be open once is open once: `APPLICATION_OPEN` names it in `application_id`.
#[utoipa::path(post, path = "/api/applications", tag = "applications", request_body = NewApplication,
    responses((status = 201, body = ApplicationBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn create(
    State(state): State<AppState>,
    who: Account,
    Json(request): Json<NewApplication>,
) -> Result<(StatusCode, Json<ApplicationBody>)> {
    let NewApplication { kind, enterprise_id, holder_id, certificate_id } = request;
    let row = drafts::create(&state, who.id, New { kind, enterprise_id, holder_id, certificate_id }).await?;
    Ok((StatusCode::CREATED, body(&state, &who, row).await?))
}

/// A person's applications.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationList {
    /// Newest first.
    items: Vec<ApplicationBody>,
}

/// The applications that this user has begun, and those handed in for them by others.
#[utoipa::path(get, path = "/api/applications", tag = "applications",
    responses((status = 200, body = ApplicationList), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
async fn list(State(state): State<AppState>, who: Account) -> Result<Json<ApplicationList>> {
    let for_them = Condition::all()
        .add(application::Column::HolderId.eq(who.id))
        .add(application::Column::SubmittedAt.is_not_null());
    let mine = Condition::any().add(application::Column::AccountId.eq(who.id)).add(for_them);
    let find = application::Entity::find().filter(mine).order_by_desc(application::Column::CreatedAt);
    let find = find.order_by_desc(application::Column::Id);
    bodies(&state, &who, find.all(&*state.db).await?).await
}

async fn bodies(state: &AppState, who: &Account, rows: Vec<Application>) -> Result<Json<ApplicationList>> {
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(ApplicationBody::load(state, row, Viewer::Account(who.id)).await?);
    }
    Ok(Json(ApplicationList { items }))
}

/// Which applications about an enterprise.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EnterpriseApplicationsQuery {
    /// Only those in this state, such as `with_admin`.
    state: Option<Stage>,
}

/// What has been handed in about an enterprise, for its administrator.
#[utoipa::path(get, path = "/api/enterprises/{id}/applications", tag = "applications",
    params(("id" = Uuid, Path), EnterpriseApplicationsQuery),
    responses((status = 200, body = ApplicationList), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn of_enterprise(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
    Query(query): Query<EnterpriseApplicationsQuery>,
) -> Result<Json<ApplicationList>> {
    match enterprises::role_of(&*state.db, id, who.id).await? {
        Some(Role::Admin) => {}
        Some(Role::Clerk) => return Err(NOT_THE_ADMIN.into()),
        None => return Err(NOT_FOUND.into()),
    }
    let mut find = application::Entity::find()
        .filter(application::Column::EnterpriseId.eq(id))
        .filter(application::Column::SubmittedAt.is_not_null());
    if let Some(stage) = query.state {
        find = find.filter(application::Column::State.eq(stage.as_str()));
    }
    let find = find.order_by_desc(application::Column::CreatedAt).order_by_desc(application::Column::Id);
    let rows = find.all(&*state.db).await?;
    bodies(&state, &who, rows).await
}

/// One application that is this user's business: as applicant, as holder, or as administrator of its enterprise.
#[utoipa::path(get, path = "/api/applications/{id}", tag = "applications", params(("id" = Uuid, Path)),
    responses((status = 200, body = ApplicationBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<ApplicationBody>> {
    let (row, _) = access::seen(&*state.db, id, who.id).await?;
    body(&state, &who, row).await
}

/// That the applicant knows the administrator of the enterprise.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdminProof {
    /// Real name.
    #[schema(max_length = 50)]
    name: String,
    /// Mobile number, 11 digits.
    phone: String,
}

/// What to choose and enter; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationEdit {
    /// Who shall issue, or review. Another institution than before forgets the product.
    institution_id: Option<Uuid>,
    /// What it shall issue; one whose `kind` is the application's `product_kind`.
    product_id: Option<Uuid>,
    /// Claim and change: what the enterprise is. Empty parts are still to come; wrong ones are refused by name.
    facts: Option<EnterpriseFacts>,
    /// Join and authorisation: what is granted.
    grant: Option<Grant>,
    /// Change: the certificates of the enterprise that it replaces.
    certificate_ids: Option<Vec<Uuid>>,
    /// Join: checked at once, five times an hour; `ADMIN_MISMATCH` does not say what is wrong.
    admin: Option<AdminProof>,
}

/// Changes a draft. `ENTERPRISE_REGISTERED` names the enterprise whose credit code has been claimed already.
#[utoipa::path(patch, path = "/api/applications/{id}", tag = "applications", params(("id" = Uuid, Path)), request_body = ApplicationEdit,
    responses((status = 200, body = ApplicationBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn edit(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
    Json(request): Json<ApplicationEdit>,
) -> Result<Json<ApplicationBody>> {
    let edit = drafts::Edit {
        institution_id: request.institution_id,
        product_id: request.product_id,
        facts: request.facts,
        grant: request.grant,
        certificate_ids: request.certificate_ids,
        admin: request.admin.map(|admin| drafts::AdminProof { name: admin.name, phone: admin.phone }),
    };
    let row = drafts::edit(&state, who.id, id, edit).await?;
    body(&state, &who, row).await
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
    let row = drafts::put_material(&state, who.id, id, kind, octets.media_type, octets.body).await?;
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
    access::seen(&*state.db, id, who.id).await?;
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
    drafts::delete_material(&state, who.id, id, kind).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hands a complete draft in. `APPLICATION_INCOMPLETE` names what is missing.
#[utoipa::path(post, path = "/api/applications/{id}/submission", tag = "applications", params(("id" = Uuid, Path)),
    responses((status = 200, body = ApplicationBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn submit(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<ApplicationBody>> {
    let row = submission::submit(&state, who.id, id).await?;
    body(&state, &who, row).await
}

/// Takes an application back before it is decided.
#[utoipa::path(post, path = "/api/applications/{id}/withdrawal", tag = "applications", params(("id" = Uuid, Path)),
    responses((status = 200, body = ApplicationBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn withdraw(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<ApplicationBody>> {
    let row = review::withdraw(&state, who.id, id).await?;
    body(&state, &who, row).await
}

/// Repeats a refused, withdrawn or expired application as a new draft with everything filled in.
#[utoipa::path(post, path = "/api/applications/{id}/resubmission", tag = "applications", params(("id" = Uuid, Path)),
    responses((status = 201, body = ApplicationBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn resubmit(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, Json<ApplicationBody>)> {
    let row = drafts::resubmit(&state, who.id, id).await?;
    Ok((StatusCode::CREATED, body(&state, &who, row).await?))
}

/// The form to print and stamp (申请书), filled with what has been entered so far.
#[utoipa::path(get, path = "/api/applications/{id}/form", tag = "applications", params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn form(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Response> {
    let row = drafts::own(&*state.db, id, who.id).await?;
    let file = papers::form(&state, &row).await?;
    Ok(scan::http::pdf(file.into()))
}

/// How the administrator seals the letter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LetterSealing {
    /// The administrator's certificate of the enterprise.
    certificate_id: Uuid,
    /// A seal of the enterprise.
    appearance_id: Uuid,
    /// Where on the letter.
    placement: Placement,
}

/// Puts the letter with its seal before the administrator: the answer is a scan request that this phone has claimed, to be
/// confirmed like every signature. Doing it again takes the request before back. The confirmation moves the application on.
#[utoipa::path(post, path = "/api/applications/{id}/letter", tag = "applications", params(("id" = Uuid, Path)), request_body = LetterSealing,
    responses((status = 201, body = ScanRequest), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn put_letter(
    State(state): State<AppState>,
    who: Account,
    address: ClientAddress,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Json(request): Json<LetterSealing>,
) -> Result<(StatusCode, Json<ScanRequest>)> {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let browser = Browser { address: address.0, user_agent: agent.chars().take(512).collect(), browser_id: None };
    let LetterSealing { certificate_id, appearance_id, placement } = request;
    let sealing = consent::Sealing { certificate_id, appearance_id, placement };
    let request = consent::put_letter(&state, who, id, sealing, browser).await?;
    Ok((StatusCode::CREATED, Json(request)))
}

/// The letter: sealed once it is, before that as it will be sealed.
#[utoipa::path(get, path = "/api/applications/{id}/letter", tag = "applications", params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get_letter(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Response> {
    let (row, _) = access::seen(&*state.db, id, who.id).await?;
    consent::letter_response(&state, &row).await
}

/// Where the seal suggests itself on the letter.
#[utoipa::path(get, path = "/api/applications/{id}/letter-placement", tag = "applications", params(("id" = Uuid, Path)),
    responses((status = 200, body = Placement), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn letter_placement(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
) -> Result<Json<Placement>> {
    let (row, _) = access::seen(&*state.db, id, who.id).await?;
    Ok(Json(consent::placement(&state, &row).await?))
}

/// Why the administrator says no.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentRefusal {
    /// What the applicant is told, 2 to 500 characters.
    #[schema(max_length = 500)]
    reason: String,
}

/// The administrator refuses an application that waits for their letter.
#[utoipa::path(post, path = "/api/applications/{id}/consent-refusal", tag = "applications", params(("id" = Uuid, Path)), request_body = ConsentRefusal,
    responses((status = 200, body = ApplicationBody), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn refuse_consent(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
    Json(request): Json<ConsentRefusal>,
) -> Result<Json<ApplicationBody>> {
    let row = consent::refuse(&state, who.id, id, &request.reason).await?;
    body(&state, &who, row).await
}

/// Where to come back to from the face verification.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicantFaceRequest {
    /// Page of this platform.
    #[schema(example = "/applications")]
    return_url_path: String,
}

/// A face verification that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicantFaceStarted {
    /// Where to send the browser.
    redirect_url: String,
}

/// Begins the verification of the applicant's face, which a recovery wants: it must be the person of the first one.
#[utoipa::path(post, path = "/api/applications/{id}/face", tag = "applications", params(("id" = Uuid, Path)), request_body = ApplicantFaceRequest,
    responses((status = 201, body = ApplicantFaceStarted), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn face(
    State(state): State<AppState>,
    who: Account,
    origin: Origin,
    Path(id): Path<Uuid>,
    Json(request): Json<ApplicantFaceRequest>,
) -> Result<(StatusCode, Json<ApplicantFaceStarted>)> {
    let redirect_url = drafts::verify(&state, who.id, id, &request.return_url_path, &origin.0).await?;
    Ok((StatusCode::CREATED, Json(ApplicantFaceStarted { redirect_url })))
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(get, edit))
        .routes(routes!(put_material, get_material, delete_material).layer(DefaultBodyLimit::max(picture::MAX_OCTETS)))
        .routes(routes!(face))
        .routes(routes!(submit))
        .routes(routes!(withdraw))
        .routes(routes!(resubmit))
        .routes(routes!(form))
        .routes(routes!(put_letter, get_letter))
        .routes(routes!(letter_placement))
        .routes(routes!(refuse_consent))
        .routes(routes!(of_enterprise))
}
