//! What an applicant writes: beginning, changing and repeating a draft, and the pictures that belong to it.

use jiff::SignedDuration;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, Set, SqlErr,
};
use uuid::Uuid;

use super::{
    Application,
    details::{Details, EnterpriseFacts},
    entity::{application, material},
    facts, origin,
    origin::{New, Origin},
    picture,
    problems::{ADMIN_MISMATCH, APPLICATION_OPEN, ENTERPRISE_REGISTERED, WRONG_STATE},
    rules::{Ending, Kind, MaterialKind, State},
    store::{self, Mover},
};
use crate::{
    account::entity::account,
    app::AppState,
    audit,
    authorisation::rules::Grant,
    certificate::{self, entity::certificate as certificates},
    enterprise,
    enterprise::store as enterprises,
    error::{FIELDS_INVALID, NOT_FOUND, Problem, Result},
    feedback, heavy, identity, institution,
    message::{self, EventKind},
    rate::Limit,
    storage::Tx,
};

/// Guesses at an enterprise's administrator by one person.
const ADMIN_GUESSES: Limit = Limit { times: 5, window: SignedDuration::from_hours(1) };

/// The application `id`, if it is `account_id`'s.
pub async fn own(db: &impl ConnectionTrait, id: Uuid, account_id: Uuid) -> Result<Application> {
    let row = store::find(db, id).await?.filter(|row| row.account_id == account_id);
    Ok(row.ok_or(NOT_FOUND)?)
}

/// The draft `id` of `account_id`. Whoever may see the application and did not begin it is told that it is no draft of
/// theirs.
pub(super) async fn own_draft(db: &impl ConnectionTrait, id: Uuid, account_id: Uuid) -> Result<Application> {
    let row = own(db, id, account_id).await?;
    match row.state()? {
        State::Draft => Ok(row),
        other => Err(WRONG_STATE.problem().with("state", other.as_str())),
    }
}

/// Begins a draft. What may be open once is open once; the database says so.
pub async fn create(state: &AppState, account_id: Uuid, new: New) -> Result<Application> {
    let person = identity::require_person(state, account_id).await?;
    let mut tx = state.db.begin().await?;
    let origin = origin::check(&tx, state.now(), account_id, new).await?;
    let institution_id = origin::institution(&tx, &origin).await?;
    // A change begins with what is known.
    let known = origin.enterprise.as_ref().filter(|_| origin.kind == Kind::EnterpriseChange);
    let facts = known.map(|enterprise| enterprise::facts::whole(state, enterprise)).transpose()?;
    let before = match origin.old.as_ref().filter(|_| new.kind.recovers()) {
        Some(old) => store::find(&*tx, old.application_id).await?,
        None => None,
    };
    let seed = Seed {
        by: Mover::Applicant(account_id),
        subject_name: origin.subject_name(&person.name),
        institution_id,
        product_id: before.and_then(|before| before.product_id),
        // What is recovered is the same certificate to the user: it ends when it would have.
        details: Details { facts, ends_with_old: new.kind.recovers(), ..Details::default() },
        previous: None,
    };
    let row = insert(state, &mut tx, account_id, &origin, seed).await?;
    tx.commit().await?;
    Ok(row)
}

/// What a draft begins with.
pub(super) struct Seed<'a> {
    /// Who begins it.
    pub by: Mover,
    /// Whom the certificate will name.
    pub subject_name: String,
    /// Chosen already.
    pub institution_id: Option<Uuid>,
    /// Chosen already.
    pub product_id: Option<Uuid>,
    /// Entered already.
    pub details: Details,
    /// The closed application that it repeats.
    pub previous: Option<&'a Application>,
}

