//! Which entries of the log somebody asks for, and may see.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QuerySelect as _,
    sea_query::{Expr, Query as SubQuery, SelectStatement},
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::entity::Column;
use crate::{
    account::entity::account as accounts,
    application::entity::{application, material},
    certificate::entity::certificate,
    console::{Reviewer, entity::reviewer, plain_words},
    error::{QUERY_INVALID, Result},
    storage::holds_words,
};

/// People of one name that are looked for at most.
const PEOPLE: u64 = 500;

/// What is asked for. Everything given must hold.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Who: part of a login name or a real name, a whole phone number, or an id.
    pub actor: Option<String>,
    /// `account`, `reviewer`, `relying_party` or `system`.
    pub actor_kind: Option<String>,
    /// What: the beginning of an action, such as `application` or `application.view`.
    pub action: Option<String>,
    /// To what kind of thing.
    pub target_kind: Option<String>,
    /// To which one.
    pub target_id: Option<Uuid>,
    /// Not before, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Before, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl AuditQuery {
    /// What the entries must be, for `who`.
    pub async fn condition(&self, db: &impl ConnectionTrait, who: &Reviewer) -> Result<Condition> {
        let mut all = Condition::all();
        if let Some(institution) = who.institution_id {
            all = all.add(of_institution(institution));
        }
        for (name, column, typed) in [
            ("actor_kind", Column::ActorKind, &self.actor_kind),
            ("target_kind", Column::TargetKind, &self.target_kind),
        ] {
            if let Some(word) = word(name, typed.as_deref())? {
                all = all.add(column.eq(word));
            }
        }
        if let Some(action) = word("action", self.action.as_deref())? {
            all = all.add(Column::Action.starts_with(action));
        }
        if let Some(target) = self.target_id {
            all = all.add(Column::TargetId.eq(target));
        }
        if let Some(from) = self.from {
            all = all.add(Column::At.gte(from.as_millisecond()));
        }
        if let Some(to) = self.to {
            all = all.add(Column::At.lt(to.as_millisecond()));
        }
        let words = plain_words(self.actor.as_deref()).ok_or_else(|| QUERY_INVALID.field("actor", "INVALID"))?;
        if let Some(words) = words {
            all = all.add(Column::ActorId.is_in(people(db, words).await?));
        }
        Ok(all)
    }
}

/// A word as actions and kinds are made of, escaped by having nothing to escape.
fn word<'a>(name: &str, typed: Option<&'a str>) -> Result<Option<&'a str>> {
    let typed = typed.map(str::trim).filter(|typed| !typed.is_empty());
    let plain =
        |word: &str| word.len() <= 50 && word.bytes().all(|octet| octet.is_ascii_lowercase() || b"._".contains(&octet));
    match typed {
        Some(typed) if !plain(typed) => Err(QUERY_INVALID.field(name, "INVALID")),
        typed => Ok(typed),
    }
}

async fn people(db: &impl ConnectionTrait, words: &str) -> Result<Vec<Uuid>> {
    if let Ok(id) = Uuid::try_parse(words) {
        return Ok(vec![id]);
    }
    let staff = Condition::any()
        .add(holds_words((reviewer::Entity, reviewer::Column::Username), words))
        .add(holds_words((reviewer::Entity, reviewer::Column::Name), words));
    let staff = reviewer::Entity::find().select_only().column(reviewer::Column::Id).filter(staff).limit(PEOPLE);
    let mut found: Vec<Uuid> = staff.into_tuple().all(db).await?;
    let persons = Condition::any()
        .add(holds_words((accounts::Entity, accounts::Column::Name), words))
        .add(accounts::Column::Phone.eq(words));
    let persons = accounts::Entity::find().select_only().column(accounts::Column::Id).filter(persons).limit(PEOPLE);
    found.extend(persons.into_tuple::<Uuid>().all(db).await?);
    Ok(found)
}

/// What an institution's own people did, and what was done to what is the institution's.
fn of_institution(institution: Uuid) -> Condition {
    let staff = || {
        SubQuery::select()
            .column(reviewer::Column::Id)
            .from(reviewer::Entity)
            .and_where(Expr::col(reviewer::Column::InstitutionId).eq(institution))
            .to_owned()
    };
    let applications = || {
        SubQuery::select()
            .column(application::Column::Id)
            .from(application::Entity)
            .and_where(Expr::col(application::Column::InstitutionId).eq(institution))
            .and_where(Expr::col(application::Column::SubmittedAt).is_not_null())
            .to_owned()
    };
    let certificates: SelectStatement = SubQuery::select()
        .column(certificate::Column::Id)
        .from(certificate::Entity)
        .and_where(Expr::col(certificate::Column::InstitutionId).eq(institution))
        .to_owned();
    let materials: SelectStatement = SubQuery::select()
        .column(material::Column::Id)
        .from(material::Entity)
        .and_where(Expr::col(material::Column::ApplicationId).in_subquery(applications()))
        .to_owned();
    let targets = Condition::any()
        .add(Column::TargetId.eq(institution))
        .add(Column::TargetId.in_subquery(staff()))
        .add(Column::TargetId.in_subquery(applications()))
        .add(Column::TargetId.in_subquery(certificates))
        .add(Column::TargetId.in_subquery(materials));
    targets.add(Column::ActorId.in_subquery(staff()))
}
