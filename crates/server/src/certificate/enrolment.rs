//! From an approved application to a certificate on a device.
//!
//! What is about to be signed is stored first: serial number and TBSCertificate stand in the database before the CA's
//! key is touched, and completing twice signs the same octets and issues once.

use gm::sm2;
use pki::{Profile, Serial, certificate::Template, csr};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, Set,
    sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    appearance, authority, encryption,
    entity::{certificate, enrolment},
    model::Certificate,
    rules::{ENROLMENT_LIFETIME, StoredState},
    store,
};
use crate::{
    account::Account,
    app::AppState,
    application::{self, ReadyApplication},
    audit,
    clock::from_millis,
    error::{FIELDS_INVALID, Kind, NOT_FOUND, Problem, Result},
    fail_point, issuance,
    keys::{
        delivery::{self, Delivery},
        entity::{device, split_key},
        rules::KeyState,
    },
    outside::{self, Purpose},
    pki_services,
};

/// The download took too long.
const ENROLMENT_EXPIRED: Kind = Kind::new(
    409,
    "ENROLMENT_EXPIRED",
    "下载超时，请重新下载证书",
    "The download took too long; please start it again",
);
/// The key is not the one that this enrolment generated.
const ENROLMENT_KEY_FOREIGN: Kind = Kind::new(
    409,
    "ENROLMENT_KEY_FOREIGN",
    "密钥与本次下载不符，请重新下载证书",
    "The key does not belong to this download; please start it again",
);
/// The signature over the certification request is wrong.
const REQUEST_SIGNATURE_WRONG: Kind = Kind::new(
    422,
    "REQUEST_SIGNATURE_WRONG",
    "证书请求签名无效，请重新下载证书",
    "The signature of the certificate request is wrong; please start the download again",
);

/// Begins the download of an approved certificate to one of the account's devices.
pub async fn begin(
    state: &AppState,
    account: Account,
    application_id: Uuid,
    device_id: Uuid,
) -> Result<enrolment::Model> {
    let tx = state.db.begin().await?;
    let ready = application::require_ready(state, &*tx, application_id, account.id).await?;
    // Before the person chooses a PIN for nothing.
    issuance::require_running(&*tx, ready.institution.id).await?;
    let device = device::Entity::find_by_id(device_id).one(&*tx).await?;
    if device.is_none_or(|device| device.account_id != account.id || device.ended_at.is_some()) {
        return Err(FIELDS_INVALID.field("device_id", "UNKNOWN"));
    }
    let now = state.now();
    let row = enrolment::ActiveModel {
        id: Set(state.new_id()),
        application_id: Set(application_id),
        account_id: Set(account.id),
        device_id: Set(device_id),
        institution_id: Set(ready.institution.id),
        server_nonce: Set(gm::random::bytes::<32>()?.to_vec()),
        subject: Set(subject(state, &ready)?),
        transport_key: Set(None),
        key_id: Set(None),
        certificate_id: Set(None),
        created_at: Set(now.as_millisecond()),
        expires_at: Set((now + ENROLMENT_LIFETIME).as_millisecond()),
    };
    let row = row.insert(&*tx).await?;
    tx.commit().await?;
    fail_point::reach("enrolment_begun").await;
    Ok(row)
}

/// Whom the certificate names. The holder's opaque id differs from one enterprise to the next, so that two files do not
/// tell that one person signed both.
fn subject(state: &AppState, ready: &ReadyApplication) -> Result<Vec<u8>> {
    let (holder, key) = (ready.application.holder(), state.secrets.key("certificate/person"));
    let subject = match &ready.enterprise {
        None => {
            let person = gm::sm3::hmac(&*key, holder.as_bytes());
            pki::name::person(&ready.application.subject_name, &hex::encode(&person[..12]))
        }
        Some(named) => {
            let person = gm::sm3::hmac(&*key, &[holder.as_bytes(), named.credit_code.as_bytes()].concat());
            pki::name::enterprise(&named.name, &named.credit_code, &hex::encode(&person[..12]))
        }
    };
    subject.map_err(Problem::internal)
}

/// The download `id` of this account.
pub async fn own(state: &AppState, account: Account, id: Uuid) -> Result<enrolment::Model> {
    let row = enrolment::Entity::find_by_id(id).one(&*state.db).await?;
    row.filter(|row| row.account_id == account.id).ok_or_else(|| NOT_FOUND.problem())
}

