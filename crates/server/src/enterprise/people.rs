//! The people of an enterprise (人员管理): who belongs to it, and invitations.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Membership,
    entity::invitation::Model as Row,
    invitation::{self, Answer},
    membership,
    problems::ADMIN_STAYS,
    rules::{InvitationState, Role},
    store,
};
use crate::{
    account::{Account, entity::account, rules::mask_phone},
    app::AppState,
    certificate::{self, entity::certificate as certificates},
    clock::from_millis,
    error::{NOT_FOUND, ProblemBody, Result},
    extract::{Json, Path},
    identity::rules::mask_name,
};

/// Somebody who belongs to an enterprise.
#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    /// The account.
    account_id: Uuid,
    /// Real name.
    name: String,
    /// `138****8000`.
    phone_masked: String,
    /// What the person is in it.
    role: Role,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    joined_at: Timestamp,
    /// Certificates of the enterprise that the person may use.
    certificates: usize,
}

/// Everybody who belongs to an enterprise.
#[derive(Debug, Serialize, ToSchema)]
pub struct Members {
    /// In the order of joining.
    items: Vec<Member>,
}

async fn bodies(state: &AppState, enterprise_id: Uuid, rows: Vec<Membership>) -> Result<Vec<Member>> {
    let db = &*state.db;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.account_id).collect();
    let people = account::Entity::find().filter(account::Column::Id.is_in(ids)).all(db).await?;
    let usable = certificate::store::usable(state.now()).filter(certificates::Column::EnterpriseId.eq(enterprise_id));
    let held = usable.all(db).await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(person) = people.iter().find(|person| person.id == row.account_id) else { continue };
        items.push(Member {
            account_id: row.account_id,
            name: person.name.clone().unwrap_or_default(),
            phone_masked: mask_phone(&person.phone),
            role: row.role()?,
            joined_at: from_millis(row.joined_at),
            certificates: held.iter().filter(|certificate| certificate.account_id == row.account_id).count(),
        });
    }
    Ok(items)
}

