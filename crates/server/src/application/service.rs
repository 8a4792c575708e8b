//! Transactions of applications: what the applicant, the reviewer and the platform do to them.

use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, Set,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Application,
    entity::{application, material},
    letters, picture,
    rules::{Event, Kind, MaterialKind, State},
    store::{self, Extra, Mover, WRONG_STATE},
};
use crate::{
    account::AccountRow,
    app::AppState,
    audit::{self, Actor},
    error::{FIELDS_INVALID, Kind as Refusal, NOT_FOUND, Problem, Result},
    feedback, heavy, identity,
    institution::{self, Institution, Product},
    storage::Tx,
};

const APPLICATION_OPEN: Refusal = Refusal::new(
    409,
    "APPLICATION_OPEN",
    "您已有正在办理的申请，请先完成或撤回",
    "You already have an open application; finish it or take it back first",
);
const APPLICATION_INCOMPLETE: Refusal = Refusal::new(
    422,
    "APPLICATION_INCOMPLETE",
    "申请内容不完整，请补充后提交",
    "The application is not complete; add what is missing",
);
const APPLICATION_CHANGED: Refusal = Refusal::new(
    409,
    "APPLICATION_CHANGED",
    "申请内容已变化，请刷新后重新审核",
    "The application has changed; reload and look again",
);
const APPLICATION_NOT_READY: Refusal = Refusal::new(
    409,
    "APPLICATION_NOT_READY",
    "该申请尚不能下载证书",
    "The certificate of this application cannot be downloaded now",
);

/// How long a draft, an unpaid or a not downloaded application stays open.
const LEFT_ALONE: SignedDuration = SignedDuration::from_hours(24 * 90);

/// An approved application whose certificate may be downloaded now.
#[derive(Debug, Clone)]
pub struct ReadyApplication {
    /// The application.
    pub application: Application,
    /// Who issues.
    pub institution: Institution,
    /// What was chosen.
    pub product: Product,
}

/// The application `id`, if it is `account_id`'s.
pub async fn own(db: &impl ConnectionTrait, id: Uuid, account_id: Uuid) -> Result<Application> {
    let row = store::find(db, id).await?.filter(|row| row.account_id == account_id);
    Ok(row.ok_or(NOT_FOUND)?)
}

async fn own_draft(db: &impl ConnectionTrait, id: Uuid, account_id: Uuid) -> Result<Application> {
    let row = own(db, id, account_id).await?;
    match row.state()? {
        State::Draft => Ok(row),
        other => Err(WRONG_STATE.problem().with("state", other.as_str())),
    }
}

/// Begins a draft. One application of a kind may be open per person.
pub async fn create(state: &AppState, account_id: Uuid, kind: Kind) -> Result<Application> {
    let person = identity::require_person(state, account_id).await?;
    let mut tx = state.db.begin().await?;
    let row = insert_draft(state, &mut tx, account_id, kind, &person.name, None).await?;
    tx.commit().await?;
    Ok(row)
}

async fn insert_draft(
    state: &AppState,
    tx: &mut Tx,
    account_id: Uuid,
    kind: Kind,
    subject_name: &str,
    previous: Option<&Application>,
) -> Result<Application> {
    let now = state.now();
    let slot = format!("{}:{account_id}", kind.row().word);
    let open = application::Entity::find().filter(application::Column::OpenSlot.eq(&*slot)).one(&**tx).await?;
    if let Some(open) = open {
        return Err(APPLICATION_OPEN.problem().with("application_id", open.id.to_string()));
    }
    let row = application::ActiveModel {
        id: Set(state.new_id()),
        account_id: Set(account_id),
        kind: Set(kind.row().word.to_owned()),
        state: Set(State::Draft.as_str().to_owned()),
        version: Set(1),
        institution_id: Set(previous.and_then(|row| row.institution_id)),
        product_id: Set(previous.and_then(|row| row.product_id)),
        subject_name: Set(subject_name.to_owned()),
        certificate_id: Set(None),
        previous_id: Set(previous.map(|row| row.id)),
        open_slot: Set(Some(slot)),
        created_at: Set(now.as_millisecond()),
        updated_at: Set(now.as_millisecond()),
        submitted_at: Set(None),
        enterprise_id: Set(None),
        holder_id: Set(None),
        old_certificate_id: Set(None),
        details: Set(None),
        letter_due: Set(false),
        letter_request_id: Set(None),
        first_reviewer_id: Set(None),
        exclusive_slot: Set(None),
    };
    let row = row.insert(&**tx).await?;
    store::note_step(tx, now, &row, Mover::Applicant(account_id), None).await?;
    let entry = audit::Entry {
        actor: Actor::Account(account_id),
        action: "application.draft",
        target_kind: "application",
        target_id: Some(row.id),
        detail: serde_json::json!({ "kind": row.kind, "previous": row.previous_id }),
    };
    audit::record(tx, now, entry).await?;
    crate::message::emit(tx, now, account_id, crate::message::EventKind::Application, row.id).await?;
    Ok(row)
}

