//! Authorisations (授权管理): what an administrator sees and takes back, what a clerk sees of their own, and the platforms
//! to choose from.

use std::collections::HashMap;

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Authorisation,
    rules::{AuthorisationState, Permission, SealKind},
    service, store,
};
use crate::{
    account::{Account, entity::account},
    app::AppState,
    application::entity::application,
    clock::from_millis,
    enterprise::{self, entity::enterprise as enterprises},
    error::{ProblemBody, Result},
    extract::{Json, Path},
    relying::{self, PlatformRef, entity::relying_party},
};

/// Platforms.
#[derive(Debug, Serialize, ToSchema)]
pub struct Platforms {
    /// By name.
    items: Vec<PlatformRef>,
}

/// The platforms for which somebody can be authorised.
#[utoipa::path(get, path = "/api/platforms", tag = "authorisations",
    responses((status = 200, body = Platforms), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn platforms(State(state): State<AppState>, _: Account) -> Result<Json<Platforms>> {
    let rows = relying_party::Entity::find()
        .filter(relying_party::Column::ClientId.is_not_in(relying::BUILT_INS))
        .order_by_asc(relying_party::Column::Name)
        .all(&*state.db)
        .await?;
    Ok(Json(Platforms { items: rows.into_iter().map(PlatformRef::from).collect() }))
}

/// An authorisation. What has ended stays in the history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Authorisation)]
pub struct AuthorisationBody {
    /// Its id.
    id: Uuid,
    /// For which enterprise.
    enterprise_id: Uuid,
    /// Its full name.
    enterprise_name: String,
    /// Who may.
    account_id: Uuid,
    /// Real name.
    person_name: String,
    /// At which platform; none: at every one.
    platform: Option<PlatformRef>,
    /// What.
    permissions: Vec<Permission>,
    /// With which seals.
    seals: Vec<SealKind>,
    /// First moment.
    #[schema(value_type = String, format = DateTime)]
    valid_from: Timestamp,
    /// Last moment.
    #[schema(value_type = String, format = DateTime)]
    valid_to: Timestamp,
    /// Whether it is good now.
    state: AuthorisationState,
    /// When it was granted.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was ended before its time.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// Why: `deleted`, `left` or `transferred`.
    end_reason: Option<String>,
    /// The certificate that came with it.
    certificate_id: Option<Uuid>,
}

/// Authorisations.
#[derive(Debug, Serialize, ToSchema)]
pub struct Authorisations {
    /// Newest first.
    items: Vec<AuthorisationBody>,
}

async fn bodies(db: &impl ConnectionTrait, now: Timestamp, rows: Vec<Authorisation>) -> Result<Json<Authorisations>> {
    let people = account::Entity::find()
        .filter(account::Column::Id.is_in(rows.iter().map(|row| row.account_id)))
        .all(db)
        .await?;
    let people: HashMap<_, _> = people.into_iter().map(|row| (row.id, row.name.unwrap_or_default())).collect();
    let platforms = relying_party::Entity::find()
        .filter(relying_party::Column::Id.is_in(rows.iter().filter_map(|row| row.relying_party_id)))
        .all(db)
        .await?;
    let named = enterprises::Entity::find()
        .filter(enterprises::Column::Id.is_in(rows.iter().map(|row| row.enterprise_id)))
        .all(db)
        .await?;
    let applied = application::Entity::find()
        .filter(application::Column::Id.is_in(rows.iter().filter_map(|row| row.application_id)))
        .all(db)
        .await?;
    let platform = |id: Uuid| platforms.iter().find(|row| row.id == id).cloned().map(PlatformRef::from);
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let enterprise = named.iter().find(|one| one.id == row.enterprise_id);
        let application = applied.iter().find(|one| Some(one.id) == row.application_id);
        items.push(AuthorisationBody {
            id: row.id,
            enterprise_id: row.enterprise_id,
            enterprise_name: enterprise.map(|one| one.name.clone()).unwrap_or_default(),
            account_id: row.account_id,
            person_name: people.get(&row.account_id).cloned().unwrap_or_default(),
            platform: row.relying_party_id.and_then(platform),
            permissions: row.permissions()?,
            seals: row.seals()?,
            valid_from: from_millis(row.valid_from),
            valid_to: from_millis(row.valid_to),
            state: row.granted()?.state(now),
            created_at: from_millis(row.created_at),
            ended_at: row.ended_at.map(from_millis),
            end_reason: row.end_reason,
            certificate_id: application.and_then(|one| one.certificate_id),
        });
    }
    Ok(Json(Authorisations { items }))
}

/// Everything that was ever granted in an enterprise. For its administrator.
#[utoipa::path(get, path = "/api/enterprises/{id}/authorisations", tag = "authorisations", params(("id" = Uuid, Path)),
    responses((status = 200, body = Authorisations), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn of_enterprise(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
) -> Result<Json<Authorisations>> {
    enterprise::store::require_admin(&*state.db, id, who.id).await?;
    bodies(&*state.db, state.now(), store::of_enterprise(&*state.db, id).await?).await
}

/// Everything that the user of this phone was ever granted.
#[utoipa::path(get, path = "/api/authorisations", tag = "authorisations",
    responses((status = 200, body = Authorisations), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn mine(State(state): State<AppState>, who: Account) -> Result<Json<Authorisations>> {
    bodies(&*state.db, state.now(), store::of_account(&*state.db, who.id).await?).await
}

/// Takes an authorisation back, effective at once: a signing that is under way breaks off. For the administrator.
#[utoipa::path(delete, path = "/api/authorisations/{id}", tag = "authorisations", params(("id" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn delete(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<StatusCode> {
    service::delete(&state, who.id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(platforms))
        .routes(routes!(of_enterprise))
        .routes(routes!(mine))
        .routes(routes!(delete))
}
