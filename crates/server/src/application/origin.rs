//! Where an application comes from: what it is about, and whether this person may begin it. Its slots say what can be
//! open once only.

use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, sea_query::Expr};
use uuid::Uuid;

use super::{
    entity::application,
    problems::{ALREADY_A_MEMBER, CERTIFICATE_NOT_REPLACEABLE, NOT_A_MEMBER, NOT_THE_ADMIN},
    rules::{Applicant, Ending, Kind},
    store,
};
use crate::{
    certificate::{
        entity::certificate,
        rules::{CertificateState, expiring},
        store as certificates,
    },
    clock::from_millis,
    enterprise::store as enterprises,
    enterprise::{Enterprise, rules::Role},
    error::{FIELDS_INVALID, NOT_FOUND, Problem, Result},
    storage::Tx,
};

/// What to apply for.
#[derive(Debug, Clone, Copy)]
pub struct New {
    /// Which kind.
    pub kind: Kind,
    /// About which enterprise.
    pub enterprise_id: Option<Uuid>,
    /// For whom, if not for the applicant.
    pub holder_id: Option<Uuid>,
    /// In place of which certificate.
    pub certificate_id: Option<Uuid>,
}

/// What an application is about, checked.
#[derive(Debug)]
pub struct Origin {
    /// Which kind.
    pub kind: Kind,
    /// About which enterprise, where that is known already.
    pub enterprise: Option<Enterprise>,
    /// Who will hold the certificate or the role, where that is not the applicant.
    pub holder: Option<Uuid>,
    /// The certificate that is renewed or replaced.
    pub old: Option<certificate::Model>,
}

impl Origin {
    /// Whom the certificate will name.
    pub fn subject_name(&self, person: &str) -> String {
        self.enterprise.as_ref().map_or(person, |enterprise| &enterprise.name).to_owned()
    }

    /// What may be open once, and what only one application may be about while it is under way.
    pub fn slots(&self, account_id: Uuid) -> (String, Option<String>) {
        let word = self.kind.row().word;
        let enterprise = self.enterprise.as_ref().map(|enterprise| enterprise.id).unwrap_or_default();
        match self.kind {
            Kind::PersonalCertificate | Kind::EnterpriseClaim => (format!("{word}:{account_id}"), None),
            Kind::EnterpriseJoin | Kind::EnterpriseCertificate => (format!("{word}:{account_id}:{enterprise}"), None),
            Kind::PersonalRenewal
            | Kind::PersonalReapplication
            | Kind::EnterpriseRenewal
            | Kind::EnterpriseReapplication
            | Kind::PersonalRecovery
            | Kind::EnterpriseRecovery => {
                (replacement_slot(self.old.as_ref().map(|old| old.id).unwrap_or_default()), None)
            }
            Kind::Authorisation => (format!("{word}:{enterprise}:{}", self.holder.unwrap_or_default()), None),
            Kind::EnterpriseChange => (format!("{word}:{enterprise}"), Some(format!("change:{enterprise}"))),
            Kind::AdminTransfer | Kind::AdminTransferByForm => {
                (format!("admin_transfer:{enterprise}"), Some(format!("transfer:{enterprise}")))
            }
        }
    }
}

/// A certificate is replaced by one application at a time, whether it is renewed or applied for again.
pub fn replacement_slot(certificate_id: Uuid) -> String {
    format!("replacement:{certificate_id}")
}

