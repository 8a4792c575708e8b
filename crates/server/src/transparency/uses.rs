//! What was done with one's own key, each with what its digest covers and the proof that it stands in the log.

use std::collections::HashMap;

use axum::extract::State;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use pki::log::Plan;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::ExprTrait as _,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    http::{LogHead, newest, words},
    tree,
};
use crate::{
    account::Account,
    app::AppState,
    audit::entity as entries,
    certificate::entity::certificate,
    error::{NOT_FOUND, ProblemBody, QUERY_INVALID, Result},
    extract::{Json, Path, Query},
    page,
    relying::entity::relying_party,
    scan::entity as scan_request,
};

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UsesQuery {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// One thing that was done with the key, or to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateUse {
    /// Place in the log, from 1. Its leaf is number `seq - 1`.
    seq: i64,
    /// Unix milliseconds.
    at: i64,
    /// `account`, `reviewer`, `relying_party` or `system`.
    actor_kind: String,
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_id: Option<Uuid>,
    /// What: `certificate.issue`, `key.sign`, and so on.
    action: String,
    /// `certificate` or `key`.
    target_kind: String,
    /// Which.
    #[serde(skip_serializing_if = "Option::is_none")]
    target_id: Option<Uuid>,
    /// JSON text; its very octets are covered.
    detail: String,
    /// Base64 digest of the entry before.
    previous: String,
    /// Base64 digest of this entry.
    digest: String,
    /// Base64 hashes of the proof against `head`, from the leaf upwards (RFC 9162 section 2.1.3); absent while the entry
    /// is younger than the head, which passes in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<Vec<String>>,
    /// What the system that asked for a signature is called now.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked_by: Option<String>,
}

/// A page of uses.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateUses {
    /// The head that the proofs lead to.
    head: LogHead,
    /// Newest first.
    items: Vec<CertificateUse>,
    /// Names the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What was done with the key of one of one's own certificates, as it stands in the transparency log.
#[utoipa::path(
    get, path = "/api/certificates/{id}/uses", tag = "log", params(("id" = Uuid, Path), UsesQuery),
    responses((status = 200, body = CertificateUses), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn uses(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
    Query(query): Query<UsesQuery>,
) -> Result<Json<CertificateUses>> {
    let before = query.cursor.as_deref().map(str::parse::<i64>).transpose();
    let before = before.map_err(|_| QUERY_INVALID.field("cursor", "INVALID"))?;
    let row = certificate::Entity::find_by_id(id).one(&*state.db).await?;
    let row = row.filter(|row| row.account_id == who.id && row.der.is_some()).ok_or(NOT_FOUND)?;
    let head = newest(&*state.db).await?;
    let (mut rows, next_cursor) = page_of(&*state.db, &row, before).await?;
    let plan = |row: &entries::Model| Plan::inclusion(tree::number(head.size), tree::number(row.seq - 1));
    let plans: Vec<Option<Plan>> = rows.iter().map(plan).collect();
    let filled = tree::fill(&*state.db, &plans.iter().flatten().cloned().collect::<Vec<_>>()).await?;
    let mut filled = filled.into_iter();
    let askers = askers(&*state.db, &rows).await?;
    let items = rows.drain(..).zip(plans).map(|(row, plan)| CertificateUse {
        proof: plan.and_then(|_| filled.next()).map(words),
        asked_by: task(&row).and_then(|task| askers.get(&task).cloned()),
        seq: row.seq,
        at: row.at,
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        action: row.action,
        target_kind: row.target_kind,
        target_id: row.target_id,
        detail: row.detail,
        previous: BASE64.encode(row.previous),
        digest: BASE64.encode(row.digest),
    });
    Ok(Json(CertificateUses { items: items.collect(), head, next_cursor }))
}

async fn page_of(
    db: &impl ConnectionTrait,
    row: &certificate::Model,
    before: Option<i64>,
) -> Result<(Vec<entries::Model>, Option<String>)> {
    use entries::Column;
    let mut find = entries::Entity::find()
        .filter(Column::TargetId.is_in([row.id, row.key_id]))
        // What staff write about a certificate reaches its owner as a message, not from here.
        .filter(Column::Action.eq("certificate.issue").or(Column::Action.starts_with("key.")))
        .order_by_desc(Column::Seq)
        .limit(page::SIZE + 1);
    if let Some(before) = before {
        find = find.filter(Column::Seq.lt(before));
    }
    let mut rows = find.all(db).await?;
    // SIZE is far below what usize holds anywhere.
    let more = rows.len() > page::SIZE as usize;
    rows.truncate(page::SIZE as usize);
    let next = rows.last().filter(|_| more).map(|last| last.seq.to_string());
    Ok((rows, next))
}

/// The task of a signature.
fn task(row: &entries::Model) -> Option<Uuid> {
    let detail: serde_json::Value = serde_json::from_str(&row.detail).ok()?;
    detail["task"].as_str()?.parse().ok()
}

/// Names of those who asked, by task.
async fn askers(db: &impl ConnectionTrait, rows: &[entries::Model]) -> Result<HashMap<Uuid, String>> {
    let tasks = rows.iter().filter_map(task).collect::<Vec<_>>();
    let asked: Vec<(Uuid, Uuid)> = scan_request::Entity::find()
        .select_only()
        .columns([scan_request::Column::Id, scan_request::Column::RelyingPartyId])
        .filter(scan_request::Column::Id.is_in(tasks))
        .into_tuple()
        .all(db)
        .await?;
    let ids = asked.iter().map(|(_, asker)| *asker).collect::<Vec<_>>();
    let parties = relying_party::Entity::find().filter(relying_party::Column::Id.is_in(ids)).all(db).await?;
    let names: HashMap<Uuid, String> = parties.into_iter().map(|row| (row.id, row.name)).collect();
    Ok(asked.into_iter().filter_map(|(task, asker)| Some((task, names.get(&asker)?.clone()))).collect())
}
