//! The services of the PKI over HTTP, against a durable database with 100,000 certificates in one institution and
//! 100,000 revoked ones in another: OCSP beside the responder of `openssl ocsp` on the same index and with the same
//! client, lists, issuing, and how long a revocation takes to be known. Prints one JSON line for each value. Clients,
//! platform and database share the machine's cores.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use gm::sm2::KeyPair;
use pki::{
    Certificate, Crl, Profile, Serial,
    certificate::Template,
    hash::Hash,
    name,
    ocsp::{Ask, CertId, Request, Response, Status},
};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;
use server::{
    app::{AppState, router},
    audit::Actor,
    certificate::{
        entity::{authority, certificate},
        revocation,
    },
    clock::SystemClock,
    config::Config,
    pki_services::crl,
    providers::Providers,
};
use uuid::Uuid;

#[path = "../tests/phone/mod.rs"]
mod phone;

use phone::{
    journey,
    transport::{Http, client},
};

const INDEX: usize = 100_000;
const CLIENTS: usize = 8;
const SPAN: Duration = Duration::from_secs(4);
/// As many as reviewers may log in for in a few minutes.
const ISSUED: u32 = 16;
/// How many certificates the kept answers are about.
const HOT: usize = 1_000;

fn now() -> u64 {
    #[allow(clippy::disallowed_methods)] // The platform of this bench reads the same clock.
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap()
}

fn say(name: &str, value: f64, unit: &str) {
    println!("{}", json!({ "name": name, "value": value, "unit": unit }));
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let state = open(folder.path(), &origin).await;
    let app = router(state.clone()).into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    issuing(&origin, folder.path()).await;
    let template = certificate::Entity::find().one(&*state.db).await.unwrap().unwrap();
    let [good, revoked] = [Place::new(&state, "guiyun").await, Place::new(&state, "yongjiang").await];
    let serials = fill(&state, &template, &good, "issued").await;
    fill(&state, &template, &revoked, "revoked").await;

    let ids: Vec<_> = serials.iter().map(|serial| CertId::new(Hash::Sha1, &good.ca, serial.clone())).collect();
    let url = format!("{origin}/pki/guiyun/ocsp");
    let ids = Arc::new(ids);
    say("ocsp_fresh_per_s", fresh(&url, &ids).await, "1/s");
    say("ocsp_cached_per_s", cached(&url, &ids).await, "1/s");
    openssl(folder.path(), &serials).await;

    // The first list of 100,000; then one for each of some revocations.
    let begun = Instant::now();
    crl::refresh(&state).await.unwrap();
    say("crl_100k_build_ms", begun.elapsed().as_secs_f64() * 1000.0, "ms");
    revoking(&state, &origin, &template, &good, &revoked).await;
}

/// An institution.
struct Place {
    id: Uuid,
    slug: &'static str,
    ca: Certificate,
}

impl Place {
    async fn new(state: &AppState, slug: &'static str) -> Self {
        let row = authority::Entity::find().filter(authority::Column::Slug.eq(slug));
        let row = row.one(&*state.db).await.unwrap().unwrap();
        Self { id: row.institution_id, slug, ca: Certificate::read(&row.ca_certificate).unwrap() }
    }
}

/// The last step of downloads, the signature over the request by both halves included.
async fn issuing(origin: &str, data: &Path) {
    let mut ready = Vec::new();
    for n in 0..ISSUED {
        let (mut phone, application_id) = journey::approved(&Http::new(origin), origin, data, n, now).await;
        let enrolment = phone.begin(&application_id).await;
        let key = phone.generate(&enrolment).await.unwrap();
        ready.push((phone, enrolment, key));
    }
    let begun = Instant::now();
    let completing = ready.into_iter().map(|(mut phone, enrolment, mut key)| {
        tokio::spawn(async move { phone.complete(&enrolment, &mut key).await.expect(201) })
    });
    for done in futures::future::join_all(completing).await {
        done.unwrap();
    }
    say("issue_cert_per_s", f64::from(ISSUED) / begun.elapsed().as_secs_f64(), "1/s");
}

fn row(template: &certificate::Model, place: &Place, serial: &Serial, state: &str) -> certificate::Model {
    let revoked = state == "revoked";
    certificate::Model {
        id: Uuid::new_v4(),
        institution_id: place.id,
        enrolment_id: Uuid::new_v4(),
        key_id: Uuid::new_v4(),
        serial: serial.to_string(),
        to_be_signed: vec![0x30, 0],
        der: Some(vec![0x30, 0]),
        state: state.to_owned(),
        revoked_at: revoked.then_some(template.created_at),
        revocation_reason: revoked.then(|| "keyCompromise".to_owned()),
        ..template.clone()
    }
}

