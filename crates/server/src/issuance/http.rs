//! The halt switch at the console. Everybody there sees what is halted of theirs; operators turn it.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{entity::Model, rules::Voice, service, store};
use crate::{
    app::AppState,
    clock::from_millis,
    console::{Reviewer, entity::reviewer, policy::Act},
    error::{ProblemBody, Result},
    extract::{Json, Path},
    institution::{InstitutionRef, entity::institution},
};

/// A wish to resume that waits for another person.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResumptionWish {
    /// Who; absent: the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// Whether that is the asker.
    mine: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What they said.
    reason: String,
}

/// A halt in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssuanceHalt {
    /// Names it.
    id: Uuid,
    /// What is halted; absent: the whole platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    institution: Option<InstitutionRef>,
    /// Why.
    reason: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    halted_at: Timestamp,
    /// Who halted it; absent: the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    halted_by: Option<String>,
    /// Whether two must agree before it goes on.
    four_eyes: bool,
    /// The first of the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    wish: Option<ResumptionWish>,
}

/// How issuance stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Issuance {
    /// What is halted, oldest first; empty: everything runs.
    halts: Vec<IssuanceHalt>,
}

async fn standing(state: &AppState, who: &Reviewer) -> Result<Issuance> {
    let rows = store::concerning(&*state.db, who.institution_id).await?;
    let people: Vec<Uuid> = rows.iter().flat_map(|row| [row.halted_by, row.asked_by]).flatten().collect();
    let people = reviewer::Entity::find().filter(reviewer::Column::Id.is_in(people)).all(&*state.db).await?;
    let name = |id: Option<Uuid>| people.iter().find(|one| Some(one.id) == id).map(|one| one.name.clone());
    let mut halts = Vec::with_capacity(rows.len());
    for row in rows {
        let institution = match row.institution_id {
            Some(id) => institution::Entity::find_by_id(id).one(&*state.db).await?,
            None => None,
        };
        let Model { id, institution_id, reason, halted_at, halted_by, asked_at, asked_by, asked_reason, .. } = row;
        halts.push(IssuanceHalt {
            id,
            institution: institution.as_ref().map(InstitutionRef::from),
            reason,
            halted_at: from_millis(halted_at),
            halted_by: name(halted_by),
            four_eyes: store::wants_four_eyes(&*state.db, institution_id).await?,
            wish: asked_at.map(|at| ResumptionWish {
                by: name(asked_by),
                mine: asked_by == Some(who.id),
                at: from_millis(at),
                reason: asked_reason.unwrap_or_default(),
            }),
        });
    }
    Ok(Issuance { halts })
}

/// What is halted of the asker's scope.
#[utoipa::path(get, path = "/api/console/issuance", tag = "console",
    responses((status = 200, body = Issuance), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get(State(state): State<AppState>, who: Reviewer) -> Result<Json<Issuance>> {
    who.require(Act::ReadCertificates)?;
    Ok(Json(standing(&state, &who).await?))
}

/// What is to be halted, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHalt {
    /// Absent: the whole platform.
    #[serde(default)]
    institution_id: Option<Uuid>,
    /// For the console and the audit log, 2 to 500 characters.
    reason: String,
}

/// Halts issuance at once, at every node.
#[utoipa::path(post, path = "/api/console/issuance/halts", tag = "console", request_body = NewHalt,
    responses((status = 201, body = Issuance), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn halt(
    State(state): State<AppState>,
    who: Reviewer,
    Json(new): Json<NewHalt>,
) -> Result<(StatusCode, Json<Issuance>)> {
    who.require(Act::HaltIssuance)?;
    service::halt(&state.db, state.now(), Voice(Some(who.id)), new.institution_id, &new.reason).await?;
    Ok((StatusCode::CREATED, Json(standing(&state, &who).await?)))
}

/// Why it may go on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HaltEnd {
    /// For the audit log and the second person, 2 to 500 characters.
    reason: String,
}

/// Lets issuance go on; where four eyes are wanted, the first call asks and another person's call does it.
#[utoipa::path(post, path = "/api/console/issuance/halts/{id}/resumption", tag = "console", params(("id" = Uuid, Path)), request_body = HaltEnd,
    responses((status = 200, body = Issuance), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn resume(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
    Json(end): Json<HaltEnd>,
) -> Result<Json<Issuance>> {
    who.require(Act::HaltIssuance)?;
    service::resume(&state.db, state.now(), Voice(Some(who.id)), id, &end.reason).await?;
    Ok(Json(standing(&state, &who).await?))
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get)).routes(routes!(halt)).routes(routes!(resume))
}
