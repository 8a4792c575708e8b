//! What a signature is for. The phone names a task and a digest; the server computes the digest itself and signs
//! nothing else.

use gm::{curve::Point, sm2, sm3::Digest};
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait as _};
use uuid::Uuid;

use super::{
    delivery,
    entity::{decryption, split_key},
};
use crate::{
    account::{self, entity::phone_change},
    authorisation::policy::Demand,
    certificate::{
        self,
        entity::{certificate_revocation, enrolment},
    },
    clock::from_millis,
    error::Result,
    scan::{
        entity as scan_request, own,
        rules::{ScanState, answerable},
    },
};

/// A task that this key may work on now.
#[derive(Debug)]
pub enum Task {
    /// A scan request that the key's owner has claimed.
    Scan(Box<scan_request::Model>),
    /// The enrolment that made the key.
    Enrolment(Box<enrolment::Model>),
    /// A change of the owner's phone number that waits for proof.
    PhoneChange(Box<phone_change::Model>),
    /// The end of this key's own certificate, which its owner wants.
    Revocation(Box<certificate_revocation::Model>),
}

/// Finds the task, if it is this key owner's, open and not too old. Why not is nobody's business.
pub async fn open(
    db: &impl ConnectionTrait,
    now: Timestamp,
    task_id: Uuid,
    key: &split_key::Model,
) -> Result<Option<Task>> {
    if let Some(row) = scan_request::Entity::find_by_id(task_id).one(db).await? {
        let state = ScanState::parse(&row.state).map(|state| state.at(now, from_millis(row.expires_at)));
        let open = state.is_some_and(|state| answerable(state).is_ok()) && row.account_id == Some(key.account_id);
        let certified = match certificate::store::usable_with_key(db, now, key.id).await? {
            Some(certificate) if open && own::may_answer(&row, &certificate) => {
                // What has been taken back since the claim ends a signing that is under way.
                Demand::of(db, &row).await?.allows(db, now, &certificate).await?.is_ok()
            }
            _ => false,
        };
        return Ok(certified.then(|| Task::Scan(Box::new(row))));
    }
    if let Some(row) = account::phone_change::open(db, now, key.account_id, task_id).await? {
        let certified = certificate::store::usable_with_key(db, now, key.id).await?.is_some();
        return Ok(certified.then(|| Task::PhoneChange(Box::new(row))));
    }
    if let Some(row) = certificate::farewell::open(db, now, key.account_id, task_id).await? {
        // With no other key: what is signed is that this one ends.
        let usable = certificate::store::usable_with_key(db, now, key.id).await?;
        let own = usable.is_some_and(|usable| usable.id == row.certificate_id);
        return Ok(own.then(|| Task::Revocation(Box::new(row))));
    }
    let row = enrolment::Entity::find_by_id(task_id).one(db).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(may_enrol(db, &row, now, key).await?.then(|| Task::Enrolment(Box::new(row))))
}

/// The request for the certificates; once they are issued, the request for their encryption key again, as long as the
/// phone has not stored it.
async fn may_enrol(
    db: &impl ConnectionTrait,
    row: &enrolment::Model,
    now: Timestamp,
    key: &split_key::Model,
) -> Result<bool> {
    let own = row.account_id == key.account_id && row.device_id == key.device_id && row.key_id == Some(key.id);
    match certificate::store::usable_with_key(db, now, key.id).await? {
        _ if !own => Ok(false),
        Some(certificate) => Ok(!delivery::is_delivered(db, &certificate).await?),
        None => Ok(row.certificate_id.is_none() && now < from_millis(row.expires_at)),
    }
}

/// What the owner wants opened with this key, if it is this ciphertext and may be opened now.
pub async fn decryption(
    db: &impl ConnectionTrait,
    now: Timestamp,
    task_id: Uuid,
    key: &split_key::Model,
    c1: &Point,
) -> Result<Option<decryption::Model>> {
    let row = decryption::Entity::find_by_id(task_id).one(db).await?;
    let row = row.filter(|row| row.key_id == key.id && row.account_id == key.account_id);
    let row = row.filter(|row| now < from_millis(row.expires_at) && row.c1 == c1.to_bytes());
    let certified = certificate::store::usable_with_key(db, now, key.id).await?.is_some();
    Ok(row.filter(|_| certified))
}

impl Task {
    /// What it is, for the audit log.
    pub fn kind(&self) -> &str {
        match self {
            Self::Scan(row) => &row.action,
            Self::PhoneChange(_) => "phone_change",
            Self::Revocation(_) => "certificate_revocation",
            Self::Enrolment(_) => "certificate_request",
        }
    }

    /// Which system asked for it, if one did.
    pub fn relying_party(&self) -> Option<Uuid> {
        match self {
            Self::Scan(row) => Some(row.relying_party_id),
            _ => None,
        }
    }

    /// `e = SM3(Z_A ‖ M)` with the default user id, M being the statement of the login, of the change of number or of the revocation, the
    /// digest of the PDF's ByteRange, or the CertificationRequestInfo.
    pub fn digest(&self, public_key: &sm2::PublicKey) -> Option<Digest> {
        let message = match self {
            Self::Scan(row) => row.statement.clone().or_else(|| row.digest.clone())?,
            Self::PhoneChange(row) => row.statement.clone(),
            Self::Revocation(row) => row.statement.clone(),
            Self::Enrolment(row) => {
                let temporary = row.transport_key.as_deref()?.try_into().ok()?;
                pki::csr::info(&row.subject, &public_key.to_bytes(), &temporary)
            }
        };
        sm2::message_digest(public_key, sm2::DEFAULT_ID, &message).ok()
    }
}
