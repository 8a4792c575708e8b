//! Is this certificate revoked? Every answer comes from the database as it is now; only its signature may be from
//! before, and only as long as what it says is still what the database says.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use pki::{
    Serial, UnixSeconds,
    ocsp::{self, Answer, CertId, Refusal, Request, Status, Template},
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use uuid::Uuid;

use super::{crl, entity as service, signers};
use crate::{
    app::AppState,
    certificate::{
        authority::seconds,
        entity::{certificate, encryption_certificate},
        rules::StoredState,
    },
    clock::from_millis,
    error::{Problem, Result},
};

/// From thisUpdate to nextUpdate: how long others may repeat an answer.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// A signature that is older than this is made anew.
const REPEATED_FOR: UnixSeconds = 5 * 60;
/// The most signatures that are kept, a kilobyte each.
const MOST_KEPT: usize = 32_768;

/// An answer and its times.
#[derive(Debug, Clone)]
pub struct Answered {
    /// DER OCSPResponse.
    pub der: Bytes,
    /// thisUpdate and nextUpdate of an answer that may be kept by others.
    pub times: Option<(UnixSeconds, UnixSeconds)>,
}

/// Signatures that were made and can be sent again, by the CertID's octets.
#[derive(Default)]
pub struct Kept(Mutex<HashMap<Vec<u8>, Signed>>);

struct Signed {
    status: Status,
    /// Serial number of the responder's certificate.
    by: Serial,
    this_update: UnixSeconds,
    next_update: UnixSeconds,
    der: Bytes,
}

impl Kept {
    /// The answer with this status by this responder that can still be sent at `now`.
    pub(super) fn find(&self, id: &CertId, status: &Status, by: &Serial, now: UnixSeconds) -> Option<Answered> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let signed = kept.get(id.as_der())?;
        let fresh = (signed.this_update..signed.this_update + REPEATED_FOR).contains(&now);
        (fresh && signed.status == *status && signed.by == *by)
            .then(|| Answered { der: signed.der.clone(), times: Some((signed.this_update, signed.next_update)) })
    }

    fn keep(&self, id: &CertId, signed: Signed) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.retain(|_, old| signed.this_update < old.this_update + REPEATED_FOR);
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
        }
        kept.insert(id.as_der().to_vec(), signed);
    }
}

/// Answers a DER OCSPRequest about certificates of the institution `slug`. Whatever is wrong with the request or with
/// us is an OCSPResponse too.
///
/// # Errors
/// `NOT_FOUND` if there is no such institution.
pub async fn answer(state: &AppState, slug: &str, request: Result<Request, pki::Error>) -> Result<Answered> {
    let signer = signers::responder(state, slug).await?;
    let refused = |refusal: Refusal| Answered { der: refusal.to_der().into(), times: None };
    let Ok(request) = request else { return Ok(refused(Refusal::MalformedRequest)) };
    match signed(state, &signer, request).await {
        Ok(answered) => Ok(answered),
        Err(problem) => {
            tracing::error!(%problem, "OCSP");
            Ok(refused(Refusal::InternalError))
        }
    }
}

async fn signed(state: &AppState, signer: &signers::ServiceSigner, request: Request) -> Result<Answered> {
    let now = seconds(state.now());
    let next_update = seconds(state.now() + LIFETIME);
    let mut answers = Vec::with_capacity(request.ids.len());
    for id in request.ids {
        let ours = signer.issuer.issued(&id);
        let status = if ours { status(state, signer.institution_id, &id.serial, now).await? } else { Status::Unknown };
        answers.push(Answer { id, status, this_update: now, next_update: Some(next_update) });
    }
    let by = &signer.certificate.tbs.serial;
    // What nobody issued is not kept: strangers can ask about as many numbers as they like.
    let kept = match &answers[..] {
        [only] if request.nonce.is_none() && only.status != Status::Unknown => Some(only),
        _ => None,
    };
    if let Some(found) = kept.and_then(|only| state.pki.kept.find(&only.id, &only.status, by, now)) {
        return Ok(found);
    }
    let der = make(signer, &answers, request.nonce.as_deref(), now).map_err(Problem::internal)?;
    if let Some(only) = kept {
        let (status, by, der) = (only.status.clone(), by.clone(), der.clone());
        state.pki.kept.keep(&only.id, Signed { status, by, this_update: now, next_update, der });
    }
    let times = request.nonce.is_none().then_some((now, next_update));
    Ok(Answered { der, times })
}

