//! What an application brings about in the end, in the transaction that ends it: an enterprise with its administrator,
//! a clerk with what they may do, other facts, another administrator.

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, Set};
use uuid::Uuid;

use super::{
    Application,
    details::{Details, EnterpriseFacts},
    drafts::{self, Seed},
    entity::application,
    letters, origin,
    origin::Origin,
    problems::{APPLICATION_OVERTAKEN, ENTERPRISE_REGISTERED},
    rules::{Applicant, Event, Kind, State},
    seals::{self, Seal},
    store::{self, Extra, Mover},
    submission,
};
use crate::{
    app::AppState,
    audit::Actor,
    authorisation::{rules::Grant, service as authorisation, service::NewGrant},
    certificate::{self, entity::certificate as certificates, revocation, rules::CertificateState},
    clock::from_millis,
    enterprise::store as enterprises,
    enterprise::{self, Enterprise, membership, rules::Role},
    error::{NOT_FOUND, Problem, Result},
    fault,
    storage::Tx,
};

/// Refuses what has become impossible since it was handed in. Asked again at every step that leads to the end.
pub async fn check_possible(state: &AppState, tx: &Tx, row: &Application) -> Result<()> {
    let kind = row.kind()?;
    if kind.states_facts() {
        let facts = facts(state, row)?;
        match enterprises::registered(&**tx, &facts.credit_code).await? {
            Some(known) if row.enterprise_id != Some(known.id) => return Err(ENTERPRISE_REGISTERED.into()),
            _ => {}
        }
        if kind == Kind::EnterpriseClaim && row.exclusive_slot.is_none() {
            submission::refuse_claimed(tx, &facts.credit_code).await?;
        }
    }
    let Some(enterprise) = row.enterprise_id.filter(|_| kind.needs_enterprise()) else { return Ok(()) };
    let applicant = enterprises::role_of(&**tx, enterprise, row.account_id).await?;
    let holder = enterprises::role_of(&**tx, enterprise, row.holder()).await?;
    let gone = ("申请人已不是该企业人员", "The applicant does not belong to the enterprise any more");
    let overtaken = match kind.row().applicant {
        Applicant::Member if applicant.is_none() => Some(gone),
        Applicant::Admin if applicant != Some(Role::Admin) => {
            Some(("申请人已不是企业管理员", "The applicant is not the administrator any more"))
        }
        Applicant::Admin if kind.names_holder() && holder != Some(Role::Clerk) => {
            Some(("对方已不是该企业办事人员", "The other person is not a clerk of the enterprise any more"))
        }
        _ => None,
    };
    match overtaken {
        Some((zh, en)) => Err(APPLICATION_OVERTAKEN.detail(zh, en)),
        None => Ok(()),
    }
}

fn facts(state: &AppState, row: &Application) -> Result<EnterpriseFacts> {
    Details::of(state, row)?
        .facts
        .ok_or_else(|| Problem::internal("an application without the facts it was handed in with"))
}

fn grant(state: &AppState, row: &Application) -> Result<Grant> {
    Details::of(state, row)?
        .grant
        .ok_or_else(|| Problem::internal("an application without the grant it was handed in with"))
}

fn enterprise_of(row: &Application) -> Result<Uuid> {
    row.enterprise_id.ok_or_else(|| Problem::internal("an application without its enterprise"))
}

/// Ends an approved application that needs no download: the effect, and the end, in the caller's transaction.
pub(super) async fn take_effect(
    state: &AppState,
    tx: &mut Tx,
    row: Application,
    seals: Vec<Seal>,
) -> Result<Application> {
    check_possible(state, tx, &row).await?;
    let (now, enterprise) = (state.now(), enterprise_of(&row)?);
    match row.kind()? {
        Kind::EnterpriseChange => {
            change(state, tx, &row).await?;
            seals::replace(state, tx, enterprise, seals).await?;
        }
        Kind::AdminTransfer | Kind::AdminTransferByForm => {
            membership::swap_admin(tx, now, enterprise, row.account_id, row.holder()).await?;
            close_admin_matters(tx, now, &row).await?;
        }
        _ => return Err(Problem::internal("a kind without an effect has none")),
    }
    let row = store::advance(tx, now, row, Event::Complete, Mover::System, Extra::default()).await?;
    letters::tell(tx, now, &row, None).await?;
    Ok(row)
}