/// Everybody who belongs to an enterprise. For its administrator.
#[utoipa::path(get, path = "/api/enterprises/{id}/members", tag = "enterprises", params(("id" = Uuid, Path)),
    responses((status = 200, body = Members), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn members(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<Members>> {
    store::require_admin(&*state.db, id, who.id).await?;
    let rows = store::members(&*state.db, id).await?;
    Ok(Json(Members { items: bodies(&state, id, rows).await? }))
}

/// One person who belongs to an enterprise. For its administrator.
#[utoipa::path(get, path = "/api/enterprises/{id}/members/{account_id}", tag = "enterprises",
    params(("id" = Uuid, Path), ("account_id" = Uuid, Path)),
    responses((status = 200, body = Member), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn member(
    State(state): State<AppState>,
    who: Account,
    Path((id, account_id)): Path<(Uuid, Uuid)>,
) -> Result<Json<Member>> {
    store::require_admin(&*state.db, id, who.id).await?;
    let row = store::membership(&*state.db, id, account_id).await?.ok_or(NOT_FOUND)?;
    let body = bodies(&state, id, vec![row]).await?.pop();
    Ok(Json(body.ok_or(NOT_FOUND)?))
}

/// Deletes a person: at once their certificates of the enterprise are revoked and their authorisations end. For its
/// administrator, who cannot delete themselves.
#[utoipa::path(delete, path = "/api/enterprises/{id}/members/{account_id}", tag = "enterprises",
    params(("id" = Uuid, Path), ("account_id" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn delete_member(
    State(state): State<AppState>,
    who: Account,
    Path((id, account_id)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode> {
    store::require_admin(&*state.db, id, who.id).await?;
    if account_id == who.id {
        return Err(ADMIN_STAYS.into());
    }
    membership::delete(&state, who.id, id, account_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// Real name.
    #[schema(max_length = 50)]
    name: String,
    /// Mobile number, 11 digits.
    #[schema(example = "13800138000")]
    phone: String,
}

/// An invitation, to the enterprise's administrator.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentInvitation {
    /// Its id.
    id: Uuid,
    /// The name that was invited.
    name: String,
    /// `138****8000`.
    phone_masked: String,
    /// Where it stands.
    state: InvitationState,
    /// When it was sent.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ends unanswered.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// When it was answered or taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Timestamp>,
}

impl SentInvitation {
    fn new(row: Row, now: Timestamp) -> Result<Self> {
        Ok(Self {
            id: row.id,
            state: row.state_at(now)?,
            phone_masked: mask_phone(&row.phone),
            created_at: from_millis(row.created_at),
            expires_at: from_millis(row.expires_at),
            answered_at: row.answered_at.map(from_millis),
            name: row.name,
        })
    }
}

/// Invitations of an enterprise.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentInvitations {
    /// Newest first.
    items: Vec<SentInvitation>,
}

/// The invitations of an enterprise. For its administrator.
#[utoipa::path(get, path = "/api/enterprises/{id}/invitations", tag = "enterprises", params(("id" = Uuid, Path)),
    responses((status = 200, body = SentInvitations), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn sent(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<SentInvitations>> {
    store::require_admin(&*state.db, id, who.id).await?;
    let rows = invitation::of_enterprise(&*state.db, id).await?;
    let items = rows.into_iter().map(|row| SentInvitation::new(row, state.now())).collect::<Result<_>>()?;
    Ok(Json(SentInvitations { items }))
}

/// Invites a person by name and phone number. For the administrator. While an invitation waits, inviting the same person
/// again is that invitation.
#[utoipa::path(post, path = "/api/enterprises/{id}/invitations", tag = "enterprises", params(("id" = Uuid, Path)),
    request_body = NewInvitation,
    responses((status = 201, body = SentInvitation), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn invite(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
    Json(new): Json<NewInvitation>,
) -> Result<(StatusCode, Json<SentInvitation>)> {
    let row = invitation::invite(&state, who.id, id, &new.name, new.phone.trim()).await?;
    Ok((StatusCode::CREATED, Json(SentInvitation::new(row, state.now())?)))
}

/// Takes an invitation back. For the administrator.
#[utoipa::path(delete, path = "/api/enterprises/{id}/invitations/{invitation_id}", tag = "enterprises",
    params(("id" = Uuid, Path), ("invitation_id" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn take_back(
    State(state): State<AppState>,
    who: Account,
    Path((id, invitation_id)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode> {
    invitation::cancel(&state, who.id, id, invitation_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An invitation, to the person who is invited.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    /// Its id.
    id: Uuid,
    /// Into which enterprise.
    enterprise_id: Uuid,
    /// Its full name.
    enterprise_name: String,
    /// Its unified social credit code.
    credit_code: String,
    /// `韦*花`: who invites.
    invited_by_masked: String,
    /// The name that was invited; to accept, it must be the person's real name.
    name: String,
    /// Where it stands.
    state: InvitationState,
    /// When it was sent.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ends unanswered.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

async fn body(state: &AppState, row: Row) -> Result<Invitation> {
    let enterprise = store::find(&*state.db, row.enterprise_id).await?;
    let host = account::Entity::find_by_id(row.invited_by).one(&*state.db).await?;
    Ok(Invitation {
        id: row.id,
        state: row.state_at(state.now())?,
        enterprise_id: enterprise.id,
        enterprise_name: enterprise.name,
        credit_code: enterprise.credit_code,
        invited_by_masked: mask_name(&host.and_then(|host| host.name).unwrap_or_default()),
        name: row.name,
        created_at: from_millis(row.created_at),
        expires_at: from_millis(row.expires_at),
    })
}

/// Invitations of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitations {
    /// Newest first.
    items: Vec<Invitation>,
}

/// What the user of this phone is invited to, and what they have answered.
#[utoipa::path(get, path = "/api/invitations", tag = "enterprises",
    responses((status = 200, body = Invitations), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn mine(State(state): State<AppState>, who: Account) -> Result<Json<Invitations>> {
    let person = who.row(&state).await?;
    let mut items = Vec::new();
    for row in invitation::of_person(&*state.db, state.now(), &person).await? {
        items.push(body(&state, row).await?);
    }
    Ok(Json(Invitations { items }))
}

/// Accepts: the user becomes a clerk. The invited name must be the user's verified real name.
#[utoipa::path(post, path = "/api/invitations/{id}/acceptance", tag = "enterprises", params(("id" = Uuid, Path)),
    responses((status = 200, body = Invitation), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn accept(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<Invitation>> {
    let row = invitation::answer(&state, who.id, id, Answer::Accept).await?;
    Ok(Json(body(&state, row).await?))
}

/// Declines.
#[utoipa::path(post, path = "/api/invitations/{id}/refusal", tag = "enterprises", params(("id" = Uuid, Path)),
    responses((status = 200, body = Invitation), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn decline(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<Invitation>> {
    let row = invitation::answer(&state, who.id, id, Answer::Decline).await?;
    Ok(Json(body(&state, row).await?))
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(members))
        .routes(routes!(member, delete_member))
        .routes(routes!(sent, invite))
        .routes(routes!(take_back))
        .routes(routes!(mine))
        .routes(routes!(accept))
        .routes(routes!(decline))
}
