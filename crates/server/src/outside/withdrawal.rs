//! What is revoked, put on hold or taken off hold here is so there. The decision is written down with its own
//! transaction, and a worker tells the CA until the CA has done it.

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use pki::{
    Serial,
    cmp::{Answer, Refusal, Request, Transaction, Withdrawal},
};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select, Set, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    ca,
    entity::withdrawal::{ActiveModel, Column, Entity, Model},
    pause,
};
use crate::{
    app::AppState,
    certificate::{
        authority,
        entity::{certificate, encryption_certificate},
    },
    clock::new_id,
    error::{Problem, Result},
    pki_services::crl,
    storage::Tx,
};

/// Between two tries: twice as long each time, up to an hour.
const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(10);
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// How long one worker has for one, before another may try.
const HELD: SignedDuration = SignedDuration::from_mins(2);
const BATCH: u64 = 100;

/// Has the CA told of what was decided about a certificate and the one beside it, if it is a CA elsewhere that issued
/// them. `reason` is a word of RFC 5280 5.3.1; none: a hold is over.
pub async fn of_certificate(tx: &Tx, now: Timestamp, row: &certificate::Model, reason: Option<&str>) -> Result<()> {
    // Of one that is still being issued the CA is told when its conversation is given up.
    if row.der.is_none() || !authority::is_outside(&**tx, row.institution_id).await? {
        return Ok(());
    }
    put(tx, now, row.institution_id, &row.serial, reason).await?;
    let beside = encryption_certificate::Entity::find_by_id(row.id).one(&**tx).await?;
    match beside.filter(|beside| beside.der.is_some()) {
        Some(beside) => put(tx, now, row.institution_id, &beside.serial, reason).await,
        None => Ok(()),
    }
}

/// One serial number.
pub async fn put(tx: &Tx, now: Timestamp, institution_id: Uuid, serial: &str, reason: Option<&str>) -> Result<()> {
    let row = ActiveModel {
        id: Set(new_id(now)),
        institution_id: Set(institution_id),
        serial: Set(serial.to_owned()),
        reason: Set(reason.map(str::to_owned)),
        created_at: Set(now.as_millisecond()),
        due_at: Set(now.as_millisecond()),
        tries: Set(0),
        problem: Set(None),
        done_at: Set(None),
    };
    row.insert(&**tx).await?;
    Ok(())
}

/// How many the CA of this institution has not done yet.
pub async fn waiting(db: &impl ConnectionTrait, institution_id: Uuid) -> Result<u64, DbErr> {
    Entity::find().filter(Column::InstitutionId.eq(institution_id)).filter(Column::DoneAt.is_null()).count(db).await
}

/// Tells the CAs what is due, each beside the others; of several nodes one tells each. Returns how many were done.
pub async fn tell(state: &AppState) -> Result<u64> {
    let due = due(state).select_only().column(Column::InstitutionId).distinct();
    let institutions: Vec<Uuid> = due.into_tuple().all(&*state.db).await?;
    let told = institutions.into_iter().map(|institution_id| tell_one(state, institution_id));
    join_all(told).await.into_iter().sum()
}

/// Tells one CA, until it does not do something: the rest is asked for another time.
async fn tell_one(state: &AppState, institution_id: Uuid) -> Result<u64> {
    let some = due(state).filter(Column::InstitutionId.eq(institution_id)).order_by_asc(Column::Id).limit(BATCH);
    let mut done = 0;
    for row in some.all(&*state.db).await? {
        // A hold and its end are said in their order.
        if !first_of_its_certificate(state, &row).await? || !take(state, &row).await? {
            continue;
        }
        if !say(state, row).await? {
            break;
        }
        done += 1;
    }
    Ok(done)
}

fn due(state: &AppState) -> Select<Entity> {
    let now = state.now().as_millisecond();
    Entity::find().filter(Column::DoneAt.is_null()).filter(Column::DueAt.lte(now))
}

async fn first_of_its_certificate(state: &AppState, row: &Model) -> Result<bool> {
    let earlier = Entity::find()
        .filter(Column::InstitutionId.eq(row.institution_id))
        .filter(Column::Serial.eq(&row.serial))
        .filter(Column::DoneAt.is_null())
        .filter(Column::Id.lt(row.id));
    Ok(earlier.count(&*state.db).await? == 0)
}

/// Holds it for a while. After a crash it is told once more: a CA that has done it says so.
async fn take(state: &AppState, row: &Model) -> Result<bool> {
    let tx = state.db.begin().await?;
    let taken = Entity::update_many()
        .col_expr(Column::DueAt, Expr::value((state.now() + HELD).as_millisecond()))
        .filter(Column::Id.eq(row.id))
        .filter(Column::DueAt.eq(row.due_at))
        .filter(Column::DoneAt.is_null())
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(taken.rows_affected == 1)
}

async fn say(state: &AppState, row: Model) -> Result<bool> {
    let now = state.now();
    let (done, problem) = match ask(state, &row).await {
        Ok(problem) => (true, problem),
        Err(problem) => {
            tracing::error!(problem, serial = row.serial, tries = row.tries + 1, "a CA did not withdraw a certificate");
            (false, Some(problem))
        }
    };
    let wait = (RETRY_AFTER * (1 << row.tries.clamp(0, 10))).min(LONGEST);
    let (tries, institution_id) = (row.tries + 1, row.institution_id);
    let mut after = row.into_active_model();
    (after.tries, after.problem) = (Set(tries), Set(problem));
    after.due_at = Set((now + wait).as_millisecond());
    after.done_at = Set(done.then_some(now.as_millisecond()));
    let tx = state.db.begin().await?;
    after.update(&*tx).await?;
    if done {
        // Its list says something new.
        crl::invalidate(&*tx, institution_id).await?;
    }
    tx.commit().await?;
    Ok(done)
}

/// Asks the CA to do it. Well, perhaps with a remark; or what stands against it.
async fn ask(state: &AppState, row: &Model) -> Result<Option<String>, String> {
    let words = |problem: Problem| problem.to_string();
    let authority = authority::open(state, &*state.db, row.institution_id).await.map_err(words)?;
    let ca = ca(state, &authority.row.slug).map_err(words)?;
    let serial = Serial::from_hex(&row.serial).map_err(|error| error.to_string())?;
    let reason = row.reason.as_deref().map(|word| crl::reason(Some(word)));
    let which = Withdrawal { issuer: &authority.ca.tbs.subject, serial: &serial, reason };
    let mut talk = Transaction::begin().map_err(|error| error.to_string())?;
    let mut answer = ca.ask(&mut talk, Request::Withdraw(&which)).await.map_err(|error| error.to_string())?;
    for _ in 0..10 {
        let Answer::Waiting { seconds } = answer else { break };
        tokio::time::sleep(pause(seconds)).await;
        answer = ca.ask(&mut talk, Request::Poll).await.map_err(|error| error.to_string())?;
    }
    match answer {
        Answer::Withdrawn => Ok(None),
        // Nobody can be deceived by a certificate that is revoked already, or that the CA has never issued or confirmed.
        Answer::Refused(refusal)
            if reason.is_some()
                && [Refusal::REVOKED_ALREADY, Refusal::UNKNOWN].iter().any(|one| refusal.names(*one)) =>
        {
            Ok(Some(refusal.to_string()))
        }
        other => Err(format!("{other:?}")),
    }
}
