//! What became of a certificate and its key, read from the audit log for its owner.

use axum::extract::State;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, sea_query::ExprTrait as _,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::entity::certificate;
use crate::{
    account::Account,
    app::AppState,
    audit::entity as audit,
    clock::from_millis,
    error::{NOT_FOUND, ProblemBody, Result},
    extract::{Json, Path},
};

/// Entries that are shown.
const SHOWN: u64 = 100;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CertificateEvent)]
pub enum Event {
    /// The key was made.
    KeyMade,
    /// The certificate was issued.
    Issued,
    /// A wrong PIN was entered.
    PinWrong,
    /// The PIN was changed.
    PinChanged,
    /// A recovery of the key was begun.
    RecoveryBegun,
    /// A forgotten PIN was replaced.
    PinReset,
    /// A copy of the key showed itself.
    Frozen,
    /// The key works again.
    Unfrozen,
    /// The institution put it on hold.
    Suspended,
    /// The institution took it off hold.
    Resumed,
    /// It was revoked.
    Revoked,
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateStep {
    /// What.
    event: Event,
    /// RFC 3339.
    at: String,
    /// Whether the owner did it, or somebody else.
    by_owner: bool,
}

/// What happened to a certificate.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateHistory {
    /// Newest first, at most 100. Signatures are not among them.
    items: Vec<CertificateStep>,
}

/// What became of one of one's own certificates and of its key.
#[utoipa::path(
    get, path = "/api/certificates/{id}/history", tag = "certificates", params(("id" = Uuid, Path)),
    responses((status = 200, body = CertificateHistory), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn history(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
) -> Result<Json<CertificateHistory>> {
    let row = certificate::Entity::find_by_id(id).one(&*state.db).await?;
    let row = row.filter(|row| row.account_id == who.id && row.der.is_some()).ok_or(NOT_FOUND)?;
    let signed = "%\"result\":\"ok\"%";
    let rows = audit::Entity::find()
        .filter(audit::Column::TargetId.is_in([row.id, row.key_id]))
        .filter(audit::Column::Action.ne("key.sign").or(audit::Column::Detail.not_like(signed)))
        .order_by_desc(audit::Column::Seq)
        .limit(SHOWN)
        .all(&*state.db)
        .await?;
    let step = |row: audit::Model| {
        let event = event(&row.action, &row.detail)?;
        let by_owner = row.actor_id == Some(who.id);
        Some(CertificateStep { event, at: from_millis(row.at).to_string(), by_owner })
    };
    Ok(Json(CertificateHistory { items: rows.into_iter().filter_map(step).collect() }))
}

/// What an audit entry means to the owner; nothing if it is none of the owner's business.
fn event(action: &str, detail: &str) -> Option<Event> {
    let detail: serde_json::Value = serde_json::from_str(detail).ok()?;
    let wrong = detail["result"] == "pin_wrong";
    Some(match action {
        "key.generate" => Event::KeyMade,
        "certificate.issue" => Event::Issued,
        "key.sign" | "key.refresh" if wrong => Event::PinWrong,
        "key.refresh" => match detail["way"].as_str()? {
            "pin_reset" => Event::PinReset,
            "unfreeze" => Event::Unfrozen,
            _ => Event::PinChanged,
        },
        "key.recovery_begin" => Event::RecoveryBegun,
        "key.clone_suspect" => Event::Frozen,
        "certificate.suspend" => Event::Suspended,
        "certificate.resume" => Event::Resumed,
        "certificate.revoke" => Event::Revoked,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_reads_what_happened_and_no_signatures() {
        assert_eq!(event("key.sign", r#"{"result":"ok","task":"x"}"#), None);
        assert_eq!(event("key.sign", r#"{"result":"pin_wrong","left":3}"#), Some(Event::PinWrong));
        assert_eq!(event("key.refresh", r#"{"way":"pin","result":"ok"}"#), Some(Event::PinChanged));
        assert_eq!(event("key.refresh", r#"{"way":"pin_reset","result":"ok"}"#), Some(Event::PinReset));
        assert_eq!(event("key.reset_release", "{}"), None);
        assert_eq!(event("certificate.revoke", "{}"), Some(Event::Revoked));
    }
}
