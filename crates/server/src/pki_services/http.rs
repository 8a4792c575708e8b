//! The routes. Media types and caching as RFC 5280, RFC 5019, RFC 6960 A and RFC 3161 3.4 have them.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use jiff::{Timestamp, fmt::rfc2822};
use pki::ocsp::Request;

use super::{authority, crl, ocsp, tsa};
use crate::{
    app::AppState,
    certificate::authority::seconds,
    error::{BODY_UNREADABLE, Problem, ProblemBody, Result},
    extract::{Octets, Path},
};

const OCSP_REQUEST: &str = "application/ocsp-request";
const OCSP_RESPONSE: &str = "application/ocsp-response";
const TIMESTAMP_QUERY: &str = "application/timestamp-query";
const TIMESTAMP_REPLY: &str = "application/timestamp-reply";

/// The longest that others may repeat an answer about revocation without asking, seconds.
const MOST_AGE: u64 = 300;

fn object(media_type: &'static str, caching: &'static str, der: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, caching)], der).into_response()
}

/// The issuing CA's certificate, DER.
#[utoipa::path(
    get, path = "/pki/{slug}/ca.cer", tag = "pki", params(("slug" = String, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pkix-cert"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")
    )
)]
pub(super) async fn ca(State(state): State<AppState>, Path(slug): Path<String>) -> Result<Response> {
    let row = authority(&state, &slug).await?;
    Ok(object("application/pkix-cert", "public, max-age=86400", row.ca_certificate))
}

/// The root's certificate, DER.
#[utoipa::path(
    get, path = "/pki/{slug}/root.cer", tag = "pki", params(("slug" = String, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pkix-cert"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")
    )
)]
pub(super) async fn root(State(state): State<AppState>, Path(slug): Path<String>) -> Result<Response> {
    let row = authority(&state, &slug).await?;
    Ok(object("application/pkix-cert", "public, max-age=86400", row.root_certificate))
}

/// The issuing CA's revocation list, DER.
#[utoipa::path(
    get, path = "/pki/{slug}/ca.crl", tag = "pki", params(("slug" = String, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pkix-crl"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")
    )
)]
pub(super) async fn ca_crl(State(state): State<AppState>, Path(slug): Path<String>) -> Result<Response> {
    // Less than a minute may pass until everybody knows of a revocation.
    Ok(object("application/pkix-crl", "public, max-age=30", crl::current(&state, &slug).await?))
}

/// Whether certificates are revoked (OCSP, POST): DER OCSPRequest in, DER OCSPResponse out.
#[utoipa::path(
    post, path = "/pki/{slug}/ocsp", tag = "pki", params(("slug" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/ocsp-request"),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/ocsp-response"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")
    )
)]
pub(super) async fn ocsp_post(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    octets: Octets,
) -> Result<Response> {
    let octets = octets.of_type(&[OCSP_REQUEST])?;
    let answered = ocsp::answer(&state, &slug, Request::read(&octets.body)).await?;
    Ok(([(header::CONTENT_TYPE, OCSP_RESPONSE), (header::CACHE_CONTROL, "no-store")], answered.der).into_response())
}

/// Whether certificates are revoked (OCSP, GET): base64 of the DER OCSPRequest stands in the path, percent-encoded or as
/// it is. Without a nonce the answer may be cached for five minutes.
#[utoipa::path(
    get, path = "/pki/{slug}/ocsp/{request}", tag = "pki", params(("slug" = String, Path), ("request" = String, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/ocsp-response"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")
    )
)]
pub(super) async fn ocsp_get(
    State(state): State<AppState>,
    Path((slug, request)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    from_path(&state, &slug, &request, &headers).await
}

/// The same for clients that leave the slashes of base64 as they are.
pub(super) async fn ocsp_get_with_slashes(
    State(state): State<AppState>,
    Path((slug, request, rest)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    from_path(&state, &slug, &format!("{request}/{rest}"), &headers).await
}

async fn from_path(state: &AppState, slug: &str, path: &str, headers: &HeaderMap) -> Result<Response> {
    let answered = ocsp::answer(state, slug, Request::from_path(path)).await?;
    let Some((this_update, next_update)) = answered.times else {
        let caching = [(header::CONTENT_TYPE, OCSP_RESPONSE), (header::CACHE_CONTROL, "no-store")];
        return Ok((caching, answered.der).into_response());
    };
    let etag = format!("\"{}\"", hex::encode(&gm::sm3::digest(&answered.der)[..16]));
    let left = next_update.saturating_sub(seconds(state.now())).min(MOST_AGE);
    let caching = [
        (header::CONTENT_TYPE, OCSP_RESPONSE.to_owned()),
        (header::CACHE_CONTROL, format!("max-age={left}, public, no-transform, must-revalidate")),
        (header::LAST_MODIFIED, http_date(this_update)?),
        (header::EXPIRES, http_date(next_update)?),
        (header::ETAG, etag.clone()),
    ];
    let same = headers.get_all(header::IF_NONE_MATCH).iter().any(|known| known.as_bytes() == etag.as_bytes());
    if same {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    Ok((caching, answered.der).into_response())
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7).
fn http_date(at: pki::UnixSeconds) -> Result<String> {
    let at = Timestamp::from_second(i64::try_from(at).map_err(Problem::internal)?).map_err(Problem::internal)?;
    rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).map_err(Problem::internal)
}

/// A time stamp (RFC 3161): DER TimeStampReq in, DER TimeStampResp out.
#[utoipa::path(
    post, path = "/pki/tsa", tag = "pki",
    request_body(content = Vec<u8>, content_type = "application/timestamp-query"),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/timestamp-reply"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")
    )
)]
pub(super) async fn time_stamp(State(state): State<AppState>, octets: Octets) -> Result<Response> {
    let octets = octets.of_type(&[TIMESTAMP_QUERY])?;
    if octets.body.is_empty() {
        return Err(BODY_UNREADABLE.into());
    }
    Ok(object(TIMESTAMP_REPLY, "no-store", tsa::answer(&state, &octets.body).await?))
}
