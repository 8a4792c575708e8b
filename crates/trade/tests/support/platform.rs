//! The platform as far as relying parties see it, with real certificates and signatures.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use document::pdf::{self, Chain, Details, Sm2Verifier};
use gm::sm2::KeyPair;
use jiff::{SignedDuration, Timestamp};
use pki::certificate::{Template, sign};
use pki::signed_data::Message;
use pki::{Certificate, Profile, Serial, Signer as _, crl, name};
use serde_json::{Value, json};
use uuid::Uuid;

const START: u64 = 1_767_225_600;
const DAY: u64 = 86_400;

struct Scan {
    asked: Value,
    state: &'static str,
    expires_at: Timestamp,
    result: Option<Value>,
    signed: Option<Vec<u8>>,
}

struct Inner {
    now: Arc<Mutex<Timestamp>>,
    root: Certificate,
    ca: Certificate,
    ca_key: KeyPair,
    people: Mutex<BTreeMap<String, (KeyPair, Certificate)>>,
    scans: Mutex<BTreeMap<String, Scan>>,
    /// Makes the next signed document wrong.
    spoil: Mutex<bool>,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Platform(Arc<Inner>);

fn certificate(
    profile: &'static Profile,
    subject: &[u8],
    key: &KeyPair,
    issuer: Option<(&Certificate, &KeyPair)>,
) -> Certificate {
    let template = Template {
        profile,
        serial: &Serial::random().unwrap(),
        subject,
        public_key: &key.public_key(),
        not_before: START,
        not_after: START + 360 * DAY,
        crl_url: issuer.map(|_| "http://ca.test/pki/guiyun/ca.crl"),
        issuer_url: issuer.map(|_| "http://ca.test/pki/guiyun/ca.cer"),
        ocsp_url: None,
        policy: None,
        credit_code: None,
    };
    match issuer {
        None => sign(&template.self_signed().unwrap(), None, key).unwrap(),
        Some((issuer, issuer_key)) => sign(&template.under(issuer).unwrap(), Some(issuer), issuer_key).unwrap(),
    }
}

/// The subject under which a person is known to us.
pub fn subject(name: &str) -> Uuid {
    let mut octets = [0; 16];
    octets.copy_from_slice(&gm::sm3::digest(name.as_bytes())[..16]);
    Uuid::from_bytes(octets)
}

impl Platform {
    pub fn new(now: Arc<Mutex<Timestamp>>) -> Self {
        let (root_key, ca_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let root = certificate(&Profile::ROOT, &name::authority("演示", "根").unwrap(), &root_key, None);
        let ca = certificate(
            &Profile::ISSUING,
            &name::authority("演示", "桂云CA").unwrap(),
            &ca_key,
            Some((&root, &root_key)),
        );
        let (people, scans, spoil) = (Mutex::default(), Mutex::default(), Mutex::new(false));
        Self(Arc::new(Inner { now, root, ca, ca_key, people, scans, spoil }))
    }

    fn now(&self) -> Timestamp {
        *self.0.now.lock().unwrap()
    }

    pub fn spoil_next(&self) {
        *self.0.spoil.lock().unwrap() = true;
    }

    /// What was asked.
    pub fn asked(&self, id: &str) -> Value {
        self.0.scans.lock().unwrap()[id].asked.clone()
    }

    pub fn set_state(&self, id: &str, state: &'static str) {
        self.0.scans.lock().unwrap().get_mut(id).unwrap().state = state;
    }

    pub fn state(&self, id: &str) -> &'static str {
        self.0.scans.lock().unwrap()[id].state
    }

    /// The person agrees on the phone.
    pub fn confirm(&self, id: &str, person: &str) {
        let mut people = self.0.people.lock().unwrap();
        let (key, leaf) = people.entry(person.to_owned()).or_insert_with(|| {
            let key = KeyPair::generate().unwrap();
            let issuer = Some((&self.0.ca, &self.0.ca_key));
            let leaf = certificate(&Profile::SIGNING, &name::person(person, "P1").unwrap(), &key, issuer);
            (key, leaf)
        });
        let now = self.now();
        let mut scans = self.0.scans.lock().unwrap();
        let scan = scans.get_mut(id).unwrap();
        let mut result = json!({ "subject": subject(person), "name": person, "certificate_pem": leaf.to_pem() });
        if scan.asked["action"] == "login" {
            let statement = format!(
                r#"{{"type":"guiqian-login","version":1,"request":"{id}","relying_party":"{}","name":"示范","check_number":"0417","issued_at":"{now}","expires_at":"{}"}}"#,
                Uuid::from_u128(9),
                scan.expires_at
            );
            let signature = key.sign(gm::sm2::DEFAULT_ID, statement.as_bytes()).unwrap();
            result["signature"] = STANDARD.encode(signature.to_der()).into();
            result["statement"] = STANDARD.encode(statement).into();
        } else {
            let octets = STANDARD.decode(scan.asked["document"]["pdf"].as_str().unwrap()).unwrap();
            let details = Details { name: person, reason: None, signed_at: now };
            let prepared = pdf::prepare(&octets, &[], &details).unwrap();
            let cms = Message::digest(&prepared.digest).sign(leaf, core::slice::from_ref(&self.0.ca), key).unwrap();
            let mut signed = pdf::embed(&prepared, &cms).unwrap();
            if core::mem::take(&mut *self.0.spoil.lock().unwrap()) {
                signed[20] ^= 1;
            }
            scan.signed = Some(signed);
            result["signature"] = STANDARD.encode(b"x").into();
        }
        scan.state = "confirmed";
        scan.result = Some(result);
    }

