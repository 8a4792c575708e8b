//! Questions that the platform itself puts to a phone: the person asks from the phone in their hand, so there is no code
//! to scan, and the request is claimed from the start. Everything after that is the one way of every signature.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gm::random;
use jiff::Timestamp;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set, sea_query::Expr};
use uuid::Uuid;

use super::{
    entity::{self as scan_request, Column, Entity},
    model::Browser,
    rules::{self, Action, ScanState},
};
use crate::{
    app::AppState,
    audit,
    certificate::entity::certificate,
    error::{Problem, Result},
    message::{self, EventKind},
    relying,
    signing::PreparedDocument,
    storage::Tx,
};

/// A document that a person wants to sign for the platform.
#[derive(Debug)]
pub struct OwnQuestion {
    /// Who signs.
    pub account_id: Uuid,
    /// With this certificate and no other.
    pub certificate_id: Uuid,
    /// The application whose letter it is.
    pub application_id: Uuid,
    /// What the person holds in their hand.
    pub browser: Browser,
    /// What is signed.
    pub prepared: PreparedDocument,
}

/// Stores the question, claimed by whoever asks.
pub async fn ask(state: &AppState, tx: &mut Tx, question: OwnQuestion) -> Result<scan_request::Model> {
    let now = state.now();
    let asker = relying::built_in(&**tx).await?;
    let document = serde_json::to_string(&question.prepared.document).map_err(Problem::internal)?;
    let row = scan_request::ActiveModel {
        id: Set(state.new_id()),
        token: Set(URL_SAFE_NO_PAD.encode(random::bytes::<16>()?)),
        action: Set(Action::Sign.as_str().to_owned()),
        state: Set(ScanState::Claimed.as_str().to_owned()),
        relying_party_id: Set(asker.id),
        check_number: Set(rules::check_number(random::bytes()?)),
        subject_account_id: Set(Some(question.account_id)),
        account_id: Set(Some(question.account_id)),
        browser: Set(serde_json::to_string(&question.browser).map_err(Problem::internal)?),
        browser_key: Set(question.browser.key(asker.id).to_vec()),
        statement: Set(None),
        document: Set(Some(document)),
        digest: Set(Some(question.prepared.digest.to_vec())),
        certificate_id: Set(Some(question.certificate_id)),
        signature: Set(None),
        refusal: Set(None),
        created_at: Set(now.as_millisecond()),
        expires_at: Set((now + Action::Sign.lifetime()).as_millisecond()),
        claimed_at: Set(Some(now.as_millisecond())),
        answered_at: Set(None),
        application_id: Set(Some(question.application_id)),
        signer: Set(None),
    };
    let row = row.insert(&**tx).await?;
    let entry = audit::Entry {
        actor: audit::Actor::Account(question.account_id),
        action: "scan.claim",
        target_kind: "scan_request",
        target_id: Some(row.id),
        detail: serde_json::json!({ "action": row.action, "application": row.application_id }),
    };
    audit::record(tx, now, entry).await?;
    message::emit(tx, now, question.account_id, EventKind::ScanRequest, row.id).await?;
    Ok(row)
}

/// Takes an open question of the platform back: another one takes its place, or what it was about has moved on.
pub async fn take_back(tx: &mut Tx, now: Timestamp, id: Uuid) -> Result<()> {
    let cancelled = Entity::update_many()
        .col_expr(Column::State, Expr::value(ScanState::Cancelled.as_str()))
        .col_expr(Column::AnsweredAt, Expr::value(now.as_millisecond()))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(ScanState::Claimed.as_str()))
        .exec(&**tx)
        .await?;
    if cancelled.rows_affected == 0 {
        return Ok(());
    }
    tx.wake(id);
    let row = Entity::find_by_id(id).one(&**tx).await?;
    if let Some(account_id) = row.and_then(|row| row.account_id) {
        message::emit(tx, now, account_id, EventKind::ScanRequest, id).await?;
    }
    let entry = audit::Entry {
        actor: audit::Actor::System,
        action: "scan.cancel",
        target_kind: "scan_request",
        target_id: Some(id),
        detail: serde_json::json!({}),
    };
    Ok(audit::record(tx, now, entry).await?)
}

/// Whether this certificate may answer: a question of the platform names the one that it wants.
pub fn may_answer(row: &scan_request::Model, certificate: &certificate::Model) -> bool {
    row.application_id.is_none() || row.certificate_id == Some(certificate.id)
}
