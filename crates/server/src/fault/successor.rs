//! One certificate in place of another: what is to be signed, and the moment of the change. A kind of certificate that
//! stands in a table of its own needs a pair of functions like these.

use pki::{Certificate, Profile, Serial, certificate::Template};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr};
use serde_json::json;

use super::entity::reissued;
use crate::{
    app::AppState,
    application,
    audit::{self, Actor},
    certificate::{
        authority::{Authority, seconds},
        entity::certificate::{self, Column, Entity},
        reminders, revocation,
        rules::{StoredState, begins},
    },
    error::{Problem, Result},
    institution::Institution,
    pki_services,
    storage::Tx,
};

/// A certificate with the key, the subject and the end of `old`, not signed yet.
pub fn intended(
    state: &AppState,
    (institution, authority): &(Institution, Authority),
    old: &certificate::Model,
) -> Result<certificate::Model, String> {
    let wrong = |error: pki::Error| error.to_string();
    let der = old.der.as_deref().ok_or("the old certificate was never signed")?;
    let before = Certificate::read(der).map_err(wrong)?.tbs;
    let enterprise = before.enterprise().map_err(wrong)?;
    let serial = Serial::random().map_err(wrong)?;
    let urls = pki_services::Urls::of(state, &institution.slug);
    let from = begins(state.now());
    let template = Template {
        profile: &Profile::SIGNING,
        serial: &serial,
        subject: &before.subject,
        public_key: &before.public_key,
        not_before: seconds(from),
        not_after: before.not_after.min(authority.ca.tbs.not_after),
        crl_url: Some(&urls.crl),
        issuer_url: Some(&urls.issuer),
        ocsp_url: Some(&urls.ocsp),
        policy: institution.policy(),
        credit_code: enterprise.as_ref().map(|named| named.credit_code.as_str()),
    };
    let to_be_signed = template.under(&authority.ca).map_err(wrong)?;
    let id = state.new_id();
    Ok(certificate::Model {
        id,
        // No enrolment ends with it: the column is unique and names the certificate itself.
        enrolment_id: id,
        serial: serial.to_string(),
        to_be_signed,
        der: None,
        state: StoredState::Issuing.as_str().to_owned(),
        not_before: from.as_millisecond(),
        not_after: old.not_after.min(i64::try_from(template.not_after).map_err(|error| error.to_string())? * 1000),
        revoked_at: None,
        revocation_reason: None,
        created_at: state.now().as_millisecond(),
        ..old.clone()
    })
}

/// The new one is valid from here on, or on hold if the old one was, and the old one is revoked as superseded; the key
/// stays. `false` if the old one has ended meanwhile: then the new one never was.
pub async fn replace(
    state: &AppState,
    tx: &Tx,
    row: &reissued::Model,
    new: &certificate::Model,
    der: &[u8],
) -> Result<bool> {
    let now = state.now();
    let old = Entity::find_by_id(row.old_id).one(&**tx).await?;
    let live = |old: &certificate::Model| {
        let stands = StoredState::parse(&old.state);
        matches!(stands, Some(StoredState::Issued | StoredState::Suspended)) && old.not_after >= now.as_millisecond()
    };
    let Some(old) = old.filter(live) else {
        Entity::delete_many()
            .filter(Column::Id.eq(new.id))
            .filter(Column::State.eq(StoredState::Issuing.as_str()))
            .exec(&**tx)
            .await?;
        return Ok(false);
    };
    let won = Entity::update_many()
        .col_expr(Column::Der, Expr::value(der.to_vec()))
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
    let entry = audit::Entry {
        actor: Actor::System,
        action: "certificate.issue",
        target_kind: "certificate",
        target_id: Some(new.id),
        detail: json!({ "serial": new.serial, "key": new.key_id, "replaces": old.id, "fault": row.fault_id }),
    };
    audit::record(tx, now, entry).await?;
    revocation::supersede(tx, now, &old, Actor::System).await?;
    reminders::carry_over(tx, old.id, new.id).await?;
    application::follow_certificate(tx, old.id, new.id).await?;
    Ok(true)
}
