//! One certificate in place of another: what is to be signed, and the moment of the change. A kind of certificate that
//! stands in a table of its own needs a pair of functions like these.

use pki::{
    Certificate, Profile, Serial,
    certificate::{TbsCertificate, Template},
};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use super::entity::reissued;
use crate::{
    app::AppState,
    application,
    audit::{self, Actor},
    certificate::{
        authority::{Authority, seconds},
        encryption,
        entity::certificate::{self, Column, Entity},
        reminders, revocation,
        rules::{StoredState, begins},
        store,
    },
    error::{Problem, Result},
    institution::Institution,
    outside::{self, Purpose},
    pki_services,
    storage::Tx,
};

/// Writes down a certificate with the key, the subject and the end of `old`, not signed yet, and the encryption
/// certificate beside it; or says why that cannot be.
pub async fn intend(
    state: &AppState,
    tx: &Tx,
    (institution, authority): &(Institution, Authority),
    old: &certificate::Model,
) -> Result<Result<certificate::Model, String>> {
    let before = match before(old) {
        Ok(before) => before,
        Err(problem) => return Ok(Err(problem)),
    };
    let serial = Serial::random().map_err(Problem::internal)?;
    let urls = pki_services::Urls::of(state, &institution.slug);
    let from = begins(state.now());
    // A CA elsewhere gives what days it likes, and may give more than can be asked for.
    let latest = seconds(from) + Profile::SIGNING.most_days * 86_400;
    let template = Template {
        profile: &Profile::SIGNING,
        serial: &serial,
        subject: &before.tbs.subject,
        public_key: &before.tbs.public_key,
        not_before: seconds(from),
        not_after: before.tbs.not_after.min(authority.ca.tbs.not_after).min(latest),
        crl_url: Some(&urls.crl),
        issuer_url: Some(&urls.issuer),
        ocsp_url: Some(&urls.ocsp),
        policy: institution.policy(),
        credit_code: before.credit_code.as_deref(),
    };
    let to_be_signed = match template.under(&authority.ca) {
        Ok(octets) => octets,
        Err(problem) => return Ok(Err(problem.to_string())),
    };
    let id = state.new_id();
    let new = certificate::Model {
        id,
        // No enrolment ends with it: the column is unique and names the certificate itself.
        enrolment_id: id,
        serial: serial.to_string(),
        to_be_signed,
        der: None,
        state: StoredState::Issuing.as_str().to_owned(),
        not_before: from.as_millisecond(),
        not_after: old.not_after.min(i64::try_from(template.not_after).map_err(Problem::internal)? * 1000),
        revoked_at: None,
        revocation_reason: None,
        created_at: state.now().as_millisecond(),
        ..old.clone()
    };
    let new = new.into_active_model().reset_all().insert(&**tx).await?;
    encryption::intend_successor(tx, authority, old, &new, &template).await?;
    Ok(Ok(new))
}

struct Before {
    tbs: TbsCertificate,
    credit_code: Option<String>,
}

fn before(old: &certificate::Model) -> Result<Before, String> {
    let wrong = |error: pki::Error| error.to_string();
    let der = old.der.as_deref().ok_or("the old certificate was never signed")?;
    let tbs = Certificate::read(der).map_err(wrong)?.tbs;
    let enterprise = tbs.enterprise().map_err(wrong)?;
    Ok(Before { credit_code: enterprise.map(|named| named.credit_code), tbs })
}

/// A successor and its signed octets, and those of the encryption certificate beside it.
pub struct Signed {
    /// The successor.
    pub new: certificate::Model,
    /// It, signed.
    pub signed: Certificate,
    /// The encryption certificate, signed.
    pub beside: Option<Certificate>,
}

/// Signs what was written down.
pub async fn sign(state: &AppState, authority: &Authority, new: certificate::Model) -> Result<Signed> {
    let signed = authority.issue(state, new.id, Purpose::Signing, &new.to_be_signed).await?;
    let beside = encryption::signed(state, authority, &new).await?;
    Ok(Signed { new, signed, beside })
}

/// The new one is valid from here on, or on hold if the old one was, and the old one is revoked as superseded; the key
/// stays. `false` if the old one has ended meanwhile: then there is nothing to take the place of.
pub async fn replace(
    state: &AppState,
    tx: &Tx,
    row: &reissued::Model,
    Signed { new, signed, beside }: &Signed,
) -> Result<bool> {
    let now = state.now();
    let old = Entity::find_by_id(row.old_id).one(&**tx).await?;
    let live = |old: &certificate::Model| {
        let stands = StoredState::parse(&old.state);
        matches!(stands, Some(StoredState::Issued | StoredState::Suspended)) && old.not_after >= now.as_millisecond()
    };
    let Some(old) = old.filter(live) else { return Ok(false) };
    outside::issuing::settle(tx, new.id).await?;
    let won = store::issued(signed)?
        .col_expr(Column::State, Expr::value(old.state.clone()))
        .col_expr(Column::RevokedAt, Expr::value(old.revoked_at))
        .col_expr(Column::RevocationReason, Expr::value(old.revocation_reason.clone()))
        .filter(Column::Id.eq(new.id))
        .filter(Column::State.eq(StoredState::Issuing.as_str()))
        .exec(&**tx)
        .await?;
    if won.rows_affected != 1 {
        return Err(Problem::internal("a successor that is not being issued"));
    }
    if let Some(beside) = beside {
        encryption::store(tx, new, beside).await?;
    }
    let entry = audit::Entry {
        actor: Actor::System,
        action: "certificate.issue",
        target_kind: "certificate",
        target_id: Some(new.id),
        detail: json!({ "serial": signed.tbs.serial.to_string(), "key": new.key_id, "replaces": old.id, "fault": row.fault_id }),
    };
    audit::record(tx, now, entry).await?;
    revocation::supersede(tx, now, &old, Actor::System).await?;
    reminders::carry_over(tx, old.id, new.id).await?;
    application::follow_certificate(tx, old.id, new.id).await?;
    Ok(true)
}

/// The new one never was.
pub async fn forget(state: &AppState, tx: &Tx, new_id: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::Id.eq(new_id))
        .filter(Column::State.eq(StoredState::Issuing.as_str()))
        .exec(&**tx)
        .await?;
    encryption::forget(tx, new_id).await?;
    outside::issuing::abandon(state, tx, new_id).await
}
