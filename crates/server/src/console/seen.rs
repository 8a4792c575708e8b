//! Who saw what: every look at an application, its material or a whole identity number stands in the audit log, once an
//! hour for each person and thing.

use jiff::SignedDuration;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Reviewer;
use crate::{
    app::AppState,
    audit::{self, Actor, entity},
    error::Result,
};

/// Looks within this time are one.
const GROUPED: SignedDuration = SignedDuration::from_hours(1);

/// Something that was looked at.
#[derive(Debug, Clone)]
pub struct Look {
    /// `noun.view`.
    pub action: &'static str,
    /// Kind of the thing.
    pub target_kind: &'static str,
    /// Which.
    pub target_id: Uuid,
    /// Facts about it.
    pub detail: Value,
}

impl Look {
    /// At an application.
    pub fn at_application(id: Uuid) -> Self {
        Self { action: "application.view", target_kind: "application", target_id: id, detail: json!({}) }
    }

    /// At one of its materials.
    pub fn at_material(id: Uuid, application_id: Uuid, kind: &str) -> Self {
        let detail = json!({ "application": application_id, "kind": kind });
        Self { action: "material.view", target_kind: "material", target_id: id, detail }
    }

    /// At its sealed letter.
    pub fn at_letter(application_id: Uuid) -> Self {
        Self { action: "letter.view", target_kind: "application", target_id: application_id, detail: json!({}) }
    }

    /// At whole identity numbers that an application holds: `whose` is `applicant` or `legal_person`.
    pub fn at_identity_number(application_id: Uuid, whose: &'static str) -> Self {
        let action = match whose {
            "applicant" => "identity_number.view",
            _ => "legal_person_number.view",
        };
        Self { action, target_kind: "application", target_id: application_id, detail: json!({ "whose": whose }) }
    }
}

/// Writes a look down, unless one like it was written within the hour.
pub async fn note(state: &AppState, who: &Reviewer, look: Look) -> Result<()> {
    if noted(&*state.db, state, who, &look).await? {
        return Ok(());
    }
    let tx = state.db.begin().await?;
    if noted(&*tx, state, who, &look).await? {
        return Ok(());
    }
    let entry = audit::Entry {
        actor: Actor::Reviewer(who.id),
        action: look.action,
        target_kind: look.target_kind,
        target_id: Some(look.target_id),
        detail: look.detail,
    };
    audit::record(&tx, state.now(), entry).await?;
    Ok(tx.commit().await?)
}

async fn noted(db: &impl ConnectionTrait, state: &AppState, who: &Reviewer, look: &Look) -> Result<bool> {
    let same = entity::Entity::find()
        .filter(entity::Column::TargetId.eq(look.target_id))
        .filter(entity::Column::ActorId.eq(who.id))
        .filter(entity::Column::Action.eq(look.action))
        .filter(entity::Column::At.gt((state.now() - GROUPED).as_millisecond()));
    Ok(same.count(db).await? > 0)
}
