//! Wiring: the parts of the platform, put together once at start.

use std::{ops::Deref, os::unix::fs::DirBuilderExt as _, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{Method, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use tower_http::{catch_panic::CatchPanicLayer, timeout::RequestBodyTimeoutLayer, trace::TraceLayer};
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::{
    account, application, audit, authorisation, certificate,
    clock::{self, SharedClock},
    config::Config,
    console, enterprise,
    error::{self, Problem},
    events::Hub,
    fault, feedback, help, identity, institution, issuance, keys, kmc, message, openapi, paper, pki_services,
    providers::{Providers, Services},
    rate::RateLimits,
    relying, sandbox, scan, signing,
    storage::{Blobs, Secrets, Storage, StorageError},
    transparency,
    vault::{self, Vaults},
    verify, web,
};

/// What a request body may hold unless its route says otherwise.
const BODY_LIMIT: usize = 64 * 1024;

/// How long a request body may pause: a caller who dribbles octets must not hold a connection for ever.
const BODY_PATIENCE: Duration = Duration::from_secs(30);

/// Everything that handlers share. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// The parts behind [`AppState`].
pub struct Parts {
    /// The database.
    pub db: Storage,
    /// The time.
    pub clock: SharedClock,
    /// What the platform knows about itself.
    pub config: Config,
    /// Wakes those who wait.
    pub events: Hub,
    /// Outside services.
    pub services: Services,
    /// Objects by content.
    pub blobs: Blobs,
    /// Keys derived from the master key.
    pub secrets: Secrets,
    /// Who wraps the private keys in the database.
    pub vaults: Vaults,
    /// Counters that slow down guessing.
    pub rates: RateLimits,
    /// Secrets of the split keys.
    pub keys: keys::KeyRoom,
    /// The key management centre's key.
    pub kmc: kmc::Centre,
    /// Fonts of the papers.
    pub fonts: paper::FontRoom,
    /// What the PKI's services keep in memory.
    pub pki: pki_services::Services,
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Why the platform does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder cannot be used.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The database cannot be used.
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// Something refused during first start.
    #[error("first start: {0}")]
    Refused(#[from] Problem),
    /// Files cannot be written.
    #[error("file system: {0}")]
    Io(#[from] std::io::Error),
}

impl AppState {
    /// Opens everything in the data folder and makes at first start what must exist: institutions with their keys,
    /// the bootstrap reviewer, the demonstration relying party.
    pub async fn open(config: Config, clock: SharedClock, providers: Providers) -> Result<Self, StartError> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&config.data)?;
        let folder = config.data.join("secrets");
        let secrets = Secrets::open(&folder)?;
        let vaults = Vaults::open(&secrets, &folder)?;
        let blobs = Blobs::local(&config.data)?;
        let events = Hub::default();
        let db = Storage::open(config.place(), events.clone()).await?;
        let [first, second] = config.custodian_keys();
        let kmc = kmc::Centre::open(&first, &second)?;
        let keys = keys::KeyRoom::open(&secrets, &vaults)?;
        let services = providers.resolve(&db, &clock);
        let rates = RateLimits::new(db.clone());
        let fonts = paper::FontRoom::open(config.font.as_deref());
        let pki = pki_services::Services::default();
        let parts = Parts { db, clock, config, events, services, blobs, secrets, vaults, rates, keys, kmc, fonts, pki };
        let state = Self(Arc::new(parts));
        let alone = state.db.starting().await?;
        vault::settle(&state.db, &state.vaults, state.now()).await?;
        for institution in institution::ensure_sandbox(&state).await? {
            certificate::authority::ensure(&state, &institution).await?;
        }
        pki_services::ensure(&state).await?;
        console::ensure_bootstrap_reviewer(&state).await?;
        relying::ensure_built_in(&state).await?;
        relying::ensure_demo(&state).await?;
        transparency::ensure(&state).await?;
        drop(alone);
        Ok(state)
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh id that carries the time.
    pub fn new_id(&self) -> Uuid {
        clock::new_id(self.now())
    }
}

/// All routes before the state is attached, and their description.
pub fn api() -> (Router<AppState>, utoipa::openapi::OpenApi) {
    let (routes, mut document) = features().split_for_parts();
    openapi::name_operations(&mut document);
    (routes, document)
}

fn features() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .merge(openapi::routes())
        .merge(account::routes())
        .merge(identity::routes())
        .merge(institution::routes())
        .merge(application::routes())
        .merge(enterprise::routes())
        .merge(authorisation::routes())
        .merge(message::routes())
        .merge(help::routes())
        .merge(feedback::routes())
        .merge(console::routes())
        .merge(audit::routes())
        .merge(transparency::routes())
        .merge(keys::routes())
        .merge(certificate::routes())
        .merge(issuance::routes())
        .merge(fault::routes())
        .merge(scan::routes())
        .merge(signing::routes())
        .merge(relying::routes())
        .merge(verify::routes())
        .merge(pki_services::routes())
        .merge(sandbox::routes())
}

/// The whole HTTP service.
pub fn router(state: AppState) -> Router {
    let (routes, document) = api();
    routes
        .merge(openapi::document_route(&document))
        .fallback(web::fallback)
        .method_not_allowed_fallback(async || error::METHOD_NOT_ALLOWED.problem())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(RequestBodyTimeoutLayer::new(BODY_PATIENCE))
        .layer(from_fn_with_state(state.clone(), refuse_foreign_pages))
        .layer(from_fn_with_state(state.clone(), security_headers))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::internal("a handler panicked").into_response()
        }))
        .layer(tower_http::compression::CompressionLayer::new().compress_when(web::worth_compressing()))
        .layer(TraceLayer::new_for_http())
        .with_state(state)
}

/// A browser says which page a state-changing request comes from: it must be one of ours (cookies are `SameSite=Lax`
/// besides). Programs send no `Origin` and are let through.
async fn refuse_foreign_pages(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let headers = request.headers();
    if !safe && let Some(origin) = headers.get(header::ORIGIN) {
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let origin = origin.to_str().unwrap_or_default();
        let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")).unwrap_or_default();
        if origin != state.config.origin && (authority.is_empty() || authority != host) {
            return error::FOREIGN_ORIGIN.problem().into_response();
        }
    }
    next.run(request).await
}

/// What every answer carries. Pages may run our own code and WebAssembly only, and nobody may frame them.
async fn security_headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    use axum::http::HeaderValue;
    let api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // What the API says is about one person, or about this moment.
    if api {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; font-src 'self' data:; \
         connect-src 'self' blob: data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    ));
    headers.insert("permissions-policy", HeaderValue::from_static("camera=(self), geolocation=(), microphone=()"));
    if state.config.secure_cookies() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}