/// Names the phone's one-time key for the encryption keys. A phone that has lost it names another one.
pub async fn name_transport(
    state: &AppState,
    account: Account,
    enrolment_id: Uuid,
    key: &sm2::PublicKey,
) -> Result<()> {
    let tx = state.db.begin().await?;
    let row = enrolment::Entity::find_by_id(enrolment_id).one(&*tx).await?;
    let row = row.filter(|row| row.account_id == account.id).ok_or(NOT_FOUND)?;
    if row.certificate_id.is_none() && state.now() >= from_millis(row.expires_at) {
        return Err(ENROLMENT_EXPIRED.into());
    }
    let mut row = row.into_active_model();
    row.transport_key = Set(Some(key.to_bytes().to_vec()));
    row.update(&*tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a download: checks the phone's proof that it holds the key, and issues. The same call again gives the same
/// certificate.
pub async fn complete(
    state: &AppState,
    account: Account,
    enrolment_id: Uuid,
    key_id: Uuid,
    signature: &[u8],
) -> Result<(Certificate, Option<Delivery>)> {
    let row = own(state, account, enrolment_id).await?;
    if row.key_id != Some(key_id) {
        return Err(ENROLMENT_KEY_FOREIGN.into());
    }
    let key = split_key::Entity::find_by_id(key_id).one(&*state.db).await?.ok_or(NOT_FOUND)?;
    // A key that was frozen meanwhile gets no certificate; one that has it keeps it.
    if row.certificate_id.is_none() && key.state != KeyState::Active.as_str() {
        return Err(ENROLMENT_KEY_FOREIGN.into());
    }
    let temporary = row.transport_key.as_deref().ok_or(ENROLMENT_EXPIRED)?;
    check_request(&row.subject, &key.public_key, temporary, signature)?;
    if row.certificate_id.is_none() {
        if state.now() >= from_millis(row.expires_at) {
            return Err(ENROLMENT_EXPIRED.into());
        }
        let intended = intend(state, &row, &key).await?;
        issue(state, &row, intended).await?;
    }
    let issued = certificate::Entity::find()
        .filter(certificate::Column::EnrolmentId.eq(enrolment_id))
        .one(&*state.db)
        .await?
        .ok_or(NOT_FOUND)?;
    let delivery = match issued.state == StoredState::Issued.as_str() {
        true => delivery::deliver(state, &key, &row, &issued).await?,
        false => None,
    };
    let view = store::one(&*state.db, state.now(), issued).await?.ok_or(NOT_FOUND)?;
    Ok((view, delivery))
}

fn check_request(subject: &[u8], public_key: &[u8], temporary: &[u8], signature: &[u8]) -> Result<()> {
    let public_key = public_key.try_into().map_err(Problem::internal)?;
    let temporary = temporary.try_into().map_err(Problem::internal)?;
    let request = csr::assemble(&csr::info(subject, &public_key, &temporary), signature);
    csr::verify(&request).map(drop).map_err(|_| REQUEST_SIGNATURE_WRONG.problem())
}

/// First transaction: serial number and octets to be signed, or those that an interrupted call has stored.
async fn intend(state: &AppState, row: &enrolment::Model, key: &split_key::Model) -> Result<certificate::Model> {
    let tx = state.db.begin().await?;
    issuance::require_running(&*tx, row.institution_id).await?;
    let stored = certificate::Entity::find().filter(certificate::Column::EnrolmentId.eq(row.id)).one(&*tx).await?;
    if let Some(stored) = stored {
        return Ok(stored);
    }
    let ready = application::require_ready(state, &*tx, row.application_id, row.account_id).await?;
    // The enterprise may have changed its name since the download was begun.
    if subject(state, &ready)? != row.subject {
        return Err(ENROLMENT_EXPIRED.into());
    }
    let (from, to) = ready.validity(state.now())?;
    let ReadyApplication { application, institution, enterprise, .. } = ready;
    let authority = authority::open(state, &*tx, institution.id).await?;
    let now = state.now();
    let serial = Serial::random().map_err(Problem::internal)?;
    let urls = pki_services::Urls::of(state, &institution.slug);
    let template = Template {
        profile: &Profile::SIGNING,
        serial: &serial,
        subject: &row.subject,
        public_key: &key.public_key.as_slice().try_into().map_err(Problem::internal)?,
        not_before: authority::seconds(from),
        not_after: authority::seconds(to).min(authority.ca.tbs.not_after),
        crl_url: Some(&urls.crl),
        issuer_url: Some(&urls.issuer),
        ocsp_url: Some(&urls.ocsp),
        policy: institution.policy(),
        credit_code: enterprise.as_ref().map(|named| named.credit_code.as_str()),
    };
    let not_after = i64::try_from(template.not_after).map_err(Problem::internal)? * 1000;
    let to_be_signed = template.under(&authority.ca).map_err(Problem::internal)?;
    let intended = certificate::ActiveModel {
        id: Set(state.new_id()),
        institution_id: Set(institution.id),
        account_id: Set(row.account_id),
        application_id: Set(row.application_id),
        enrolment_id: Set(row.id),
        key_id: Set(key.id),
        device_id: Set(row.device_id),
        kind: Set(if enterprise.is_some() { "enterprise" } else { "personal" }.to_owned()),
        serial: Set(serial.to_string()),
        subject_name: Set(enterprise.as_ref().map_or(application.subject_name, |named| named.name.clone())),
        to_be_signed: Set(to_be_signed),
        der: Set(None),
        state: Set(StoredState::Issuing.as_str().to_owned()),
        not_before: Set(from.as_millisecond()),
        not_after: Set(not_after),
        revoked_at: Set(None),
        revocation_reason: Set(None),
        created_at: Set(now.as_millisecond()),
        enterprise_id: Set(application.enterprise_id),
    };
    let intended = intended.insert(&*tx).await?;
    encryption::intend(state, &tx, &authority, &intended, &template).await?;
    tx.commit().await?;
    fail_point::reach("issue_intended").await;
    Ok(intended)
}

/// Signs what was stored, and second transaction: the certificate, the application's end (which tells the person), the
/// private seal.
async fn issue(state: &AppState, row: &enrolment::Model, intended: certificate::Model) -> Result<()> {
    issuance::require_running(&*state.db, intended.institution_id).await?;
    let authority = authority::open(state, &*state.db, intended.institution_id).await?;
    let signed = authority.issue(state, intended.id, Purpose::Signing, &intended.to_be_signed).await?;
    let beside = encryption::signed(state, &authority, &intended).await?;
    let seal = appearance::from_application(state, &intended).await?;
    let seals = application::seals_for_download(state, intended.application_id).await?;
    fail_point::reach("issue_signed").await;
    let mut tx = state.db.begin().await?;
    // Halted in between: what was signed is dropped, and signed again from the same octets afterwards.
    issuance::require_running(&*tx, intended.institution_id).await?;
    let now = state.now();
    let serial = signed.tbs.serial.to_string();
    let won = store::issued(&signed)?
        .col_expr(certificate::Column::State, Expr::value(StoredState::Issued.as_str()))
        .filter(certificate::Column::Id.eq(intended.id))
        .filter(certificate::Column::State.eq(StoredState::Issuing.as_str()))
        .exec(&*tx)
        .await?;
    if won.rows_affected == 0 {
        // Another call of the same enrolment was faster, and its certificate is the certificate; or it was revoked before
        // it was there, and a CA elsewhere takes it back.
        outside::issuing::abandon(state, &tx, intended.id).await?;
        return Ok(tx.commit().await?);
    }
    outside::issuing::settle(&tx, intended.id).await?;
    enrolment::Entity::update_many()
        .col_expr(enrolment::Column::CertificateId, Expr::value(intended.id))
        .filter(enrolment::Column::Id.eq(row.id))
        .exec(&*tx)
        .await?;
    if let Some(beside) = beside {
        encryption::store(&tx, &intended, &beside).await?;
    }
    if let Some(seal) = seal {
        seal.insert(&*tx).await?;
    }
    application::mark_done(state, &mut tx, intended.application_id, intended.id, seals).await?;
    let entry = audit::Entry {
        actor: audit::Actor::Account(intended.account_id),
        action: "certificate.issue",
        target_kind: "certificate",
        target_id: Some(intended.id),
        detail: json!({ "serial": serial, "key": intended.key_id, "application": intended.application_id }),
    };
    audit::record(&tx, now, entry).await?;
    fail_point::reach("issue_before_commit").await;
    tx.commit().await?;
    fail_point::reach("issue_after_commit").await;
    Ok(())
}
