//! Queries of certificates.

use std::collections::HashMap;

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, UpdateMany, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    entity::{authority, certificate, encryption_certificate},
    model::{Certificate, Encryption, Issuer, KeyInfo, KeyStanding},
    rules::{CertificateState, StoredState, expiring},
};
use crate::{
    clock::from_millis,
    enterprise::{Enterprise, entity::enterprise, store::EnterpriseRef},
    error::{Problem, Result},
    institution::{self, Institution},
    keys::{
        entity::{decryption_share, split_key},
        rules::{Barred, KeyState, Leave, admit, tries_left},
    },
};

/// The certificate of this key that may be used now.
pub async fn usable_with_key(
    db: &impl ConnectionTrait,
    now: Timestamp,
    key_id: Uuid,
) -> Result<Option<certificate::Model>, DbErr> {
    usable(now).filter(certificate::Column::KeyId.eq(key_id)).one(db).await
}

/// The change that puts a signed certificate into its row: its issuer has the last word about number and days.
pub fn issued(signed: &pki::Certificate) -> Result<UpdateMany<certificate::Entity>> {
    let millis = |seconds: pki::UnixSeconds| i64::try_from(seconds).map(|at| at * 1000).map_err(Problem::internal);
    Ok(certificate::Entity::update_many()
        .col_expr(certificate::Column::Der, Expr::value(signed.der.clone()))
        .col_expr(certificate::Column::Serial, Expr::value(signed.tbs.serial.to_string()))
        .col_expr(certificate::Column::NotBefore, Expr::value(millis(signed.tbs.not_before)?))
        .col_expr(certificate::Column::NotAfter, Expr::value(millis(signed.tbs.not_after)?)))
}

/// The certificate `id`, if it is this account's.
pub fn owned(id: Uuid, account_id: Uuid) -> Condition {
    Condition::all().add(certificate::Column::Id.eq(id)).add(certificate::Column::AccountId.eq(account_id))
}

/// The newest certificate that was issued for this key, whatever became of it.
pub async fn with_key(db: &impl ConnectionTrait, key_id: Uuid) -> Result<Option<certificate::Model>, DbErr> {
    certificate::Entity::find()
        .filter(certificate::Column::KeyId.eq(key_id))
        .filter(certificate::Column::State.ne(StoredState::Issuing.as_str()))
        .order_by_desc(certificate::Column::CreatedAt)
        .one(db)
        .await
}

/// The certificates of this account that may be used now, newest first.
pub async fn usable_of(
    db: &impl ConnectionTrait,
    now: Timestamp,
    account_id: Uuid,
) -> Result<Vec<certificate::Model>, DbErr> {
    usable(now)
        .filter(certificate::Column::AccountId.eq(account_id))
        .order_by_desc(certificate::Column::CreatedAt)
        .all(db)
        .await
}

/// The certificates of keys on this device that have neither ended nor been revoked, those on hold included.
pub async fn living_on(
    db: &impl ConnectionTrait,
    now: Timestamp,
    device_id: Uuid,
) -> Result<Vec<certificate::Model>, DbErr> {
    certificate::Entity::find()
        .filter(certificate::Column::DeviceId.eq(device_id))
        .filter(certificate::Column::State.is_in([StoredState::Issued.as_str(), StoredState::Suspended.as_str()]))
        .filter(certificate::Column::NotAfter.gte(now.as_millisecond()))
        .all(db)
        .await
}

/// Certificates that may be used now.
pub fn usable(now: Timestamp) -> sea_orm::Select<certificate::Entity> {
    let now = now.as_millisecond();
    certificate::Entity::find()
        .filter(certificate::Column::State.eq(StoredState::Issued.as_str()))
        .filter(certificate::Column::NotBefore.lte(now))
        .filter(certificate::Column::NotAfter.gte(now))
}

/// All certificates of this account that exist, newest first.
pub async fn of_account(db: &impl ConnectionTrait, account_id: Uuid) -> Result<Vec<certificate::Model>, DbErr> {
    certificate::Entity::find()
        .filter(certificate::Column::AccountId.eq(account_id))
        .filter(certificate::Column::State.ne(StoredState::Issuing.as_str()))
        .order_by_desc(certificate::Column::CreatedAt)
        .all(db)
        .await
}

/// What people see of a stored certificate; nothing while it is being issued.
pub fn state(row: &certificate::Model, now: Timestamp) -> Option<CertificateState> {
    CertificateState::of(StoredState::parse(&row.state)?, from_millis(row.not_after), now)
}