async fn fill(state: &AppState, template: &certificate::Model, place: &Place, word: &str) -> Vec<Serial> {
    let serials: Vec<_> = (0..INDEX).map(|_| Serial::random().unwrap()).collect();
    let tx = state.db.begin().await.unwrap();
    for some in serials.chunks(500) {
        let rows = some.iter().map(|serial| row(template, place, serial, word).into_active_model().reset_all());
        certificate::Entity::insert_many(rows).exec(&*tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    serials
}

/// Requests a second of some clients, each in its own connection. `next` makes the octets of a POST.
async fn per_second(url: &str, next: impl Fn() -> Vec<u8> + Send + Sync + 'static) -> f64 {
    let next = Arc::new(next);
    let begun = Instant::now();
    let asking = (0..CLIENTS).map(|_| {
        let (client, url, next) = (client(), url.to_owned(), next.clone());
        tokio::spawn(async move {
            let mut count = 0u32;
            while begun.elapsed() < SPAN {
                let request = client.post(&url).header("content-type", "application/ocsp-request").body(next());
                let body = request.send().await.unwrap().bytes().await.unwrap();
                assert!(body.len() > 300, "an answer, not a refusal");
                count += 1;
            }
            count
        })
    });
    let counts = futures::future::join_all(asking).await;
    let all: u32 = counts.into_iter().map(Result::unwrap).sum();
    f64::from(all) / begun.elapsed().as_secs_f64()
}

fn any(below: usize) -> usize {
    usize::try_from(u32::from_be_bytes(gm::random::bytes::<4>().unwrap())).unwrap() % below
}

/// A nonce in every question, so that every answer is signed for it.
fn question(ids: &[CertId]) -> Vec<u8> {
    let nonce = Some(gm::random::bytes::<16>().unwrap().to_vec());
    Request { ids: vec![ids[any(ids.len())].clone()], nonce }.to_der()
}

async fn fresh(url: &str, ids: &Arc<Vec<CertId>>) -> f64 {
    let ids = ids.clone();
    per_second(url, move || question(&ids)).await
}

async fn cached(url: &str, ids: &Arc<Vec<CertId>>) -> f64 {
    let requests: Vec<_> =
        ids[..HOT].iter().map(|id| Request { ids: vec![id.clone()], nonce: None }.to_der()).collect();
    let warm = client();
    for request in &requests {
        let request = warm.post(url).header("content-type", "application/ocsp-request").body(request.clone());
        request.send().await.unwrap();
    }
    per_second(url, move || requests[any(requests.len())].clone()).await
}

/// The responder of OpenSSL's command line, with as many processes as there are cores, an SM2 key, and the same
/// certificates in its index.
async fn openssl(folder: &Path, serials: &[Serial]) {
    #[allow(clippy::disallowed_methods)]
    let Some(program) = std::env::var_os("GUIQIAN_OPENSSL4").map(PathBuf::from) else {
        println!("not measured: openssl_ocsp_per_s needs OpenSSL 4 (GUIQIAN_OPENSSL4)");
        return;
    };
    let mut index = String::new();
    // OpenSSL wants every subject once.
    for serial in serials {
        let serial = serial.to_string();
        writeln!(index, "V\t491231235959Z\t\t{}\tunknown\t/CN={serial}", serial.to_uppercase()).unwrap();
    }
    let file = |name: &str, octets: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, octets).unwrap();
        path
    };
    let index = file("index.txt", index.as_bytes());
    let (ca, key) = own_ca();
    let ca_file = file("ca.pem", ca.to_pem().as_bytes());
    let key = file("ca.key", &key);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let cores = std::thread::available_parallelism().map_or(2, usize::from).to_string();
    let mut command = tokio::process::Command::new(program);
    command.arg("ocsp").arg("-index").arg(index).arg("-CA").arg(&ca_file).arg("-rsigner").arg(&ca_file);
    command.arg("-rkey").arg(key).args(["-rmd", "sm3", "-port", &port, "-multi", &cores]);
    command
        .kill_on_drop(true)
        .env("OPENSSL_CONF", "/dev/null")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    let mut responder = command.process_group(0).spawn().unwrap();
    let url = format!("http://127.0.0.1:{port}/");
    let ids: Vec<_> = serials.iter().map(|serial| CertId::new(Hash::Sha1, &ca, serial.clone())).collect();
    let ready = async {
        loop {
            let request = client().post(&url).header("content-type", "application/ocsp-request").body(question(&ids));
            if let Ok(answer) = request.send().await {
                let body = answer.bytes().await.unwrap();
                assert!(
                    matches!(Response::read(&body), Ok(Response::Basic(answer)) if answer.answers[0].status == Status::Good)
                );
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ready).await.expect("openssl ocsp listens");
    let value = per_second(&url, move || question(&ids)).await;
    say("openssl_ocsp_per_s", value, "1/s");
    // Its processes are a group of their own, and do not listen to anything milder.
    let group = format!("-{}", responder.id().unwrap());
    let stopped = tokio::process::Command::new("kill").args(["-KILL", "--", &group]).status().await;
    assert!(stopped.unwrap().success());
    responder.wait().await.unwrap();
}

/// A CA whose key OpenSSL may have: PEM of ECPrivateKey (RFC 5915).
fn own_ca() -> (Certificate, Vec<u8>) {
    let key = KeyPair::generate().unwrap();
    let begin = now() / 1000 - 60;
    let template = Template {
        profile: &Profile::ROOT,
        serial: &Serial::random().unwrap(),
        subject: &name::authority("bench", "bench").unwrap(),
        public_key: &key.public().to_bytes(),
        not_before: begin,
        not_after: begin + 86_400,
        crl_url: None,
        issuer_url: None,
        ocsp_url: None,
        policy: None,
        credit_code: None,
    };
    let certificate = pki::certificate::sign(&template.self_signed().unwrap(), None, &key).unwrap();
    let curve = [&[0xa0, 10, 6, 8], pki::oid::SM2.as_bytes()].concat();
    let public = [&[0xa1, 68, 3, 66, 0], &key.public().to_bytes()[..]].concat();
    let body = [&[2, 1, 1, 4, 32], &key.secret().to_bytes()[..], &curve, &public].concat();
    let der = [&[0x30, body.len() as u8], &body[..]].concat();
    (certificate, pki::pem::encode("EC PRIVATE KEY", &der).unwrap().into_bytes())
}

/// From the beginning of a revocation to the first answer, and the first list, that knows it.
async fn revoking(state: &AppState, origin: &str, template: &certificate::Model, good: &Place, revoked: &Place) {
    let http = client();
    let mut until_ocsp = Vec::new();
    for _ in 0..200 {
        let serial = issued(state, template, good).await;
        let ids = vec![CertId::new(Hash::Sm3, &good.ca, serial.clone())];
        let request = Request { ids, nonce: None }.to_der();
        let ask = async || {
            let url = format!("{origin}/pki/{}/ocsp", good.slug);
            let request = http.post(url).header("content-type", "application/ocsp-request").body(request.clone());
            let body = request.send().await.unwrap().bytes().await.unwrap();
            let Ok(Response::Basic(answer)) = Response::read(&body) else { panic!("an answer") };
            let ask = Ask { issuer: &good.ca, serial: &serial, nonce: None, at: now() / 1000 };
            answer.check(&ask).unwrap().clone()
        };
        assert_eq!(ask().await, Status::Good);
        let begun = Instant::now();
        revoke(state, &serial).await;
        while ask().await == Status::Good {}
        until_ocsp.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    say("revoke_to_ocsp_p99_ms", p99(until_ocsp), "ms");

    let mut until_list = Vec::new();
    for _ in 0..12 {
        let serial = issued(state, template, revoked).await;
        let begun = Instant::now();
        revoke(state, &serial).await;
        loop {
            let list = http.get(format!("{origin}/pki/{}/ca.crl", revoked.slug)).send().await.unwrap();
            if Crl::read(&list.bytes().await.unwrap()).unwrap().find(&serial).is_some() {
                break;
            }
        }
        until_list.push(begun.elapsed().as_secs_f64());
    }
    say("revoke_to_crl_p99_s", p99(until_list), "s");
}

async fn issued(state: &AppState, template: &certificate::Model, place: &Place) -> Serial {
    let serial = Serial::random().unwrap();
    let tx = state.db.begin().await.unwrap();
    row(template, place, &serial, "issued").into_active_model().reset_all().insert(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    serial
}

async fn revoke(state: &AppState, serial: &Serial) {
    let row = certificate::Entity::find().filter(certificate::Column::Serial.eq(serial.to_string()));
    let row = row.one(&*state.db).await.unwrap().unwrap();
    let tx = state.db.begin().await.unwrap();
    revocation::revoke(&tx, state.now(), &row, "keyCompromise", Actor::System).await.unwrap();
    tx.commit().await.unwrap();
}

fn p99(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * 99).div_ceil(100) - 1]
}

async fn open(data: &Path, origin: &str) -> AppState {
    let config = Config::sandbox(data, origin);
    AppState::open(config, Arc::new(SystemClock), Providers::sandbox()).await.unwrap()
}
