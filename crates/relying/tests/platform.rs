//! The library against a platform of the test's own.
#![allow(clippy::unwrap_used)] // a panic here is a failed test

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State as AxumState};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use document::pdf::{self, Details};
use futures::StreamExt as _;
use gm::sm2::KeyPair;
use jiff::{SignedDuration, Timestamp};
use pki::certificate::{Template, sign};
use pki::signed_data::Message;
use pki::{Certificate, Profile, Serial, Signer as _, crl, name, oid};
use relying::{
    Browser, Client, Credentials, Enterprise, Error, Event, LoginFault, NewSignature, SignatureFault, State, Ticket,
    Trust, VerifiedLogin, inspect_pdf,
};
use uuid::Uuid;

const START: u64 = 1_767_225_600;
const DAY: u64 = 86_400;
const REQUEST: Uuid = Uuid::from_u128(7);

fn now() -> Timestamp {
    "2026-06-01T08:00:00Z".parse().unwrap()
}

struct Authority {
    root: Certificate,
    ca: Certificate,
    ca_key: KeyPair,
    leaf: Certificate,
    key: KeyPair,
    list: Vec<u8>,
}

fn certificate(
    profile: &'static Profile,
    subject: &[u8],
    key: &KeyPair,
    issuer: Option<(&Certificate, &KeyPair)>,
) -> Certificate {
    let code = name::Attributes::read(subject).unwrap().get(&oid::ORGANIZATIONAL_UNIT).map(str::to_owned);
    let template = Template {
        profile,
        serial: &Serial::random().unwrap(),
        subject,
        public_key: &key.public_key(),
        not_before: START,
        not_after: START + if issuer.is_some() { 300 } else { 3_000 } * DAY,
        crl_url: Some("http://elsewhere.example/pki/guiyun/ca.crl"),
        issuer_url: Some("http://elsewhere.example/pki/guiyun/ca.cer"),
        ocsp_url: None,
        policy: None,
        credit_code: code.as_deref(),
    };
    match issuer {
        None => {
            let root = Template { crl_url: None, issuer_url: None, ..template };
            sign(&root.self_signed().unwrap(), None, key).unwrap()
        }
        Some((issuer, issuer_key)) => sign(&template.under(issuer).unwrap(), Some(issuer), issuer_key).unwrap(),
    }
}

impl Authority {
    fn new() -> Self {
        Self::of(&name::person("张三", "P1").unwrap())
    }

    fn of(subject: &[u8]) -> Self {
        let (root_key, ca_key, key) =
            (KeyPair::generate().unwrap(), KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let root = certificate(&Profile::ROOT, &name::authority("演示", "根").unwrap(), &root_key, None);
        let ca = certificate(
            &Profile::ISSUING,
            &name::authority("演示", "桂云CA").unwrap(),
            &ca_key,
            Some((&root, &root_key)),
        );
        let leaf = certificate(&Profile::SIGNING, subject, &key, Some((&ca, &ca_key)));
        let list = Self::list_of(&ca, &ca_key, &[]);
        Self { root, ca, ca_key, leaf, key, list }
    }

    fn list_of(ca: &Certificate, ca_key: &KeyPair, revoked: &[crl::Revoked]) -> Vec<u8> {
        let at = u64::try_from(now().as_second()).unwrap();
        let template = crl::Template { number: 1, this_update: at - 60, next_update: at + DAY, revoked };
        crl::sign(&template.under(ca).unwrap(), ca, ca_key).unwrap().der
    }

    fn statement(&self, request: Uuid, check_number: &str) -> String {
        format!(
            r#"{{"type":"guiqian-login","version":1,"request":"{request}","relying_party":"{}","name":"示范","check_number":"{check_number}","issued_at":"{}","expires_at":"{}"}}"#,
            Uuid::from_u128(9),
            now() - SignedDuration::from_secs(30),
            expires_at(),
        )
    }
}

fn expires_at() -> Timestamp {
    now() + SignedDuration::from_mins(4)
}

fn ticket() -> Ticket {
    Ticket { id: REQUEST, check_number: "0417".into(), expires_at: expires_at() }
}

/// What the platform of the test says.
struct Platform {
    authority: Authority,
    scan: String,
    connections: AtomicUsize,
}

impl Platform {
    fn confirmed(authority: Authority, statement: &str) -> Self {
        let signature = authority.key.sign(gm::sm2::DEFAULT_ID, statement.as_bytes()).unwrap().to_der();
        Self::answering(authority, statement, &signature, "张三")
    }

