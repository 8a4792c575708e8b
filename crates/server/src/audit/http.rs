//! The audit log at the console: searched, exported, its chain checked.

use std::collections::HashMap;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Actor, Entry, csv,
    entity::{Column, Entity, Model},
    record,
    search::AuditQuery,
};
use crate::{
    account::entity::account as accounts,
    app::AppState,
    application::entity::application,
    clock::from_millis,
    console::{Reviewer, entity::reviewer, policy::Act},
    error::{ProblemBody, QUERY_INVALID, Result},
    extract::{Json, Query},
    institution::entity::institution,
    page,
    rate::Limit,
    relying::entity::relying_party,
};

/// Entries in one export.
const EXPORTED: u64 = 50_000;
/// Entries read at once for it.
const BATCH: u64 = 1_000;
/// Exports and checks read much.
const HEAVY: Limit = Limit { times: 20, window: SignedDuration::from_mins(10) };

/// An entry of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Place in the chain, from 1.
    pub seq: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `account`, `reviewer`, `relying_party` or `system`.
    pub actor_kind: String,
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<Uuid>,
    /// What they are called now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
    /// What was done: `noun.verb`.
    pub action: String,
    /// To what kind of thing.
    pub target_kind: String,
    /// To which one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_id: Option<Uuid>,
    /// What that is called now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_name: Option<String>,
    /// Facts about it.
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
    /// SM3 digest of this entry and the one before, hexadecimal.
    pub digest: String,
}

/// The entries with the names of those whom they speak of.
async fn named(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<AuditEntry>> {
    let mut ids: Vec<Uuid> = rows.iter().flat_map(|row| [row.actor_id, row.target_id]).flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut names: HashMap<Uuid, String> = HashMap::new();
    let staff = reviewer::Entity::find().filter(reviewer::Column::Id.is_in(ids.clone())).all(db).await?;
    names.extend(staff.into_iter().map(|row| (row.id, row.name)));
    let people = accounts::Entity::find().filter(accounts::Column::Id.is_in(ids.clone())).all(db).await?;
    names.extend(people.into_iter().filter_map(|row| Some((row.id, row.name?))));
    let askers = relying_party::Entity::find().filter(relying_party::Column::Id.is_in(ids.clone())).all(db).await?;
    names.extend(askers.into_iter().map(|row| (row.id, row.name)));
    let issuers = institution::Entity::find().filter(institution::Column::Id.is_in(ids.clone())).all(db).await?;
    names.extend(issuers.into_iter().map(|row| (row.id, row.name)));
    let about: Vec<(Uuid, String)> = application::Entity::find()
        .select_only()
        .columns([application::Column::Id, application::Column::SubjectName])
        .filter(application::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    names.extend(about);
    let name = |id: Option<Uuid>| id.and_then(|id| names.get(&id).cloned());
    let entry = |row: Model| AuditEntry {
        seq: row.seq,
        at: from_millis(row.at),
        actor_name: name(row.actor_id),
        target_name: name(row.target_id),
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        action: row.action,
        target_kind: row.target_kind,
        target_id: row.target_id,
        detail: serde_json::from_str(&row.detail).unwrap_or_default(),
        digest: hex::encode(row.digest),
    };
    Ok(rows.into_iter().map(entry).collect())
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

/// The audit log. An institution's auditor sees what its people did and what happened to what is its.
#[utoipa::path(get, path = "/api/console/audit", tag = "console", params(AuditQuery),
    responses((status = 200, body = AuditList), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn list(
    State(state): State<AppState>,
    who: Reviewer,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditList>> {
    who.require(Act::ReadAudit)?;
    let condition = query.condition(&*state.db, &who).await?;
    let before = query.cursor.as_deref().map(str::parse::<i64>).transpose().map_err(|_| QUERY_INVALID)?;
    let mut rows = below(&*state.db, condition, before, page::SIZE + 1).await?;
    // SIZE is far below what usize holds anywhere.
    let more = rows.len() > page::SIZE as usize;
    rows.truncate(page::SIZE as usize);
    let next_cursor = rows.last().filter(|_| more).map(|last| last.seq.to_string());
    Ok(Json(AuditList { items: named(&*state.db, rows).await?, next_cursor }))
}

async fn below(
    db: &impl ConnectionTrait,
    condition: sea_orm::Condition,
    before: Option<i64>,
    most: u64,
) -> Result<Vec<Model>> {
    let mut find = Entity::find().filter(condition).order_by_desc(Column::Seq).limit(most);
    if let Some(before) = before {
        find = find.filter(Column::Seq.lt(before));
    }
    Ok(find.all(db).await?)
}

/// The same as CSV, newest first, at most 50,000 entries. That it was taken stands in the log.
#[utoipa::path(get, path = "/api/console/audit.csv", tag = "console", params(AuditQuery),
    responses((status = 200, body = String, content_type = "text/csv"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn export(State(state): State<AppState>, who: Reviewer, Query(query): Query<AuditQuery>) -> Result<Response> {
    who.require(Act::ReadAudit)?;
    let condition = query.condition(&*state.db, &who).await?;
    state.rates.take("audit-export", &who.id.to_string(), HEAVY, state.now()).await?;
    let (mut text, mut before, mut count) = (csv::HEAD.to_owned(), None, 0);
    while count < EXPORTED {
        let rows = below(&*state.db, condition.clone(), before, BATCH).await?;
        let Some(last) = rows.last() else { break };
        before = Some(last.seq);
        count += rows.len() as u64;
        for entry in named(&*state.db, rows).await? {
            text.push_str(&csv::line(&entry));
        }
    }
    note(&state, &who, "audit.export", serde_json::json!({ "entries": count })).await?;
    let name = format!("attachment; filename=\"audit-{}.csv\"", state.now().strftime("%Y%m%d-%H%M%S"));
    let name = HeaderValue::from_str(&name).map_err(crate::error::Problem::internal)?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], text).into_response())
}

async fn note(state: &AppState, who: &Reviewer, action: &str, detail: serde_json::Value) -> Result<()> {
    let tx = state.db.begin().await?;
    let entry = Entry { actor: Actor::Reviewer(who.id), action, target_kind: "audit", target_id: None, detail };
    record(&tx, state.now(), entry).await?;
    Ok(tx.commit().await?)
}

/// What became of the check of the whole chain.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditVerification {
    /// Entries that were checked.
    checked: i64,
    /// The first entry whose digest or link is wrong; absent: none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_broken: Option<i64>,
    /// Digest of the last entry that was checked, hexadecimal: written down elsewhere, it shows later that nothing
    /// before it was changed.
    head: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// Checks the whole chain.
#[utoipa::path(post, path = "/api/console/audit/verification", tag = "console",
    responses((status = 200, body = AuditVerification), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn verify(State(state): State<AppState>, who: Reviewer) -> Result<Json<AuditVerification>> {
    who.require(Act::VerifyAudit)?;
    state.rates.take("audit-verification", &who.id.to_string(), HEAVY, state.now()).await?;
    let walk = super::walk(&*state.db).await?;
    let detail = serde_json::json!({ "checked": walk.checked, "first_broken": walk.first_broken });
    note(&state, &who, "audit.verify", detail).await?;
    Ok(Json(AuditVerification {
        checked: walk.checked,
        first_broken: walk.first_broken,
        head: hex::encode(walk.head),
        at: state.now(),
    }))
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(export)).routes(routes!(verify))
}
