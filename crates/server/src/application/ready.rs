//! What the download needs to know of an approved application.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait as _};
use uuid::Uuid;

use super::{
    Application,
    details::Details,
    problems::APPLICATION_NOT_READY,
    rules::{Kind, State},
    store,
};
use crate::{
    app::AppState,
    certificate::{entity::certificate, rules},
    clock::from_millis,
    enterprise::store as enterprises,
    error::{NOT_FOUND, Problem, Result},
    institution::{Institution, Product},
};

/// An approved application whose certificate may be downloaded now.
#[derive(Debug, Clone)]
pub struct ReadyApplication {
    /// The application.
    pub application: Application,
    /// Who issues.
    pub institution: Institution,
    /// What was chosen.
    pub product: Product,
    /// The enterprise that the certificate speaks for; none: the person alone.
    pub enterprise: Option<EnterpriseName>,
    /// The end of the certificate in whose place the new one comes.
    old_end: Option<Timestamp>,
    /// The new one ends when the old one would have.
    ends_with_old: bool,
}

/// An enterprise as its certificates name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseName {
    /// Full name.
    pub name: String,
    /// Unified social credit code.
    pub credit_code: String,
}

impl ReadyApplication {
    /// First and last second of a certificate that is issued now. A renewal follows the old one's end; what replaces a
    /// certificate after a change of facts ends when that would have.
    pub fn validity(&self, now: Timestamp) -> Result<(Timestamp, Timestamp)> {
        let months = u32::try_from(self.product.validity_months).unwrap_or_default();
        let fresh = rules::validity(now, months);
        Ok(match self.old_end {
            Some(end) if self.ends_with_old && end <= now => return Err(APPLICATION_NOT_READY.into()),
            Some(end) if self.ends_with_old => (fresh.0, end),
            Some(end) if self.application.kind()?.renews() => (fresh.0, rules::continued(now, end, months)),
            _ => fresh,
        })
    }
}

/// The application `id`, if `account_id` may download its certificate now.
pub async fn require_ready(
    state: &AppState,
    db: &impl ConnectionTrait,
    id: Uuid,
    account_id: Uuid,
) -> Result<ReadyApplication> {
    let application = store::find(db, id).await?;
    let application = application.filter(|row| row.account_id == account_id || row.holder() == account_id);
    let application = application.ok_or(NOT_FOUND)?;
    if application.state()? != State::Ready || application.holder() != account_id {
        return Err(APPLICATION_NOT_READY.problem().with("state", application.state.clone()));
    }
    let details = Details::of(state, &application)?;
    let enterprise = match (application.kind()?, application.enterprise_id, &details.facts) {
        (Kind::EnterpriseClaim, _, Some(facts)) => {
            Some(EnterpriseName { name: facts.name.clone(), credit_code: facts.credit_code.clone() })
        }
        (_, Some(id), _) => {
            let row = enterprises::find(db, id).await?;
            Some(EnterpriseName { name: row.name, credit_code: row.credit_code })
        }
        _ => None,
    };
    let old = match application.old_certificate_id {
        Some(old) => certificate::Entity::find_by_id(old).one(db).await?,
        None => None,
    };
    let institution = store::institution(db, &application).await?;
    let product = store::product(db, &application).await?;
    let (Some(institution), Some(product)) = (institution, product) else {
        return Err(Problem::internal("a ready application without institution or product"));
    };
    Ok(ReadyApplication {
        application,
        institution,
        product,
        enterprise,
        old_end: old.map(|old| from_millis(old.not_after)),
        ends_with_old: details.ends_with_old,
    })
}