    fn answering(authority: Authority, statement: &str, signature: &[u8], name: &str) -> Self {
        let scan = serde_json::json!({
            "id": REQUEST, "action": "login", "state": "confirmed", "check_number": "0417", "expires_at": expires_at().to_string(),
            "result": {
                "subject": Uuid::from_u128(5), "name": name, "certificate_pem": authority.leaf.to_pem(),
                "signature": base64(signature), "statement": base64(statement.as_bytes()),
            },
        });
        Self { authority, scan: scan.to_string(), connections: AtomicUsize::new(0) }
    }
}

fn base64(octets: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(octets)
}

type Shared = AxumState<Arc<Platform>>;

fn json(body: impl Into<String>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.into()).into_response()
}

fn problem(status: u16, code: &str) -> Response {
    let body = format!(
        r#"{{"type":"about:blank","title":"请重试","title_en":"Try again","status":{status},"code":"{code}"}}"#
    );
    (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
}

async fn create(headers: HeaderMap, body: Bytes) -> Response {
    // demo:secret
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value != "Basic ZGVtbzpzZWNyZXQ=") {
        return problem(401, "CLIENT_UNKNOWN");
    }
    let asked: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let fits = match asked["action"].as_str() {
        Some("login") => asked["browser"]["address"] == "203.0.113.7",
        Some("sign") => asked["document"]["pdf"] == "JVBERi0=" && asked["placements"][0]["page"] == 1,
        _ => false,
    };
    if fits {
        (StatusCode::CREATED, json(serde_json::to_string(&ticket()).unwrap())).into_response()
    } else {
        problem(422, "FIELDS_INVALID")
    }
}

/// The first two connections break; the third tells the end.
async fn events(AxumState(platform): Shared) -> Response {
    let body = match platform.connections.fetch_add(1, Ordering::SeqCst) {
        0 => {
            "event: state\ndata: {\"state\":\"waiting\"}\n\nevent: code\ndata: {\"code\":\"https://ca/s#a\",\"check_number\":\"0417\",\"expires_in\":299}\n\nevent: co"
        }
        1 => "event: state\ndata: {\"state\":\"waiting\"}\n\n",
        _ => {
            "event: state\ndata: {\"state\":\"claimed\"}\n\n: heartbeat\n\nevent: state\ndata: {\"state\":\"confirmed\"}\n\nevent: code\ndata: never read\n\n"
        }
    };
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}

async fn public(AxumState(platform): Shared, Path((slug, file)): Path<(String, String)>) -> Response {
    let authority = &platform.authority;
    match (slug.as_str(), file.as_str()) {
        ("guiyun", "ca.cer") => authority.ca.der.clone().into_response(),
        ("guiyun", "root.cer") => authority.root.der.clone().into_response(),
        ("guiyun", "ca.crl") => authority.list.clone().into_response(),
        _ => problem(404, "NOT_FOUND"),
    }
}