/// Writes a draft with its first step.
pub(super) async fn insert(
    state: &AppState,
    tx: &mut Tx,
    account_id: Uuid,
    origin: &Origin,
    seed: Seed<'_>,
) -> Result<Application> {
    let (now, id) = (state.now(), state.new_id());
    let (open_slot, exclusive_slot) = origin.slots(account_id);
    refuse_second(&**tx, &open_slot, account_id).await?;
    let details = (seed.details != Details::default()).then(|| seed.details.seal(state, id)).transpose()?;
    let row = application::ActiveModel {
        id: Set(id),
        account_id: Set(account_id),
        kind: Set(origin.kind.row().word.to_owned()),
        state: Set(State::Draft.as_str().to_owned()),
        version: Set(1),
        institution_id: Set(seed.institution_id),
        product_id: Set(seed.product_id),
        subject_name: Set(seed.subject_name),
        certificate_id: Set(None),
        previous_id: Set(seed.previous.map(|row| row.id)),
        open_slot: Set(Some(open_slot)),
        created_at: Set(now.as_millisecond()),
        updated_at: Set(now.as_millisecond()),
        submitted_at: Set(None),
        enterprise_id: Set(origin.enterprise.as_ref().map(|enterprise| enterprise.id)),
        holder_id: Set(origin.holder),
        old_certificate_id: Set(origin.old.as_ref().map(|old| old.id)),
        details: Set(details),
        verification_id: Set(None),
        letter_due: Set(false),
        letter_request_id: Set(None),
        first_reviewer_id: Set(None),
        exclusive_slot: Set(exclusive_slot),
        credit_code: Set(claimed_code(origin.kind, seed.details.facts.as_ref())),
    };
    let row = row.insert(&**tx).await.map_err(slot_taken)?;
    store::note_step(tx, now, &row, seed.by, None).await?;
    let entry = audit::Entry {
        actor: seed.by.actor(),
        action: "application.draft",
        target_kind: "application",
        target_id: Some(row.id),
        detail: serde_json::json!({ "kind": row.kind, "previous": row.previous_id }),
    };
    audit::record(tx, now, entry).await?;
    message::emit(tx, now, account_id, EventKind::Application, row.id).await?;
    Ok(row)
}

async fn refuse_second(db: &impl ConnectionTrait, slot: &str, account_id: Uuid) -> Result<()> {
    let open = application::Entity::find().filter(application::Column::OpenSlot.eq(slot)).one(db).await?;
    match open {
        None => Ok(()),
        Some(open) if open.account_id == account_id => {
            Err(APPLICATION_OPEN.problem().with("application_id", open.id.to_string()))
        }
        Some(_) => Err(APPLICATION_OPEN.into()),
    }
}

/// Two at once on two nodes: the unique index lets one of them in.
fn slot_taken(error: sea_orm::DbErr) -> Problem {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => APPLICATION_OPEN.into(),
        _ => error.into(),
    }
}

fn claimed_code(kind: Kind, facts: Option<&EnterpriseFacts>) -> Option<String> {
    let code = facts.map(|facts| facts.credit_code.clone()).filter(|code| !code.is_empty());
    code.filter(|_| kind == Kind::EnterpriseClaim)
}

/// Repeats a closed application as a new draft with everything filled in; the old one and its reason stay.
pub async fn resubmit(state: &AppState, account_id: Uuid, id: Uuid) -> Result<Application> {
    let person = identity::require_person(state, account_id).await?;
    let mut tx = state.db.begin().await?;
    let old = own(&*tx, id, account_id).await?;
    if !old.state()?.may_be_repeated() {
        return Err(WRONG_STATE.problem().with("state", old.state.clone()));
    }
    let kind = old.kind()?;
    let new = New {
        kind,
        enterprise_id: old.enterprise_id,
        holder_id: old.holder_id.filter(|_| kind.names_holder()),
        certificate_id: old.old_certificate_id,
    };
    let origin = origin::check(&tx, state.now(), account_id, new).await?;
    let details = Details { ends_with_old: kind.recovers(), ..Details::of(state, &old)? };
    let named = details.facts.as_ref().map(|facts| facts.name.clone()).filter(|name| !name.is_empty());
    let subject_name = match kind {
        Kind::EnterpriseClaim => named.unwrap_or_else(|| person.name.clone()),
        _ => origin.subject_name(&person.name),
    };
    let seed = Seed {
        by: Mover::Applicant(account_id),
        subject_name,
        institution_id: old.institution_id,
        product_id: old.product_id,
        details,
        previous: Some(&old),
    };
    let row = insert(state, &mut tx, account_id, &origin, seed).await?;
    for material in store::materials(&*tx, old.id).await? {
        let mut copy = material.into_active_model();
        copy.id = Set(state.new_id());
        copy.application_id = Set(row.id);
        copy.insert(&*tx).await?;
    }
    tx.commit().await?;
    Ok(row)
}

