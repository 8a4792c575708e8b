//! The job that issues a certificate in place of each live one that a fault touches, with the same key, subject and end: the
//! keys are split and stay, no phone is needed.
//!
//! It goes in rounds of two short transactions. The first takes some certificates in hand and stores serial numbers and
//! octets to be signed; then they are signed; the second makes the new ones valid and revokes the old ones. Whatever is
//! interrupted in between is finished by the next round, of whichever node, from what was stored.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, Set};
use serde_json::json;
use uuid::Uuid;

use super::{
    entity::{fault, reissue_job, reissued},
    rules::JobState,
    service, store, successor,
};
use crate::{
    app::AppState,
    audit::Actor,
    certificate::{authority, authority::Authority, entity::certificate},
    error::{NOT_FOUND, Result},
    institution::{Institution, entity::institution},
    issuance,
    message::{self, Action, Draft},
    outside::{ISSUER_BUSY, ISSUER_REFUSED},
    storage::Tx,
};

/// Certificates of one round: others who want to write wait for some ten milliseconds.
const BATCH: u64 = 25;

/// Goes on with every job that runs, until nothing can be done; returns how many certificates it has dealt with.
pub async fn work(state: &AppState) -> Result<u64> {
    let running = reissue_job::Entity::find().filter(reissue_job::Column::State.eq(JobState::Running.as_str()));
    let mut dealt_with = 0;
    for job in running.all(&*state.db).await? {
        // Institutions whose CA elsewhere is not ready; the others' certificates do not wait for them.
        let mut resting = Vec::new();
        while take(state, job.fault_id, &resting).await? {
            let rested = resting.len();
            let some = finish(state, job.fault_id, &mut resting).await?;
            if some == 0 && resting.len() == rested {
                break;
            }
            dealt_with += some;
        }
    }
    Ok(dealt_with)
}

/// The fault of a job that runs, and the institutions that issue nothing now; none if nothing is to be done.
async fn running(tx: &Tx, fault_id: Uuid, resting: &[Uuid]) -> Result<Option<(fault::Model, Vec<Uuid>)>> {
    let job = reissue_job::Entity::find_by_id(fault_id).one(&**tx).await?;
    if job.is_none_or(|job| job.state != JobState::Running.as_str()) {
        return Ok(None);
    }
    let fault = service::find(&**tx, fault_id).await?;
    Ok(issuance::store::halted(&**tx).await?.map(|halted| (fault, [&halted, resting].concat())))
}

/// First transaction of a round: whether there is something to sign, other than at institutions that are `resting`. A
/// job that has nothing left is done.
pub async fn take(state: &AppState, fault_id: Uuid, resting: &[Uuid]) -> Result<bool> {
    let tx = state.db.begin().await?;
    let Some((fault, except)) = running(&tx, fault_id, resting).await? else { return Ok(false) };
    if !store::unfinished(&*tx, fault_id, &except, 1).await?.is_empty() {
        return Ok(true);
    }
    let some = store::left(&*tx, &fault, state.now(), &except, BATCH).await?;
    if some.is_empty() {
        if store::may_go_on(&*tx, &fault, state.now(), &except).await? {
            end(state, &tx, &fault).await?;
            tx.commit().await?;
        }
        return Ok(false);
    }
    let mut issuers = Issuers::default();
    for old in some {
        let issuer = issuers.of(state, &tx, old.institution_id).await?;
        let intended = successor::intend(state, &tx, issuer, &old).await?;
        let row = reissued::ActiveModel {
            old_id: Set(old.id),
            new_id: Set(intended.as_ref().ok().map(|new| new.id)),
            fault_id: Set(fault_id),
            institution_id: Set(old.institution_id),
            account_id: Set(old.account_id),
            problem: Set(intended.as_ref().err().map(ToString::to_string)),
            intended_at: Set(state.now().as_millisecond()),
            // What cannot be made is over.
            done_at: Set(intended.is_err().then(|| state.now().as_millisecond())),
        };
        row.insert(&*tx).await?;
    }
    tx.commit().await?;
    Ok(true)
}

async fn end(state: &AppState, tx: &Tx, fault: &fault::Model) -> Result<()> {
    let job = reissue_job::Entity::find_by_id(fault.id).one(&**tx).await?.ok_or(NOT_FOUND)?;
    let mut job = job.into_active_model();
    (job.state, job.done_at) = (Set(JobState::Done.as_str().to_owned()), Set(Some(state.now().as_millisecond())));
    job.update(&**tx).await?;
    let (reissued, failed) = store::outcome(&**tx, fault.id).await?;
    let detail = json!({ "name": fault.name, "reissued": reissued, "failed": failed });
    service::record(state, tx, Actor::System, "fault.reissue_done", fault.id, detail).await
}

