//! Inviting a person by name and phone (manual 1.12.4.1). Whoever has the phone and that real name becomes a clerk by
//! accepting; what the inviting administrator is told does not depend on whether the number is anybody's.

use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Set,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    Enterprise,
    entity::invitation::{self, Column, Entity, Model},
    membership, notices,
    problems::{ALREADY_A_MEMBER, INVITATION_OPEN, INVITATION_OVER, NAME_MISMATCH},
    rules::InvitationState as State,
    store,
};
use crate::{
    account::{self, AccountRow},
    app::AppState,
    audit::{self, Actor},
    clock::from_millis,
    error::{FIELDS_INVALID, NOT_FOUND, Problem, Result},
    identity::{self, NOT_VERIFIED},
    rate::{self, Limit},
    storage::Tx,
};

/// How long an invitation waits.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 7);
/// Invitations of one enterprise: each costs a message.
const OF_ENTERPRISE: Limit = Limit { times: 100, window: SignedDuration::from_hours(24) };
/// Invitations to one number, by whomever.
const TO_PHONE: Limit = Limit { times: 5, window: SignedDuration::from_hours(24) };
/// Invitations in one list.
const LISTED: u64 = 200;

impl Model {
    /// Where it stands: one that nobody answered in time has expired, whether or not anybody wrote it down.
    pub fn state_at(&self, now: Timestamp) -> Result<State> {
        let unknown = || Problem::internal("unknown state of an invitation in the database");
        let stored = State::parse(&self.state).ok_or_else(unknown)?;
        let over = stored == State::Waiting && now >= from_millis(self.expires_at);
        Ok(if over { State::Expired } else { stored })
    }
}

/// Invites a person. The same person again, while the invitation waits, is the same invitation; nobody is told twice.
pub async fn invite(state: &AppState, admin: Uuid, enterprise_id: Uuid, name: &str, phone: &str) -> Result<Model> {
    let now = state.now();
    let name = identity::rules::parse_name(name).ok_or_else(|| FIELDS_INVALID.field("name", "NAME_INVALID"))?;
    if !account::rules::is_phone(phone) {
        return Err(FIELDS_INVALID.field("phone", "PHONE_INVALID"));
    }
    let mut tx = state.db.begin().await?;
    store::require_admin(&*tx, enterprise_id, admin).await?;
    let invited = account_with(&tx, phone).await?;
    if let Some(invited) = &invited
        && store::membership(&*tx, enterprise_id, invited.id).await?.is_some()
    {
        return Err(ALREADY_A_MEMBER.into());
    }
    let slot = format!("{enterprise_id}:{phone}");
    if let Some(open) = Entity::find().filter(Column::OpenSlot.eq(&*slot)).one(&*tx).await? {
        match open.state_at(now)? {
            State::Waiting if open.name == name => return Ok(open),
            State::Waiting => return Err(INVITATION_OPEN.problem().with("invitation_id", open.id.to_string())),
            over => close(&tx, now, open, over, None).await?,
        };
    }
    rate::take_within(&*tx, "invite", &enterprise_id.to_string(), OF_ENTERPRISE, now).await?;
    rate::take_within(&*tx, "invite-phone", phone, TO_PHONE, now).await?;
    let row = invitation::ActiveModel {
        id: Set(state.new_id()),
        enterprise_id: Set(enterprise_id),
        invited_by: Set(admin),
        name: Set(name),
        phone: Set(phone.to_owned()),
        state: Set(State::Waiting.as_str().to_owned()),
        account_id: Set(None),
        created_at: Set(now.as_millisecond()),
        expires_at: Set((now + LIFETIME).as_millisecond()),
        answered_at: Set(None),
        open_slot: Set(Some(slot)),
    };
    let row = row.insert(&*tx).await?;
    record(&tx, now, "invitation.send", Actor::Account(admin), &row).await?;
    let enterprise = store::find(&*tx, enterprise_id).await?;
    notices::invited(&mut tx, now, &enterprise, &row, invited.map(|one| one.id)).await?;
    tx.commit().await?;
    Ok(row)
}

async fn account_with(tx: &Tx, phone: &str) -> Result<Option<AccountRow>, DbErr> {
    use account::entity::account::{Column, Entity};
    Entity::find().filter(Column::Phone.eq(phone)).filter(Column::DeletedAt.is_null()).one(&**tx).await
}

/// The invitations of an enterprise, newest first.
pub async fn of_enterprise(db: &impl ConnectionTrait, enterprise_id: Uuid) -> Result<Vec<Model>, DbErr> {
    let find = Entity::find().filter(Column::EnterpriseId.eq(enterprise_id));
    find.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(LISTED).all(db).await
}

