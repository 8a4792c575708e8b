//! Who signs for the services: delegated certificates with keys of their own, so that an issuing CA's key is not used
//! for every question. Made when they are missing, replaced well before they end, kept open in memory for as long as
//! nobody has revoked them.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use gm::sm2::{KeyPair, SecretKey};
use jiff::{SignedDuration, Timestamp};
use pki::{Certificate, Profile, Serial, certificate::Template, name, ocsp};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Set,
};
use serde_json::json;
use uuid::Uuid;

use super::entity;
use crate::{
    app::AppState,
    audit,
    certificate::{
        authority::{self, Authority},
        entity::authority as authorities,
    },
    clock::from_millis,
    error::{NOT_FOUND, Problem, Result},
    institution,
    storage::StorageError,
    vault::Purpose,
};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How long a signer is used before the database is asked again whether it was revoked, milliseconds: another node, or
/// the command line, may have done that.
const BELIEVED_FOR: i64 = 1000;
/// Clocks of those who verify may be a little behind.
const BACKDATED: SignedDuration = SignedDuration::from_mins(10);

/// A service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Answers for one institution whether its certificates are revoked.
    Ocsp,
    /// Stamps for everybody.
    TimeStamp,
}

impl Role {
    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ocsp => "ocsp",
            Self::TimeStamp => "time_stamp",
        }
    }

    const fn profile(self) -> &'static Profile {
        match self {
            Self::Ocsp => &Profile::OCSP_RESPONDER,
            Self::TimeStamp => &Profile::TIME_STAMP,
        }
    }

    /// How long a certificate is good, and how long before its end the next one takes over. A stamp has to be
    /// verified for years after it was made, so its certificate is used for its first year only.
    const fn times(self) -> (SignedDuration, SignedDuration) {
        match self {
            Self::Ocsp => (SignedDuration::from_hours(30 * 24), SignedDuration::from_hours(10 * 24)),
            Self::TimeStamp => (SignedDuration::from_hours(6 * 365 * 24), SignedDuration::from_hours(5 * 365 * 24)),
        }
    }

    fn common_name(self, institution: &str) -> String {
        match self {
            Self::Ocsp => format!("{institution}状态查询"),
            Self::TimeStamp => format!("{institution}时间戳"),
        }
    }
}

/// A service's certificate with its key, and the CA above it.
pub struct ServiceSigner {
    /// Its row.
    id: Uuid,
    /// The institution whose CA signed it.
    pub institution_id: Uuid,
    /// The service's certificate.
    pub certificate: Certificate,
    /// The issuing CA's certificate.
    pub ca: Certificate,
    /// How the issuing CA is named in questions.
    pub issuer: ocsp::Issuer,
    /// The service's key.
    pub key: KeyPair,
    /// From then on another one has to be looked for.
    renew_at: Timestamp,
    /// When the database last said that it is not revoked, Unix milliseconds.
    seen: AtomicI64,
}

impl ServiceSigner {
    async fn holds(&self, state: &AppState) -> Result<bool> {
        let now = state.now();
        if now >= self.renew_at {
            return Ok(false);
        }
        let (now, seen) = (now.as_millisecond(), self.seen.load(Ordering::Relaxed));
        if (seen..seen.saturating_add(BELIEVED_FOR)).contains(&now) {
            return Ok(true);
        }
        let holds = unrevoked()
            .select_only()
            .column(entity::Column::Id)
            .filter(entity::Column::Id.eq(self.id))
            .into_tuple::<Uuid>()
            .one(&*state.db)
            .await?;
        self.seen.store(now, Ordering::Relaxed);
        Ok(holds.is_some())
    }
}

/// The signers that are open, by role and institution (its short name).
#[derive(Default)]
pub struct Signers(RwLock<HashMap<(Role, String), Arc<ServiceSigner>>>);

impl Signers {
    fn known(&self, role: Role, slug: &str) -> Option<Arc<ServiceSigner>> {
        let open = self.0.read().unwrap_or_else(PoisonError::into_inner);
        open.get(&(role, slug.to_owned())).map(Arc::clone)
    }

