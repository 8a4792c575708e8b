//! What a fault touches, page by page and as a file.

use std::collections::HashMap;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    entity::{fault, reissued},
    service, store,
};
use crate::{
    app::AppState,
    audit::{Actor, csv},
    certificate::{
        entity::certificate::{Column, Entity, Model},
        rules::CertificateState,
        store as certificates,
    },
    clock::from_millis,
    console::{Reviewer, policy::Act},
    error::{Problem, ProblemBody, QUERY_INVALID, Result},
    extract::{Json, Path, Query},
    institution::{InstitutionRef, entity::institution},
    page,
};

/// Certificates read at once for a file.
const BATCH: u64 = 1_000;
/// The first line of a file, with the mark by which spreadsheets know UTF-8.
const HEAD: &str = "\u{feff}serial,subject,kind,institution,issued_at,not_after,state,replaced_by\r\n";

/// A certificate that a fault touches.
#[derive(Debug, Serialize, ToSchema)]
pub struct TouchedCertificate {
    /// Names it.
    id: Uuid,
    /// Serial number, hexadecimal.
    serial: String,
    /// Whom it names.
    subject_name: String,
    /// `personal` or `enterprise`.
    kind: String,
    /// Who issued it.
    institution: InstitutionRef,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    issued_at: Timestamp,
    /// Its end.
    #[schema(value_type = String, format = DateTime)]
    not_after: Timestamp,
    /// Whether it may be used.
    state: CertificateState,
    /// Serial number of the one in its place, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_by: Option<String>,
}

/// A page of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct TouchedCertificates {
    /// Newest first.
    items: Vec<TouchedCertificate>,
    /// Names the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TouchedQuery {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Newest first, after a certificate.
fn after(find: Select<Entity>, cursor: Option<(i64, Uuid)>) -> Select<Entity> {
    let find = find.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
    let Some((at, id)) = cursor else { return find };
    let same = Condition::all().add(Column::CreatedAt.eq(at)).add(Column::Id.lt(id));
    find.filter(Condition::any().add(Column::CreatedAt.lt(at)).add(same))
}

async fn shown(
    db: &impl ConnectionTrait,
    now: Timestamp,
    fault: &fault::Model,
    rows: Vec<Model>,
) -> Result<Vec<TouchedCertificate>> {
    let issuers = institution::Entity::find().all(db).await?;
    let replaced = reissued::Entity::find()
        .filter(reissued::Column::FaultId.eq(fault.id))
        .filter(reissued::Column::OldId.is_in(rows.iter().map(|row| row.id)))
        .filter(reissued::Column::DoneAt.is_not_null())
        .all(db)
        .await?;
    let successors: Vec<(Uuid, String)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Serial])
        .filter(Column::Id.is_in(replaced.iter().filter_map(|row| row.new_id)))
        .into_tuple()
        .all(db)
        .await?;
    let serials: HashMap<Uuid, String> = successors.into_iter().collect();
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let issuer = issuers.iter().find(|issuer| issuer.id == row.institution_id);
        let (Some(issuer), Some(state)) = (issuer, certificates::state(&row, now)) else {
            return Err(Problem::internal("a certificate of an unknown institution or state"));
        };
        let successor = replaced.iter().find(|one| one.old_id == row.id).and_then(|one| one.new_id);
        items.push(TouchedCertificate {
            institution: InstitutionRef::from(issuer),
            state,
            replaced_by: successor.and_then(|id| serials.get(&id).cloned()),
            id: row.id,
            serial: row.serial,
            subject_name: row.subject_name,
            kind: row.kind,
            issued_at: from_millis(row.created_at),
            not_after: from_millis(row.not_after),
        });
    }
    Ok(items)
}

/// The certificates that a fault touches.
#[utoipa::path(get, path = "/api/console/faults/{id}/certificates", tag = "console", params(("id" = Uuid, Path), TouchedQuery),
    responses((status = 200, body = TouchedCertificates), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn certificates(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
    Query(query): Query<TouchedQuery>,
) -> Result<Json<TouchedCertificates>> {
    who.require(Act::ReadFaults)?;
    let fault = service::find(&*state.db, id).await?;
    let cursor = match query.cursor.as_deref() {
        Some(cursor) => Some(page::parse(cursor).ok_or(QUERY_INVALID)?),
        None => None,
    };
    let rows = after(store::touched(&fault), cursor).limit(page::SIZE + 1).all(&*state.db).await?;
    let (rows, next_cursor) = page::cut(rows, |row| (row.created_at, row.id));
    Ok(Json(TouchedCertificates { items: shown(&*state.db, state.now(), &fault, rows).await?, next_cursor }))
}

/// The same as CSV, all of them. That it was taken stands in the audit log.
#[utoipa::path(get, path = "/api/console/faults/{id}/certificates.csv", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/csv"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn export(State(state): State<AppState>, who: Reviewer, Path(id): Path<Uuid>) -> Result<Response> {
    who.require(Act::ReadFaults)?;
    let fault = service::find(&*state.db, id).await?;
    let tx = state.db.begin().await?;
    let detail = json!({ "name": fault.name, "touched": store::touched(&fault).count(&*tx).await? });
    service::record(&state, &tx, Actor::Reviewer(who.id), "fault.export", id, detail).await?;
    tx.commit().await?;
    let name = format!("attachment; filename=\"fault-{}.csv\"", state.now().strftime("%Y%m%d-%H%M%S"));
    let name = HeaderValue::from_str(&name).map_err(Problem::internal)?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    let lines = async_stream::stream! {
        yield Ok::<_, Problem>(HEAD.to_owned());
        let mut cursor = None;
        loop {
            let some = lines(&state, &fault, cursor).await;
            match some {
                Ok((_, None)) => break,
                Ok((text, last)) => { cursor = last; yield Ok(text); }
                // The file ends in the middle, and whoever fetches it learns that it is broken.
                Err(problem) => { yield Err(problem); break; }
            }
        }
    };
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], Body::from_stream(lines)).into_response())
}

/// Some lines, and what comes after them; none at the end.
async fn lines(
    state: &AppState,
    fault: &fault::Model,
    cursor: Option<(i64, Uuid)>,
) -> Result<(String, Option<(i64, Uuid)>)> {
    let rows = after(store::touched(fault), cursor).limit(BATCH).all(&*state.db).await?;
    let last = rows.last().map(|row| (row.created_at, row.id));
    let items = shown(&*state.db, state.now(), fault, rows).await?;
    Ok((items.iter().map(line).collect(), last))
}

fn line(one: &TouchedCertificate) -> String {
    let state = serde_json::to_value(one.state).ok().and_then(|word| word.as_str().map(str::to_owned));
    csv::row(&[
        one.serial.clone(),
        one.subject_name.clone(),
        one.kind.clone(),
        one.institution.name.clone(),
        one.issued_at.to_string(),
        one.not_after.to_string(),
        state.unwrap_or_default(),
        one.replaced_by.clone().unwrap_or_default(),
    ])
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(certificates)).routes(routes!(export))
}