/// What shows that an applicant knows the administrator.
#[derive(Debug)]
pub struct AdminProof {
    /// Real name.
    pub name: String,
    /// Mobile number.
    pub phone: String,
}

/// What to choose and enter; what is absent stays.
#[derive(Debug, Default)]
pub struct Edit {
    /// Who shall issue or review.
    pub institution_id: Option<Uuid>,
    /// What it shall issue.
    pub product_id: Option<Uuid>,
    /// What the enterprise is.
    pub facts: Option<EnterpriseFacts>,
    /// What is granted.
    pub grant: Option<Grant>,
    /// The certificates that a change replaces.
    pub certificate_ids: Option<Vec<Uuid>>,
    /// That the applicant knows the administrator.
    pub admin: Option<AdminProof>,
}

/// Changes a draft. Choosing another institution forgets the product of the first.
pub async fn edit(state: &AppState, account_id: Uuid, id: Uuid, edit: Edit) -> Result<Application> {
    if edit.admin.is_some() {
        let row = own_draft(&*state.db, id, account_id).await?;
        let whom = format!("{account_id}:{}", row.enterprise_id.unwrap_or_default());
        state.rates.take("join-admin", &whom, ADMIN_GUESSES, state.now()).await?;
    }
    let tx = state.db.begin().await?;
    let row = own_draft(&*tx, id, account_id).await?;
    let (version, kind) = (row.version, row.kind()?);
    let (institution_id, product_id) = choose(&tx, &row, kind, &edit).await?;
    let mut details = Details::of(state, &row)?;
    enter(state, &tx, &row, kind, edit, &mut details).await?;
    let named = details.facts.as_ref().filter(|facts| kind == Kind::EnterpriseClaim && !facts.name.is_empty());
    let mut change = row.into_active_model();
    if let Some(facts) = named {
        change.subject_name = Set(facts.name.clone());
    }
    change.institution_id = Set(institution_id);
    change.product_id = Set(product_id);
    change.credit_code = Set(claimed_code(kind, details.facts.as_ref()));
    change.details = Set((details != Details::default()).then(|| details.seal(state, id)).transpose()?);
    let row = store::touch(&tx, state.now(), change, version).await?;
    tx.commit().await?;
    Ok(row)
}

/// Institution and product after an edit.
async fn choose(tx: &Tx, row: &Application, kind: Kind, edit: &Edit) -> Result<(Option<Uuid>, Option<Uuid>)> {
    let (mut chosen, mut product) = (row.institution_id, row.product_id);
    if let Some(institution_id) = edit.institution_id {
        if !kind.row().review {
            return Err(FIELDS_INVALID.field("institution_id", "UNEXPECTED"));
        }
        let known = institution::entity::institution::Entity::find_by_id(institution_id).one(&**tx).await?;
        known.ok_or_else(|| FIELDS_INVALID.field("institution_id", "UNKNOWN"))?;
        if chosen != Some(institution_id) {
            // What is renewed or recovered is so by whoever issued it.
            if kind.renews() || kind.recovers() {
                return Err(FIELDS_INVALID.field("institution_id", "FIXED"));
            }
            product = None;
        }
        chosen = Some(institution_id);
    }
    if let Some(product_id) = edit.product_id {
        if kind.row().ending != Ending::Certificate {
            return Err(FIELDS_INVALID.field("product_id", "UNEXPECTED"));
        }
        let known = institution::entity::product::Entity::find_by_id(product_id).one(&**tx).await?;
        known
            .filter(|known| known.offered && known.kind == kind.row().product && Some(known.institution_id) == chosen)
            .ok_or_else(|| FIELDS_INVALID.field("product_id", "UNKNOWN"))?;
        product = Some(product_id);
    }
    Ok((chosen, product))
}