    fn keep(&self, role: Role, slug: &str, signer: &Arc<ServiceSigner>) {
        let mut open = self.0.write().unwrap_or_else(PoisonError::into_inner);
        open.insert((role, slug.to_owned()), Arc::clone(signer));
    }
}

/// The responder of the institution `slug`. A CA elsewhere has its own.
pub async fn responder(state: &AppState, slug: &str) -> Result<Arc<ServiceSigner>> {
    if let Some(signer) = known(state, Role::Ocsp, slug).await? {
        return Ok(signer);
    }
    let row = authorities::Entity::find().filter(authorities::Column::Slug.eq(slug)).one(&*state.db).await?;
    let row = row.filter(|row| !row.is_outside()).ok_or(NOT_FOUND)?;
    open(state, Role::Ocsp, row.institution_id, slug).await
}

/// The authority for time stamps: under the first institution's CA whose key is here, there is one for the whole platform.
pub async fn time_stamper(state: &AppState) -> Result<Arc<ServiceSigner>> {
    const PLATFORM: &str = "";
    if let Some(signer) = known(state, Role::TimeStamp, PLATFORM).await? {
        return Ok(signer);
    }
    use institution::entity::institution::{Column, Entity};
    let all = authorities::Entity::find().all(&*state.db).await?;
    let own = all.into_iter().filter(|row| !row.is_outside()).map(|row| row.institution_id);
    let first = Entity::find().filter(Column::Id.is_in(own)).order_by_asc(Column::Position).one(&*state.db).await?;
    open(state, Role::TimeStamp, first.ok_or(NOT_FOUND)?.id, PLATFORM).await
}

/// The signer in memory, if it still holds.
async fn known(state: &AppState, role: Role, slug: &str) -> Result<Option<Arc<ServiceSigner>>> {
    match state.pki.signers.known(role, slug) {
        Some(signer) if signer.holds(state).await? => Ok(Some(signer)),
        _ => Ok(None),
    }
}

/// Makes and renews what is due and replaces what was revoked, at every start and every minute.
pub async fn ensure(state: &AppState) -> Result<()> {
    let all = authorities::Entity::find().all(&*state.db).await?;
    for row in all.into_iter().filter(|row| !row.is_outside()) {
        responder(state, &row.slug).await?;
    }
    match time_stamper(state).await {
        Err(problem) if problem.kind() == NOT_FOUND => Ok(()),
        other => other.map(drop),
    }
}

/// The certificates that nobody has revoked.
fn unrevoked() -> sea_orm::Select<entity::Entity> {
    entity::Entity::find().filter(entity::Column::RevokedAt.is_null())
}

/// The stored certificate that is good longest, or a new one when that is due.
async fn open(state: &AppState, role: Role, institution_id: Uuid, slug: &str) -> Result<Arc<ServiceSigner>> {
    let now = state.now();
    let signer = match newest(state, &*state.db, role, institution_id).await? {
        Some(signer) if now < signer.renew_at => signer,
        _ => renew(state, role, institution_id).await?,
    };
    let signer = Arc::new(signer);
    state.pki.signers.keep(role, slug, &signer);
    Ok(signer)
}

