//! The page of people who work at the console.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Reviewer,
    entity::{reviewer, session},
    policy::{Act, Role},
    staff::{self, Change},
};
use crate::{
    app::AppState,
    clock::from_millis,
    error::{NOT_FOUND, ProblemBody, Result},
    extract::{Json, Path},
    institution::{InstitutionRef, entity::institution as institutions},
};

/// Somebody who works at the console, as those see who manage them.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffMember {
    /// Its id.
    id: Uuid,
    /// Login name.
    username: String,
    /// Name shown.
    name: String,
    /// What they are.
    role: Role,
    /// Where; null: the platform's own.
    institution: Option<InstitutionRef>,
    /// Since when they may not log in.
    #[schema(value_type = Option<String>, format = DateTime)]
    disabled_at: Option<Timestamp>,
    /// Whether their phone is linked.
    linked: bool,
    /// Whether their password opens anything.
    password_login: bool,
    /// Whether they have never changed the password that was printed for them.
    password_temporary: bool,
    /// Whether the password can never be switched off.
    break_glass: bool,
    /// When they last logged in.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_login_at: Option<Timestamp>,
    /// When they were made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Whether the asker may change them.
    may_change: bool,
}

/// Everybody in the asker's scope.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffList {
    /// By institution and login name.
    items: Vec<StaffMember>,
}

struct Views {
    institutions: HashMap<Uuid, InstitutionRef>,
    logins: HashMap<Uuid, i64>,
}

impl Views {
    async fn load(state: &AppState) -> Result<Self> {
        let rows = institutions::Entity::find().all(&*state.db).await?;
        let logins: Vec<(Uuid, i64)> = session::Entity::find()
            .select_only()
            .column(session::Column::ReviewerId)
            .column_as(session::Column::CreatedAt.max(), "last")
            .group_by(session::Column::ReviewerId)
            .into_tuple()
            .all(&*state.db)
            .await?;
        let institutions = rows.iter().map(|row| (row.id, InstitutionRef::from(row))).collect();
        Ok(Self { institutions, logins: logins.into_iter().collect() })
    }

    fn of(&self, who: &Reviewer, row: reviewer::Model) -> Result<StaffMember> {
        let role = row.role()?;
        Ok(StaffMember {
            id: row.id,
            role,
            institution: row.institution_id.and_then(|id| self.institutions.get(&id).cloned()),
            disabled_at: row.disabled_at.map(from_millis),
            linked: row.account_id.is_some(),
            password_login: row.password_login,
            password_temporary: row.password_login && row.password_changed_at.is_none(),
            break_glass: row.break_glass,
            last_login_at: self.logins.get(&row.id).copied().map(from_millis),
            created_at: from_millis(row.created_at),
            may_change: who.may(Act::ManageReviewers) && who.role.manages(role) && who.id != row.id,
            username: row.username,
            name: row.name,
        })
    }
}

async fn view(state: &AppState, who: &Reviewer, row: reviewer::Model) -> Result<Json<StaffMember>> {
    Ok(Json(Views::load(state).await?.of(who, row)?))
}

/// Everybody who works at the console: an institution's people see their own.
#[utoipa::path(get, path = "/api/console/reviewers", tag = "console",
    responses((status = 200, body = StaffList), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn list(State(state): State<AppState>, who: Reviewer) -> Result<Json<StaffList>> {
    who.require(Act::ReadReviewers)?;
    let mut find = reviewer::Entity::find();
    if let Some(institution) = who.institution_id {
        find = find.filter(reviewer::Column::InstitutionId.eq(institution));
    }
    let find = find.order_by_asc(reviewer::Column::InstitutionId).order_by_asc(reviewer::Column::Username);
    let (rows, views) = (find.all(&*state.db).await?, Views::load(&state).await?);
    let items = rows.into_iter().map(|row| views.of(&who, row)).collect::<Result<_>>()?;
    Ok(Json(StaffList { items }))
}

/// Somebody to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStaffMember {
    /// 1 to 50 Latin letters, digits, `.`, `_` or `-`.
    username: String,
    /// 1 to 50 characters.
    name: String,
    /// What they are.
    role: Role,
    /// Where; absent: the platform's own.
    #[serde(default)]
    institution_id: Option<Uuid>,
}

/// Somebody who has just been made, with a password that is shown once.
#[derive(Serialize, ToSchema)]
pub struct CreatedStaffMember {
    /// The person.
    reviewer: StaffMember,
    /// The first password; nowhere kept.
    password: String,
}

/// Makes somebody. The password in the answer is shown once and nowhere kept.
#[utoipa::path(post, path = "/api/console/reviewers", tag = "console", request_body = NewStaffMember,
    responses((status = 201, body = CreatedStaffMember), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn create(
    State(state): State<AppState>,
    who: Reviewer,
    Json(new): Json<NewStaffMember>,
) -> Result<(StatusCode, Json<CreatedStaffMember>)> {
    let institution_id = new.institution_id;
    let (row, password) = staff::create(&state, &who, (&new.username, &new.name), new.role, institution_id).await?;
    let Json(reviewer) = view(&state, &who, row).await?;
    Ok((StatusCode::CREATED, Json(CreatedStaffMember { reviewer, password })))
}

/// What is changed; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffChange {
    /// 1 to 50 characters.
    #[serde(default)]
    name: Option<String>,
    /// What they are.
    #[serde(default)]
    role: Option<Role>,
    /// Whether they may not log in; their logins end.
    #[serde(default)]
    disabled: Option<bool>,
    /// Whether their password opens anything; it can be switched off once their phone is linked.
    #[serde(default)]
    password_login: Option<bool>,
}

/// Changes somebody.
#[utoipa::path(patch, path = "/api/console/reviewers/{id}", tag = "console", params(("id" = Uuid, Path)), request_body = StaffChange,
    responses((status = 200, body = StaffMember), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn change(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
    Json(request): Json<StaffChange>,
) -> Result<Json<StaffMember>> {
    let StaffChange { name, role, disabled, password_login } = request;
    let row = staff::change(&state, &who, id, Change { name, role, disabled, password_login }).await?;
    view(&state, &who, row).await
}

/// A password that is shown once.
#[derive(Serialize, ToSchema)]
pub struct PrintedPassword {
    /// Nowhere kept.
    password: String,
}

/// Gives somebody a new password, shown once; their logins end.
#[utoipa::path(post, path = "/api/console/reviewers/{id}/password-reset", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = PrintedPassword), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn reset_password(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
) -> Result<Json<PrintedPassword>> {
    Ok(Json(PrintedPassword { password: staff::reset_password(&state, &who, id).await? }))
}

/// Takes somebody's linked account off, because the phone is lost or another's; the password opens again.
#[utoipa::path(delete, path = "/api/console/reviewers/{id}/account", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = StaffMember), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn unlink(State(state): State<AppState>, who: Reviewer, Path(id): Path<Uuid>) -> Result<Json<StaffMember>> {
    if reviewer::Entity::find_by_id(id).one(&*state.db).await?.is_none() {
        return Err(NOT_FOUND.into());
    }
    let row = staff::unlink(&state, &who, id).await?;
    view(&state, &who, row).await
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(change))
        .routes(routes!(reset_password))
        .routes(routes!(unlink))
}
