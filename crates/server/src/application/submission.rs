//! Handing a draft in: everything there, and everything still as it was when it was written.

use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, Set};
use uuid::Uuid;

use super::{
    Application, access,
    body::{self, Face},
    details::Details,
    drafts::{check_certificates, own_draft, refuse_registered},
    entity::application,
    facts, letters, origin,
    problems::{APPLICATION_INCOMPLETE, ENTERPRISE_CLAIMED, NO_ENTERPRISE_CERTIFICATE, NOTHING_CHANGED},
    rules::{Applicant, Ending, Event, Kind, MaterialKind},
    store::{self, Extra, Mover},
};
use crate::{
    app::AppState,
    authorisation::{
        self,
        rules::{Grant, Permission},
    },
    enterprise::store as enterprises,
    enterprise::{self, Enterprise, rules::Role},
    error::Result,
    storage::Tx,
};

/// Hands a complete draft in.
pub async fn submit(state: &AppState, account_id: Uuid, id: Uuid) -> Result<Application> {
    let now = state.now();
    // Asked before the transaction: the provider may take its time.
    let seen = own_draft(&*state.db, id, account_id).await?;
    let face = body::face(state, &seen).await?;
    let mut tx = state.db.begin().await?;
    let row = own_draft(&*tx, id, account_id).await?;
    let face = face.filter(|_| row.verification_id == seen.verification_id);
    let origin = origin::again(&tx, now, &row).await?;
    let letter_due = access::letter_wanted(&*tx, now, &row).await?;
    let mut details = Details::of(state, &row)?;
    check_complete(&tx, &row, &details, letter_due, face).await?;
    check_possible(state, &tx, &row, &details, origin.enterprise.as_ref()).await?;
    if letter_due {
        refuse_without_certificate(state, &tx, &row).await?;
    }
    details.grant = details.grant.take().or(first_grant(state, &tx, &row).await?);
    let sealed = (details != Details::default()).then(|| details.seal(state, id)).transpose()?;
    let mut change = row.into_active_model();
    change.letter_due = Set(letter_due);
    change.details = Set(sealed);
    let row = store::write(&tx, change).await?;
    let row = store::advance(&mut tx, now, row, Event::Submit, Mover::Applicant(account_id), Extra::default()).await?;
    letters::tell(&mut tx, now, &row, None).await?;
    tx.commit().await?;
    Ok(row)
}

/// A clerk whom nothing is granted yet may log in with their first certificate, as its letter says; anything further is
/// an authorisation of its own (manual 1.12.5.1).
async fn first_grant(state: &AppState, tx: &Tx, row: &Application) -> Result<Option<Grant>> {
    let kind = row.kind()?;
    let Some(enterprise) = row.enterprise_id.filter(|_| kind.row().applicant == Applicant::Member) else {
        return Ok(None);
    };
    let now = state.now().as_millisecond();
    let clerk = enterprises::role_of(&**tx, enterprise, row.holder()).await? == Some(Role::Clerk);
    if !clerk || !authorisation::store::good_at(&**tx, enterprise, row.holder(), now).await?.is_empty() {
        return Ok(None);
    }
    Ok(Some(Grant { relying_party_ids: Vec::new(), permissions: vec![Permission::Login], seals: Vec::new() }))
}

/// Names everything that is missing, not just the first.
async fn check_complete(
    tx: &Tx,
    row: &Application,
    details: &Details,
    letter_due: bool,
    face: Option<Face>,
) -> Result<()> {
    let kind = row.kind()?;
    let mut fields = Vec::new();
    if kind.row().review && row.institution_id.is_none() {
        fields.push("institution_id");
    }
    if kind.row().ending == Ending::Certificate && row.product_id.is_none() {
        fields.push("product_id");
    }
    if kind.states_facts() {
        fields.extend(facts::missing(details.facts.as_ref()));
    }
    if kind.grants() && details.grant.is_none() {
        fields.push("grant");
    }
    if kind.recovers() && face != Some(Face::Passed) {
        fields.push("face");
    }
    // Whoever was the administrator when it was shown may not be it any more.
    if kind == Kind::EnterpriseJoin
        && (details.known_admin.is_none() || details.known_admin != admin(tx, row.enterprise_id).await?)
    {
        fields.push("admin");
    }
    let missing = store::missing_materials(&**tx, row, letter_due).await?;
    if fields.is_empty() && missing.is_empty() {
        return Ok(());
    }
    let mut problem = APPLICATION_INCOMPLETE.problem();
    for name in fields {
        problem = problem.and_field(name, "REQUIRED");
    }
    for kind in &missing {
        problem = problem.and_field(format!("materials.{kind}"), "REQUIRED");
    }
    Err(problem.with("missing_materials", missing))
}

async fn admin(tx: &Tx, enterprise_id: Option<Uuid>) -> Result<Option<Uuid>> {
    match enterprise_id {
        Some(id) => Ok(enterprises::admin_of(&**tx, id).await?),
        None => Ok(None),
    }
}

/// Refuses what was possible when it was written and is not any more.
async fn check_possible(
    state: &AppState,
    tx: &Tx,
    row: &Application,
    details: &Details,
    enterprise: Option<&Enterprise>,
) -> Result<()> {
    let Some(facts) = &details.facts else { return Ok(()) };
    refuse_registered(tx, row, &facts.credit_code).await?;
    if row.kind()? == Kind::EnterpriseClaim {
        return refuse_claimed(tx, &facts.credit_code).await;
    }
    check_certificates(state, tx, row, &details.certificate_ids).await?;
    match enterprise {
        Some(enterprise)
            if details.certificate_ids.is_empty() && enterprise::facts::whole(state, enterprise)? == *facts =>
        {
            Err(NOTHING_CHANGED.into())
        }
        _ => Ok(()),
    }
}

/// Refuses a claim while somebody else's approved claim of the same enterprise waits for its download.
pub(super) async fn refuse_claimed(tx: &Tx, credit_code: &str) -> Result<()> {
    let slot = claim_slot(credit_code);
    let taken = application::Entity::find().filter(application::Column::ExclusiveSlot.eq(slot)).one(&**tx).await?;
    if taken.is_some() { Err(ENTERPRISE_CLAIMED.into()) } else { Ok(()) }
}

/// What an approved claim takes.
pub(super) fn claim_slot(credit_code: &str) -> String {
    format!("claim:{credit_code}")
}

/// The administrator's own acts need a certificate to seal with from the start; a clerk's wait until there is one.
async fn refuse_without_certificate(state: &AppState, tx: &Tx, row: &Application) -> Result<()> {
    let Some(enterprise) = row.enterprise_id else { return Ok(()) };
    let own = enterprises::admin_of(&**tx, enterprise).await? == Some(row.account_id);
    if own && !access::admin_can_seal(&**tx, state.now(), enterprise).await? {
        return Err(NO_ENTERPRISE_CERTIFICATE.into());
    }
    Ok(())
}

/// The stamped form, where it stands in for a letter that nobody can seal.
pub fn form_stands_in(kind: Kind, letter_due: bool) -> Option<MaterialKind> {
    use super::rules::Letter;
    (kind.row().letter == Letter::OrForm && !letter_due).then_some(MaterialKind::ApplicationForm)
}
