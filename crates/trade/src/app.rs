//! Wiring: the parts of the trading platform, put together once at start.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use relying::{Client, Trust};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};

use crate::clock::Clock;
use crate::documents::Documents;
use crate::problem::{FOREIGN_ORIGIN, METHOD_NOT_ALLOWED, Problem};
use crate::scans::Scans;
use crate::session::Sessions;
use crate::{StoreError, documents, scans, session, verification, web};

/// The name on the pages.
pub const NAME: &str = "示范公共资源交易平台";
/// What a request body may hold unless its route says otherwise.
const BODY_LIMIT: usize = 256 << 10;

/// What an operator chose.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of documents and sessions.
    pub data: PathBuf,
    /// Where browsers reach us, if it is not what they call us (behind a proxy with TLS).
    pub origin: Option<String>,
}

impl Config {
    /// Whether cookies must only travel over TLS.
    pub(crate) fn secure_cookies(&self) -> bool {
        self.origin.as_ref().is_some_and(|origin| origin.starts_with("https://"))
    }
}

/// Everything that handlers share. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts behind [`App`].
pub struct Parts {
    pub(crate) config: Config,
    pub(crate) platform: Client,
    pub(crate) trust: Trust,
    pub(crate) clock: Clock,
    pub(crate) sessions: Sessions,
    pub(crate) scans: Scans,
    pub(crate) documents: Documents,
}

impl core::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Opens the data folder.
    ///
    /// # Errors
    /// [`StoreError`] if the folder cannot be used.
    pub fn open(config: Config, platform: Client, trust: Trust, clock: Clock) -> Result<Self, StoreError> {
        let now = clock();
        let sessions = Sessions::open(&config.data, now)?;
        let scans = Scans::open(&config.data, now)?;
        let documents = Documents::open(&config.data)?;
        Ok(Self(Arc::new(Parts { config, platform, trust, clock, sessions, scans, documents })))
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Runs work on the disk, or work that takes longer than a moment, beside the event loop.
    pub(crate) async fn beside<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    {
        let app = self.clone();
        tokio::task::spawn_blocking(move || work(&app)).await.map_err(Problem::internal)?
    }
}

/// The whole HTTP service.
pub fn router(app: App) -> Router {
    let compressed = DefaultPredicate::new().and(NotForContentType::const_new("application/pdf"));
    Router::new()
        .merge(session::routes())
        .merge(scans::routes())
        .merge(documents::routes())
        .merge(verification::routes())
        .fallback(web::fallback)
        .method_not_allowed_fallback(async || Problem::from(METHOD_NOT_ALLOWED))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(app.clone(), refuse_foreign_pages))
        .layer(from_fn_with_state(app.clone(), security_headers))
        .layer(CatchPanicLayer::custom(|_: Box<dyn core::any::Any + Send>| {
            Problem::internal("a handler panicked").into_response()
        }))
        .layer(CompressionLayer::new().compress_when(compressed))
        .with_state(app)
}

/// A browser says which page a state-changing request comes from: it must be one of ours (cookies are `SameSite=Lax`
/// besides). Programs send no `Origin` and are let through.
async fn refuse_foreign_pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let headers = request.headers();
    if !safe && let Some(origin) = headers.get(header::ORIGIN) {
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let origin = origin.to_str().unwrap_or_default();
        let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")).unwrap_or_default();
        if app.config.origin.as_deref() != Some(origin) && (authority.is_empty() || authority != host) {
            return Problem::from(FOREIGN_ORIGIN).into_response();
        }
    }
    next.run(request).await
}

/// What every answer carries. Pages may run our own code only, and nobody may frame them.
async fn security_headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
             img-src 'self' data: blob:; worker-src 'self' blob:; font-src 'self' data:; \
             connect-src 'self' blob: data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
        ),
    );
    if api {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    if app.config.secure_cookies() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}
