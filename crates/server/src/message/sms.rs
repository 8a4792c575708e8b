//! SMS to those who are away: what waits for them is said once more, to their phone, unless they have read it meanwhile.
//! What is to be sent stands in the database with the event itself; a worker sends it after the commit.

use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DbErr, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Set, sea_query::Expr,
};
use uuid::Uuid;

use super::entity::{message, sms_notice, sms_setting};
use crate::{
    account::{entity::account, rules::is_phone},
    app::AppState,
    clock::new_id,
    error::Result,
    providers::SmsNotice,
    storage::Tx,
};

/// How long somebody may take to read a message before an SMS follows.
const AWAY_AFTER: SignedDuration = SignedDuration::from_mins(2);
/// Between two tries when the provider does not answer.
const RETRY_AFTER: SignedDuration = SignedDuration::from_mins(5);
/// Tries before giving up.
const MAX_TRIES: i32 = 3;
/// Notices sent in one go.
const BATCH: u64 = 50;

/// What an SMS can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An invitation into an enterprise. Cannot be switched off: whoever is invited may have no account yet.
    Invitation,
    /// An application that waits for the administrator's consent.
    Consent,
    /// An application that has been approved.
    Approval,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Invitation, Self::Consent, Self::Approval];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Consent => "consent",
            Self::Approval => "approval",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Which messages are worth an SMS.
    pub(super) fn of_message(kind: &str) -> Option<Self> {
        match kind {
            "consent_join" | "consent_renewal" | "consent_certificate" => Some(Self::Consent),
            "application_ready" => Some(Self::Approval),
            _ => None,
        }
    }
}

/// To whom.
#[derive(Debug, Clone, Copy)]
pub enum To<'a> {
    /// Whatever number the account has when it is sent, unless this message has been read by then.
    Reader(Uuid, Uuid),
    /// This number.
    Phone(&'a str),
}

/// Has an SMS sent once the transaction is committed.
pub async fn put(tx: &Tx, now: Timestamp, to: To<'_>, kind: Kind, subject: &str) -> Result<(), DbErr> {
    let (account_id, message_id, phone, due_at) = match to {
        To::Reader(account, message) => (Some(account), Some(message), None, now + AWAY_AFTER),
        To::Phone(phone) => (None, None, Some(phone.to_owned()), now),
    };
    let row = sms_notice::ActiveModel {
        id: Set(new_id(now)),
        account_id: Set(account_id),
        phone: Set(phone),
        message_id: Set(message_id),
        kind: Set(kind.as_str().to_owned()),
        subject: Set(subject.to_owned()),
        due_at: Set(due_at.as_millisecond()),
        tries: Set(0),
        ended_at: Set(None),
    };
    row.insert(&**tx).await?;
    Ok(())
}

/// Sends what is due. Of several nodes one sends each.
pub async fn send_due(state: &AppState) -> Result<u64> {
    let due = sms_notice::Entity::find()
        .filter(sms_notice::Column::EndedAt.is_null())
        .filter(sms_notice::Column::DueAt.lte(state.now().as_millisecond()))
        .order_by_asc(sms_notice::Column::DueAt)
        .limit(BATCH)
        .all(&*state.db)
        .await?;
    let mut sent = 0;
    for row in due {
        if take(state, row.id).await? && send(state, &row).await? {
            sent += 1;
        }
    }
    Ok(sent)
}

/// A crash between taking and sending loses an SMS, never sends it twice; the message itself is in the list.
async fn take(state: &AppState, id: Uuid) -> Result<bool> {
    let tx = state.db.begin().await?;
    let taken = sms_notice::Entity::update_many()
        .col_expr(sms_notice::Column::EndedAt, Expr::value(state.now().as_millisecond()))
        .filter(sms_notice::Column::Id.eq(id))
        .filter(sms_notice::Column::EndedAt.is_null())
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(taken.rows_affected == 1)
}

async fn send(state: &AppState, row: &sms_notice::Model) -> Result<bool> {
    let Some(kind) = Kind::parse(&row.kind) else { return Ok(false) };
    let Some(phone) = number(state, row, kind).await? else { return Ok(false) };
    let notice = match kind {
        Kind::Invitation => SmsNotice::Invitation { enterprise: &row.subject },
        Kind::Consent => SmsNotice::Consent,
        Kind::Approval => SmsNotice::Approval,
    };
    let Err(error) = state.services.sms.send_notice(&phone, &notice).await else { return Ok(true) };
    tracing::warn!(%error, kind = row.kind, "an SMS was not sent");
    let mut again = row.clone().into_active_model();
    again.tries = Set(row.tries + 1);
    again.due_at = Set((state.now() + RETRY_AFTER).as_millisecond());
    if row.tries + 1 < MAX_TRIES {
        again.ended_at = Set(None);
        let tx = state.db.begin().await?;
        again.reset_all().update(&*tx).await?;
        tx.commit().await?;
    }
    Ok(false)
}

/// Where it goes; nowhere if the reader has read the message, has no account any more or wants no SMS about this.
async fn number(state: &AppState, row: &sms_notice::Model, kind: Kind) -> Result<Option<String>> {
    let Some(account_id) = row.account_id else { return Ok(row.phone.clone()) };
    if let Some(id) = row.message_id {
        let unread = message::Entity::find_by_id(id).filter(message::Column::ReadAt.is_null()).one(&*state.db).await?;
        if unread.is_none() {
            return Ok(None);
        }
    }
    let setting = setting(state, account_id).await?;
    let wanted = match kind {
        Kind::Invitation => true,
        Kind::Consent => setting.consent,
        Kind::Approval => setting.approval,
    };
    let person = account::Entity::find_by_id(account_id).one(&*state.db).await?;
    Ok(person.map(|person| person.phone).filter(|phone| wanted && is_phone(phone)))
}

/// What a person wants to be told by SMS; everything until they say otherwise.
pub async fn setting(state: &AppState, account_id: Uuid) -> Result<sms_setting::Model, DbErr> {
    let row = sms_setting::Entity::find_by_id(account_id).one(&*state.db).await?;
    Ok(row.unwrap_or(sms_setting::Model { account_id, consent: true, approval: true }))
}

/// Keeps what a person wants to be told.
pub async fn set(state: &AppState, new: sms_setting::Model) -> Result<(), DbErr> {
    let tx = state.db.begin().await?;
    sms_setting::Entity::delete_by_id(new.account_id).exec(&*tx).await?;
    new.into_active_model().reset_all().insert(&*tx).await?;
    tx.commit().await
}