/// Sends the applicant of a recovery to the face verification, under the name and number of the first one.
pub async fn verify(state: &AppState, account_id: Uuid, id: Uuid, path: &str, origin: &str) -> Result<String> {
    let row = own_draft(&*state.db, id, account_id).await?;
    if !row.kind()?.recovers() {
        return Err(NOT_FOUND.into());
    }
    let (verification, address) = identity::verify_again(state, account_id, path, origin).await?;
    let tx = state.db.begin().await?;
    let row = own_draft(&*tx, id, account_id).await?;
    let version = row.version;
    let mut change = row.into_active_model();
    change.verification_id = Set(Some(verification));
    store::touch(&tx, state.now(), change, version).await?;
    tx.commit().await?;
    Ok(address)
}

/// Takes what was entered into the details, each part checked.
async fn enter(
    state: &AppState,
    tx: &Tx,
    row: &Application,
    kind: Kind,
    edit: Edit,
    details: &mut Details,
) -> Result<()> {
    let unexpected = |name: &str| Err(FIELDS_INVALID.field(name, "UNEXPECTED"));
    if let Some(typed) = edit.facts {
        if !kind.states_facts() {
            return unexpected("facts");
        }
        let facts = facts::tidy(&typed, state.now())?;
        refuse_registered(tx, row, &facts.credit_code).await?;
        details.facts = Some(facts);
    }
    if let Some(grant) = edit.grant {
        if !kind.grants() {
            return unexpected("grant");
        }
        facts::check_grant(&**tx, &grant).await?;
        details.grant = Some(grant);
    }
    if let Some(ids) = edit.certificate_ids {
        if kind != Kind::EnterpriseChange {
            return unexpected("certificate_ids");
        }
        check_certificates(state, tx, row, &ids).await?;
        details.certificate_ids = ids;
    }
    if let Some(proof) = edit.admin {
        if kind != Kind::EnterpriseJoin {
            return unexpected("admin");
        }
        details.known_admin = Some(known_admin(tx, row, &proof).await?);
    }
    Ok(())
}

/// Refuses the credit code of an enterprise that is known already, unless it is the one that the application is about.
pub(super) async fn refuse_registered(tx: &Tx, row: &Application, credit_code: &str) -> Result<()> {
    match enterprises::registered(&**tx, credit_code).await? {
        Some(known) if row.enterprise_id != Some(known.id) => {
            Err(ENTERPRISE_REGISTERED.problem().with("enterprise_id", known.id.to_string()))
        }
        _ => Ok(()),
    }
}

/// All of them must be certificates of this enterprise that may be used now.
pub(super) async fn check_certificates(state: &AppState, tx: &Tx, row: &Application, ids: &[Uuid]) -> Result<()> {
    let known = certificates::Entity::find()
        .filter(certificates::Column::EnterpriseId.eq(row.enterprise_id))
        .all(&**tx)
        .await?;
    let usable = |id: &Uuid| {
        let found = known.iter().find(|certificate| certificate.id == *id);
        found.is_some_and(|found| {
            certificate::store::state(found, state.now()) == Some(certificate::rules::CertificateState::Active)
        })
    };
    if facts::repeats(ids) {
        return Err(FIELDS_INVALID.field("certificate_ids", "TWICE"));
    }
    if ids.iter().all(usable) { Ok(()) } else { Err(FIELDS_INVALID.field("certificate_ids", "UNKNOWN")) }
}

async fn known_admin(tx: &Tx, row: &Application, proof: &AdminProof) -> Result<Uuid> {
    let enterprise = row.enterprise_id.ok_or_else(|| Problem::internal("a join without an enterprise"))?;
    let admin = enterprises::admin_of(&**tx, enterprise).await?.ok_or(ADMIN_MISMATCH)?;
    let person = account::Entity::find_by_id(admin).one(&**tx).await?.ok_or(ADMIN_MISMATCH)?;
    let name = identity::rules::parse_name(&proof.name);
    let right = name.is_some() && person.name == name && person.phone == proof.phone.trim();
    if right { Ok(admin) } else { Err(ADMIN_MISMATCH.into()) }
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
    let row = own_draft(&*state.db, id, account_id).await?;
    if !row.kind_row()?.materials.contains(&kind) {
        return Err(FIELDS_INVALID.field("kind", "UNEXPECTED"));
    }
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
