//! How requests travel: through the router, or over HTTP.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub media_type: String,
    pub body: Vec<u8>,
}

impl Reply {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        self.expect(200)
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The code of a problem; empty if it is none.
    pub fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!(self.media_type, "application/problem+json", "{}", String::from_utf8_lossy(&self.body));
        assert_eq!((self.status, self.code().as_str()), (status, code));
    }
}

/// Carries requests and keeps cookies.
#[allow(async_fn_in_trait)]
pub trait Transport: Send {
    async fn call(&mut self, method: &str, path: &str, media_type: Option<&str>, body: Vec<u8>) -> Reply;

    async fn get(&mut self, path: &str) -> Reply {
        self.call("GET", path, None, Vec::new()).await
    }

    async fn post(&mut self, path: &str, body: Value) -> Reply {
        self.call("POST", path, Some("application/json"), body.to_string().into_bytes()).await
    }

    async fn put(&mut self, path: &str, body: Value) -> Reply {
        self.call("PUT", path, Some("application/json"), body.to_string().into_bytes()).await
    }

    async fn delete(&mut self, path: &str, body: Value) -> Reply {
        self.call("DELETE", path, Some("application/json"), body.to_string().into_bytes()).await
    }

    async fn patch(&mut self, path: &str, body: Value) -> Reply {
        self.call("PATCH", path, Some("application/json"), body.to_string().into_bytes()).await
    }
}

/// Cookies and credentials of one client.
#[derive(Debug, Clone, Default)]
struct Identity {
    cookies: BTreeMap<String, String>,
    basic: Option<String>,
}

impl Identity {
    fn keep(&mut self, line: &str) {
        let pair = line.split(';').next().unwrap_or_default();
        if let Some((name, value)) = pair.split_once('=') {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut headers = Vec::new();
        if !cookies.is_empty() {
            headers.push(("cookie", cookies.join("; ")));
        }
        headers.extend(self.basic.clone().map(|basic| ("authorization", basic)));
        headers
    }
}

fn basic(client_id: &str, secret: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    format!("Basic {}", STANDARD.encode(format!("{client_id}:{secret}")))
}

/// Through the router.
#[derive(Clone)]
pub struct InProcess {
    router: Router,
    identity: Identity,
}

impl InProcess {
    pub fn new(router: Router) -> Self {
        Self { router, identity: Identity::default() }
    }

    /// A relying party.
    pub fn with_basic(mut self, client_id: &str, secret: &str) -> Self {
        self.identity.basic = Some(basic(client_id, secret));
        self
    }

    /// The same client before another router.
    pub fn moved(&self, router: Router) -> Self {
        Self { router, ..self.clone() }
    }

    /// The body of an endless answer, piece by piece.
    pub async fn stream(&self, path: &str) -> axum::body::BodyDataStream {
        let mut request = Request::builder().method("GET").uri(path);
        for (name, value) in self.identity.headers() {
            request = request.header(name, value);
        }
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        response.into_body().into_data_stream()
    }
}

impl Transport for InProcess {
    async fn call(&mut self, method: &str, path: &str, media_type: Option<&str>, body: Vec<u8>) -> Reply {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "platform.test");
        if let Some(media_type) = media_type {
            request = request.header(header::CONTENT_TYPE, media_type);
        }
        for (name, value) in self.identity.headers() {
            request = request.header(name, value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        for line in response.headers().get_all(header::SET_COOKIE) {
            self.identity.keep(line.to_str().unwrap());
        }
        let status = response.status().as_u16();
        let media_type = response.headers().get(header::CONTENT_TYPE);
        let media_type = media_type.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        // A stream of events has no end; [`InProcess::stream`] reads it.
        let body = if media_type == "text/event-stream" {
            Vec::new()
        } else {
            response.into_body().collect().await.unwrap().to_bytes().to_vec()
        };
        Reply { status, media_type, body }
    }
}

/// Speaks to the platform under test, which listens on this machine: no proxy, no redirections.
pub fn client() -> reqwest::Client {
    // Nothing here is encrypted, but the client is not built without somebody's cryptography once another
    // package of the workspace asks it for TLS. Fails if a test beside this one has chosen, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// Over HTTP. A connection that breaks gives status 0: the server was killed.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    origin: String,
    identity: Identity,
}

impl Http {
    pub fn new(origin: &str) -> Self {
        Self { client: client(), origin: origin.to_owned(), identity: Identity::default() }
    }

    /// The same client after the server has moved to another port.
    pub fn moved(&self, origin: &str) -> Self {
        Self { origin: origin.to_owned(), ..self.clone() }
    }

    /// A relying party.
    pub fn with_basic(mut self, client_id: &str, secret: &str) -> Self {
        self.identity.basic = Some(basic(client_id, secret));
        self
    }
}

impl Transport for Http {
    async fn call(&mut self, method: &str, path: &str, media_type: Option<&str>, body: Vec<u8>) -> Reply {
        let method = method.parse().unwrap();
        let mut request = self.client.request(method, format!("{}{path}", self.origin)).body(body);
        if let Some(media_type) = media_type {
            request = request.header("content-type", media_type);
        }
        for (name, value) in self.identity.headers() {
            request = request.header(name, value);
        }
        let Ok(response) = request.send().await else {
            return Reply { status: 0, media_type: String::new(), body: Vec::new() };
        };
        for line in response.headers().get_all("set-cookie") {
            self.identity.keep(line.to_str().unwrap());
        }
        let status = response.status().as_u16();
        let media_type = response.headers().get("content-type");
        let media_type = media_type.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        match response.bytes().await {
            Ok(body) => Reply { status, media_type, body: body.to_vec() },
            Err(_) => Reply { status: 0, media_type: String::new(), body: Vec::new() },
        }
    }
}