/// Chooses institution and product of a draft. Choosing another institution forgets the product of the first.
pub async fn edit(
    state: &AppState,
    account_id: Uuid,
    id: Uuid,
    institution_id: Option<Uuid>,
    product_id: Option<Uuid>,
) -> Result<Application> {
    let tx = state.db.begin().await?;
    let row = own_draft(&*tx, id, account_id).await?;
    let (version, kind) = (row.version, row.kind.clone());
    let (mut chosen, mut product) = (row.institution_id, row.product_id);
    if let Some(institution_id) = institution_id {
        let known = institution::entity::institution::Entity::find_by_id(institution_id).one(&*tx).await?;
        known.ok_or_else(|| FIELDS_INVALID.field("institution_id", "UNKNOWN"))?;
        if chosen != Some(institution_id) {
            product = None;
        }
        chosen = Some(institution_id);
    }
    if let Some(product_id) = product_id {
        let known = institution::entity::product::Entity::find_by_id(product_id).one(&*tx).await?;
        known
            .filter(|known| known.offered && known.kind == kind && Some(known.institution_id) == chosen)
            .ok_or_else(|| FIELDS_INVALID.field("product_id", "UNKNOWN"))?;
        product = Some(product_id);
    }
    let mut change = row.into_active_model();
    change.institution_id = Set(chosen);
    change.product_id = Set(product);
    let row = store::touch(&tx, state.now(), change, version).await?;
    tx.commit().await?;
    Ok(row)
}

/// Puts a picture to a draft, in place of an earlier one of that kind.
pub async fn put_material(
    state: &AppState,
    account_id: Uuid,
    id: Uuid,
    kind: MaterialKind,
    media_type: String,
    octets: bytes::Bytes,
) -> Result<material::Model> {
    // Refuse before the costly part what would be refused after it.
    own_draft(&*state.db, id, account_id).await?;
    let checked = heavy::run(move || picture::check(kind, &media_type, &octets));
    let picture = checked.await.map_err(Problem::internal)??;
    let tx = state.db.begin().await?;
    let row = own_draft(&*tx, id, account_id).await?;
    let before = remove_material(&tx, id, kind).await?;
    let size = i64::try_from(picture.octets.len()).map_err(Problem::internal)?;
    // While this transaction is open no other removes the same object as unused.
    let blob = state.blobs.put(picture.octets).await?;
    let material = material::ActiveModel {
        id: Set(state.new_id()),
        application_id: Set(id),
        kind: Set(kind.as_str().to_owned()),
        blob: Set(blob),
        content_type: Set(picture.content_type.to_owned()),
        size: Set(size),
        uploaded_at: Set(state.now().as_millisecond()),
    };
    let material = material.insert(&*tx).await?;
    let version = row.version;
    store::touch(&tx, state.now(), row.into_active_model(), version).await?;
    tx.commit().await?;
    if let Some(blob) = before {
        forget_unused(state, &blob).await?;
    }
    Ok(material)
}

/// Takes a picture off a draft.
pub async fn delete_material(state: &AppState, account_id: Uuid, id: Uuid, kind: MaterialKind) -> Result<()> {
    let tx = state.db.begin().await?;
    let row = own_draft(&*tx, id, account_id).await?;
    let blob = remove_material(&tx, id, kind).await?.ok_or(NOT_FOUND)?;
    let version = row.version;
    store::touch(&tx, state.now(), row.into_active_model(), version).await?;
    tx.commit().await?;
    forget_unused(state, &blob).await
}

/// Removes the row, if there is one. Returns the object that it named.
async fn remove_material(tx: &Tx, id: Uuid, kind: MaterialKind) -> Result<Option<String>> {
    let Some(row) = store::material(&**tx, id, kind.as_str()).await? else { return Ok(None) };
    material::Entity::delete_by_id(row.id).exec(&**tx).await?;
    Ok(Some(row.blob))
}

