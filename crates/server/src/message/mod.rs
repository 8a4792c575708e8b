//! The message centre: every event of a person's affairs lands here, and a stream tells the open phone at once.

pub mod entity;
mod http;
pub mod sms;

pub use http::{routes, sweep, unread};

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::NotSet, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _,
    QueryFilter as _, Set,
};
use uuid::Uuid;

use crate::{clock, storage::Tx};

/// What kind of object changed, for the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A message arrived.
    Message,
    /// An application changed its state.
    Application,
    /// A scan request changed its state.
    ScanRequest,
    /// Who belongs to an enterprise, what is known of it or what somebody may do for it has changed.
    Enterprise,
}

impl EventKind {
    /// The event's name in the stream.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Application => "application",
            Self::ScanRequest => "scan_request",
            Self::Enterprise => "enterprise",
        }
    }
}

/// What a message's button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Shows an application.
    OpenApplication(Uuid),
    /// Begins the download of the certificate of an application.
    DownloadCertificate(Uuid),
    /// Shows a certificate.
    OpenCertificate(Uuid),
    /// Shows a feedback with its replies.
    OpenFeedback(Uuid),
    /// Shows an enterprise.
    OpenEnterprise(Uuid),
    /// Shows an invitation.
    OpenInvitation(Uuid),
}

impl Action {
    fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::OpenApplication(id) => ("open_application", id),
            Self::DownloadCertificate(id) => ("download_certificate", id),
            Self::OpenCertificate(id) => ("open_certificate", id),
            Self::OpenFeedback(id) => ("open_feedback", id),
            Self::OpenEnterprise(id) => ("open_enterprise", id),
            Self::OpenInvitation(id) => ("open_invitation", id),
        }
    }
}

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// What it is about, such as `application_approved`.
    pub kind: &'a str,
    /// Title, Chinese and English.
    pub title: (&'a str, &'a str),
    /// Body, Chinese and English.
    pub body: (String, String),
    /// What its button does.
    pub action: Option<Action>,
}

/// Sends a message to `account_id` within a transaction, and tells the stream.
pub async fn post(tx: &mut Tx, now: Timestamp, account_id: Uuid, draft: Draft<'_>) -> Result<Uuid, DbErr> {
    let id = clock::new_id(now);
    let action = draft.action.map(Action::parts);
    let row = entity::message::ActiveModel {
        id: Set(id),
        account_id: Set(account_id),
        kind: Set(draft.kind.to_owned()),
        title: Set(draft.title.0.to_owned()),
        body: Set(draft.body.0),
        title_en: Set(draft.title.1.to_owned()),
        body_en: Set(draft.body.1),
        action_kind: Set(action.map(|(kind, _)| kind.to_owned())),
        action_target: Set(action.map(|(_, target)| target)),
        created_at: Set(now.as_millisecond()),
        read_at: Set(None),
    };
    row.insert(&**tx).await?;
    if let Some(kind) = sms::Kind::of_message(draft.kind) {
        sms::put(tx, now, sms::To::Reader(account_id, id), kind, "").await?;
    }
    emit(tx, now, account_id, EventKind::Message, id).await?;
    Ok(id)
}

/// Tells the account's stream that an object changed, once the transaction is committed.
pub async fn emit(tx: &mut Tx, now: Timestamp, account_id: Uuid, kind: EventKind, target: Uuid) -> Result<(), DbErr> {
    let row = entity::event::ActiveModel {
        seq: NotSet,
        account_id: Set(account_id),
        kind: Set(kind.as_str().to_owned()),
        target_id: Set(target),
        created_at: Set(now.as_millisecond()),
    };
    row.insert(&**tx).await?;
    tx.wake(account_id);
    Ok(())
}

/// Removes everything that was told to a person who leaves.
pub async fn forget(db: &impl ConnectionTrait, account_id: Uuid) -> Result<(), DbErr> {
    entity::message::Entity::delete_many().filter(entity::message::Column::AccountId.eq(account_id)).exec(db).await?;
    entity::sms_notice::Entity::delete_many()
        .filter(entity::sms_notice::Column::AccountId.eq(account_id))
        .exec(db)
        .await?;
    entity::sms_setting::Entity::delete_by_id(account_id).exec(db).await?;
    entity::event::Entity::delete_many().filter(entity::event::Column::AccountId.eq(account_id)).exec(db).await?;
    Ok(())
}
