//! `POST /api/verifications`: anybody may have a PDF's signatures checked.

use axum::{
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use document::pdf::{self, Report, SignatureReport};
use jiff::SignedDuration;
use serde::Serialize;
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa::ToSchema;

use super::Trust;
use crate::{
    app::AppState,
    error::{Problem, ProblemBody, Result, TOO_MANY_REQUESTS},
    extract::{ClientAddress, Json, Octets},
    rate::Limit,
    signing,
};

/// Verifications per address.
const VERIFICATIONS: Limit = Limit { times: 60, window: SignedDuration::from_mins(1) };

/// Files of strangers that are held in memory at once.
const AT_THE_DOOR: usize = 16;
static DOOR: Semaphore = Semaphore::const_new(AT_THE_DOOR);
/// One of them is looked at, so that strangers never take all places from those who log in and sign.
static LOOK: Semaphore = Semaphore::const_new(1);

/// Counts the caller's address, and keeps a place, before the body is read.
pub struct Admitted(SemaphorePermit<'static>);

impl FromRequestParts<AppState> for Admitted {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self> {
        let ClientAddress(address) = ClientAddress::from_request_parts(parts, state).await?;
        state.rates.take("verification", &address, VERIFICATIONS, state.now()).await?;
        DOOR.try_acquire().map(Self).map_err(|_| TOO_MANY_REQUESTS.problem().retry_after(10))
    }
}

/// Where a signature shows, millimetres from the page's top left corner.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rect {
    /// Left edge.
    x_mm: f64,
    /// Upper edge.
    y_mm: f64,
    /// Width.
    width_mm: f64,
    /// Height.
    height_mm: f64,
}

/// What is known of one signature.
#[derive(Debug, Serialize, ToSchema)]
pub struct Signature {
    /// Position in the order of signing, from 0.
    index: usize,
    /// Who signed, by the certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    signer_name: Option<String>,
    /// Who issued the certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer_name: Option<String>,
    /// Serial number of the certificate, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    /// When, as the signer claims; RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_at: Option<String>,
    /// Form of the signature.
    sub_filter: String,
    /// Nothing of the file is outside of this signature.
    covers_whole_document: bool,
    /// Something follows what is signed.
    later_revision_exists: bool,
    /// The covered octets are those that were signed.
    digest_ok: bool,
    /// The signature value verifies.
    signature_ok: bool,
    /// `trusted`, `untrusted`, `expired` or `revoked`; absent when no certificate could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<&'static str>,
    /// `valid`, `invalid` or `unknown`.
    verdict: &'static str,
    /// What led to the verdict.
    reasons: Vec<&'static str>,
    /// Page on which it shows, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
    /// Where it shows on that page.
    #[serde(skip_serializing_if = "Option::is_none")]
    rect_mm: Option<Rect>,
}

/// What is known of a PDF.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerificationReport)]
pub struct Verification {
    /// There is a signature, the newest covers the whole file, and none is invalid.
    intact: bool,
    /// In the order of signing.
    signatures: Vec<Signature>,
}

impl From<SignatureReport> for Signature {
    fn from(report: SignatureReport) -> Self {
        Self {
            index: report.index,
            signer_name: report.signer_name,
            issuer_name: report.issuer_name,
            serial: report.serial,
            signed_at: report.signed_at.map(|at| at.to_string()),
            sub_filter: report.sub_filter,
            covers_whole_document: report.covers_whole_document,
            later_revision_exists: report.later_revision_exists,
            digest_ok: report.digest_ok,
            signature_ok: report.signature_ok,
            chain: report.chain.map(pdf::Chain::as_str),
            verdict: report.verdict.as_str(),
            reasons: report.reasons.into_iter().map(pdf::Reason::code).collect(),
            page: report.page,
            rect_mm: report.rect_mm.map(|rect| Rect {
                x_mm: rect.x_mm,
                y_mm: rect.y_mm,
                width_mm: rect.width_mm,
                height_mm: rect.height_mm,
            }),
        }
    }
}

impl From<Report> for Verification {
    fn from(report: Report) -> Self {
        Self { intact: report.intact, signatures: report.signatures.into_iter().map(Signature::from).collect() }
    }
}

/// Checks the signatures of a PDF. Nothing of it is kept.
#[utoipa::path(
    post, path = "/api/verifications", tag = "verify",
    request_body(content = Vec<u8>, content_type = "application/pdf", description = "A PDF, at most 20 MiB"),
    responses((status = 200, body = Verification), (status = "default", body = ProblemBody, content_type = "application/problem+json"))
)]
pub async fn verify(
    State(state): State<AppState>,
    Admitted(_place): Admitted,
    request: Octets,
) -> Result<Json<Verification>> {
    let file = request.of_type(&["application/pdf"])?.body;
    // Nobody closes it.
    let _look = LOOK.acquire().await;
    Ok(Json(report(&state, file).await?))
}

/// What is known of a PDF.
pub async fn report(state: &AppState, file: bytes::Bytes) -> Result<Verification> {
    let trust = Trust::load(state).await?;
    let verified = move || trust.verify(&file).map_err(|error| signing::problem(&error));
    Ok(signing::blocking(verified).await?.into())
}