/// Certificates as the API shows them.
pub async fn views(
    db: &impl ConnectionTrait,
    now: Timestamp,
    rows: Vec<certificate::Model>,
) -> Result<Vec<Certificate>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let institutions = institution::entity::institution::Entity::find().all(db).await?;
    let authorities = authority::Entity::find().all(db).await?;
    let keys = split_key::Entity::find().filter(split_key::Column::Id.is_in(rows.iter().map(|row| row.key_id)));
    let keys: HashMap<Uuid, split_key::Model> = keys.all(db).await?.into_iter().map(|key| (key.id, key)).collect();
    let enterprises = enterprise::Entity::find()
        .filter(enterprise::Column::Id.is_in(rows.iter().filter_map(|row| row.enterprise_id)));
    let enterprises: HashMap<Uuid, Enterprise> =
        enterprises.all(db).await?.into_iter().map(|one| (one.id, one)).collect();
    let mut encryption = encryption(db, &rows).await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let institution = institutions.iter().find(|institution| institution.id == row.institution_id);
        let authority = authorities.iter().find(|authority| authority.institution_id == row.institution_id);
        let (Some(institution), Some(authority)) = (institution, authority) else {
            return Err(Problem::internal("a certificate of an unknown institution"));
        };
        let key = key_info(keys.get(&row.key_id));
        let enterprise = row.enterprise_id.and_then(|id| enterprises.get(&id)).cloned().map(EnterpriseRef::from);
        let shown = view(&row, institution, authority, enterprise, key, now)?;
        views.extend(shown.map(|shown| Certificate { encryption: encryption.remove(&row.id), ..shown }));
    }
    Ok(views)
}

/// One certificate as the API shows it; nothing while it is being issued.
pub async fn one(db: &impl ConnectionTrait, now: Timestamp, row: certificate::Model) -> Result<Option<Certificate>> {
    Ok(views(db, now, vec![row]).await?.pop())
}

/// The encryption certificates beside these certificates.
async fn encryption(db: &impl ConnectionTrait, rows: &[certificate::Model]) -> Result<HashMap<Uuid, Encryption>> {
    let beside = encryption_certificate::Entity::find()
        .filter(encryption_certificate::Column::CertificateId.is_in(rows.iter().map(|row| row.id)));
    let mut shares: HashMap<Uuid, usize> = HashMap::new();
    let held = decryption_share::Entity::find()
        .select_only()
        .column(decryption_share::Column::KeyId)
        .filter(decryption_share::Column::KeyId.is_in(rows.iter().map(|row| row.key_id)))
        .filter(decryption_share::Column::DeliveredAt.is_not_null())
        .into_tuple::<Uuid>();
    for key_id in held.all(db).await? {
        *shares.entry(key_id).or_default() += 1;
    }
    let mut shown = HashMap::new();
    for one in beside.all(db).await? {
        let key_id = rows.iter().find(|row| row.id == one.certificate_id).map(|row| row.key_id);
        let held = key_id.and_then(|key_id| shares.get(&key_id)).copied().unwrap_or_default();
        let Some(der) = one.der else { continue };
        let encryption = Encryption {
            serial: one.serial,
            certificate_pem: pem(&der)?,
            delivered: held > 0,
            earlier_keys: held.saturating_sub(1),
        };
        shown.insert(one.certificate_id, encryption);
    }
    Ok(shown)
}

fn key_info(key: Option<&split_key::Model>) -> KeyInfo {
    let Some(key) = key else {
        return KeyInfo { state: KeyStanding::Destroyed, tries_left: 0, pin_changed_at: None };
    };
    let stands = KeyState::parse(&key.state).unwrap_or(KeyState::Revoked);
    let state = match admit(stands, key.failures, key.total_failures, Leave::NONE) {
        Ok(()) => KeyStanding::Ready,
        Err(Barred::Locked) => KeyStanding::Locked,
        Err(Barred::CloneSuspect) => KeyStanding::Frozen,
        Err(Barred::Suspended) => KeyStanding::Suspended,
        Err(Barred::Revoked) => KeyStanding::Destroyed,
    };
    let pin_changed_at = key.pin_changed_at.map(|at| from_millis(at).to_string());
    KeyInfo { state, tries_left: tries_left(key.failures, key.total_failures), pin_changed_at }
}

fn view(
    row: &certificate::Model,
    institution: &Institution,
    authority: &authority::Model,
    enterprise: Option<EnterpriseRef>,
    key: KeyInfo,
    now: Timestamp,
) -> Result<Option<Certificate>> {
    let (Some(state), Some(der)) = (state(row, now), row.der.as_deref()) else { return Ok(None) };
    let chain = pem(&authority.ca_certificate)? + &pem(&authority.root_certificate)?;
    Ok(Some(Certificate {
        id: row.id,
        kind: row.kind.clone(),
        institution: Issuer { id: institution.id, name: institution.name.clone(), slug: institution.slug.clone() },
        outdated: enterprise.as_ref().is_some_and(|enterprise| enterprise.name != row.subject_name),
        enterprise,
        subject_name: row.subject_name.clone(),
        serial: row.serial.clone(),
        not_before: from_millis(row.not_before).to_string(),
        not_after: from_millis(row.not_after).to_string(),
        state,
        expiring: expiring(state, from_millis(row.not_after), now),
        key_id: row.key_id,
        device_id: row.device_id,
        key,
        encryption: None,
        certificate_pem: pem(der)?,
        chain_pem: chain,
    }))
}

/// PEM text of a certificate.
pub fn pem(der: &[u8]) -> Result<String> {
    pki::pem::encode(pki::pem::CERTIFICATE, der).map_err(Problem::internal)
}