async fn newest(
    state: &AppState,
    db: &impl ConnectionTrait,
    role: Role,
    institution_id: Uuid,
) -> Result<Option<ServiceSigner>> {
    let row = unrevoked()
        .filter(entity::Column::InstitutionId.eq(institution_id))
        .filter(entity::Column::Role.eq(role.as_str()))
        .order_by_desc(entity::Column::NotAfter)
        .one(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let authority = authorities::Entity::find_by_id(institution_id).one(db).await?.ok_or(NOT_FOUND)?;
    let ca = Certificate::read(&authority.ca_certificate).map_err(Problem::internal)?;
    let octets = state.vaults.of(Purpose::ServiceKeys).unwrap(row.id.as_bytes(), &row.key)?;
    let octets =
        octets.as_slice().try_into().map_err(|_| StorageError::Secret("a service key has the wrong length"))?;
    let key = KeyPair::from(SecretKey::from_bytes(octets)?);
    let certificate = Certificate::read(&row.certificate).map_err(Problem::internal)?;
    Ok(Some(signer(role, (row.id, institution_id), certificate, ca, key, state.now())))
}

fn signer(
    role: Role,
    (id, institution_id): (Uuid, Uuid),
    certificate: Certificate,
    ca: Certificate,
    key: KeyPair,
    now: Timestamp,
) -> ServiceSigner {
    let ends = millis(certificate.tbs.not_after);
    // Where the CA itself ends soon, there is nothing better to wait for.
    let renew_at = if certificate.tbs.not_after < ca.tbs.not_after { ends - role.times().1 } else { ends };
    let issuer = ocsp::Issuer::of(&ca);
    let seen = AtomicI64::new(now.as_millisecond());
    ServiceSigner { id, institution_id, certificate, ca, issuer, key, renew_at, seen }
}

fn millis(seconds: pki::UnixSeconds) -> Timestamp {
    from_millis(i64::try_from(seconds).unwrap_or(i64::MAX / 1000).saturating_mul(1000))
}

/// A new key and its certificate, unless somebody else has just made them.
async fn renew(state: &AppState, role: Role, institution_id: Uuid) -> Result<ServiceSigner> {
    let tx = state.db.begin().await?;
    let now = state.now();
    if let Some(signer) = newest(state, &*tx, role, institution_id).await?.filter(|signer| now < signer.renew_at) {
        return Ok(signer);
    }
    let authority = authority::open(state, &*tx, institution_id).await?;
    let institution = institution::entity::institution::Entity::find_by_id(institution_id).one(&*tx).await?;
    let key = KeyPair::generate()?;
    let certificate = certificate(state, role, &authority, &institution.ok_or(NOT_FOUND)?.name, &key, now)?;
    let id = state.new_id();
    let serial = certificate.tbs.serial.to_string();
    let row = entity::ActiveModel {
        id: Set(id),
        institution_id: Set(institution_id),
        role: Set(role.as_str().to_owned()),
        serial: Set(serial.clone()),
        certificate: Set(certificate.der.clone()),
        key: Set(state.vaults.of(Purpose::ServiceKeys).wrap(id.as_bytes(), &*key.secret().to_bytes())?),
        not_before: Set(millis(certificate.tbs.not_before).as_millisecond()),
        not_after: Set(millis(certificate.tbs.not_after).as_millisecond()),
        created_at: Set(now.as_millisecond()),
        revoked_at: Set(None),
        revocation_reason: Set(None),
    };
    row.insert(&*tx).await?;
    let entry = audit::Entry {
        actor: audit::Actor::System,
        action: "service_certificate.issue",
        target_kind: "institution",
        target_id: Some(institution_id),
        detail: json!({ "role": role.as_str(), "serial": serial }),
    };
    audit::record(&tx, now, entry).await?;
    tx.commit().await?;
    Ok(signer(role, (id, institution_id), certificate, authority.ca, key, now))
}

fn certificate(
    state: &AppState,
    role: Role,
    authority: &Authority,
    institution: &str,
    key: &KeyPair,
    now: Timestamp,
) -> Result<Certificate> {
    let signer = authority.signer()?;
    let urls = super::Urls::of(state, &authority.row.slug);
    // Nobody asks whether a responder is revoked: it lives a month.
    let asked = role != Role::Ocsp;
    let template = Template {
        profile: role.profile(),
        serial: &Serial::random().map_err(Problem::internal)?,
        subject: &name::authority(institution, &role.common_name(institution)).map_err(Problem::internal)?,
        public_key: &key.public().to_bytes(),
        not_before: authority::seconds(now - BACKDATED).max(authority.ca.tbs.not_before),
        not_after: authority::seconds(now + role.times().0 - DAY).min(authority.ca.tbs.not_after),
        crl_url: asked.then_some(&urls.crl),
        issuer_url: Some(&urls.issuer),
        ocsp_url: asked.then_some(&urls.ocsp),
        policy: None,
        credit_code: None,
    };
    let to_be_signed = template.under(&authority.ca).map_err(Problem::internal)?;
    pki::certificate::sign(&to_be_signed, Some(&authority.ca), signer).map_err(Problem::internal)
}