/// Another certificate has taken the place of this one: open applications to replace it are about that one now.
pub async fn follow_certificate(tx: &Tx, old: Uuid, new: Uuid) -> Result<()> {
    application::Entity::update_many()
        .col_expr(application::Column::OldCertificateId, Expr::value(new))
        .col_expr(application::Column::OpenSlot, Expr::value(replacement_slot(new)))
        .filter(application::Column::OpenSlot.eq(replacement_slot(old)))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Checks what somebody wants to apply for.
pub async fn check(tx: &Tx, now: Timestamp, account_id: Uuid, new: New) -> Result<Origin> {
    let kind = new.kind;
    let old = match (kind.replaces(), new.certificate_id) {
        (true, Some(id)) => Some(replaceable(tx, now, account_id, kind, id).await?),
        (true, None) => return Err(FIELDS_INVALID.field("certificate_id", "REQUIRED")),
        (false, Some(_)) => return Err(FIELDS_INVALID.field("certificate_id", "UNEXPECTED")),
        (false, None) => None,
    };
    // What replaces a certificate is about the enterprise of that certificate.
    let about = new.enterprise_id.or(old.as_ref().and_then(|old| old.enterprise_id));
    if old.as_ref().is_some_and(|old| old.enterprise_id != about) {
        return Err(FIELDS_INVALID.field("enterprise_id", "FOREIGN"));
    }
    let enterprise = match (kind.needs_enterprise(), about) {
        (true, Some(id)) => Some(enterprises::find(&**tx, id).await?),
        (true, None) => return Err(FIELDS_INVALID.field("enterprise_id", "REQUIRED")),
        (false, Some(_)) => return Err(FIELDS_INVALID.field("enterprise_id", "UNEXPECTED")),
        (false, None) => None,
    };
    if let Some(enterprise) = &enterprise {
        check_applicant(tx, kind, enterprise.id, account_id).await?;
    }
    let holder = match (kind.names_holder(), new.holder_id, &enterprise) {
        (true, Some(id), Some(enterprise)) => {
            if enterprises::role_of(&**tx, enterprise.id, id).await? != Some(Role::Clerk) {
                return Err(FIELDS_INVALID.field("holder_id", "NOT_A_CLERK"));
            }
            Some(id)
        }
        (true, _, _) => return Err(FIELDS_INVALID.field("holder_id", "REQUIRED")),
        (false, Some(_), _) => return Err(FIELDS_INVALID.field("holder_id", "UNEXPECTED")),
        (false, None, _) => None,
    };
    Ok(Origin { kind, enterprise, holder, old })
}

/// Whether this person may apply for this in the enterprise.
pub async fn check_applicant(tx: &Tx, kind: Kind, enterprise_id: Uuid, account_id: Uuid) -> Result<()> {
    let role = enterprises::role_of(&**tx, enterprise_id, account_id).await?;
    match (kind, kind.row().applicant, role) {
        (Kind::EnterpriseJoin, _, Some(_)) => Err(ALREADY_A_MEMBER.into()),
        (_, Applicant::Member | Applicant::Admin, None) => Err(NOT_A_MEMBER.into()),
        (_, Applicant::Admin, Some(Role::Clerk)) => Err(NOT_THE_ADMIN.into()),
        _ => Ok(()),
    }
}

/// The person's own certificate, if it can be replaced by this kind of application: renewed before its end, applied
/// for again after it, recovered while it lasts.
pub async fn replaceable(
    tx: &Tx,
    now: Timestamp,
    account_id: Uuid,
    kind: Kind,
    id: Uuid,
) -> Result<certificate::Model> {
    let row = certificate::Entity::find_by_id(id).one(&**tx).await?;
    let row = row.filter(|row| row.account_id == account_id).ok_or(NOT_FOUND)?;
    let state = certificates::state(&row, now).ok_or(NOT_FOUND)?;
    let enterprise = kind.needs_enterprise();
    let fits = if kind.renews() {
        expiring(state, from_millis(row.not_after), now)
    } else {
        (state == CertificateState::Active) == kind.recovers()
    };
    if fits && enterprise == row.enterprise_id.is_some() { Ok(row) } else { Err(CERTIFICATE_NOT_REPLACEABLE.into()) }
}

/// The institution that suggests itself: of the certificate that is replaced, or the one that vetted the enterprise.
pub async fn institution(tx: &Tx, origin: &Origin) -> Result<Option<Uuid>> {
    if let Some(old) = &origin.old {
        return Ok(Some(old.institution_id));
    }
    let row = origin.kind.row();
    let Some(enterprise) = origin.enterprise.as_ref().filter(|_| row.review && row.ending == Ending::Effect) else {
        return Ok(None);
    };
    let claim = application::Entity::find()
        .filter(application::Column::EnterpriseId.eq(enterprise.id))
        .filter(application::Column::Kind.eq(Kind::EnterpriseClaim.row().word))
        .order_by_desc(application::Column::CreatedAt)
        .one(&**tx)
        .await?;
    match claim {
        Some(claim) => Ok(store::institution(&**tx, &claim).await?.map(|institution| institution.id)),
        None => Ok(None),
    }
}

/// The origin of an application that exists, checked again before it goes on.
pub async fn again(tx: &Tx, now: Timestamp, row: &super::Application) -> Result<Origin> {
    let kind = row.kind()?;
    let new = New {
        kind,
        enterprise_id: row.enterprise_id,
        holder_id: row.holder_id.filter(|_| kind.names_holder()),
        certificate_id: row.old_certificate_id,
    };
    if kind.needs_enterprise() && row.enterprise_id.is_none() {
        return Err(Problem::internal("an application without its enterprise"));
    }
    check(tx, now, row.account_id, new).await
}
