//! The audit log at the console, for reviewers of the platform itself.

use axum::extract::State;
use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::entity::{Column, Entity, Model};
use crate::{
    app::AppState,
    clock::from_millis,
    console::Reviewer,
    error::{FORBIDDEN, ProblemBody, QUERY_INVALID, Result},
    extract::{Json, Query},
    page,
};

/// An entry of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Place in the chain, from 1.
    seq: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `account`, `reviewer`, `relying_party` or `system`.
    actor_kind: String,
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_id: Option<Uuid>,
    /// What was done: `noun.verb`.
    action: String,
    /// To what kind of thing.
    target_kind: String,
    /// To which one.
    #[serde(skip_serializing_if = "Option::is_none")]
    target_id: Option<Uuid>,
    /// Facts about it.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
    /// SM3 digest of this entry and the one before, hexadecimal.
    digest: String,
}

impl From<Model> for AuditEntry {
    fn from(row: Model) -> Self {
        Self {
            seq: row.seq,
            at: from_millis(row.at),
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            action: row.action,
            target_kind: row.target_kind,
            target_id: row.target_id,
            detail: serde_json::from_str(&row.detail).unwrap_or_default(),
            digest: hex::encode(row.digest),
        }
    }
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditList {
    /// Newest first.
    items: Vec<AuditEntry>,
    /// Names the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The audit log. Reviewers of an institution may not read it: it tells of all.
#[utoipa::path(get, path = "/api/console/audit", tag = "console", params(AuditQuery),
    responses((status = 200, body = AuditList), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn list(
    State(state): State<AppState>,
    who: Reviewer,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditList>> {
    if who.institution_id.is_some() {
        return Err(FORBIDDEN.into());
    }
    let mut find = Entity::find().order_by_desc(Column::Seq).limit(page::SIZE);
    if let Some(cursor) = query.cursor {
        let before: i64 = cursor.parse().map_err(|_| QUERY_INVALID)?;
        find = find.filter(Column::Seq.lt(before));
    }
    let rows = find.all(&*state.db).await?;
    // The first entry has number 1.
    let next_cursor = rows.last().filter(|last| last.seq > 1).map(|last| last.seq.to_string());
    Ok(Json(AuditList { items: rows.into_iter().map(AuditEntry::from).collect(), next_cursor }))
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}