/// Signs what was taken in hand, and second transaction of a round.
async fn finish(state: &AppState, fault_id: Uuid, resting: &mut Vec<Uuid>) -> Result<u64> {
    let before = resting.clone();
    let mut signed = sign(state, fault_id, resting).await?;
    let mut tx = state.db.begin().await?;
    let Some((_, except)) = running(&tx, fault_id, &before).await? else { return Ok(0) };
    let mut dealt_with = 0;
    for row in store::unfinished(&*tx, fault_id, &except, BATCH).await? {
        let Some(signed) = signed.remove(&row.old_id) else { continue };
        let first = !store::told(&*tx, fault_id, row.account_id).await?;
        let problem = match &signed {
            Ok(signed) if successor::replace(state, &tx, &row, signed).await? => None,
            Ok(_) => Some("ended meanwhile"),
            Err(problem) => Some(*problem),
        };
        let mut over = row.clone().into_active_model();
        over.done_at = Set(Some(state.now().as_millisecond()));
        if let (Some(problem), Some(new_id)) = (problem, row.new_id) {
            successor::forget(state, &tx, new_id).await?;
            (over.new_id, over.problem) = (Set(None), Set(Some(problem.to_owned())));
        }
        over.update(&*tx).await?;
        dealt_with += 1;
        if let (Ok(signed), None, true) = (&signed, problem, first) {
            let issuer = institution::Entity::find_by_id(row.institution_id).one(&*tx).await?.ok_or(NOT_FOUND)?;
            tell(state, &mut tx, &signed.new, &issuer).await?;
        }
    }
    tx.commit().await?;
    Ok(dealt_with)
}

/// By the old certificate: the new one signed, or why it never will be. Institutions whose CA is not ready come to rest.
async fn sign(
    state: &AppState,
    fault_id: Uuid,
    resting: &mut Vec<Uuid>,
) -> Result<HashMap<Uuid, Result<successor::Signed, &'static str>>> {
    let Some(halted) = issuance::store::halted(&*state.db).await? else { return Ok(HashMap::new()) };
    let except = [&halted, &**resting].concat();
    let mut authorities: HashMap<Uuid, Authority> = HashMap::new();
    let (mut busy, mut away) = (HashSet::new(), HashSet::new());
    let mut signed = HashMap::new();
    for row in store::unfinished(&*state.db, fault_id, &except, BATCH).await? {
        if away.contains(&row.institution_id) {
            continue;
        }
        let new = match row.new_id {
            Some(id) => certificate::Entity::find_by_id(id).one(&*state.db).await?,
            None => None,
        };
        // Another node has finished it meanwhile.
        let Some(new) = new else { continue };
        let authority = match authorities.entry(new.institution_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(authority::open(state, &*state.db, new.institution_id).await?),
        };
        match successor::sign(state, authority, new).await {
            Ok(one) => {
                signed.insert(row.old_id, Ok(one));
            }
            Err(problem) if problem.kind() == ISSUER_REFUSED => {
                signed.insert(row.old_id, Err("refused by the CA"));
            }
            // It thinks about each of them for a while, and about several at once.
            Err(problem) if problem.kind() == ISSUER_BUSY => {
                busy.insert(row.institution_id);
            }
            Err(problem) if authority.is_outside() => {
                tracing::warn!(%problem, slug = authority.row.slug, "a CA does not answer");
                away.insert(row.institution_id);
            }
            Err(problem) => return Err(problem),
        }
    }
    resting.extend(&busy | &away);
    Ok(signed)
}

/// One message to each owner, however many certificates they have.
async fn tell(state: &AppState, tx: &mut Tx, new: &certificate::Model, issuer: &Institution) -> Result<()> {
    let (name, name_en) = (&issuer.name, &issuer.name_en);
    let draft = Draft {
        kind: "certificate_reissued",
        title: ("证书已自动换发", "Your certificate was replaced"),
        body: (
            format!(
                "{name}更换了一批证书，您的证书已自动换发为新证书。密钥、证书密码和有效期均不变，无需任何操作；原证书已注销。"
            ),
            format!(
                "{name_en} has replaced a batch of certificates, yours among them. Key, PIN and end stay the same and \
                 there is nothing for you to do; the old certificate is revoked."
            ),
        ),
        action: Some(Action::OpenCertificate(new.id)),
    };
    message::post(tx, state.now(), new.account_id, draft).await?;
    Ok(())
}

/// The institutions of a round with their CAs.
#[derive(Default)]
struct Issuers(HashMap<Uuid, (Institution, Authority)>);

impl Issuers {
    async fn of(&mut self, state: &AppState, tx: &Tx, id: Uuid) -> Result<&(Institution, Authority)> {
        Ok(match self.0.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let row = institution::Entity::find_by_id(id).one(&**tx).await?.ok_or(NOT_FOUND)?;
                place.insert((row, authority::open(state, &**tx, id).await?))
            }
        })
    }
}
