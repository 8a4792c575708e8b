//! A platform in a temporary folder, on either database, spoken to through its own router, with a clock that stands still until moved.

#![allow(dead_code, missing_docs, clippy::unwrap_used)]

pub mod company;
pub mod database;

use std::{collections::BTreeMap, io::Cursor, path::Path, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use server::{
    app::{AppState, StartError, router},
    clock::ManualClock,
    config::{Config, Mode},
    providers::Providers,
    storage::Secrets,
};
use tempfile::TempDir;
use tower::ServiceExt as _;

use database::TestDatabase;

/// Where the platform believes to be.
pub const ORIGIN: &str = "http://platform.test";
/// Identity numbers of nobody in particular, with right check characters.
pub const ID_NUMBERS: [&str; 3] = ["11010519491231002X", "450103199001010112", "450103199002020224"];

/// A running platform.
pub struct Platform {
    pub router: Router,
    pub state: AppState,
    pub clock: Arc<ManualClock>,
    home: Arc<Home>,
}

/// What a platform has beside its process.
struct Home {
    folder: TempDir,
    database: TestDatabase,
}

impl Home {
    async fn new() -> Arc<Self> {
        Arc::new(Self { folder: tempfile::tempdir().unwrap(), database: TestDatabase::fresh().await })
    }
}

impl Platform {
    /// A platform at its first start, in sandbox mode.
    pub async fn start() -> Self {
        Self::start_as(Mode::Sandbox).await
    }

    /// A platform at its first start.
    pub async fn start_as(mode: Mode) -> Self {
        let clock = ManualClock::at("2026-03-02T08:00:00Z".parse::<Timestamp>().unwrap());
        Self::open(Home::new().await, clock, mode, Providers::sandbox()).await
    }

    /// A platform at its first start with these providers.
    pub async fn start_with(providers: Providers) -> Self {
        let clock = ManualClock::at("2026-03-02T08:00:00Z".parse::<Timestamp>().unwrap());
        Self::open(Home::new().await, clock, Mode::Sandbox, providers).await
    }

    /// A platform at its first start, in a folder where `prepare` has put something.
    pub async fn start_after(prepare: impl FnOnce(&Path)) -> Self {
        let clock = ManualClock::at("2026-03-02T08:00:00Z".parse::<Timestamp>().unwrap());
        let home = Home::new().await;
        prepare(home.folder.path());
        Self::open(home, clock, Mode::Sandbox, Providers::sandbox()).await
    }

    async fn open(home: Arc<Home>, clock: Arc<ManualClock>, mode: Mode, providers: Providers) -> Self {
        Self::try_open(home, clock, mode, providers).await.unwrap()
    }

    async fn try_open(
        home: Arc<Home>,
        clock: Arc<ManualClock>,
        mode: Mode,
        providers: Providers,
    ) -> Result<Self, StartError> {
        let config = Config { database: home.database.address(), mode, ..Config::sandbox(home.folder.path(), ORIGIN) };
        let state = AppState::open(config, clock.clone(), providers).await?;
        Ok(Self { router: router(state.clone()), state, clock, home })
    }

    /// Stops and tries to start again with these providers.
    pub async fn restart_with(self, providers: Providers) -> Result<Self, StartError> {
        let Self { router, state, clock, home } = self;
        drop((router, state));
        Self::try_open(home, clock, Mode::Sandbox, providers).await
    }

    /// Stops without any goodbye and starts again on the same folder.
    pub async fn restart(self) -> Self {
        let Self { router, state, clock, home } = self;
        drop((router, state));
        Self::open(home, clock, Mode::Sandbox, Providers::sandbox()).await
    }

    pub fn folder(&self) -> &Path {
        self.home.folder.path()
    }

    pub fn database(&self) -> &TestDatabase {
        &self.home.database
    }

    /// Two nodes that start for the first time at once; `None` on SQLite, whose folder belongs to one process.
    pub async fn start_two() -> Option<(Self, Self)> {
        let clock = ManualClock::at("2026-03-02T08:00:00Z".parse::<Timestamp>().unwrap());
        let home = Arc::new(Home { folder: tempfile::tempdir().unwrap(), database: TestDatabase::empty().await });
        home.database.address()?;
        // As an operator does, who gives all nodes the same master key.
        Secrets::open(&home.folder.path().join("secrets")).unwrap();
        let open = || Self::open(home.clone(), clock.clone(), Mode::Sandbox, Providers::sandbox());
        Some(tokio::join!(open(), open()))
    }

    /// A second node on the same folder and database, with the same clock.
    pub async fn beside(&self) -> Self {
        Self::open(self.home.clone(), self.clock.clone(), Mode::Sandbox, Providers::sandbox()).await
    }

    /// Another platform in the same state, in a folder of its own: what happens there does not happen here. `None` on a
    /// server, where a database in use cannot be copied.
    pub async fn twin(&self) -> Option<Self> {
        use sea_orm::ConnectionTrait as _;
        if self.home.database.address().is_some() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        for entry in walkdir::WalkDir::new(self.folder()).into_iter().map(Result::unwrap) {
            let target = folder.path().join(entry.path().strip_prefix(self.folder()).unwrap());
            if entry.file_type().is_dir() {
                std::fs::create_dir_all(&target).unwrap();
            } else if !entry.file_name().to_string_lossy().starts_with("guiqian.db") {
                std::fs::copy(entry.path(), &target).unwrap();
            }
        }
        let copy = format!("VACUUM INTO '{}'", folder.path().join("guiqian.db").display());
        // The server's own connections only read, or write in a transaction; a copy is made in neither.
        let file = format!("sqlite://{}", self.folder().join("guiqian.db").display());
        sea_orm::Database::connect(file).await.unwrap().execute_unprepared(&copy).await.unwrap();
        let home = Arc::new(Home { folder, database: TestDatabase::fresh().await });
        Some(Self::open(home, self.clock.clone(), Mode::Sandbox, Providers::sandbox()).await)
    }

    /// A browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: BTreeMap::new() }
    }

    /// The code last sent to `phone`.
    pub async fn code(&self, phone: &str) -> String {
        let outbox = self.browser().get("/api/sandbox/sms").await.json();
        let items = outbox["items"].as_array().unwrap();
        // Notices go to the same phone and carry no code.
        let newest = items.iter().find(|item| item["phone"] == phone && item["code"].is_string());
        newest.expect("a message to this phone")["code"].as_str().unwrap().to_owned()
    }

    /// A phone that is logged in.
    pub async fn phone(&self, number: &str) -> Browser {
        let mut phone = self.browser();
        phone.post("/api/login-codes", json!({ "phone": number })).await.expect(StatusCode::ACCEPTED);
        let code = self.code(number).await;
        let login = json!({ "phone": number, "code": code, "agreed": true });
        phone.post("/api/sessions", login).await.expect(StatusCode::CREATED);
        phone
    }

    /// A phone whose user's real name is verified.
    pub async fn verified_phone(&self, number: &str, id_number: &str) -> Browser {
        let mut phone = self.phone(number).await;
        let id = phone.verify("韦桂花", id_number, "passed").await;
        let verification = phone.get(&format!("/api/identity/verifications/{id}")).await.json();
        assert_eq!(verification["status"], "passed");
        phone
    }

    /// The id of the institution `slug` and of its first product.
    pub async fn institution(&self, slug: &str) -> (String, String) {
        let list = self.browser().get("/api/institutions").await.json();
        let one = list["items"].as_array().unwrap().iter().find(|one| one["slug"] == slug).unwrap().clone();
        (text(&one["id"]), text(&one["products"][0]["id"]))
    }

    /// The first reviewer, logged in.
    pub async fn reviewer(&self) -> Browser {
        let file = std::fs::read_to_string(self.folder().join("bootstrap.txt")).unwrap();
        let password = file.lines().find_map(|line| line.strip_prefix("password: ")).unwrap();
        let mut console = self.browser();
        let login = json!({ "username": "reviewer", "password": password });
        console.post("/api/console/sessions", login).await.expect(StatusCode::CREATED);
        console
    }
}

