//! Opening a fault, and starting and pausing the re-issue of what it touches. Each leaves an audit entry.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, Set,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    entity::{fault, fault_serial, reissue_job, reissued},
    rules::{FaultCriteria, JobState},
    store,
};
use crate::{
    app::AppState,
    audit::{self, Actor},
    certificate::authority,
    clock::from_millis,
    error::{FIELDS_INVALID, Kind, NOT_FOUND, Result},
    institution::{
        self,
        entity::{institution as institutions, product},
    },
    storage::Tx,
};

const NOTHING_TO_REISSUE: Kind = Kind::new(
    409,
    "NOTHING_TO_REISSUE",
    "该问题没有影响任何仍有效的证书，无需换发",
    "The fault touches no certificate that is still good; there is nothing to re-issue",
);
const JOB_STANDS: Kind = Kind::new(
    409,
    "JOB_STANDS",
    "换发任务已不在该状态，请刷新后再试",
    "The job is in another state meanwhile; reload and try again",
);

/// A fault to be opened.
pub struct New {
    /// What people call it.
    pub name: String,
    /// What went wrong; may be empty.
    pub note: String,
    /// What it touches.
    pub criteria: FaultCriteria,
}

/// Opens a fault. Nothing happens to any certificate yet.
pub async fn open(state: &AppState, by: Uuid, new: New) -> Result<fault::Model> {
    let name = institution::line(&new.name, 2, 80).ok_or_else(|| FIELDS_INVALID.field("name", "INVALID"))?;
    let note = institution::line(&new.note, 0, 500).ok_or_else(|| FIELDS_INVALID.field("note", "INVALID"))?;
    let criteria = new.criteria.checked().map_err(|(field, code)| FIELDS_INVALID.field(field, code))?;
    let tx = state.db.begin().await?;
    let institution_id = issuer(&tx, &criteria).await?;
    if let Some(id) = criteria.product_id
        && product::Entity::find_by_id(id).one(&*tx).await?.is_none()
    {
        return Err(FIELDS_INVALID.field("product_id", "UNKNOWN"));
    }
    let row = fault::ActiveModel {
        id: Set(state.new_id()),
        name: Set(name),
        note: Set(note),
        institution_id: Set(institution_id),
        ca_serial: Set(criteria.ca_serial.clone()),
        issued_from: Set(criteria.issued_from.map(jiff::Timestamp::as_millisecond)),
        issued_to: Set(criteria.issued_to.map(jiff::Timestamp::as_millisecond)),
        kind: Set(criteria.kind.map(|kind| kind.as_str().to_owned())),
        product_id: Set(criteria.product_id),
        listed: Set(!criteria.serials.is_empty()),
        opened_by: Set(by),
        opened_at: Set(state.now().as_millisecond()),
    };
    let row = row.insert(&*tx).await?;
    for some in criteria.serials.chunks(500) {
        let rows =
            some.iter().map(|serial| fault_serial::ActiveModel { fault_id: Set(row.id), serial: Set(serial.clone()) });
        fault_serial::Entity::insert_many(rows).exec_without_returning(&*tx).await?;
    }
    let touched = store::touched(&row).count(&*tx).await?;
    let detail = json!({
        "name": row.name,
        "institution": row.institution_id,
        "ca_serial": row.ca_serial,
        "issued_from": row.issued_from.map(from_millis),
        "issued_to": row.issued_to.map(from_millis),
        "kind": row.kind,
        "product": row.product_id,
        "serials": criteria.serials.len(),
        "touched": touched,
    });
    record(state, &tx, Actor::Reviewer(by), "fault.open", row.id, detail).await?;
    tx.commit().await?;
    Ok(row)
}