/// What only an administrator may ask for ends with the role.
async fn close_admin_matters(tx: &mut Tx, now: jiff::Timestamp, done: &Application) -> Result<()> {
    let others = application::Entity::find()
        .filter(application::Column::EnterpriseId.eq(done.enterprise_id))
        .filter(application::Column::AccountId.eq(done.account_id))
        .filter(application::Column::OpenSlot.is_not_null())
        .filter(application::Column::Id.ne(done.id))
        .all(&**tx)
        .await?;
    for row in others {
        let unfinished = !matches!(row.state()?, State::Ready | State::PaymentDue);
        if row.kind_row()?.applicant == Applicant::Admin && unfinished {
            let reason = "管理员已变更（the administrator's role was handed over）";
            super::ending::close(tx, now, row, reason).await?;
        }
    }
    Ok(())
}

/// Moves a ready application to done, with what came of it. Doing it again with the same certificate changes nothing.
/// `seals` are those of [`seals_for_download`](super::seals_for_download).
pub async fn mark_done(state: &AppState, tx: &mut Tx, id: Uuid, certificate_id: Uuid, seals: Vec<Seal>) -> Result<()> {
    let row = store::find(&**tx, id).await?.ok_or(NOT_FOUND)?;
    if row.state()? == State::Done && row.certificate_id == Some(certificate_id) {
        return Ok(());
    }
    let now = state.now();
    let row = match row.kind()? {
        Kind::EnterpriseClaim => found(state, tx, row, certificate_id, seals).await?,
        Kind::EnterpriseJoin => {
            let enterprise = enterprise_of(&row)?;
            if enterprises::role_of(&**tx, enterprise, row.account_id).await?.is_none() {
                membership::add_clerk(tx, now, enterprise, row.account_id).await?;
            }
            authorise(state, tx, &row, certificate_id).await?;
            row
        }
        Kind::Authorisation => {
            authorise(state, tx, &row, certificate_id).await?;
            row
        }
        // A clerk's first certificate may bring a first authorisation with it.
        _ if Details::of(state, &row)?.grant.is_some() => {
            authorise(state, tx, &row, certificate_id).await?;
            row
        }
        _ => row,
    };
    if row.kind()?.recovers() {
        end_recovered(tx, now, &row).await?;
    }
    let extra = Extra { certificate_id: Some(certificate_id), ..Extra::default() };
    let row = store::advance(tx, now, row, Event::Complete, Mover::System, extra).await?;
    letters::tell(tx, now, &row, None).await
}

/// The certificate on the old phone ends, its key with it; the old phone is told.
async fn end_recovered(tx: &mut Tx, now: jiff::Timestamp, row: &Application) -> Result<()> {
    let Some(old) = row.old_certificate_id else { return Ok(()) };
    let old = certificates::Entity::find_by_id(old).one(&**tx).await?.ok_or(NOT_FOUND)?;
    if certificate::store::state(&old, now).is_some_and(|state| state != CertificateState::Revoked) {
        revocation::revoke(tx, now, &old, "superseded", Actor::Account(row.holder())).await?;
    }
    letters::tell_recovered(tx, now, &old).await
}

/// The enterprise exists from now on, and the claimant is its administrator.
async fn found(
    state: &AppState,
    tx: &mut Tx,
    row: Application,
    certificate_id: Uuid,
    seals: Vec<Seal>,
) -> Result<Application> {
    let enterprise = membership::found(state, tx, &facts(state, &row)?, row.account_id).await?;
    seals::replace(state, tx, enterprise.id, seals).await?;
    let certificate = certificates::ActiveModel {
        id: Set(certificate_id),
        enterprise_id: Set(Some(enterprise.id)),
        ..Default::default()
    };
    certificate.update(&**tx).await?;
    let mut change = row.into_active_model();
    change.enterprise_id = Set(Some(enterprise.id));
    Ok(store::write(tx, change).await?)
}