/// Removes an object that no row names any more. Only after the commit: a transaction that breaks off brings its rows
/// back, but not an object. The new transaction keeps others from putting the same object there meanwhile.
pub(super) async fn forget_unused(state: &AppState, blob: &str) -> Result<()> {
    let tx = state.db.begin().await?;
    let used = material::Entity::find().filter(material::Column::Blob.eq(blob)).count(&*tx).await? > 0;
    if !used && !feedback::names(&*tx, blob).await? {
        state.blobs.delete(blob).await?;
    }
    Ok(())
}

/// Hands a complete draft in.
pub async fn submit(state: &AppState, account_id: Uuid, id: Uuid) -> Result<Application> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let row = own_draft(&*tx, id, account_id).await?;
    check_complete(&tx, &row).await?;
    let row = store::advance(&mut tx, now, row, Event::Submit, Mover::Applicant(account_id), Extra::default()).await?;
    tell(&mut tx, now, &row, None).await?;
    tx.commit().await?;
    Ok(row)
}

async fn check_complete(tx: &Tx, row: &Application) -> Result<()> {
    let mut problem = APPLICATION_INCOMPLETE.problem();
    let mut complete = true;
    for (name, chosen) in [("institution_id", row.institution_id), ("product_id", row.product_id)] {
        if chosen.is_none() {
            problem = problem.and_field(name, "REQUIRED");
            complete = false;
        }
    }
    let missing = store::missing_materials(&**tx, row).await?;
    for kind in &missing {
        problem = problem.and_field(format!("materials.{kind}"), "REQUIRED");
    }
    if complete && missing.is_empty() { Ok(()) } else { Err(problem.with("missing_materials", missing)) }
}

/// Takes an application back before it is decided.
pub async fn withdraw(state: &AppState, account_id: Uuid, id: Uuid) -> Result<Application> {
    let mut tx = state.db.begin().await?;
    let row = own(&*tx, id, account_id).await?;
    let by = Mover::Applicant(account_id);
    let row = store::advance(&mut tx, state.now(), row, Event::Withdraw, by, Extra::default()).await?;
    tx.commit().await?;
    Ok(row)
}

/// Repeats a closed application as a new draft with everything filled in; the old one and its reason stay.
pub async fn resubmit(state: &AppState, account_id: Uuid, id: Uuid) -> Result<Application> {
    let person = identity::require_person(state, account_id).await?;
    let mut tx = state.db.begin().await?;
    let old = own(&*tx, id, account_id).await?;
    if !old.state()?.may_be_repeated() {
        return Err(WRONG_STATE.problem().with("state", old.state.clone()));
    }
    let kind = Kind::parse(&old.kind).ok_or_else(|| Problem::internal("unknown application kind in the database"))?;
    let row = insert_draft(state, &mut tx, account_id, kind, &person.name, Some(&old)).await?;
    for material in store::materials(&*tx, old.id).await? {
        let mut copy = material.into_active_model();
        copy.id = Set(state.new_id());
        copy.application_id = Set(row.id);
        copy.insert(&*tx).await?;
    }
    tx.commit().await?;
    Ok(row)
}

/// A reviewer says yes to what they have seen.
pub async fn approve(state: &AppState, reviewer: Uuid, id: Uuid, version: i32) -> Result<Application> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let row = unchanged(&tx, id, version).await?;
    let row = store::advance(&mut tx, now, row, Event::Approve, Mover::Reviewer(reviewer), Extra::default()).await?;
    let fee = store::product(&*tx, &row).await?.is_some_and(|product| product.fee_fen > 0);
    let row = store::advance(&mut tx, now, row, Event::Release { fee }, Mover::System, Extra::default()).await?;
    tell(&mut tx, now, &row, None).await?;
    tx.commit().await?;
    Ok(row)
}

/// A reviewer says no to what they have seen, and why.
pub async fn refuse(state: &AppState, reviewer: Uuid, id: Uuid, version: i32, reason: &str) -> Result<Application> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let row = unchanged(&tx, id, version).await?;
    let extra = Extra { reason: Some(reason), ..Extra::default() };
    let row = store::advance(&mut tx, now, row, Event::Refuse, Mover::Reviewer(reviewer), extra).await?;
    tell(&mut tx, now, &row, Some(reason)).await?;
    tx.commit().await?;
    Ok(row)
}

