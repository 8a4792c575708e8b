//! The web pages inside the binary. Unknown paths of the page's router get `index.html`; a binary built without the
//! pages says how to build them.

use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse as _, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::problem::{METHOD_NOT_ALLOWED, NOT_FOUND, Problem};

#[derive(RustEmbed)]
#[folder = "../../web/trade/dist"]
#[allow_missing = true]
struct Pages;

/// Everything that is not a route: a file of the pages, or nothing.
pub async fn fallback(method: Method, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return Problem::from(NOT_FOUND).into_response();
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        return Problem::from(METHOD_NOT_ALLOWED).into_response();
    }
    if let Some(file) = Pages::get(path) {
        return serve(path, file);
    }
    // A missing script must not come back as HTML; a path without an extension is a view of the page.
    if path.rsplit('/').next().is_some_and(|name| name.contains('.')) {
        return Problem::from(NOT_FOUND).into_response();
    }
    match Pages::get("index.html") {
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
    if let Ok(kind) = HeaderValue::from_str(kind.as_ref()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

const NOT_BUILT: &str = "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>示范公共资源交易平台</title>\
<p>网页尚未构建。The web pages have not been built: run <code>npm run build</code> in <code>web/</code>, then build the server again.";
