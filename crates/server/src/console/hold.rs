//! Who has an application in hand. Opening one takes it for a few minutes; somebody else sees whose it is and may take it
//! over, which is written down.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, Set, sea_query::OnConflict};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Reviewer,
    entity::{hold, reviewer},
    policy::Act,
    review, rules,
};
use crate::{
    app::AppState,
    application::{problems::WRONG_STATE, rules::State as Stage},
    audit::{self, Actor},
    clock::from_millis,
    error::{Kind, ProblemBody, Result},
    extract::{Json, Path},
    storage::Tx,
};

const APPLICATION_HELD: Kind =
    Kind::new(409, "APPLICATION_HELD", "另一位审核员正在处理该申请", "Another reviewer is working on this application");

/// That somebody has an application in hand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReviewHold {
    /// Who.
    reviewer_id: Uuid,
    /// Their name.
    name: String,
    /// Whether that is the asker.
    mine: bool,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    taken_at: Timestamp,
    /// Until when, unless it is renewed.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// The holds of these applications that have not run out.
pub async fn of(
    db: &impl ConnectionTrait,
    now: Timestamp,
    who: &Reviewer,
    applications: &[Uuid],
) -> Result<HashMap<Uuid, ReviewHold>> {
    let rows = hold::Entity::find()
        .filter(hold::Column::ApplicationId.is_in(applications.iter().copied()))
        .filter(hold::Column::ExpiresAt.gt(now.as_millisecond()))
        .all(db)
        .await?;
    let names = names(db, rows.iter().map(|row| row.reviewer_id).collect()).await?;
    let name = |row: &hold::Model| names.get(&row.reviewer_id).cloned().unwrap_or_default();
    Ok(rows.into_iter().map(|row| (row.application_id, view(who, &row, name(&row)))).collect())
}

/// Names of people at the console.
pub async fn names(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<HashMap<Uuid, String>> {
    let people = reviewer::Entity::find().filter(reviewer::Column::Id.is_in(ids)).all(db).await?;
    Ok(people.into_iter().map(|person| (person.id, person.name)).collect())
}

fn view(who: &Reviewer, row: &hold::Model, name: String) -> ReviewHold {
    ReviewHold {
        reviewer_id: row.reviewer_id,
        name,
        mine: row.reviewer_id == who.id,
        taken_at: from_millis(row.taken_at),
        expires_at: from_millis(row.expires_at),
    }
}

/// Refuses while somebody else has the application in hand.
pub async fn check_free(db: &impl ConnectionTrait, now: Timestamp, who: &Reviewer, id: Uuid) -> Result<()> {
    match of(db, now, who, &[id]).await?.remove(&id) {
        Some(hold) if !hold.mine => Err(held(&hold)),
        _ => Ok(()),
    }
}

fn held(hold: &ReviewHold) -> crate::error::Problem {
    let detail = (format!("{} 正在处理该申请", hold.name), format!("{} is working on this application", hold.name));
    let problem = APPLICATION_HELD.detail(detail.0, detail.1);
    problem.with("name", hold.name.clone()).with("expires_at", hold.expires_at.to_string())
}

/// Lets an application go, because it has been decided.
pub async fn forget(tx: &Tx, id: Uuid) -> Result<()> {
    hold::Entity::delete_by_id(id).exec(&**tx).await?;
    Ok(())
}

/// How to take it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHold {
    /// Whether to take it out of somebody else's hand.
    #[serde(default)]
    take_over: bool,
}

/// Takes an application in hand for five minutes, or keeps it. `APPLICATION_HELD` when somebody else has it, unless it
/// is taken over.
#[utoipa::path(put, path = "/api/console/applications/{id}/hold", tag = "console", params(("id" = Uuid, Path)), request_body = NewHold,
    responses((status = 200, body = ReviewHold), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn take(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
    Json(request): Json<NewHold>,
) -> Result<Json<ReviewHold>> {
    let row = review::seen(&state, &who, id).await?;
    who.require(Act::Decide)?;
    if !matches!(row.state()?, Stage::WithReviewer | Stage::WithSecondReviewer) {
        return Err(WRONG_STATE.problem().with("state", row.state.clone()));
    }
    let now = state.now();
    let tx = state.db.begin().await?;
    let before = of(&*tx, now, &who, &[id]).await?.remove(&id);
    let since = match &before {
        Some(hold) if hold.mine => hold.taken_at.as_millisecond(),
        Some(hold) if !request.take_over => return Err(held(hold)),
        _ => now.as_millisecond(),
    };
    let expires_at = (now + rules::HOLD_LIFETIME).as_millisecond();
    let row = hold::Model { application_id: id, reviewer_id: who.id, taken_at: since, expires_at };
    write(&tx, &row).await?;
    if let Some(other) = before.filter(|hold| !hold.mine) {
        let entry = audit::Entry {
            actor: Actor::Reviewer(who.id),
            action: "application.take_over",
            target_kind: "application",
            target_id: Some(id),
            detail: json!({ "from": other.reviewer_id }),
        };
        audit::record(&tx, now, entry).await?;
    }
    tx.commit().await?;
    Ok(Json(view(&who, &row, who.name.clone())))
}

async fn write(tx: &Tx, row: &hold::Model) -> Result<()> {
    use hold::Column;
    let fresh = hold::ActiveModel {
        application_id: Set(row.application_id),
        reviewer_id: Set(row.reviewer_id),
        taken_at: Set(row.taken_at),
        expires_at: Set(row.expires_at),
    };
    let replace = OnConflict::column(Column::ApplicationId)
        .update_columns([Column::ReviewerId, Column::TakenAt, Column::ExpiresAt])
        .to_owned();
    hold::Entity::insert(fresh).on_conflict(replace).exec_without_returning(&**tx).await?;
    Ok(())
}

/// Lets an application go that the asker has in hand. Doing it again changes nothing.
#[utoipa::path(delete, path = "/api/console/applications/{id}/hold", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn release(State(state): State<AppState>, who: Reviewer, Path(id): Path<Uuid>) -> Result<StatusCode> {
    review::seen(&state, &who, id).await?;
    who.require(Act::Decide)?;
    let tx = state.db.begin().await?;
    hold::Entity::delete_many()
        .filter(hold::Column::ApplicationId.eq(id))
        .filter(hold::Column::ReviewerId.eq(who.id))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(take, release))
}
