//! A platform of the test's own, and a browser that talks to the trading platform's router.
#![allow(dead_code, clippy::unwrap_used)] // each test file uses its part; a panic here is a failed test

pub mod platform;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};
use relying::{Client, Credentials, Trust};
use serde_json::Value;
use tower::ServiceExt as _;
use trade::app::{App, Config, router};

pub use platform::Platform;

/// The trading platform with its clock and its data folder.
pub struct World {
    pub platform: Platform,
    pub data: tempfile::TempDir,
    pub now: Arc<Mutex<Timestamp>>,
    pub router: Router,
    address: String,
}

impl World {
    pub async fn start() -> Self {
        let now = Arc::new(Mutex::new("2026-06-01T08:00:00Z".parse().unwrap()));
        let platform = Platform::new(Arc::clone(&now));
        let address = platform.listen().await;
        let data = tempfile::tempdir().unwrap();
        let router = Self::open(&data, &now, &address);
        Self { platform, data, now, router, address }
    }

    fn open(data: &tempfile::TempDir, now: &Arc<Mutex<Timestamp>>, address: &str) -> Router {
        let credentials = Credentials { client_id: "demo".into(), client_secret: "secret".into() };
        let clock = Arc::clone(now);
        let config = Config { data: data.path().to_owned(), origin: None };
        let clock = Arc::new(move || *clock.lock().unwrap());
        router(App::open(config, Client::new(address, credentials).unwrap(), Trust::Platform, clock).unwrap())
    }

    /// Kills the trading platform and starts it again over the same folder.
    pub fn restart(&mut self) {
        self.router = Self::open(&self.data, &self.now, &self.address);
    }

    pub fn later(&self, by: SignedDuration) {
        let mut now = self.now.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }

    pub fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: Vec::new() }
    }

    /// A browser in which this person is logged in.
    pub async fn logged_in(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let scan = browser.post("/api/login-scans", "{}").await.created();
        let id = scan["id"].as_str().unwrap();
        self.platform.confirm(id, name);
        let done = browser.post(&format!("/api/login-scans/{id}/completion"), "{}").await.ok();
        assert_eq!(done["user"]["name"], name);
        browser
    }
}

/// Keeps cookies as a browser does.
#[derive(Clone)]
pub struct Browser {
    pub router: Router,
    pub cookies: Vec<(String, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    fn is(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    pub fn ok(self) -> Value {
        self.is(StatusCode::OK).json()
    }

    pub fn created(self) -> Value {
        self.is(StatusCode::CREATED).json()
    }

    pub fn nothing(self) {
        assert!(self.is(StatusCode::NO_CONTENT).body.is_empty());
    }

    /// The refusal's status and code, after looking at its form.
    pub fn refusal(&self) -> (u16, String) {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        let title = problem["title"].as_str().unwrap();
        assert!(title.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "a Chinese title: {title}");
        assert!(!problem["title_en"].as_str().unwrap().is_empty());
        (self.status.as_u16(), problem["code"].as_str().unwrap().to_owned())
    }
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    pub async fn delete(&mut self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], Vec::new()).await
    }

    pub async fn post(&mut self, path: &str, json: &str) -> Answer {
        self.send(Method::POST, path, &[("content-type", "application/json")], json.into()).await
    }

    pub async fn upload(&mut self, title: &str, pdf: &[u8]) -> Answer {
        let mut body = format!("--xx\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\n{title}\r\n--xx\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\ncontent-type: application/pdf\r\n\r\n").into_bytes();
        body.extend_from_slice(pdf);
        body.extend_from_slice(b"\r\n--xx--\r\n");
        self.send(Method::POST, "/api/documents", &[("content-type", "multipart/form-data; boundary=xx")], body).await
    }

    /// Sends a request and keeps the cookies of the answer.
    pub async fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let answer = self.open(method, path, headers, body).await;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn open(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path).header("host", "trade.test");
        if !self.cookies.is_empty() {
            let line: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, line.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        for line in answer.headers().get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax"), "{line}");
            let (name, rest) = line.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            let value = rest.split(';').next().unwrap();
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }
}

/// A small PDF of two pages.
pub fn pdf() -> Vec<u8> {
    use lopdf::{Document, Object, dictionary};
    let mut document = Document::with_version("1.7");
    let tree = document.new_object_id();
    let kids: Vec<Object> = (0..2)
        .map(|_| Object::Reference(document.add_object(dictionary! { "Type" => "Page", "Parent" => tree })))
        .collect();
    let pages = dictionary! { "Type" => "Pages", "Count" => 2, "Kids" => kids, "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()] };
    document.objects.insert(tree, Object::Dictionary(pages));
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    document.reference_table.cross_reference_type = lopdf::xref::XrefType::CrossReferenceTable;
    let mut octets = Vec::new();
    document.save_to(&mut octets).unwrap();
    octets
}
