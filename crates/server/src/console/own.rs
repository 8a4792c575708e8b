//! What everybody at the console does with their own login: the password, the sessions, the linked account.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    Set,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Reviewer,
    entity::{reviewer, session},
    rules, service,
    session::ConsoleSession,
    staff,
};
use crate::{
    app::AppState,
    audit::{self, Actor},
    clock::from_millis,
    error::{FIELDS_INVALID, NOT_FOUND, NOT_LOGGED_IN, ProblemBody, Result},
    extract::{Json, Path},
    password,
    scan::model::short_user_agent,
};

/// A login at the console.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsoleSessionItem {
    /// Names it.
    id: Uuid,
    /// Where it began.
    address: String,
    /// Program and system in a few words.
    user_agent_short: String,
    /// `password` or `scan`.
    method: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Whether this request belongs to it.
    current: bool,
}

/// One's own logins.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsoleSessionList {
    /// Newest first.
    items: Vec<ConsoleSessionItem>,
}

/// One's own logins that have not ended.
#[utoipa::path(get, path = "/api/console/sessions", tag = "console",
    responses((status = 200, body = ConsoleSessionList), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn sessions(State(state): State<AppState>, who: Reviewer) -> Result<Json<ConsoleSessionList>> {
    let rows = session::Entity::find()
        .filter(session::Column::ReviewerId.eq(who.id))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(state.now().as_millisecond()))
        .order_by_desc(session::Column::CreatedAt)
        .all(&*state.db)
        .await?;
    let items = rows.into_iter().map(|row| ConsoleSessionItem {
        id: row.id,
        user_agent_short: short_user_agent(&row.user_agent),
        address: row.address,
        method: row.method,
        created_at: from_millis(row.created_at),
        expires_at: from_millis(row.expires_at),
        current: row.id == who.session_id,
    });
    Ok(Json(ConsoleSessionList { items: items.collect() }))
}

/// Ends one of one's own logins.
#[utoipa::path(delete, path = "/api/console/sessions/{id}", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn end_session(State(state): State<AppState>, who: Reviewer, Path(id): Path<Uuid>) -> Result<StatusCode> {
    let now = state.now();
    let tx = state.db.begin().await?;
    let ended = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, now.as_millisecond().into())
        .filter(session::Column::Id.eq(id))
        .filter(session::Column::ReviewerId.eq(who.id))
        .filter(session::Column::EndedAt.is_null())
        .exec(&*tx)
        .await?;
    if ended.rows_affected == 0 {
        return Err(NOT_FOUND.into());
    }
    service::record(&tx, now, who.id, "console_session.end", id, json!({ "from": who.session_id })).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The password that is, and the one that will be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsolePasswordChange {
    /// The password that is.
    #[schema(max_length = 200)]
    current: String,
    /// 12 to 64 characters of at least two kinds, without the login name.
    #[schema(max_length = 200)]
    password: String,
}

/// Changes one's own password; the other logins end. `fields.password` says why one will not do: `LENGTH`, `KINDS`,
/// `NAME`, `POPULAR`, `CONTROL`, `SAME`.
#[utoipa::path(put, path = "/api/console/me/password", tag = "console", request_body = ConsolePasswordChange,
    responses((status = 200, body = ConsoleSession), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn change_password(
    State(state): State<AppState>,
    who: Reviewer,
    Json(request): Json<ConsolePasswordChange>,
) -> Result<Json<ConsoleSession>> {
    if request.current.len() > 200 {
        return Err(FIELDS_INVALID.field("current", "LENGTH"));
    }
    if let Some(weakness) = rules::password_weakness(&request.password, &who.username) {
        return Err(FIELDS_INVALID.field("password", weakness));
    }
    if request.password == request.current {
        return Err(FIELDS_INVALID.field("password", "SAME"));
    }
    let now = state.now();
    let find = reviewer::Entity::find_by_id(who.id);
    let seen = find.clone().one(&*state.db).await?.ok_or(NOT_LOGGED_IN)?;
    service::check_unlocked(&seen, now)?;
    let right = password::verify(request.current, Some(seen.password_hash.clone())).await?;
    let hash = password::hash(request.password).await?;
    let tx = state.db.begin().await?;
    let row = find.one(&*tx).await?.ok_or(NOT_LOGGED_IN)?;
    service::check_unlocked(&row, now)?;
    if !right || row.password_hash != seen.password_hash {
        // A session left open must not become a way to guess.
        service::count_failure(&state, tx, row).await?;
        return Err(FIELDS_INVALID.field("current", "WRONG"));
    }
    let mut row = row.into_active_model();
    row.password_hash = Set(hash);
    row.password_changed_at = Set(Some(now.as_millisecond()));
    row.failures = Set(0);
    row.update(&*tx).await?;
    let ended = service::end_sessions(&tx, now, who.id, Some(who.session_id)).await?;
    let entry = audit::Entry {
        actor: Actor::Reviewer(who.id),
        action: "reviewer.password",
        target_kind: "reviewer",
        target_id: Some(who.id),
        detail: json!({ "ended": ended }),
    };
    audit::record(&tx, now, entry).await?;
    tx.commit().await?;
    Ok(Json(ConsoleSession::of(&state, who).await?))
}

/// Takes one's own linked account off; the password opens again.
#[utoipa::path(delete, path = "/api/console/me/account", tag = "console",
    responses((status = 200, body = ConsoleSession), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn unlink(State(state): State<AppState>, who: Reviewer) -> Result<Json<ConsoleSession>> {
    staff::unlink(&state, &who, who.id).await?;
    Ok(Json(ConsoleSession::of(&state, who).await?))
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(sessions))
        .routes(routes!(end_session))
        .routes(routes!(change_password))
        .routes(routes!(unlink))
}
