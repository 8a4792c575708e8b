//! The owner ends a certificate (证书注销, manual 1.15): its own key signs that it ends, which proves the PIN; then it is
//! revoked and both halves of the key are useless for ever.

use axum::{extract::State, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use jiff::{SignedDuration, Timestamp};
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    entity::{certificate, certificate_revocation},
    http::signature,
    model::Certificate,
    revocation::revoke,
    rules::CertificateState,
    store,
};
use crate::{
    account::Account,
    app::AppState,
    audit::Actor,
    clock::from_millis,
    error::{Kind, NOT_FOUND, Problem, ProblemBody, Result},
    extract::{Json, Path},
    message::{self, Action, Draft},
    rate::Limit,
    storage::Tx,
};

/// How long the owner may take to enter the PIN.
const LIFETIME: SignedDuration = SignedDuration::from_mins(15);
/// Revocations that one account may begin.
const BEGINNINGS: Limit = Limit { times: 30, window: SignedDuration::from_hours(24) };

const NOT_IN_USE: Kind = Kind::new(
    409,
    "CERTIFICATE_NOT_IN_USE",
    "该证书已暂停或已失效，无法在此注销，请联系客服",
    "This certificate is on hold or no longer valid and cannot be revoked here; please contact support",
);
const OVER: Kind =
    Kind::new(409, "REVOCATION_OVER", "本次注销已失效，请重新操作", "This revocation has expired; please start again");
const SIGNATURE_WRONG: Kind =
    Kind::new(422, "REVOCATION_SIGNATURE_WRONG", "签名无效，请重试", "The signature is not valid; please try again");

/// What the key signs: a JSON object with its keys in this order and no spaces. The phone shows the values that it finds
/// in these octets.
#[derive(Serialize)]
struct Statement<'a> {
    #[serde(rename = "type")]
    type_: &'static str,
    version: u32,
    request: Uuid,
    account: Uuid,
    certificate: Uuid,
    serial: &'a str,
    subject: &'a str,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

/// A revocation that waits for the PIN.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateRevocation {
    /// Names it; the task of the signature.
    id: Uuid,
    /// Base64 of the octets to be signed: a JSON object that names the certificate.
    statement: String,
    /// RFC 3339.
    expires_at: String,
}

/// Begins the end of one of one's own certificates. Nothing has changed yet.
#[utoipa::path(
    post, path = "/api/certificates/{id}/revocations", tag = "certificates", params(("id" = Uuid, Path)),
    responses((status = 201, body = CertificateRevocation), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn begin(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, Json<CertificateRevocation>)> {
    let now = state.now();
    let certificate = own(&*state.db, who, id).await?;
    if store::state(&certificate, now) != Some(CertificateState::Active) {
        return Err(NOT_IN_USE.into());
    }
    state.rates.take("revocation", &who.id.to_string(), BEGINNINGS, now).await?;
    let (request, expires_at) = (state.new_id(), now + LIFETIME);
    let statement = Statement {
        type_: "guiqian-revocation",
        version: 1,
        request,
        account: who.id,
        certificate: certificate.id,
        serial: &certificate.serial,
        subject: &certificate.subject_name,
        issued_at: now,
        expires_at,
    };
    let row = certificate_revocation::ActiveModel {
        id: Set(request),
        account_id: Set(who.id),
        certificate_id: Set(certificate.id),
        statement: Set(serde_json::to_vec(&statement).map_err(Problem::internal)?),
        created_at: Set(now.as_millisecond()),
        expires_at: Set(expires_at.as_millisecond()),
        done_at: Set(None),
    };
    let tx = state.db.begin().await?;
    let row = row.insert(&*tx).await?;
    tx.commit().await?;
    let statement = BASE64.encode(row.statement);
    let begun = CertificateRevocation { id: row.id, statement, expires_at: from_millis(row.expires_at).to_string() };
    Ok((StatusCode::CREATED, Json(begun)))
}

async fn own(db: &impl ConnectionTrait, who: Account, id: Uuid) -> Result<certificate::Model> {
    let row = certificate::Entity::find_by_id(id).one(db).await?;
    row.filter(|row| row.account_id == who.id && row.der.is_some()).ok_or_else(|| NOT_FOUND.problem())
}

/// The revocation of that id, if it belongs to this account and may still be completed.
pub async fn open(
    db: &impl ConnectionTrait,
    now: Timestamp,
    account_id: Uuid,
    id: Uuid,
) -> Result<Option<certificate_revocation::Model>, DbErr> {
    let row = certificate_revocation::Entity::find_by_id(id).one(db).await?;
    Ok(row.filter(|row| row.account_id == account_id && row.done_at.is_none() && now < from_millis(row.expires_at)))
}

/// Why the owner ends a certificate.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FarewellReason {
    /// It is not used any more.
    #[default]
    CessationOfOperation,
    /// Another certificate took its place.
    Superseded,
    /// Somebody else may know the PIN or have the phone.
    KeyCompromise,
}