async fn start(platform: Platform) -> Client {
    let router = Router::new()
        .route("/api/rp/scan-requests", post(create))
        .route("/api/rp/scan-requests/{id}", get(async |AxumState(p): Shared| json(p.scan.clone())).delete(async || problem(409, "SCAN_ANSWERED")))
        .route("/api/rp/scan-requests/{id}/events", get(events))
        .route("/api/rp/scan-requests/{id}/document", get(async || b"%PDF-signed".to_vec()))
        .route("/api/rp/subjects/{subject}/appearances", get(async || json(r#"{"items":[{"id":"00000000-0000-0000-0000-000000000003","kind":"private_seal","name":"张三","width_mm":20.0,"height_mm":20.0,"png":"iVBORw=="}]}"#)))
        .route("/api/verifications", post(async |body: Bytes| {
            if body.starts_with(b"%PDF-") { json(r#"{"intact":false,"signatures":[]}"#) } else { (StatusCode::BAD_GATEWAY, "<html>").into_response() }
        }))
        .route("/pki/{slug}/{file}", get(public))
        .with_state(Arc::new(platform));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    client(&format!("http://{address}"), "secret")
}

fn client(platform: &str, secret: &str) -> Client {
    Client::new(platform, Credentials { client_id: "demo".into(), client_secret: secret.into() }).unwrap()
}

fn browser() -> Browser {
    Browser { address: "203.0.113.7".into(), user_agent: "Firefox/140".into(), browser_id: None }
}

async fn login(platform: Platform, trust: &Trust, now: Timestamp) -> Result<String, Error> {
    verified(platform, trust, now).await.map(|person| person.name)
}

async fn verified(platform: Platform, trust: &Trust, now: Timestamp) -> Result<VerifiedLogin, Error> {
    let client = start(platform).await;
    let ticket = client.create_login(&browser()).await?;
    let scan = client.scan(ticket.id).await?;
    client.verify_login(&ticket, &scan, trust, now).await
}

fn fault(result: Result<String, Error>) -> LoginFault {
    match result {
        Err(Error::Login(fault)) => fault,
        other => panic!("expected a fault of the login, got {other:?}"),
    }
}

#[tokio::test]
async fn a_login_is_believed_for_its_signature_and_certificate() {
    let authority = Authority::new();
    let (statement, pinned) = (authority.statement(REQUEST, "0417"), Trust::pinned(&authority.root.to_pem()).unwrap());
    assert_eq!(login(Platform::confirmed(authority, &statement), &pinned, now()).await.unwrap(), "张三");
    let authority = Authority::new();
    let statement = authority.statement(REQUEST, "0417");
    assert_eq!(login(Platform::confirmed(authority, &statement), &Trust::Platform, now()).await.unwrap(), "张三");
}

#[tokio::test]
async fn a_login_of_another_root_or_a_revoked_certificate_is_not_believed() {
    let authority = Authority::new();
    let (statement, other) = (authority.statement(REQUEST, "0417"), Trust::Pinned(vec![Authority::new().root]));
    assert_eq!(fault(login(Platform::confirmed(authority, &statement), &other, now()).await), LoginFault::Untrusted);

    let mut authority = Authority::new();
    let at = u64::try_from(now().as_second()).unwrap() - 120;
    let line = crl::Revoked { serial: authority.leaf.tbs.serial.clone(), at, reason: crl::Reason::KeyCompromise };
    authority.list = Authority::list_of(&authority.ca, &authority.ca_key, &[line]);
    let statement = authority.statement(REQUEST, "0417");
    assert_eq!(
        fault(login(Platform::confirmed(authority, &statement), &Trust::Platform, now()).await),
        LoginFault::Untrusted
    );
}

#[tokio::test]
async fn a_statement_that_is_not_about_this_login_is_not_believed() {
    let other = Authority::new();
    let statement = other.statement(Uuid::from_u128(8), "0417");
    assert_eq!(
        fault(login(Platform::confirmed(other, &statement), &Trust::Platform, now()).await),
        LoginFault::OtherRequest
    );
    let other = Authority::new();
    let statement = other.statement(REQUEST, "0418");
    assert_eq!(
        fault(login(Platform::confirmed(other, &statement), &Trust::Platform, now()).await),
        LoginFault::OtherRequest
    );
    for (text, by) in [
        ("guiqian-login", "guiqian-sign"),
        ("\"version\":1", "\"version\":2"),
        ("\"version\"", "\"extra\":1,\"version\""),
    ] {
        let authority = Authority::new();
        let statement = authority.statement(REQUEST, "0417").replace(text, by);
        assert_eq!(
            fault(login(Platform::confirmed(authority, &statement), &Trust::Platform, now()).await),
            LoginFault::Statement
        );
    }
    for late in [SignedDuration::from_mins(6), SignedDuration::from_mins(-5)] {
        let authority = Authority::new();
        let statement = authority.statement(REQUEST, "0417");
        assert_eq!(
            fault(login(Platform::confirmed(authority, &statement), &Trust::Platform, now() + late).await),
            LoginFault::Time
        );
    }
}

#[tokio::test]
async fn another_signature_or_name_is_not_believed() {
    let authority = Authority::new();
    let statement = authority.statement(REQUEST, "0417");
    let wrong = authority.key.sign(gm::sm2::DEFAULT_ID, b"something else").unwrap().to_der();
    let platform = Platform::answering(authority, &statement, &wrong, "张三");
    assert_eq!(fault(login(platform, &Trust::Platform, now()).await), LoginFault::Signature);
    let authority = Authority::new();
    let statement = authority.statement(REQUEST, "0417");
    let right = authority.key.sign(gm::sm2::DEFAULT_ID, statement.as_bytes()).unwrap().to_der();
    let platform = Platform::answering(authority, &statement, &right, "李四");
    assert_eq!(fault(login(platform, &Trust::Platform, now()).await), LoginFault::Name);
}

/// What the platform says beside the certificate: of whom, for which enterprise.
fn answer_about(subject: &[u8], name: &str, person: Option<&str>, enterprise: Option<(&str, &str)>) -> Platform {
    let authority = Authority::of(subject);
    let statement = authority.statement(REQUEST, "0417");
    let signature = authority.key.sign(gm::sm2::DEFAULT_ID, statement.as_bytes()).unwrap().to_der();
    let mut platform = Platform::answering(authority, &statement, &signature, name);
    let mut scan: serde_json::Value = serde_json::from_str(&platform.scan).unwrap();
    scan["result"]["person_name"] = person.into();
    scan["result"]["enterprise"] = enterprise
        .map_or(serde_json::Value::Null, |(name, code)| serde_json::json!({ "name": name, "credit_code": code }));
    platform.scan = scan.to_string();
    platform
}

#[tokio::test]
async fn an_enterprise_is_believed_from_the_certificate_and_not_from_the_answer() {
    let (firm, code) = ("广西桂云工程有限公司", "91350100M000100Y43");
    let subject = name::enterprise(firm, code, "h-01").unwrap();
    let person = name::person("张三", "P1").unwrap();
    let told = async |platform| login(platform, &Trust::Platform, now()).await;

    let platform = answer_about(&subject, firm, Some("张三"), Some((firm, code)));
    let acting = verified(platform, &Trust::Platform, now()).await.unwrap();
    assert_eq!(acting.name, "张三");
    assert_eq!(acting.enterprise, Some(Enterprise { name: firm.into(), credit_code: code.into() }));
    let platform = answer_about(&person, "张三", Some("张三"), None);
    let acting = verified(platform, &Trust::Platform, now()).await.unwrap();
    assert_eq!((acting.name.as_str(), acting.enterprise), ("张三", None));

    let other = Some((firm, "91450100MA5KXXXX7P"));
    for (subject, name, claimed) in
        [(&subject, firm, None), (&subject, firm, other), (&person, "张三", Some((firm, code)))]
    {
        let refused = told(answer_about(subject, name, Some("张三"), claimed)).await;
        assert_eq!(fault(refused), LoginFault::Enterprise);
    }
    assert_eq!(fault(told(answer_about(&person, "张三", Some("李四"), None)).await), LoginFault::Name);
    assert_eq!(fault(told(answer_about(&subject, firm, None, Some((firm, code)))).await), LoginFault::Name);
}

#[tokio::test]
async fn events_go_on_over_broken_connections_and_end_with_the_final_state() {
    let authority = Authority::new();
    let statement = authority.statement(REQUEST, "0417");
    let client = start(Platform::confirmed(authority, &statement)).await;
    let mut events = pin!(client.events(REQUEST));
    let mut told = Vec::new();
    while let Some(event) = events.next().await {
        told.push(event.unwrap());
    }
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(matches!(&told[1], Event::Code(code) if code.code == "https://ca/s#a" && code.expires_in == 299));
    let states: Vec<_> =
        told.iter().filter_map(|event| if let Event::State(state) = event { Some(*state) } else { None }).collect();
    assert_eq!(states, [State::Waiting, State::Claimed, State::Confirmed]);
}

#[tokio::test]
async fn the_other_calls_speak_the_platforms_language() {
    let authority = Authority::new();
    let statement = authority.statement(REQUEST, "0417");
    let client = start(Platform::confirmed(authority, &statement)).await;
    let placement = relying::Placement {
        page: 1,
        x_mm: 1.0,
        y_mm: 2.0,
        width_mm: 3.0,
        height_mm: 4.0,
        appearance_id: Uuid::from_u128(3),
    };
    let new = NewSignature {
        subject: Uuid::from_u128(5),
        title: "投标函",
        pdf: b"%PDF-",
        placements: &[placement],
        signer: None,
        browser: &browser(),
    };
    assert_eq!(client.create_sign(&new).await.unwrap(), ticket());
    assert!(matches!(
        client.create_sign(&NewSignature { pdf: &vec![0; (20 << 20) + 1], ..new }).await,
        Err(Error::TooLarge(_))
    ));
    assert_eq!(client.document(REQUEST).await.unwrap().as_ref(), b"%PDF-signed");
    assert_eq!(client.appearances(Uuid::from_u128(5)).await.unwrap()[0].png, [0x89, b'P', b'N', b'G']);
    assert!(!client.verify_document("%PDF-1.7".into()).await.unwrap().intact);
    assert_eq!(client.cancel(REQUEST).await.unwrap_err().code(), Some("SCAN_ANSWERED"));
}

#[tokio::test]
async fn refusals_and_strange_answers_are_errors_with_a_code() {
    let authority = Authority::new();
    let statement = authority.statement(REQUEST, "0417");
    let good = start(Platform::confirmed(authority, &statement)).await;
    assert_eq!(good.verify_document("no pdf".into()).await.unwrap_err().code(), Some("UNKNOWN"));
    let strange = Browser { address: "elsewhere".into(), ..browser() };
    assert_eq!(good.create_login(&strange).await.unwrap_err().code(), Some("FIELDS_INVALID"));
    for address in ["http://127.0.0.1:1", "https://127.0.0.1:1"] {
        let refused = client(address, "secret").create_login(&browser()).await;
        assert!(matches!(refused, Err(Error::Unreachable(_))), "{address}");
    }
}

#[test]
fn addresses_and_credentials_that_cannot_work_are_refused_at_once() {
    let credentials = || Credentials { client_id: "demo".into(), client_secret: "secret".into() };
    for address in ["", "ca.example", "ftp://ca.example", "file:///etc/passwd"] {
        assert!(matches!(Client::new(address, credentials()), Err(Error::Configuration(_))), "{address}");
    }
    for json in ["", "{}", r#"{"client_id":"","client_secret":"x"}"#, r#"{"client_id":"a:b","client_secret":"x"}"#] {
        assert!(Credentials::from_json(json.as_bytes()).is_err(), "{json}");
    }
    assert!(Credentials::from_json(br#"{"platform":"http://x","client_id":"a","client_secret":"x"}"#).is_ok());
    assert!(!format!("{:?}", credentials()).contains("secret\""), "the secret is not printed");
    assert!(Trust::pinned("no PEM").is_err());
}

/// A PDF of one page.
fn plain() -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    ];
    let mut out = String::from("%PDF-1.7\n");
    let mut table = String::from("xref\n0 4\n0000000000 65535 f\r\n");
    for (position, body) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n\r\n", out.len());
        out += &format!("{} 0 obj\n{body}\nendobj\n", position + 1);
    }
    let start = out.len();
    (out + &table + &format!("trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n")).into_bytes()
}

/// What the platform would give back.
fn signed(octets: &[u8], leaf: &Certificate, key: &KeyPair) -> Vec<u8> {
    let prepared = pdf::prepare(octets, &[], &Details { name: "张三", reason: None, signed_at: now() }).unwrap();
    pdf::embed(&prepared, &Message::digest(&prepared.digest).sign(leaf, &[], key).unwrap()).unwrap()
}

#[tokio::test]
async fn a_signed_document_is_believed_only_if_it_is_what_was_sent_with_one_trusted_signature_more() {
    let authority = Authority::new();
    let (leaf, key) = (authority.leaf.clone(), authority.key.clone());
    let stranger = Authority::new();
    let statement = authority.statement(REQUEST, "0417");
    let client = start(Platform::confirmed(authority, &statement)).await;
    let verify = async |original: &[u8], signed: &[u8]| {
        client.verify_signed(original.to_vec().into(), signed.to_vec().into(), &Trust::Platform, now()).await
    };
    let fault = |result: Result<_, Error>| match result {
        Err(Error::Signature(fault)) => fault,
        other => panic!("expected a fault of the signature, got {:?}", other.map(|_: relying::VerifiedSignature| ())),
    };
    let once = signed(&plain(), &leaf, &key);
    let by = verify(&plain(), &once).await.unwrap();
    assert_eq!((by.name.as_str(), &by.certificate, by.signed_at), ("张三", &leaf, Some(now())));
    let twice = signed(&once, &leaf, &key);
    verify(&once, &twice).await.unwrap();

    assert_eq!(fault(verify(&plain(), &plain()).await), SignatureFault::NotSigned);
    assert_eq!(fault(verify(&plain(), &twice).await), SignatureFault::NotSigned, "one signature more than asked for");
    assert_eq!(fault(verify(b"%PDF-1.7 other", &once).await), SignatureFault::OtherDocument);
    assert_eq!(fault(verify(&plain(), &[once.clone(), b"% more".to_vec()].concat()).await), SignatureFault::NotSigned);
    assert_eq!(fault(verify(&plain(), &once[..once.len() - 40]).await), SignatureFault::Unreadable);
    let foreign = signed(&plain(), &stranger.leaf, &stranger.key);
    assert_eq!(fault(verify(&plain(), &foreign).await), SignatureFault::Untrusted);

    let facts = inspect_pdf(&twice).unwrap();
    assert_eq!((facts.pages_mm.len(), facts.signatures.len()), (1, 2));
    assert_eq!(inspect_pdf(b"GIF89a").unwrap_err().code(), "PDF_NOT_PDF");
}