    /// Listens, and answers its own address.
    pub async fn listen(&self) -> String {
        let router = Router::new()
            .route("/api/rp/scan-requests", post(create).layer(axum::extract::DefaultBodyLimit::max(40 << 20)))
            .route("/api/rp/scan-requests/{id}", get(show).delete(cancel))
            .route("/api/rp/scan-requests/{id}/events", get(events))
            .route("/api/rp/scan-requests/{id}/document", get(signed))
            .route("/api/rp/subjects/{subject}/appearances", get(appearances))
            .route("/api/verifications", post(verify))
            .route("/pki/guiyun/{file}", get(public))
            .with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }
}

fn problem(status: u16, code: &str) -> Response {
    let body =
        json!({ "type": "about:blank", "title": "请重试", "title_en": "Try again", "status": status, "code": code });
    (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, "application/problem+json")], body.to_string())
        .into_response()
}

async fn create(State(platform): State<Platform>, headers: HeaderMap, Json(asked): Json<Value>) -> Response {
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value != "Basic ZGVtbzpzZWNyZXQ=") {
        return problem(401, "CLIENT_UNKNOWN");
    }
    if asked["placements"].as_array().is_some_and(|all| all.iter().any(|one| one["page"] == 99)) {
        return problem(422, "PDF_NO_SUCH_PAGE");
    }
    let id = Uuid::now_v7().to_string();
    let expires_at = platform.now() + SignedDuration::from_mins(5);
    let scan = Scan { asked, state: "waiting", expires_at, result: None, signed: None };
    platform.0.scans.lock().unwrap().insert(id.clone(), scan);
    (StatusCode::CREATED, Json(json!({ "id": id, "check_number": "0417", "expires_at": expires_at }))).into_response()
}

async fn show(State(platform): State<Platform>, Path(id): Path<String>) -> Response {
    let scans = platform.0.scans.lock().unwrap();
    let Some(scan) = scans.get(&id) else { return problem(404, "NOT_FOUND") };
    let mut view = json!({ "id": id, "action": scan.asked["action"], "state": scan.state, "check_number": "0417", "expires_at": scan.expires_at });
    if let Some(result) = &scan.result {
        view["result"] = result.clone();
    }
    Json(view).into_response()
}

async fn cancel(State(platform): State<Platform>, Path(id): Path<String>) -> Response {
    let mut scans = platform.0.scans.lock().unwrap();
    match scans.get_mut(&id) {
        Some(scan) if ["waiting", "claimed"].contains(&scan.state) => scan.state = "cancelled",
        _ => return problem(409, "SCAN_ANSWERED"),
    }
    StatusCode::NO_CONTENT.into_response()
}

async fn events(State(platform): State<Platform>, Path(id): Path<String>) -> Response {
    let state = platform.state(&id);
    let body = format!(
        "event: state\ndata: {{\"state\":\"waiting\"}}\n\nevent: code\ndata: {{\"code\":\"https://ca.test/s#{id}\",\"check_number\":\"0417\",\"expires_in\":299}}\n\nevent: state\ndata: {{\"state\":\"{state}\"}}\n\n"
    );
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}

async fn signed(State(platform): State<Platform>, Path(id): Path<String>) -> Response {
    let scans = platform.0.scans.lock().unwrap();
    scans
        .get(&id)
        .and_then(|scan| scan.signed.clone())
        .map_or_else(|| problem(409, "SCAN_NOT_CONFIRMED"), IntoResponse::into_response)
}

async fn appearances(Path(subject): Path<Uuid>) -> Response {
    Json(json!({ "items": [{ "id": subject, "kind": "private_seal", "name": "私章", "width_mm": 20.0, "height_mm": 20.0, "png": "iVBORw==" }] })).into_response()
}

async fn verify(body: Bytes) -> Response {
    match pdf::verify(&body, &Sm2Verifier(|_: &_, _: &[_], _| Chain::Trusted)) {
        Err(error) => problem(422, error.code()),
        Ok(report) => {
            let signatures: Vec<Value> = report.signatures.iter().map(|one| json!({
                "index": one.index, "signer_name": one.signer_name, "sub_filter": one.sub_filter,
                "covers_whole_document": one.covers_whole_document, "later_revision_exists": one.later_revision_exists,
                "digest_ok": one.digest_ok, "signature_ok": one.signature_ok, "chain": "trusted",
                "verdict": one.verdict.as_str(), "reasons": [],
            })).collect();
            Json(json!({ "intact": report.intact, "signatures": signatures })).into_response()
        }
    }
}

async fn public(State(platform): State<Platform>, Path(file): Path<String>) -> Response {
    let at = u64::try_from(platform.now().as_second()).unwrap();
    let inner = &platform.0;
    match file.as_str() {
        "ca.cer" => inner.ca.der.clone().into_response(),
        "root.cer" => inner.root.der.clone().into_response(),
        "ca.crl" => {
            let template = crl::Template { number: 1, this_update: at - 60, next_update: at + DAY, revoked: &[] };
            crl::sign(&template.under(&inner.ca).unwrap(), &inner.ca, &inner.ca_key).unwrap().der.into_response()
        }
        _ => problem(404, "NOT_FOUND"),
    }
}
