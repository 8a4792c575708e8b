//! Queries of applications, and the one way to change their state.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, Set,
};
use uuid::Uuid;

use super::{
    Application,
    entity::{application, material, step},
    problems::{APPLICATION_CHANGED, WRONG_STATE},
    rules::{self, Event, Kind, KindRow, MaterialKind, Route, State},
    submission,
};
use crate::{
    audit::{self, Actor},
    clock::new_id,
    enterprise::store as enterprises,
    error::{Problem, Result},
    institution::{self, Institution, Product},
    message::{self, EventKind},
    scan::own,
    storage::Tx,
};

impl Application {
    /// Where it stands.
    pub fn state(&self) -> Result<State> {
        State::parse(&self.state).ok_or_else(|| Problem::internal("unknown application state in the database"))
    }

    /// Its kind.
    pub fn kind(&self) -> Result<Kind> {
        Kind::parse(&self.kind).ok_or_else(|| Problem::internal("unknown application kind in the database"))
    }

    /// The row of its kind.
    pub fn kind_row(&self) -> Result<KindRow> {
        Ok(self.kind()?.row())
    }

    /// Who will hold what comes of it.
    pub fn holder(&self) -> Uuid {
        self.holder_id.unwrap_or(self.account_id)
    }
}

/// The application of that id.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Application>, DbErr> {
    application::Entity::find_by_id(id).one(db).await
}

/// The materials of an application.
pub async fn materials(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<material::Model>, DbErr> {
    let find = material::Entity::find().filter(material::Column::ApplicationId.eq(id));
    find.order_by_asc(material::Column::UploadedAt).all(db).await
}

/// One material of an application.
pub async fn material(db: &impl ConnectionTrait, id: Uuid, kind: &str) -> Result<Option<material::Model>, DbErr> {
    let find = material::Entity::find().filter(material::Column::ApplicationId.eq(id));
    find.filter(material::Column::Kind.eq(kind)).one(db).await
}

/// The history of an application, oldest first.
pub async fn steps(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<step::Model>, DbErr> {
    let find = step::Entity::find().filter(step::Column::ApplicationId.eq(id));
    find.order_by_asc(step::Column::Version).all(db).await
}

/// The chosen institution.
pub async fn institution(db: &impl ConnectionTrait, row: &Application) -> Result<Option<Institution>, DbErr> {
    let Some(id) = row.institution_id else { return Ok(None) };
    institution::entity::institution::Entity::find_by_id(id).one(db).await
}

/// The chosen product.
pub async fn product(db: &impl ConnectionTrait, row: &Application) -> Result<Option<Product>, DbErr> {
    let Some(id) = row.product_id else { return Ok(None) };
    institution::entity::product::Entity::find_by_id(id).one(db).await
}

/// A material that is wanted, and whether an application cannot be handed in without it.
pub type Wanted = (MaterialKind, bool);

/// What is wanted with an application: by its kind always, by the chosen institution besides.
pub async fn wanted_materials(db: &impl ConnectionTrait, row: &Application, letter_due: bool) -> Result<Vec<Wanted>> {
    use institution::entity::required_material::{Column, Entity};
    let kind = row.kind()?;
    let stands_in = submission::form_stands_in(kind, letter_due);
    let mut wanted: Vec<Wanted> = kind.row().always.iter().copied().chain(stands_in).map(|one| (one, true)).collect();
    let Some(institution) = row.institution_id else { return Ok(wanted) };
    let listed = Entity::find()
        .filter(Column::InstitutionId.eq(institution))
        .filter(Column::ApplicationKind.eq(&*row.kind))
        .order_by_desc(Column::MaterialKind)
        .all(db)
        .await?;
    for row in listed {
        let Some(material) = MaterialKind::parse(&row.material_kind) else { continue };
        if wanted.iter().all(|(known, _)| *known != material) {
            wanted.push((material, row.required));
        }
    }
    Ok(wanted)
}

/// Materials that are required and not there.
pub async fn missing_materials(db: &impl ConnectionTrait, row: &Application, letter_due: bool) -> Result<Vec<String>> {
    let there = materials(db, row.id).await?;
    let wanted = wanted_materials(db, row, letter_due).await?;
    let words = wanted.into_iter().filter(|(_, required)| *required).map(|(material, _)| material.as_str());
    Ok(words.filter(|word| there.iter().all(|one| one.kind != *word)).map(str::to_owned).collect())
}

/// The way that this application takes through the machine.
pub async fn route(db: &impl ConnectionTrait, row: &Application) -> Result<Route> {
    let kind = row.kind_row()?;
    // Keys leave escrow for a recovery, and that takes two.
    let four_eyes = institution(db, row).await?.is_some_and(|institution| institution.four_eyes);
    let two_reviewers = four_eyes || row.kind()?.recovers();
    Ok(Route { letter: row.letter_due, review: kind.review, two_reviewers, ending: kind.ending })
}

/// Who moves an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mover {
    /// Its owner.
    Applicant(Uuid),
    /// The administrator of its enterprise.
    Admin(Uuid),
    /// A reviewer.
    Reviewer(Uuid),
    /// The platform.
    System,
}

impl Mover {
    fn word(self) -> &'static str {
        match self {
            Self::Applicant(_) => "applicant",
            Self::Admin(_) => "admin",
            Self::Reviewer(_) => "reviewer",
            Self::System => "system",
        }
    }

    /// The same, for the audit log.
    pub fn actor(self) -> Actor {
        match self {
            Self::Applicant(id) | Self::Admin(id) => Actor::Account(id),
            Self::Reviewer(id) => Actor::Reviewer(id),
            Self::System => Actor::System,
        }
    }
}