impl FarewellReason {
    /// The word of RFC 5280 5.3.1.
    const fn word(self) -> &'static str {
        match self {
            Self::CessationOfOperation => "cessationOfOperation",
            Self::Superseded => "superseded",
            Self::KeyCompromise => "keyCompromise",
        }
    }
}

/// The key's own word that it ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevocationCompletion {
    /// Base64 of the DER SM2Signature over the statement.
    signature: String,
    /// For the revocation list.
    #[serde(default)]
    reason: FarewellReason,
}

/// Revokes: in the revocation list and for OCSP at once, key destroyed, for ever. The same call again gives the revoked
/// certificate.
#[utoipa::path(
    post, path = "/api/certificate-revocations/{id}/completion", tag = "certificates", params(("id" = Uuid, Path)),
    request_body = RevocationCompletion,
    responses((status = 200, body = Certificate), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn complete(
    State(state): State<AppState>,
    who: Account,
    Path(id): Path<Uuid>,
    Json(completion): Json<RevocationCompletion>,
) -> Result<Json<Certificate>> {
    let signature = signature(&completion.signature)?;
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let row = certificate_revocation::Entity::find_by_id(id).one(&*tx).await?;
    let row = row.filter(|row| row.account_id == who.id).ok_or(NOT_FOUND)?;
    let certificate = own(&*tx, who, row.certificate_id).await?;
    if row.done_at.is_none() {
        if now >= from_millis(row.expires_at) {
            return Err(OVER.into());
        }
        if store::state(&certificate, now) != Some(CertificateState::Active) {
            return Err(NOT_IN_USE.into());
        }
        verify(&certificate, &row, &signature)?;
        end(&mut tx, now, &certificate, completion.reason).await?;
        let mut row = row.into_active_model();
        row.done_at = Set(Some(now.as_millisecond()));
        row.update(&*tx).await?;
        tx.commit().await?;
    }
    let row = own(&*state.db, who, certificate.id).await?;
    store::one(&*state.db, now, row).await?.map(Json).ok_or_else(|| NOT_FOUND.problem())
}

fn verify(certificate: &certificate::Model, row: &certificate_revocation::Model, signature: &[u8]) -> Result<()> {
    let read = certificate.der.as_deref().and_then(|der| pki::Certificate::read(der).ok());
    let key = read.ok_or_else(|| Problem::internal("an issued certificate cannot be read"))?.tbs.public_key;
    pki::signature::verify(&key, &row.statement, signature, "revocation").map_err(|_| SIGNATURE_WRONG.problem())
}

async fn end(tx: &mut Tx, now: Timestamp, certificate: &certificate::Model, reason: FarewellReason) -> Result<()> {
    revoke(tx, now, certificate, reason.word(), Actor::Account(certificate.account_id)).await?;
    let draft = Draft {
        kind: "certificate_revoked",
        title: ("证书已注销", "Certificate revoked"),
        body: (
            format!("“{}”的证书已按您的操作注销，不能恢复。需要时可以重新申领。", certificate.subject_name),
            format!(
                "You revoked the certificate of {}; this cannot be undone. You can apply for a new one whenever you need it.",
                certificate.subject_name
            ),
        ),
        action: Some(Action::OpenCertificate(certificate.id)),
    };
    message::post(tx, now, certificate.account_id, draft).await?;
    Ok(())
}
