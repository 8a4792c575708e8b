//! What a reviewer does to a certificate: put it on hold, take it off hold, revoke it. Each with a reason that the owner
//! is told.

use axum::extract::State;
use sea_orm::EntityTrait as _;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Reviewer,
    certificates::{ConsoleCertificate, load},
    policy::Act,
};
use crate::{
    app::AppState,
    application,
    audit::Actor,
    certificate::{entity::certificate, revocation, rules::CertificateState, store},
    error::{FIELDS_INVALID, Kind, NOT_FOUND, ProblemBody, Result},
    extract::{Json, Path},
    message::{self, Action, Draft},
    storage::Tx,
};

const CHANGED: Kind = Kind::new(
    409,
    "CERTIFICATE_CHANGED",
    "证书状态已变化，请刷新后再试",
    "The certificate has changed; reload and try again",
);

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateDecision {
    /// What the owner is told, 2 to 500 characters.
    reason: String,
}

/// Why, for the revocation list.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevocationReason {
    /// Somebody else may have used the key.
    KeyCompromise,
    /// The holder's data or affiliation changed.
    AffiliationChanged,
    /// Another certificate took its place.
    Superseded,
    /// It is not used any more.
    CessationOfOperation,
    /// The holder lost the right to it.
    PrivilegeWithdrawn,
}

impl RevocationReason {
    /// The word of RFC 5280 5.3.1.
    const fn word(self) -> &'static str {
        match self {
            Self::KeyCompromise => "keyCompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
        }
    }
}

/// Why, for the list and for the owner.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevocationDecision {
    /// For the revocation list.
    code: RevocationReason,
    /// What the owner is told, 2 to 500 characters.
    reason: String,
}

fn reason(typed: &str) -> Result<String> {
    application::rules::parse_reason(typed).ok_or_else(|| FIELDS_INVALID.field("reason", "LENGTH"))
}

/// The certificate, if this reviewer may change it; another institution's does not exist.
async fn seen(state: &AppState, tx: &Tx, who: &Reviewer, id: Uuid) -> Result<certificate::Model> {
    let row = certificate::Entity::find_by_id(id).one(&**tx).await?;
    let row = row.ok_or(NOT_FOUND)?;
    who.require_for(Act::ChangeCertificates, Some(row.institution_id))?;
    store::state(&row, state.now()).ok_or(NOT_FOUND)?;
    Ok(row)
}

/// Tells the owner, commits, and shows what has become of it.
async fn told(
    state: &AppState,
    mut tx: Tx,
    row: &certificate::Model,
    (kind, title, body): (&'static str, (&'static str, &'static str), (String, String)),
) -> Result<Json<ConsoleCertificate>> {
    let draft = Draft { kind, title, body, action: Some(Action::OpenCertificate(row.id)) };
    message::post(&mut tx, state.now(), row.account_id, draft).await?;
    tx.commit().await?;
    Ok(Json(load(state, row.id).await?))
}

/// Puts a certificate on hold: it signs nothing and stands in the revocation list until it is taken off hold.
#[utoipa::path(post, path = "/api/console/certificates/{id}/suspension", tag = "console", params(("id" = Uuid, Path)), request_body = CertificateDecision,
    responses((status = 200, body = ConsoleCertificate), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn suspend(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
    Json(decision): Json<CertificateDecision>,
) -> Result<Json<ConsoleCertificate>> {
    let why = reason(&decision.reason)?;
    let tx = state.db.begin().await?;
    let row = seen(&state, &tx, &who, id).await?;
    let live = store::state(&row, state.now()) == Some(CertificateState::Active);
    if !live || !revocation::suspend(&tx, state.now(), &row, Actor::Reviewer(who.id), &why).await? {
        return Err(CHANGED.into());
    }
    let body = (
        format!("CA机构已暂停您的证书，原因：{why}。暂停期间不能登录和签章，如有疑问请联系客服。"),
        format!(
            "The institution has put your certificate on hold: {why}. It signs nothing meanwhile; contact support if in doubt."
        ),
    );
    told(&state, tx, &row, ("certificate_suspended", ("证书已暂停", "Certificate on hold"), body)).await
}

/// Takes a certificate off hold.
#[utoipa::path(post, path = "/api/console/certificates/{id}/resumption", tag = "console", params(("id" = Uuid, Path)), request_body = CertificateDecision,
    responses((status = 200, body = ConsoleCertificate), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn resume(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
    Json(decision): Json<CertificateDecision>,
) -> Result<Json<ConsoleCertificate>> {
    let why = reason(&decision.reason)?;
    let tx = state.db.begin().await?;
    let row = seen(&state, &tx, &who, id).await?;
    if !revocation::resume(&tx, state.now(), &row, Actor::Reviewer(who.id), &why).await? {
        return Err(CHANGED.into());
    }
    let body = (
        format!("CA机构已恢复您的证书，可以继续使用。说明：{why}"),
        format!("The institution has taken your certificate off hold; you can use it again. Note: {why}"),
    );
    told(&state, tx, &row, ("certificate_resumed", ("证书已恢复", "Certificate off hold"), body)).await
}

/// Revokes a certificate for ever and destroys its key.
#[utoipa::path(post, path = "/api/console/certificates/{id}/revocation", tag = "console", params(("id" = Uuid, Path)), request_body = RevocationDecision,
    responses((status = 200, body = ConsoleCertificate), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn revoke(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
    Json(decision): Json<RevocationDecision>,
) -> Result<Json<ConsoleCertificate>> {
    let why = reason(&decision.reason)?;
    let tx = state.db.begin().await?;
    let row = seen(&state, &tx, &who, id).await?;
    let stands = store::state(&row, state.now());
    if !matches!(stands, Some(CertificateState::Active | CertificateState::Suspended)) {
        return Err(CHANGED.into());
    }
    revocation::revoke(&tx, state.now(), &row, decision.code.word(), Actor::Reviewer(who.id)).await?;
    let body = (
        format!("CA机构已注销您的证书，原因：{why}。证书不能恢复，需要时请重新申领。"),
        format!(
            "The institution has revoked your certificate: {why}. It cannot be restored; apply for a new one when you need it."
        ),
    );
    told(&state, tx, &row, ("certificate_revoked", ("证书已注销", "Certificate revoked"), body)).await
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(suspend)).routes(routes!(resume)).routes(routes!(revoke))
}
