//! The administrator's answer: the letter sealed with a split key, or a refusal with its reason (manual 1.9.2).

use uuid::Uuid;

use super::{
    Application, access, letters,
    problems::{NOT_THE_ADMIN, WRONG_STATE},
    rules::{Event, State},
    store::{self, Extra, Mover},
};
use crate::{
    app::AppState,
    error::{FIELDS_INVALID, Result},
    storage::Tx,
};

/// The application, if it waits for this administrator.
pub(super) async fn awaiting(tx: &Tx, id: Uuid, account_id: Uuid) -> Result<Application> {
    let (row, seat) = access::seen(&**tx, id, account_id).await?;
    if !seat.admin {
        return Err(NOT_THE_ADMIN.into());
    }
    match row.state()? {
        State::WithAdmin => Ok(row),
        other => Err(WRONG_STATE.problem().with("state", other.as_str())),
    }
}

/// The administrator says no, and why.
pub async fn refuse(state: &AppState, account_id: Uuid, id: Uuid, reason: &str) -> Result<Application> {
    let now = state.now();
    let reason = parse_reason(reason).ok_or_else(|| FIELDS_INVALID.field("reason", "LENGTH"))?;
    let mut tx = state.db.begin().await?;
    let row = awaiting(&tx, id, account_id).await?;
    if row.account_id == account_id {
        return Err(FIELDS_INVALID.field("id", "OWN"));
    }
    let extra = Extra { reason: Some(&reason), ..Extra::default() };
    let row = store::advance(&mut tx, now, row, Event::Refuse, Mover::Admin(account_id), extra).await?;
    letters::tell(&mut tx, now, &row, Some(&reason)).await?;
    tx.commit().await?;
    Ok(row)
}

/// A reason of 2 to 500 characters without blanks around it.
fn parse_reason(typed: &str) -> Option<String> {
    let reason = typed.trim();
    let printable = !reason.chars().any(|one| one.is_control() && one != '\n');
    ((2..=500).contains(&reason.chars().count()) && printable).then(|| reason.to_owned())
}