/// The application as the reviewer saw it, still waiting for a reviewer.
async fn unchanged(tx: &Tx, id: Uuid, version: i32) -> Result<Application> {
    let row = store::find(&**tx, id).await?.ok_or(NOT_FOUND)?;
    if row.version != version {
        return Err(APPLICATION_CHANGED.problem().with("version", row.version));
    }
    match row.state()? {
        State::WithReviewer => Ok(row),
        other => Err(WRONG_STATE.problem().with("state", other.as_str())),
    }
}

async fn tell(tx: &mut Tx, now: Timestamp, row: &Application, reason: Option<&str>) -> Result<()> {
    let institution = store::institution(&**tx, row).await?.map(|institution| institution.name).unwrap_or_default();
    letters::tell(tx, now, row, &institution, reason).await
}

/// The application `id` of `account_id`, if its certificate may be downloaded now.
pub async fn require_ready(db: &impl ConnectionTrait, id: Uuid, account_id: Uuid) -> Result<ReadyApplication> {
    let application = own(db, id, account_id).await?;
    if application.state()? != State::Ready {
        return Err(APPLICATION_NOT_READY.problem().with("state", application.state.clone()));
    }
    let institution = store::institution(db, &application).await?;
    let product = store::product(db, &application).await?;
    match (institution, product) {
        (Some(institution), Some(product)) => Ok(ReadyApplication { application, institution, product }),
        _ => Err(Problem::internal("a ready application without institution or product")),
    }
}

/// Moves a ready application to done, with what came of it. Doing it again with the same certificate changes nothing.
pub async fn mark_done(tx: &mut Tx, now: Timestamp, id: Uuid, certificate_id: Uuid) -> Result<()> {
    let row = store::find(&**tx, id).await?.ok_or(NOT_FOUND)?;
    if row.state()? == State::Done && row.certificate_id == Some(certificate_id) {
        return Ok(());
    }
    let extra = Extra { certificate_id: Some(certificate_id), ..Extra::default() };
    let row = store::advance(tx, now, row, Event::Complete, Mover::System, extra).await?;
    tell(tx, now, &row, None).await
}

/// Closes what was left alone too long. Returns how many.
pub async fn expire_left_alone(state: &AppState) -> Result<usize> {
    let now = state.now();
    let states = [State::Draft, State::PaymentDue, State::Ready].map(State::as_str);
    let old = application::Entity::find()
        .filter(application::Column::State.is_in(states))
        .filter(application::Column::UpdatedAt.lt((now - LEFT_ALONE).as_millisecond()))
        .all(&*state.db)
        .await?;
    let count = old.len();
    for row in old {
        let mut tx = state.db.begin().await?;
        let Some(row) = store::find(&*tx, row.id).await?.filter(|fresh| fresh.version == row.version) else { continue };
        let row = store::advance(&mut tx, now, row, Event::Expire, Mover::System, Extra::default()).await?;
        tell(&mut tx, now, &row, None).await?;
        tx.commit().await?;
    }
    Ok(count)
}

/// The next step towards a certificate: 去认证 → 去申请 → (审核中) → 去下载 (manual 1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Guide {
    /// Verify the real name.
    Verify,
    /// Apply for a certificate, or finish the draft.
    Apply,
    /// Wait for the review.
    Wait,
    /// Download the certificate.
    Download,
    /// Nothing is left to do.
    Done,
}

/// The next step for `account`, and the application it speaks of.
pub async fn guide(db: &impl ConnectionTrait, account: &AccountRow) -> Result<(Guide, Option<Uuid>)> {
    if account.verified_at.is_none() {
        return Ok((Guide::Verify, None));
    }
    let rows = application::Entity::find()
        .filter(application::Column::AccountId.eq(account.id))
        .order_by_desc(application::Column::CreatedAt)
        .all(db)
        .await?;
    for row in &rows {
        let step = match row.state()? {
            State::Draft => Guide::Apply,
            State::WithAdmin | State::WithReviewer | State::WithSecondReviewer | State::Approved => Guide::Wait,
            State::PaymentDue | State::Ready => Guide::Download,
            State::Done => Guide::Done,
            State::Refused | State::Withdrawn | State::Expired => continue,
        };
        return Ok((step, Some(row.id)));
    }
    Ok((Guide::Apply, None))
}

/// When the application `id` was handed in, or else begun: since then somebody waits.
pub fn waiting_since(row: &Application) -> i64 {
    row.submitted_at.unwrap_or(row.created_at)
}