/// A JSON string's content.
pub fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

/// A signature on a transparent ground.
pub fn signature_png() -> Vec<u8> {
    let ink = |x: u32, y: u32| if x.abs_diff(y * 2) < 6 { image::Rgba([20, 20, 20, 255]) } else { image::Rgba([0; 4]) };
    let picture = image::RgbaImage::from_fn(240, 120, ink);
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

/// A photograph of a form.
pub fn form_jpeg() -> Vec<u8> {
    let picture = image::RgbImage::from_fn(300, 400, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 90]));
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, image::ImageFormat::Jpeg).unwrap();
    out.into_inner()
}

/// A browser: keeps cookies.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::builder().method(Method::GET).uri(path), Body::empty()).await
    }

    pub async fn delete(&mut self, path: &str) -> Answer {
        self.send(Request::builder().method(Method::DELETE).uri(path), Body::empty()).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.json(Method::POST, path, &body).await
    }

    /// A POST that carries nothing.
    pub async fn act(&mut self, path: &str) -> Answer {
        self.send(Request::builder().method(Method::POST).uri(path), Body::empty()).await
    }

    pub async fn patch(&mut self, path: &str, body: Value) -> Answer {
        self.json(Method::PATCH, path, &body).await
    }

    pub async fn put_json(&mut self, path: &str, body: Value) -> Answer {
        self.json(Method::PUT, path, &body).await
    }

    async fn json(&mut self, method: Method, path: &str, body: &Value) -> Answer {
        let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        self.send(request, Body::from(body.to_string())).await
    }

    pub async fn put(&mut self, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        self.octets(Method::PUT, path, content_type, body).await
    }

    pub async fn octets(&mut self, method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, content_type);
        self.send(request, Body::from(body)).await
    }

    /// The cookies as a request carries them.
    pub fn cookie_line(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// The same browser, whose next requests go to this node.
    pub fn at(&self, node: &Platform) -> Self {
        Self { router: node.router.clone(), cookies: self.cookies.clone() }
    }

    pub async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Answer {
        let mut request = request.header(header::HOST, "platform.test");
        if !self.cookies.is_empty() {
            request = request.header(header::COOKIE, self.cookie_line());
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let streaming = parts
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"));
        let body = if streaming { Bytes::new() } else { body.collect().await.unwrap().to_bytes() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Walks the provider's page and presses the button `outcome`; returns the verification's id.
    pub async fn verify(&mut self, name: &str, id_number: &str, outcome: &str) -> String {
        let claim = json!({ "name": name, "id_number": id_number, "return_url_path": "/verify/done" });
        let started = self.post("/api/identity/verifications", claim).await.expect(StatusCode::CREATED).json();
        let page = text(&started["redirect_url"]);
        let page = page.strip_prefix(ORIGIN).expect("the provider's page stands at the platform").to_owned();
        self.get(&page).await.expect(StatusCode::OK);
        let form = format!("outcome={outcome}").into_bytes();
        let back = self.octets(Method::POST, &page, "application/x-www-form-urlencoded", form).await;
        let id = text(&started["id"]);
        back.expect(StatusCode::SEE_OTHER).header("location", &format!("{ORIGIN}/verify/done?verification={id}"));
        id
    }

    /// Fills in and hands in an application at an institution that wants a signature only; returns its id.
    pub async fn submitted_application(&mut self, platform: &Platform) -> String {
        let id = self.complete_draft(platform).await;
        self.act(&format!("/api/applications/{id}/submission")).await.expect(StatusCode::OK);
        id
    }

    /// Fills in an application at an institution that wants a signature only; returns its id.
    pub async fn complete_draft(&mut self, platform: &Platform) -> String {
        let (institution, product) = platform.institution("guiyun").await;
        let created = self.post("/api/applications", json!({ "kind": "personal_certificate" })).await;
        let id = text(&created.expect(StatusCode::CREATED).json()["id"]);
        let choice = json!({ "institution_id": institution, "product_id": product });
        self.patch(&format!("/api/applications/{id}"), choice).await.expect(StatusCode::OK);
        let signature = format!("/api/applications/{id}/materials/signature");
        self.put(&signature, "image/png", signature_png()).await.expect(StatusCode::OK);
        id
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    #[track_caller]
    pub fn header(self, name: &str, value: &str) -> Self {
        assert_eq!(self.headers.get(name).and_then(|value| value.to_str().ok()), Some(value));
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The code of a refusal, after checking that it is a whole problem.
    #[track_caller]
    pub fn problem(&self) -> String {
        let kind = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        assert_eq!(kind, Some("application/problem+json"), "{} {}", self.status, String::from_utf8_lossy(&self.body));
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16());
        for member in ["type", "title", "title_en", "code"] {
            assert!(body[member].as_str().is_some_and(|text| !text.is_empty()), "{member}");
        }
        text(&body["code"])
    }

    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.problem().as_str()), (status, code));
    }
}
