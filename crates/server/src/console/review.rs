//! One application with everything that a decision needs, and the decision.

use axum::{extract::State, response::Response};
use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Reviewer,
    hints::{self, Duplicate, EnterpriseNow, Refused},
    hold::{self, ReviewHold},
    policy::Act,
    queue,
    rules::Age,
    seen::{self, Look},
};
use crate::{
    account::{self, entity::account as accounts},
    app::AppState,
    application::{
        self, Application, ApplicationBody,
        entity::application::{Column, Entity},
        rules::{MaterialKind, State as Stage},
    },
    clock::from_millis,
    error::{FIELDS_INVALID, NOT_FOUND, ProblemBody, Result},
    extract::{Json, Path},
    identity,
};

/// The person behind an application.
#[derive(Debug, Serialize, ToSchema)]
pub struct Applicant {
    /// Real name, as verified.
    name: Option<String>,
    /// `138****8000`.
    phone_masked: String,
    /// `4****************4`.
    id_number_masked: Option<String>,
    /// When the real name was verified.
    #[schema(value_type = Option<String>, format = DateTime)]
    verified_at: Option<Timestamp>,
}

/// The first of two reviewers.
#[derive(Debug, Serialize, ToSchema)]
pub struct FirstReviewer {
    /// Who.
    id: Uuid,
    /// Their name.
    name: String,
    /// Whether that is the asker, who then cannot be the second.
    mine: bool,
}

/// An application as the console sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsoleApplication {
    /// The application.
    #[serde(flatten)]
    application: ApplicationBody,
    /// The person.
    applicant: Applicant,
    /// Since when it waits.
    #[schema(value_type = String, format = DateTime)]
    waiting_since: Timestamp,
    /// While it waits for a reviewer: how long, against what the institution promises.
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<Age>,
    /// Hours that the institution promises.
    #[serde(skip_serializing_if = "Option::is_none")]
    service_hours: Option<i32>,
    /// Whether the institution wants two reviewers.
    two_reviewers: bool,
    /// Who said yes first, where two reviewers must.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_reviewer: Option<FirstReviewer>,
    /// Who has it in hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<ReviewHold>,
    /// Whether the asker may decide it as it stands now, whoever has it in hand.
    may_decide: bool,
    /// Whether there is a sealed letter to look at.
    letter_sealed: bool,
    /// What the enterprise is called now, to be compared with what it is to become.
    #[serde(skip_serializing_if = "Option::is_none")]
    enterprise_now: Option<EnterpriseNow>,
    /// What was refused to this person before, newest first.
    refused_before: Vec<Refused>,
    /// What looks like the same again.
    duplicates: Vec<Duplicate>,
}

/// What the console may see at all: handed in, and of the asker's scope.
pub fn visible(who: &Reviewer) -> Condition {
    let handed_in = Condition::all().add(Column::SubmittedAt.is_not_null());
    match who.institution_id {
        Some(institution) => handed_in.add(Column::InstitutionId.eq(institution)),
        None => handed_in,
    }
}

/// The application, if it is this reviewer's business; others do not exist.
pub async fn seen(state: &AppState, who: &Reviewer, id: Uuid) -> Result<Application> {
    let row = Entity::find_by_id(id).filter(visible(who)).one(&*state.db).await?;
    Ok(row.ok_or(NOT_FOUND)?)
}

/// The person, masked.
pub async fn applicant(state: &AppState, id: Uuid) -> Result<Applicant> {
    let person = accounts::Entity::find_by_id(id).one(&*state.db).await?.ok_or(NOT_FOUND)?;
    let id_number_masked = match person.verified_at {
        Some(_) => {
            let verified = identity::require_person(state, person.id).await?;
            Some(identity::rules::mask_id_number(&verified.id_number))
        }
        None => None,
    };
    Ok(Applicant {
        phone_masked: account::rules::mask_phone(&person.phone),
        name: person.name,
        id_number_masked,
        verified_at: person.verified_at.map(from_millis),
    })
}

async fn load(state: &AppState, who: &Reviewer, row: Application) -> Result<ConsoleApplication> {
    let (db, now) = (&*state.db, state.now());
    let institution = application::store::institution(db, &row).await?;
    let first_reviewer = match row.first_reviewer_id {
        Some(id) => {
            let name = hold::names(db, vec![id]).await?.remove(&id).unwrap_or_default();
            Some(FirstReviewer { id, name, mine: id == who.id })
        }
        None => None,
    };
    let may_decide = who.may(Act::Decide)
        && match row.state()? {
            Stage::WithReviewer => true,
            Stage::WithSecondReviewer => row.first_reviewer_id != Some(who.id),
            _ => false,
        };
    Ok(ConsoleApplication {
        applicant: applicant(state, row.account_id).await?,
        waiting_since: from_millis(application::waiting_since(&row)),
        age: queue::age(&row, now, institution.as_ref())?,
        service_hours: institution.as_ref().map(|one| one.service_hours),
        two_reviewers: application::route(db, &row).await?.two_reviewers,
        first_reviewer,
        hold: hold::of(db, now, who, &[row.id]).await?.remove(&row.id),
        may_decide,
        letter_sealed: super::letter::sealed(state, &row).await?.is_some(),
        enterprise_now: hints::enterprise_now(state, &row).await?,
        refused_before: hints::refused_before(db, who, &row).await?,
        duplicates: hints::duplicates(state, who, &row).await?,
        application: ApplicationBody::load(state, row, application::Viewer::Console).await?,
    })
}

