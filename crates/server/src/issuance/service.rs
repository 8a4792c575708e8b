//! Halting and resuming, each with its audit entry. What is halted is halted at every node once this has committed.

use jiff::Timestamp;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _, Set};
use serde_json::json;
use uuid::Uuid;

use super::{
    entity::{self, Model},
    rules::{Resumption, Voice, resumption, slot},
    store,
};
use crate::{
    application, audit,
    clock::new_id,
    error::{FIELDS_INVALID, Kind, NOT_FOUND, Result},
    institution::entity::institution,
    storage::{Storage, Tx},
};

const HALTED_ALREADY: Kind =
    Kind::new(409, "HALTED_ALREADY", "签发已经处于停止状态", "Issuance has been halted already");
const HALT_OVER: Kind = Kind::new(409, "HALT_OVER", "签发已经恢复", "Issuance has been resumed already");
const SECOND_PERSON_NEEDED: Kind = Kind::new(
    409,
    "SECOND_PERSON_NEEDED",
    "您已申请恢复签发，须由另一位平台管理员确认",
    "You have asked to resume; somebody else must confirm it",
);

fn reason(typed: &str) -> Result<String> {
    application::rules::parse_reason(typed).ok_or_else(|| FIELDS_INVALID.field("reason", "LENGTH"))
}

/// Stops issuance of an institution, or of all.
pub async fn halt(
    db: &Storage,
    now: Timestamp,
    voice: Voice,
    institution_id: Option<Uuid>,
    why: &str,
) -> Result<Model> {
    let why = reason(why)?;
    let tx = db.begin().await?;
    if let Some(id) = institution_id
        && institution::Entity::find_by_id(id).one(&*tx).await?.is_none()
    {
        return Err(FIELDS_INVALID.field("institution_id", "UNKNOWN"));
    }
    if store::of(&*tx, institution_id).await?.is_some() {
        return Err(HALTED_ALREADY.into());
    }
    let row = entity::ActiveModel {
        id: Set(new_id(now)),
        institution_id: Set(institution_id),
        reason: Set(why),
        halted_at: Set(now.as_millisecond()),
        halted_by: Set(voice.0),
        asked_at: Set(None),
        asked_by: Set(None),
        asked_reason: Set(None),
        resumed_at: Set(None),
        resumed_by: Set(None),
        open_slot: Set(Some(slot(institution_id))),
    };
    let row = row.insert(&*tx).await?;
    record(&tx, now, voice, "issuance.halt", &row, &row.reason).await?;
    tx.commit().await?;
    Ok(row)
}

/// Lets issuance go on, or asks for it where another voice must agree.
pub async fn resume(db: &Storage, now: Timestamp, voice: Voice, id: Uuid, why: &str) -> Result<Resumption> {
    let why = reason(why)?;
    let tx = db.begin().await?;
    let row = entity::Entity::find_by_id(id).one(&*tx).await?.ok_or(NOT_FOUND)?;
    if row.resumed_at.is_some() {
        return Err(HALT_OVER.into());
    }
    let four_eyes = store::wants_four_eyes(&*tx, row.institution_id).await?;
    let asked = row.asked_at.map(|_| Voice(row.asked_by));
    let outcome = resumption(four_eyes, asked, voice);
    let mut change = row.clone().into_active_model();
    match outcome {
        Resumption::SameVoice => return Err(SECOND_PERSON_NEEDED.into()),
        Resumption::Asked => {
            change.asked_at = Set(Some(now.as_millisecond()));
            change.asked_by = Set(voice.0);
            change.asked_reason = Set(Some(why.clone()));
        }
        Resumption::Done => {
            change.resumed_at = Set(Some(now.as_millisecond()));
            change.resumed_by = Set(voice.0);
            change.open_slot = Set(None);
        }
    }
    change.update(&*tx).await?;
    let action = if outcome == Resumption::Done { "issuance.resume" } else { "issuance.resume_asked" };
    record(&tx, now, voice, action, &row, &why).await?;
    tx.commit().await?;
    Ok(outcome)
}

async fn record(tx: &Tx, now: Timestamp, voice: Voice, action: &str, row: &Model, why: &str) -> Result<()> {
    let entry = audit::Entry {
        actor: voice.actor(),
        action,
        target_kind: if row.institution_id.is_some() { "institution" } else { "platform" },
        target_id: row.institution_id,
        detail: json!({ "halt": row.id, "reason": why, "from": if voice.0.is_some() { "console" } else { "command line" } }),
    };
    Ok(audit::record(tx, now, entry).await?)
}
