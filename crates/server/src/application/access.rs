//! Whose business an application is: its applicant's, its holder's, the administrator's of its enterprise.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Application,
    rules::{Ending, State},
    store,
};
use crate::{
    certificate,
    enterprise::store as enterprises,
    error::{NOT_FOUND, Result},
};

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// A person.
    Account(Uuid),
    /// The console, which sees what has been handed in.
    Console,
}

/// What a person is to an application.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seat {
    /// Began it.
    pub applicant: bool,
    /// Will hold what comes of it.
    pub holder: bool,
    /// Is the administrator of its enterprise.
    pub admin: bool,
}

/// What a person may do with an application now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApplicationAct)]
pub enum May {
    /// Change the draft.
    Edit,
    /// Hand it in.
    Submit,
    /// Take it back.
    Withdraw,
    /// Seal its letter.
    Seal,
    /// Refuse it as the administrator.
    Refuse,
    /// Download its certificate.
    Download,
    /// Repeat it.
    Resubmit,
}

impl May {
    /// What this person may do in this state. Pure, so that the whole table is tested.
    pub fn list(seat: Seat, state: State, ending: Ending) -> Vec<Self> {
        let mut may = Vec::new();
        if seat.applicant {
            match state {
                State::Draft => may.extend([Self::Edit, Self::Submit, Self::Withdraw]),
                State::WithAdmin | State::WithReviewer | State::WithSecondReviewer => may.push(Self::Withdraw),
                _ if state.may_be_repeated() => may.push(Self::Resubmit),
                _ => {}
            }
        }
        if seat.admin && state == State::WithAdmin {
            may.push(Self::Seal);
            if !seat.applicant {
                may.push(Self::Refuse);
            }
        }
        if seat.holder && state == State::Ready && ending == Ending::Certificate {
            may.push(Self::Download);
        }
        may
    }
}

/// The seat of a person; none when the application does not exist for them. Drafts are their applicant's alone.
pub async fn seat(db: &impl ConnectionTrait, row: &Application, account_id: Uuid) -> Result<Option<Seat>, DbErr> {
    let applicant = row.account_id == account_id;
    if row.submitted_at.is_none() {
        return Ok(applicant.then_some(Seat { applicant, holder: row.holder() == account_id, admin: false }));
    }
    let admin = match row.enterprise_id {
        Some(enterprise) => enterprises::admin_of(db, enterprise).await? == Some(account_id),
        None => false,
    };
    let seat = Seat { applicant, holder: row.holder() == account_id, admin };
    Ok((seat != Seat::default()).then_some(seat))
}

/// The application `id`, if it is any business of `account_id`'s.
pub async fn seen(db: &impl ConnectionTrait, id: Uuid, account_id: Uuid) -> Result<(Application, Seat)> {
    let row = store::find(db, id).await?.ok_or(NOT_FOUND)?;
    let seat = seat(db, &row, account_id).await?.ok_or(NOT_FOUND)?;
    Ok((row, seat))
}

/// Whether the administrator has a certificate of the enterprise that can seal a letter now.
pub async fn admin_can_seal(db: &impl ConnectionTrait, now: Timestamp, enterprise_id: Uuid) -> Result<bool, DbErr> {
    let Some(admin) = enterprises::admin_of(db, enterprise_id).await? else { return Ok(false) };
    let usable = certificate::store::usable_of(db, now, admin).await?;
    Ok(usable.iter().any(|certificate| certificate.enterprise_id == Some(enterprise_id)))
}

/// Whether the administrator's letter is wanted, as things stand now.
pub async fn letter_wanted(db: &impl ConnectionTrait, now: Timestamp, row: &Application) -> Result<bool> {
    use super::rules::Letter;
    Ok(match (row.kind_row()?.letter, row.enterprise_id) {
        (Letter::No, _) | (_, None) => false,
        (Letter::Yes, Some(_)) => true,
        (Letter::OrForm, Some(enterprise)) => admin_can_seal(db, now, enterprise).await?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_may_do_anything_with_what_is_done() {
        let seat = Seat { applicant: true, holder: true, admin: true };
        assert_eq!(May::list(seat, State::Done, Ending::Certificate), []);
        assert_eq!(May::list(seat, State::Refused, Ending::Certificate), [May::Resubmit]);
    }

    #[test]
    fn the_administrator_seals_or_refuses_and_does_not_refuse_themselves() {
        let admin = Seat { admin: true, ..Seat::default() };
        assert_eq!(May::list(admin, State::WithAdmin, Ending::Certificate), [May::Seal, May::Refuse]);
        let own = Seat { applicant: true, ..admin };
        assert_eq!(May::list(own, State::WithAdmin, Ending::Certificate), [May::Withdraw, May::Seal]);
        assert_eq!(May::list(admin, State::WithReviewer, Ending::Certificate), []);
    }

    #[test]
    fn the_holder_downloads_and_the_applicant_does_not() {
        let (holder, applicant) =
            (Seat { holder: true, ..Seat::default() }, Seat { applicant: true, ..Seat::default() });
        assert_eq!(May::list(holder, State::Ready, Ending::Certificate), [May::Download]);
        assert_eq!(May::list(applicant, State::Ready, Ending::Certificate), []);
    }
}