/// What a person has been invited to and not answered, and what they have answered; newest first. Whoever has the number
/// now does not see what was answered by whoever had it before.
pub async fn of_person(db: &impl ConnectionTrait, now: Timestamp, person: &AccountRow) -> Result<Vec<Model>, DbErr> {
    let waiting = Condition::all()
        .add(Column::Phone.eq(&*person.phone))
        .add(Column::State.eq(State::Waiting.as_str()))
        .add(Column::ExpiresAt.gt(now.as_millisecond()));
    let find = Entity::find().filter(Condition::any().add(waiting).add(Column::AccountId.eq(person.id)));
    find.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(LISTED).all(db).await
}

/// What an invited person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Becomes a clerk.
    Accept,
    /// Does not.
    Decline,
}

impl Answer {
    const fn becomes(self) -> State {
        match self {
            Self::Accept => State::Accepted,
            Self::Decline => State::Declined,
        }
    }
}

/// Answers an invitation, once; the same answer again changes nothing.
pub async fn answer(state: &AppState, account_id: Uuid, id: Uuid, answer: Answer) -> Result<Model> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let person = account::entity::account::Entity::find_by_id(account_id).one(&*tx).await?.ok_or(NOT_FOUND)?;
    let row = Entity::find_by_id(id).one(&*tx).await?.ok_or(NOT_FOUND)?;
    let stands = row.state_at(now)?;
    if row.account_id == Some(account_id) && stands == answer.becomes() {
        return Ok(row);
    }
    if row.phone != person.phone || row.account_id.is_some_and(|other| other != account_id) {
        return Err(NOT_FOUND.into());
    }
    if stands != State::Waiting {
        return Err(INVITATION_OVER.problem().with("state", stands.as_str()));
    }
    if answer == Answer::Accept {
        check_person(&person, &row)?;
        // Somebody may have joined by another way meanwhile: then there is nothing left to do.
        if store::membership(&*tx, row.enterprise_id, account_id).await?.is_none() {
            membership::add_clerk(&mut tx, now, row.enterprise_id, account_id).await?;
        }
    }
    let row = close(&tx, now, row, answer.becomes(), Some(account_id)).await?;
    record(&tx, now, "invitation.answer", Actor::Account(account_id), &row).await?;
    let enterprise = store::find(&*tx, row.enterprise_id).await?;
    notices::answered(&mut tx, now, &enterprise, &row, answer).await?;
    tx.commit().await?;
    Ok(row)
}

/// The real name must be the one that the administrator wrote.
fn check_person(person: &AccountRow, row: &Model) -> Result<()> {
    let name = person.name.as_deref().filter(|_| person.verified_at.is_some()).ok_or(NOT_VERIFIED)?;
    if name == row.name { Ok(()) } else { Err(NAME_MISMATCH.into()) }
}

/// The administrator takes an invitation back. Doing it again changes nothing.
pub async fn cancel(state: &AppState, admin: Uuid, enterprise_id: Uuid, id: Uuid) -> Result<()> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    store::require_admin(&*tx, enterprise_id, admin).await?;
    let row = Entity::find_by_id(id).one(&*tx).await?.filter(|row| row.enterprise_id == enterprise_id);
    let row = row.ok_or(NOT_FOUND)?;
    match row.state_at(now)? {
        State::Waiting => {}
        State::Cancelled | State::Expired => return Ok(()),
        over => return Err(INVITATION_OVER.problem().with("state", over.as_str())),
    }
    let row = close(&tx, now, row, State::Cancelled, None).await?;
    record(&tx, now, "invitation.cancel", Actor::Account(admin), &row).await?;
    if let Some(invited) = account_with(&tx, &row.phone).await? {
        notices::stir(&mut tx, now, enterprise_id, invited.id).await?;
    }
    Ok(tx.commit().await?)
}

async fn close(tx: &Tx, now: Timestamp, row: Model, state: State, by: Option<Uuid>) -> Result<Model, DbErr> {
    let mut change = row.into_active_model();
    change.state = Set(state.as_str().to_owned());
    change.account_id = Set(by);
    change.answered_at = Set(Some(now.as_millisecond()));
    change.open_slot = Set(None);
    change.update(&**tx).await
}

async fn record(tx: &Tx, now: Timestamp, action: &'static str, actor: Actor, row: &Model) -> Result<()> {
    let detail = json!({ "enterprise": row.enterprise_id, "state": row.state });
    let entry = audit::Entry { actor, action, target_kind: "invitation", target_id: Some(row.id), detail };
    Ok(audit::record(tx, now, entry).await?)
}

/// The enterprise of an invitation, for those who are shown it.
pub async fn enterprise(db: &impl ConnectionTrait, row: &Model) -> Result<Enterprise> {
    store::find(db, row.enterprise_id).await
}