/// One application with everything that a decision needs. The look is written down.
#[utoipa::path(get, path = "/api/console/applications/{id}", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = ConsoleApplication), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get(State(state): State<AppState>, who: Reviewer, Path(id): Path<Uuid>) -> Result<Json<ConsoleApplication>> {
    who.require(Act::ReadApplications)?;
    let row = seen(&state, &who, id).await?;
    seen::note(&state, &who, Look::at_application(id)).await?;
    if hints::shows_legal_person(&state, &row)? {
        seen::note(&state, &who, Look::at_identity_number(id, "legal_person")).await?;
    }
    Ok(Json(load(&state, &who, row).await?))
}

/// A picture of an application. The look is written down.
#[utoipa::path(get, path = "/api/console/applications/{id}/materials/{kind}", tag = "console",
    params(("id" = Uuid, Path), ("kind" = MaterialKind, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "image/png"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn material(
    State(state): State<AppState>,
    who: Reviewer,
    Path((id, kind)): Path<(Uuid, MaterialKind)>,
) -> Result<Response> {
    who.require(Act::ReadApplications)?;
    seen(&state, &who, id).await?;
    let row = application::store::material(&*state.db, id, kind.as_str()).await?.ok_or(NOT_FOUND)?;
    seen::note(&state, &who, Look::at_material(row.id, id, kind.as_str())).await?;
    application::material_response(&state, id, kind).await
}

/// A whole identity number.
#[derive(Serialize, ToSchema)]
pub struct IdentityNumber {
    /// The number.
    id_number: String,
}

/// The applicant's whole identity number. The look is written down.
#[utoipa::path(get, path = "/api/console/applications/{id}/identity-number", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = IdentityNumber), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn identity_number(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
) -> Result<Json<IdentityNumber>> {
    who.require(Act::ReadIdentity)?;
    let row = seen(&state, &who, id).await?;
    let person = identity::require_person(&state, row.account_id).await?;
    seen::note(&state, &who, Look::at_identity_number(id, "applicant")).await?;
    Ok(Json(IdentityNumber { id_number: person.id_number.to_string() }))
}

/// Which version was looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The `version` of the application that the reviewer saw.
    version: i32,
}

/// Approves. `APPLICATION_CHANGED` when it is no longer what the reviewer saw, `APPLICATION_HELD` when somebody else has
/// it in hand.
#[utoipa::path(post, path = "/api/console/applications/{id}/approval", tag = "console", params(("id" = Uuid, Path)), request_body = Approval,
    responses((status = 200, body = ConsoleApplication), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn approve(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
    Json(request): Json<Approval>,
) -> Result<Json<ConsoleApplication>> {
    begin(&state, &who, id).await?;
    let row = application::approve(&state, who.id, id, request.version).await?;
    finish(&state, &who, row).await
}

/// Which version was looked at, and what is wrong with it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The `version` of the application that the reviewer saw.
    version: i32,
    /// What the applicant is told, 2 to 500 characters.
    reason: String,
}

/// Refuses, with a reason. `APPLICATION_CHANGED` when it is no longer what the reviewer saw, `APPLICATION_HELD` when
/// somebody else has it in hand.
#[utoipa::path(post, path = "/api/console/applications/{id}/refusal", tag = "console", params(("id" = Uuid, Path)), request_body = Refusal,
    responses((status = 200, body = ConsoleApplication), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn refuse(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
    Json(request): Json<Refusal>,
) -> Result<Json<ConsoleApplication>> {
    let reason =
        application::rules::parse_reason(&request.reason).ok_or_else(|| FIELDS_INVALID.field("reason", "LENGTH"))?;
    begin(&state, &who, id).await?;
    let row = application::refuse(&state, who.id, id, request.version, &reason).await?;
    finish(&state, &who, row).await
}

/// What must hold before a decision: the asker's business, a role that decides, in nobody else's hand.
async fn begin(state: &AppState, who: &Reviewer, id: Uuid) -> Result<()> {
    seen(state, who, id).await?;
    who.require(Act::Decide)?;
    hold::check_free(&*state.db, state.now(), who, id).await
}

async fn finish(state: &AppState, who: &Reviewer, row: Application) -> Result<Json<ConsoleApplication>> {
    let tx = state.db.begin().await?;
    hold::forget(&tx, row.id).await?;
    tx.commit().await?;
    Ok(Json(load(state, who, row).await?))
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get))
        .routes(routes!(material))
        .routes(routes!(identity_number))
        .routes(routes!(approve))
        .routes(routes!(refuse))
}