/// What a move changes besides the state.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extra<'a> {
    /// Why, for refusals.
    pub reason: Option<&'a str>,
    /// What came of it, for completions.
    pub certificate_id: Option<Uuid>,
}

/// Moves an application as the table says: state, version, history, audit and the stream, in the caller's transaction.
pub async fn advance(
    tx: &mut Tx,
    now: Timestamp,
    row: Application,
    event: Event,
    by: Mover,
    extra: Extra<'_>,
) -> Result<Application> {
    let from = row.state()?;
    let to = rules::next(route(&**tx, &row).await?, from, event)
        .map_err(|_| WRONG_STATE.problem().with("state", from.as_str()))?;
    let version = row.version + 1;
    let mut change = row.into_active_model();
    change.state = Set(to.as_str().to_owned());
    change.version = Set(version);
    change.updated_at = Set(now.as_millisecond());
    // A letter's days with the administrator are not the reviewer's.
    if event == Event::Submit || (from == State::WithAdmin && to == State::WithReviewer) {
        change.submitted_at = Set(Some(now.as_millisecond()));
    }
    if from == State::WithAdmin
        && event != Event::Approve
        && let Some(request) = change.letter_request_id.as_ref()
    {
        own::take_back(tx, now, *request).await?;
    }
    if !to.is_open() {
        change.open_slot = Set(None);
        change.exclusive_slot = Set(None);
    }
    if let Some(certificate) = extra.certificate_id {
        change.certificate_id = Set(Some(certificate));
    }
    let row = write_if(tx, change, version - 1).await?;
    note_step(tx, now, &row, by, extra.reason).await?;
    let entry = audit::Entry {
        actor: by.actor(),
        action: &format!("application.{}", to.as_str()),
        target_kind: "application",
        target_id: Some(row.id),
        detail: serde_json::json!({ "from": from.as_str(), "version": version, "reason": extra.reason }),
    };
    audit::record(tx, now, entry).await?;
    for account_id in concerned(&**tx, &row).await? {
        message::emit(tx, now, account_id, EventKind::Application, row.id).await?;
    }
    Ok(row)
}

/// Whose streams hear of an application: applicant, holder, and the administrator who must answer.
async fn concerned(db: &impl ConnectionTrait, row: &Application) -> Result<Vec<Uuid>> {
    let mut people = vec![row.account_id];
    people.extend(row.holder_id);
    if let Some(enterprise) = row.enterprise_id {
        people.extend(enterprises::admin_of(db, enterprise).await?);
    }
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

/// Writes columns that are not the state, within the transaction of a move.
pub async fn write(tx: &Tx, change: application::ActiveModel) -> Result<Application, DbErr> {
    change.update(&**tx).await
}

/// Writes a row if nobody has changed it since it was read: of two at once, also on two nodes, one is told.
async fn write_if(tx: &Tx, change: application::ActiveModel, version: i32) -> Result<Application> {
    let id = *change.id.as_ref();
    let written = application::Entity::update_many()
        .set(change)
        .filter(application::Column::Id.eq(id))
        .filter(application::Column::Version.eq(version))
        .exec(&**tx)
        .await?;
    match (written.rows_affected, find(&**tx, id).await?) {
        (1, Some(row)) => Ok(row),
        _ => Err(APPLICATION_CHANGED.into()),
    }
}

/// Writes the state that `row` has just entered into its history.
pub async fn note_step(
    tx: &Tx,
    now: Timestamp,
    row: &Application,
    by: Mover,
    reason: Option<&str>,
) -> Result<(), DbErr> {
    let step = step::ActiveModel {
        id: Set(new_id(now)),
        application_id: Set(row.id),
        version: Set(row.version),
        state: Set(row.state.clone()),
        at: Set(now.as_millisecond()),
        by: Set(by.word().to_owned()),
        actor_id: Set(by.actor().parts().1),
        reason: Set(reason.map(str::to_owned)),
    };
    step.insert(&**tx).await?;
    Ok(())
}

/// Counts a change that is not a move: a reviewer who looked before it is told.
pub async fn touch(tx: &Tx, now: Timestamp, mut change: application::ActiveModel, version: i32) -> Result<Application> {
    change.version = Set(version + 1);
    change.updated_at = Set(now.as_millisecond());
    write_if(tx, change, version).await
}
