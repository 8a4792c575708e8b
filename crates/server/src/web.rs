//! The web pages inside the binary: phone app at `/`, console at `/console/`. Unknown paths of a page's router get its
//! `index.html`; a binary built without the pages says how to build them.

use axum::{
    body::Body,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};

use crate::error::{METHOD_NOT_ALLOWED, NOT_FOUND};

#[derive(RustEmbed)]
#[folder = "../../web/app/dist"]
#[allow_missing = true]
struct App;

#[derive(RustEmbed)]
#[folder = "../../web/console/dist"]
#[allow_missing = true]
struct Console;

/// Everything that is not a route: a file of the pages, or nothing.
pub async fn fallback(method: Method, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if ["api", "pki", "sandbox"].contains(&path.split('/').next().unwrap_or_default()) {
        return NOT_FOUND.problem().into_response();
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        return METHOD_NOT_ALLOWED.problem().into_response();
    }
    match path.strip_prefix("console") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => page(rest.trim_start_matches('/'), Console::get),
        _ => page(path, App::get),
    }
}

fn page(path: &str, get: fn(&str) -> Option<EmbeddedFile>) -> Response {
    if let Some(file) = get(path) {
        return serve(path, file);
    }
    // A missing script must not come back as HTML; a path without an extension is a view of the page.
    if path.rsplit('/').next().is_some_and(|name| name.contains('.')) {
        return NOT_FOUND.problem().into_response();
    }
    match get("index.html") {
        Some(index) => serve("index.html", index),
        None => (StatusCode::OK, Html(NOT_BUILT)).into_response(),
    }
}

fn serve(path: &str, file: EmbeddedFile) -> Response {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    // The build puts a digest into the names under assets/: they never change.
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = Response::new(Body::from(file.data.into_owned()));
    let headers = response.headers_mut();
    let charset = if kind.type_() == mime_guess::mime::TEXT { "; charset=utf-8" } else { "" };
    if let Ok(kind) = HeaderValue::from_str(&format!("{kind}{charset}")) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

/// What is compressed: text, not images, PDFs or event streams.
pub fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new()
        .and(NotForContentType::const_new("application/pdf"))
        // Caches may not change what is signed (RFC 5019 6.2: no-transform), and it would not get smaller.
        .and(NotForContentType::const_new("application/ocsp-response"))
        .and(NotForContentType::const_new("application/timestamp-reply"))
}

const NOT_BUILT: &str = "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>桂签 Guiqian</title>\
<p>网页尚未构建。The web pages have not been built: run <code>npm run build</code> in <code>web/</code>, then build the server again.";