fn make(
    signer: &signers::ServiceSigner,
    answers: &[Answer],
    nonce: Option<&[u8]>,
    now: UnixSeconds,
) -> Result<Bytes, pki::Error> {
    let data = Template { produced_at: now, answers, nonce }.under(&signer.certificate)?;
    Ok(ocsp::sign(&data, &signer.certificate, &signer.key)?.into())
}

/// Makes an answer that nobody has asked for yet, without a nonce.
pub(super) fn make_and_keep(
    state: &AppState,
    signer: &signers::ServiceSigner,
    id: CertId,
    status: Status,
) -> Result<(), pki::Error> {
    let (now, next_update) = (seconds(state.now()), seconds(state.now() + LIFETIME));
    let only = Answer { id, status, this_update: now, next_update: Some(next_update) };
    let der = make(signer, std::slice::from_ref(&only), None, now)?;
    let by = signer.certificate.tbs.serial.clone();
    state.pki.kept.keep(&only.id, Signed { status: only.status, by, this_update: now, next_update, der });
    Ok(())
}

/// What is stored of a certificate: state, moment of its revocation, reason.
pub(super) type Row = (String, Option<i64>, Option<String>);

/// What the database says of a serial number of this institution, now.
async fn status(state: &AppState, institution_id: Uuid, serial: &Serial, now: UnixSeconds) -> Result<Status> {
    let serial = serial.to_string();
    let found: Option<Row> = certificate::Entity::find()
        .select_only()
        .columns([certificate::Column::State, certificate::Column::RevokedAt, certificate::Column::RevocationReason])
        .filter(certificate::Column::Serial.eq(&serial))
        .filter(certificate::Column::InstitutionId.eq(institution_id))
        .into_tuple()
        .one(&*state.db)
        .await?;
    if let Some(row) = found {
        return Ok(of_row(&row, now));
    }
    let beside: Option<Row> = encryption_certificate::Entity::find()
        .inner_join(certificate::Entity)
        .select_only()
        .columns([certificate::Column::State, certificate::Column::RevokedAt, certificate::Column::RevocationReason])
        .filter(encryption_certificate::Column::Serial.eq(&serial))
        .filter(encryption_certificate::Column::InstitutionId.eq(institution_id))
        .into_tuple()
        .one(&*state.db)
        .await?;
    if let Some(row) = beside {
        return Ok(of_row(&row, now));
    }
    let ours: Option<(Option<i64>, Option<String>)> = service::Entity::find()
        .select_only()
        .columns([service::Column::RevokedAt, service::Column::RevocationReason])
        .filter(service::Column::Serial.eq(&serial))
        .filter(service::Column::InstitutionId.eq(institution_id))
        .into_tuple()
        .one(&*state.db)
        .await?;
    Ok(match ours {
        Some((None, _)) => Status::Good,
        Some((at, reason)) => of_stored(Some(StoredState::Revoked), at, reason.as_deref(), now),
        None => Status::Unknown,
    })
}

pub(super) fn of_row((word, revoked_at, reason): &Row, now: UnixSeconds) -> Status {
    of_stored(StoredState::parse(word), *revoked_at, reason.as_deref(), now)
}

/// A certificate whose signature was never finished is not known. Where the clock of the node that revoked is ahead of
/// ours, the moment is now: an answer does not speak of what is to come.
fn of_stored(state: Option<StoredState>, revoked_at: Option<i64>, reason: Option<&str>, now: UnixSeconds) -> Status {
    match state {
        Some(StoredState::Issued) => Status::Good,
        Some(StoredState::Revoked | StoredState::Suspended) => {
            let at = revoked_at.map_or(Timestamp::UNIX_EPOCH, from_millis);
            Status::Revoked { at: Ord::min(seconds(at), now), reason: crl::reason(reason) }
        }
        Some(StoredState::Issuing) | None => Status::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pki::crl::Reason;

    #[test]
    fn only_what_was_issued_is_good() {
        let of = |state, at, reason| of_stored(state, at, reason, 100);
        assert_eq!(of(Some(StoredState::Issued), None, None), Status::Good);
        assert_eq!(of(Some(StoredState::Issuing), None, None), Status::Unknown);
        assert_eq!(of(None, None, None), Status::Unknown);
        let revoked = of(Some(StoredState::Revoked), Some(7_000), Some("keyCompromise"));
        assert_eq!(revoked, Status::Revoked { at: 7, reason: Reason::KeyCompromise });
        let held = of(Some(StoredState::Suspended), Some(7_000), Some("certificateHold"));
        assert_eq!(held, Status::Revoked { at: 7, reason: Reason::CertificateHold });
        let ahead = of(Some(StoredState::Revoked), Some(107_000), None);
        assert_eq!(ahead, Status::Revoked { at: 100, reason: Reason::Unspecified });
    }
}
