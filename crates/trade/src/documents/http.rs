//! Routes of documents.

use core::convert::Infallible;

use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use relying::{Appearance, MAX_DOCUMENT, Placement};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Document, Signature, signing};
use crate::app::App;
use crate::extract::{Caller, Id, Json as Sent};
use crate::problem::{BODY_INVALID, BODY_TOO_LARGE, FIELDS_INVALID, Problem, Result, UNSUPPORTED_MEDIA_TYPE};
use crate::scans::Started;
use crate::session::{Browser, User};

const MAX_TITLE: usize = 200;

/// The routes of this feature.
pub fn routes() -> Router<App> {
    let upload = Router::new()
        .route("/api/documents", get(list).post(upload))
        .layer(DefaultBodyLimit::max(MAX_DOCUMENT + (64 << 10)));
    Router::new()
        .route("/api/documents/{id}", get(show).delete(delete))
        .route("/api/documents/{id}/file", get(file))
        .route("/api/documents/{id}/sign-scans", post(start_signing))
        .route("/api/sign-scans/{id}/completion", post(complete_signing))
        .route("/api/appearances", get(appearances))
        .merge(upload)
}

#[derive(Serialize)]
struct Items<T> {
    items: Vec<T>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    Draft,
    Signing,
    Signed,
}

#[derive(Serialize)]
struct DocumentView {
    id: Uuid,
    title: String,
    size: u64,
    created_at: Timestamp,
    signatures: Vec<Signature>,
    state: Standing,
}

fn view(id: Uuid, document: Document, now: Timestamp) -> Json<DocumentView> {
    let state = match &document.signing {
        Some(signing) if signing.expires_at > now => Standing::Signing,
        _ if document.signatures.is_empty() => Standing::Draft,
        _ => Standing::Signed,
    };
    let Document { title, size, created_at, signatures, .. } = document;
    Json(DocumentView { id, title, size, created_at, signatures, state })
}

async fn list(State(app): State<App>, user: User) -> Json<Items<DocumentView>> {
    let (rows, now) = (app.documents.of(user.subject), app.now());
    Json(Items { items: rows.into_iter().map(|(id, document)| view(id, document, now).0).collect() })
}

async fn show(State(app): State<App>, user: User, Id(id): Id) -> Result<Json<DocumentView>> {
    Ok(view(id, app.documents.own(user.subject, id)?, app.now()))
}

async fn upload(State(app): State<App>, user: User, request: Request) -> Result<impl IntoResponse> {
    let form = Multipart::from_request(request, &app).await.map_err(|_| UNSUPPORTED_MEDIA_TYPE)?;
    let (title, pdf) = read(form).await?;
    let now = app.now();
    let (id, document) = app.beside(move |app| app.documents.add(user.subject, title, &pdf, now)).await?;
    Ok((StatusCode::CREATED, view(id, document, now)))
}

/// The two fields of the form, in any order.
async fn read(mut form: Multipart) -> Result<(String, Bytes)> {
    let fault = |error: MultipartError| {
        Problem::from(if error.status() == StatusCode::PAYLOAD_TOO_LARGE { BODY_TOO_LARGE } else { BODY_INVALID })
    };
    let (mut title, mut pdf) = (None, None);
    while let Some(field) = form.next_field().await.map_err(fault)? {
        match field.name() {
            Some("title") => title = Some(field.text().await.map_err(fault)?),
            Some("file") => {
                let name = field.file_name().map(str::to_owned);
                let octets = field.bytes().await.map_err(fault)?;
                if octets.len() > MAX_DOCUMENT {
                    return Err(BODY_TOO_LARGE.into());
                }
                // Without a title the file's name is one.
                title = title.or_else(|| name.map(|name| name.trim_end_matches(".pdf").to_owned()));
                pdf = Some(octets);
            }
            _ => {}
        }
    }
    let title = title.unwrap_or_default().trim().to_owned();
    if title.is_empty() || title.chars().count() > MAX_TITLE || title.chars().any(char::is_control) {
        return Err(FIELDS_INVALID.field("title", "LENGTH"));
    }
    Ok((title, pdf.ok_or_else(|| FIELDS_INVALID.field("file", "MISSING"))?))
}

async fn delete(State(app): State<App>, user: User, Id(id): Id) -> Result<StatusCode> {
    let document = app.beside(move |app| app.documents.remove(user.subject, id)).await?;
    if let Some(open) = document.signing {
        // The phone need not ask any more; should it answer first, there is nothing left to be signed.
        if let Err(error) = app.platform.cancel(open.scan).await {
            tracing::info!(%error, "the scan of a deleted document was not cancelled");
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn file(State(app): State<App>, user: User, Id(id): Id, RawQuery(query): RawQuery) -> Result<impl IntoResponse> {
    let document = app.documents.own(user.subject, id)?;
    let attached = query.is_some_and(|query| query.split('&').any(|pair| pair == "download=1"));
    let name = utf8_percent_encode(&document.title, NON_ALPHANUMERIC).to_string();
    let octets = app.beside(move |app| app.documents.octets(id, &document)).await?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    let kind = if attached { "attachment" } else { "inline" };
    let disposition = format!("{kind}; filename=\"document.pdf\"; filename*=UTF-8''{name}.pdf");
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(Problem::internal)?);
    Ok((headers, octets))
}

async fn appearances(State(app): State<App>, user: User) -> Result<Json<Items<Appearance>>> {
    // A seal goes with a certificate of its own enterprise, and the login says whose certificate will sign.
    let mut items = app.platform.appearances(user.subject).await?;
    items.retain(|one| one.enterprise.is_none() || one.enterprise == user.enterprise);
    Ok(Json(Items { items }))
}

#[derive(Deserialize)]
struct NewSigning {
    placements: Vec<Placement>,
}

async fn start_signing(
    State(app): State<App>,
    browser: Browser,
    user: User,
    Ok(caller): Result<Caller, Infallible>,
    Id(id): Id,
    Sent(new): Sent<NewSigning>,
) -> Result<(StatusCode, HeaderMap, Json<Started>)> {
    let ticket = signing::start(&app, &browser, caller, &user, id, &new.placements).await?;
    let headers = browser.cookie.map(|cookie| (header::SET_COOKIE, cookie)).into_iter().collect();
    Ok((StatusCode::CREATED, headers, Json(ticket.into())))
}

async fn complete_signing(
    State(app): State<App>,
    browser: Browser,
    user: User,
    Id(id): Id,
) -> Result<Json<DocumentView>> {
    let (document_id, document) = signing::complete(&app, &browser, &user, id).await?;
    Ok(view(document_id, document, app.now()))
}