/// The institution that the criteria name: by itself, by its CA's serial number, or both alike.
async fn issuer(tx: &Tx, criteria: &FaultCriteria) -> Result<Option<Uuid>> {
    if let Some(id) = criteria.institution_id
        && institutions::Entity::find_by_id(id).one(&**tx).await?.is_none()
    {
        return Err(FIELDS_INVALID.field("institution_id", "UNKNOWN"));
    }
    let Some(serial) = &criteria.ca_serial else { return Ok(criteria.institution_id) };
    let all = authority::all(&**tx).await?;
    let found = all.into_iter().find(|(.., ca)| ca.tbs.serial.to_string() == *serial);
    let (row, ..) = found.ok_or_else(|| FIELDS_INVALID.field("ca_serial", "UNKNOWN"))?;
    if criteria.institution_id.is_some_and(|id| id != row.institution_id) {
        return Err(FIELDS_INVALID.field("ca_serial", "FOREIGN"));
    }
    Ok(Some(row.institution_id))
}

/// The fault of that id.
pub async fn find(db: &impl sea_orm::ConnectionTrait, id: Uuid) -> Result<fault::Model> {
    fault::Entity::find_by_id(id).one(db).await?.ok_or_else(|| NOT_FOUND.problem())
}

/// Starts the job of a fault, or lets it go on: after a pause, and once more for what failed or was touched since.
pub async fn start(state: &AppState, by: Uuid, id: Uuid) -> Result<()> {
    let now = state.now();
    let tx = state.db.begin().await?;
    let fault = find(&*tx, id).await?;
    let job = reissue_job::Entity::find_by_id(id).one(&*tx).await?;
    if job.as_ref().is_some_and(|job| job.state == JobState::Running.as_str()) {
        return Err(JOB_STANDS.into());
    }
    let paused = job.as_ref().is_some_and(|job| job.state == JobState::Paused.as_str());
    if !paused {
        // What failed gets another try.
        reissued::Entity::delete_many()
            .filter(reissued::Column::FaultId.eq(id))
            .filter(reissued::Column::Problem.is_not_null())
            .exec(&*tx)
            .await?;
    }
    let live = store::live(&fault, now).count(&*tx).await?;
    if live == 0 && !paused {
        return Err(NOTHING_TO_REISSUE.into());
    }
    let running = Set(JobState::Running.as_str().to_owned());
    match job {
        Some(job) => {
            let (reissued, _) = store::outcome(&*tx, id).await?;
            let total = if paused { job.total } else { count(reissued + live) };
            let mut job = job.into_active_model();
            (job.state, job.total, job.done_at) = (running, Set(total), Set(None));
            job.update(&*tx).await?;
        }
        None => {
            let job = reissue_job::ActiveModel {
                fault_id: Set(id),
                state: running,
                total: Set(count(live)),
                started_by: Set(by),
                started_at: Set(now.as_millisecond()),
                done_at: Set(None),
            };
            job.insert(&*tx).await?;
        }
    }
    let action = if paused { "fault.reissue_continue" } else { "fault.reissue" };
    record(state, &tx, Actor::Reviewer(by), action, id, json!({ "name": fault.name, "live": live })).await?;
    Ok(tx.commit().await?)
}

fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// Stops the job until somebody lets it go on.
pub async fn pause(state: &AppState, by: Uuid, id: Uuid) -> Result<()> {
    let tx = state.db.begin().await?;
    let fault = find(&*tx, id).await?;
    let job = reissue_job::Entity::find_by_id(id).one(&*tx).await?;
    let job = job.filter(|job| job.state == JobState::Running.as_str()).ok_or(JOB_STANDS)?;
    let mut job = job.into_active_model();
    job.state = Set(JobState::Paused.as_str().to_owned());
    job.update(&*tx).await?;
    record(state, &tx, Actor::Reviewer(by), "fault.reissue_pause", id, json!({ "name": fault.name })).await?;
    Ok(tx.commit().await?)
}

/// An audit entry about a fault.
pub(super) async fn record(
    state: &AppState,
    tx: &Tx,
    actor: Actor,
    action: &str,
    id: Uuid,
    detail: Value,
) -> Result<()> {
    let entry = audit::Entry { actor, action, target_kind: "fault", target_id: Some(id), detail };
    Ok(audit::record(tx, state.now(), entry).await?)
}
