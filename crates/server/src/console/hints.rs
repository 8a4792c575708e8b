//! What else a reviewer ought to know before deciding: what was refused before, what looks like the same again, what the
//! enterprise is called now.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Reviewer;
use crate::{
    app::AppState,
    application::{
        self, Application,
        details::Details,
        entity::application::{Column, Entity},
        rules::{Kind, State as Stage},
    },
    clock::from_millis,
    enterprise::entity::enterprise as enterprises,
    error::Result,
    institution::{InstitutionRef, entity::institution as institutions},
};

/// Hints of one sort at most.
const MOST: u64 = 20;

/// What was refused to the same person before.
#[derive(Debug, Serialize, ToSchema)]
pub struct Refused {
    /// The application.
    id: Uuid,
    /// What was applied for.
    kind: String,
    /// When it was refused.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `admin`, `reviewer` or `system`.
    by: String,
    /// Why.
    reason: Option<String>,
}

/// Why something looks like the same again.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// Another open claim names the same credit code.
    SameCreditCode,
    /// An enterprise with this credit code is registered already.
    Registered,
    /// The same person has another open application.
    SamePerson,
}

/// Something that looks like the same again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Duplicate {
    /// In what.
    likeness: Likeness,
    /// The application, where it is the asker's business.
    #[serde(skip_serializing_if = "Option::is_none")]
    application_id: Option<Uuid>,
    /// What it is: the kind of the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Stage>,
    /// The person, or the enterprise; nothing of another institution's.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Where it was handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    institution: Option<InstitutionRef>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

/// What an enterprise is as the platform knows it now.
#[derive(Serialize, ToSchema)]
pub struct EnterpriseNow {
    /// Full name.
    name: String,
    /// Unified social credit code.
    credit_code: String,
    /// Name of the legal person.
    legal_person_name: String,
    /// Kind of the legal person's document.
    legal_person_id_type: String,
    /// Its number.
    legal_person_id_number: Option<String>,
}

impl std::fmt::Debug for EnterpriseNow {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("EnterpriseNow").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whether looking at the application shows a legal person's whole number.
pub fn shows_legal_person(state: &AppState, row: &Application) -> Result<bool> {
    Ok(Details::of(state, row)?.facts.is_some())
}

/// The enterprise as it is, where the application is to change it.
pub async fn enterprise_now(state: &AppState, row: &Application) -> Result<Option<EnterpriseNow>> {
    let Some(id) = row.enterprise_id.filter(|_| row.kind().is_ok_and(|kind| kind == Kind::EnterpriseChange)) else {
        return Ok(None);
    };
    let Some(found) = enterprises::Entity::find_by_id(id).one(&*state.db).await? else { return Ok(None) };
    let legal_person_id_number = application::legal_person_number(state, &found)?;
    Ok(Some(EnterpriseNow {
        name: found.name,
        credit_code: found.credit_code,
        legal_person_name: found.legal_person_name,
        legal_person_id_type: found.legal_person_id_type,
        legal_person_id_number,
    }))
}

/// What the asker's institution refused to the same person before, newest first.
pub async fn refused_before(db: &impl ConnectionTrait, who: &Reviewer, row: &Application) -> Result<Vec<Refused>> {
    let rows = Entity::find()
        .filter(super::review::visible(who))
        .filter(Column::AccountId.eq(row.account_id))
        .filter(Column::State.eq(Stage::Refused.as_str()))
        .filter(Column::Id.ne(row.id))
        .order_by_desc(Column::UpdatedAt)
        .limit(MOST)
        .all(db)
        .await?;
    let mut refused = Vec::with_capacity(rows.len());
    for row in rows {
        let steps = application::store::steps(db, row.id).await?;
        if let Some(last) = steps.into_iter().rfind(|step| step.state == Stage::Refused.as_str()) {
            refused.push(Refused {
                id: row.id,
                kind: row.kind,
                at: from_millis(last.at),
                by: last.by,
                reason: last.reason,
            });
        }
    }
    Ok(refused)
}

/// What looks like the same again: other open claims of the same credit code, at any institution; the enterprise, if it
/// is registered; what else the person has open at the asker's institution.
pub async fn duplicates(state: &AppState, who: &Reviewer, row: &Application) -> Result<Vec<Duplicate>> {
    let db = &*state.db;
    let mut found = Vec::new();
    let open = || Entity::find().filter(Column::OpenSlot.is_not_null()).filter(Column::SubmittedAt.is_not_null());
    if let Some(code) = row.credit_code.as_deref() {
        let same = open().filter(Column::CreditCode.eq(code)).filter(Column::Id.ne(row.id)).limit(MOST).all(db).await?;
        for other in same {
            found.push(duplicate(db, who, Likeness::SameCreditCode, other).await?);
        }
        let registered = enterprises::Entity::find().filter(enterprises::Column::CreditCode.eq(code)).one(db).await?;
        found.extend(registered.filter(|one| Some(one.id) != row.enterprise_id).map(|one| Duplicate {
            likeness: Likeness::Registered,
            application_id: None,
            kind: None,
            state: None,
            name: Some(one.name),
            institution: None,
            since: from_millis(one.created_at),
        }));
    }
    let others = open()
        .filter(super::review::visible(who))
        .filter(Column::AccountId.eq(row.account_id))
        .filter(Column::Id.ne(row.id))
        .limit(MOST)
        .all(db)
        .await?;
    for other in others {
        found.push(duplicate(db, who, Likeness::SamePerson, other).await?);
    }
    Ok(found)
}

async fn duplicate(
    db: &impl ConnectionTrait,
    who: &Reviewer,
    likeness: Likeness,
    other: Application,
) -> Result<Duplicate> {
    let institution = match other.institution_id {
        Some(id) => institutions::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    let own = who.may_see(other.institution_id);
    Ok(Duplicate {
        likeness,
        application_id: own.then_some(other.id),
        state: Some(other.state()?),
        since: from_millis(application::waiting_since(&other)),
        kind: Some(other.kind),
        name: own.then_some(other.subject_name),
        institution: institution.as_ref().map(InstitutionRef::from),
    })
}