/// What was granted is good as long as the certificate.
async fn authorise(state: &AppState, tx: &mut Tx, row: &Application, certificate_id: Uuid) -> Result<()> {
    let enterprise = enterprise_of(row)?;
    let certificate = certificates::Entity::find_by_id(certificate_id).one(&**tx).await?.ok_or(NOT_FOUND)?;
    let granted_by = match row.kind()? {
        Kind::Authorisation => row.account_id,
        _ => enterprises::admin_of(&**tx, enterprise).await?.unwrap_or(row.account_id),
    };
    let new = NewGrant {
        enterprise_id: enterprise,
        account_id: row.holder(),
        granted_by,
        application_id: Some(row.id),
        valid: (from_millis(certificate.not_before), from_millis(certificate.not_after)),
    };
    authorisation::grant(tx, state.now(), &new, &grant(state, row)?).await
}

/// Other facts, and new certificates in place of the chosen ones.
async fn change(state: &AppState, tx: &mut Tx, row: &Application) -> Result<()> {
    let now = state.now();
    let details = Details::of(state, row)?;
    let enterprise = enterprise::facts::change(state, tx, enterprise_of(row)?, &facts(state, row)?).await?;
    for id in details.certificate_ids {
        // Another one may have taken its place since it was chosen.
        let id = fault::store::newest(&**tx, id).await?;
        let old = certificates::Entity::find_by_id(id).one(&**tx).await?.ok_or(NOT_FOUND)?;
        // What ended meanwhile needs no end and no successor.
        if certificate::store::state(&old, now) == Some(CertificateState::Active) {
            revocation::revoke(tx, now, &old, "affiliationChanged", Actor::System).await?;
            replace(state, tx, &enterprise, old, row.institution_id).await?;
        }
    }
    let open = application::Entity::update_many()
        .col_expr(application::Column::SubjectName, sea_orm::sea_query::Expr::value(enterprise.name.clone()))
        .filter(application::Column::EnterpriseId.eq(enterprise.id))
        .filter(application::Column::OpenSlot.is_not_null());
    open.exec(&**tx).await?;
    Ok(())
}

/// A reapplication for the holder of a certificate that a change has ended. Every step is one of the machine. It is
/// ready when the institution that issues it is the one that has `reviewed` the change; another one reviews for itself.
async fn replace(
    state: &AppState,
    tx: &mut Tx,
    enterprise: &Enterprise,
    old: certificates::Model,
    reviewed: Option<Uuid>,
) -> Result<()> {
    let now = state.now();
    let slot = origin::replacement_slot(old.id);
    let other = application::Entity::find().filter(application::Column::OpenSlot.eq(slot)).one(&**tx).await?;
    if let Some(other) = other {
        super::ending::close(tx, now, other, "企业信息已变更（the enterprise's information has changed）").await?;
    }
    let before = store::find(&**tx, old.application_id).await?;
    let (holder, institution) = (old.account_id, old.institution_id);
    let origin = Origin {
        kind: Kind::EnterpriseReapplication,
        enterprise: Some(enterprise.clone()),
        holder: None,
        old: Some(old),
    };
    let seed = Seed {
        by: Mover::System,
        subject_name: enterprise.name.clone(),
        institution_id: Some(institution),
        product_id: before.as_ref().and_then(|before| before.product_id),
        details: Details { ends_with_old: true, ..Details::default() },
        previous: None,
    };
    let mut row = drafts::insert(state, tx, holder, &origin, seed).await?;
    let last = if reviewed == Some(institution) { State::Ready } else { State::WithReviewer };
    while row.state()? != last {
        let event = match row.state()? {
            State::Draft => Event::Submit,
            State::Approved => Event::Release { fee: false },
            _ => Event::Approve,
        };
        row = store::advance(tx, now, row, event, Mover::System, Extra::default()).await?;
    }
    letters::tell(tx, now, &row, None).await
}
