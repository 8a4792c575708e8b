//! Queries of certificates.

use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use uuid::Uuid;

use super::{
    entity::{authority, certificate},
    model::{Certificate, Issuer},
    rules::{CertificateState, StoredState, expiring},
};
use crate::{
    clock::from_millis,
    error::{Problem, Result},
    institution::{self, Institution},
};

/// The certificate of this key that may be used now.
pub async fn usable_with_key(
    db: &impl ConnectionTrait,
    now: Timestamp,
    key_id: Uuid,
) -> Result<Option<certificate::Model>, DbErr> {
    usable(now).filter(certificate::Column::KeyId.eq(key_id)).one(db).await
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

fn usable(now: Timestamp) -> sea_orm::Select<certificate::Entity> {
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
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let institution = institutions.iter().find(|institution| institution.id == row.institution_id);
        let authority = authorities.iter().find(|authority| authority.institution_id == row.institution_id);
        let (Some(institution), Some(authority)) = (institution, authority) else {
            return Err(Problem::internal("a certificate of an unknown institution"));
        };
        views.extend(view(&row, institution, authority, now)?);
    }
    Ok(views)
}

/// One certificate as the API shows it; nothing while it is being issued.
pub async fn one(db: &impl ConnectionTrait, now: Timestamp, row: certificate::Model) -> Result<Option<Certificate>> {
    Ok(views(db, now, vec![row]).await?.pop())
}

fn view(
    row: &certificate::Model,
    institution: &Institution,
    authority: &authority::Model,
    now: Timestamp,
) -> Result<Option<Certificate>> {
    let (Some(state), Some(der)) = (state(row, now), row.der.as_deref()) else { return Ok(None) };
    let chain = pem(&authority.ca_certificate)? + &pem(&authority.root_certificate)?;
    Ok(Some(Certificate {
        id: row.id,
        kind: row.kind.clone(),
        institution: Issuer { id: institution.id, name: institution.name.clone(), slug: institution.slug.clone() },
        subject_name: row.subject_name.clone(),
        serial: row.serial.clone(),
        not_before: from_millis(row.not_before).to_string(),
        not_after: from_millis(row.not_after).to_string(),
        state,
        expiring: expiring(state, from_millis(row.not_after), now),
        key_id: row.key_id,
        device_id: row.device_id,
        certificate_pem: pem(der)?,
        chain_pem: chain,
    }))
}

/// PEM text of a certificate.
pub fn pem(der: &[u8]) -> Result<String> {
    pki::pem::encode(pki::pem::CERTIFICATE, der).map_err(Problem::internal)
}
