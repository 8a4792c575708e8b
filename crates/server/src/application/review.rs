//! What is decided about an application: by the reviewer, and by the applicant who takes it back.

use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, Set};
use uuid::Uuid;

use super::{
    Application, completion,
    drafts::own,
    entity::application,
    letters,
    problems::{APPLICATION_CHANGED, ENTERPRISE_CLAIMED, SECOND_REVIEWER_NEEDED, WRONG_STATE},
    rules::{Ending, Event, Kind, State},
    seals::{self, Seal},
    store::{self, Extra, Mover},
    submission::{claim_slot, refuse_claimed},
};
use crate::{
    app::AppState,
    error::{NOT_FOUND, Problem, Result},
    storage::Tx,
};

/// Takes an application back before it is decided.
pub async fn withdraw(state: &AppState, account_id: Uuid, id: Uuid) -> Result<Application> {
    let mut tx = state.db.begin().await?;
    let row = own(&*tx, id, account_id).await?;
    let by = Mover::Applicant(account_id);
    let row = store::advance(&mut tx, state.now(), row, Event::Withdraw, by, Extra::default()).await?;
    tx.commit().await?;
    Ok(row)
}

/// A reviewer says yes to what they have seen.
pub async fn approve(state: &AppState, reviewer: Uuid, id: Uuid, version: i32) -> Result<Application> {
    let now = state.now();
    let seals = match store::find(&*state.db, id).await? {
        Some(row) if row.kind()? == Kind::EnterpriseChange => seals::for_application(state, &row).await?,
        _ => Vec::new(),
    };
    let mut tx = state.db.begin().await?;
    let row = unchanged(&tx, id, version).await?;
    if row.state()? == State::WithSecondReviewer && row.first_reviewer_id == Some(reviewer) {
        return Err(SECOND_REVIEWER_NEEDED.into());
    }
    completion::check_possible(state, &tx, &row).await?;
    let row = store::advance(&mut tx, now, row, Event::Approve, Mover::Reviewer(reviewer), Extra::default()).await?;
    let row = match row.state()? {
        State::WithSecondReviewer => {
            let mut change = row.into_active_model();
            change.first_reviewer_id = Set(Some(reviewer));
            store::write(&tx, change).await?
        }
        _ => approved(state, &mut tx, row, seals).await?,
    };
    tx.commit().await?;
    Ok(row)
}

/// What follows an approval at once: the fee is looked at, or the effect comes about.
/// `seals` are the new ones of a change.
pub(super) async fn approved(state: &AppState, tx: &mut Tx, row: Application, seals: Vec<Seal>) -> Result<Application> {
    let now = state.now();
    let row = if row.kind()? == Kind::EnterpriseClaim { win_claim(tx, now, row).await? } else { row };
    if row.kind_row()?.ending == Ending::Effect {
        return completion::take_effect(state, tx, row, seals).await;
    }
    // What was paid for is not paid for again because a phone was lost.
    let product = store::product(&**tx, &row).await?.filter(|_| row.kind().is_ok_and(|kind| !kind.recovers()));
    let fee = product.is_some_and(|product| product.fee_fen > 0);
    let row = store::advance(tx, now, row, Event::Release { fee }, Mover::System, Extra::default()).await?;
    letters::tell(tx, now, &row, None).await?;
    Ok(row)
}

/// The first approved claim of an enterprise takes its slot; everybody else who claims it is told.
async fn win_claim(tx: &mut Tx, now: Timestamp, row: Application) -> Result<Application> {
    let Some(code) = row.credit_code.clone() else { return Err(Problem::internal("a claim without a credit code")) };
    refuse_claimed(tx, &code).await?;
    let id = row.id;
    let mut change = row.into_active_model();
    change.exclusive_slot = Set(Some(claim_slot(&code)));
    let row = store::write(tx, change).await.map_err(|_| ENTERPRISE_CLAIMED)?;
    let others = application::Entity::find()
        .filter(application::Column::CreditCode.eq(code))
        .filter(application::Column::Id.ne(id))
        .filter(application::Column::SubmittedAt.is_not_null())
        .filter(application::Column::OpenSlot.is_not_null())
        .all(&**tx)
        .await?;
    for other in others {
        let reason = "该企业已由他人认领并通过审核，请改为加入企业（somebody else's claim was approved; join the enterprise instead）";
        let extra = Extra { reason: Some(reason), ..Extra::default() };
        let other = store::advance(tx, now, other, Event::Refuse, Mover::System, extra).await?;
        letters::tell(tx, now, &other, Some(reason)).await?;
    }
    Ok(row)
}

/// A reviewer says no to what they have seen, and why.
pub async fn refuse(state: &AppState, reviewer: Uuid, id: Uuid, version: i32, reason: &str) -> Result<Application> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let row = unchanged(&tx, id, version).await?;
    let extra = Extra { reason: Some(reason), ..Extra::default() };
    let row = store::advance(&mut tx, now, row, Event::Refuse, Mover::Reviewer(reviewer), extra).await?;
    letters::tell(&mut tx, now, &row, Some(reason)).await?;
    tx.commit().await?;
    Ok(row)
}

/// The application as the reviewer saw it, still waiting for a reviewer.
async fn unchanged(tx: &Tx, id: Uuid, version: i32) -> Result<Application> {
    let row = store::find(&**tx, id).await?.ok_or(NOT_FOUND)?;
    if row.version != version {
        return Err(APPLICATION_CHANGED.problem().with("version", row.version));
    }
    match row.state()? {
        State::WithReviewer | State::WithSecondReviewer => Ok(row),
        other => Err(WRONG_STATE.problem().with("state", other.as_str())),
    }
}

/// When the application was handed in, or else begun: since then somebody waits.
pub fn waiting_since(row: &Application) -> i64 {
    row.submitted_at.unwrap_or(row.created_at)
}
