//! A CA elsewhere: OpenSSL, which speaks CMP, signs certificates and makes the revocation list. What it does not do by
//! itself is done by a few lines here: they read what is asked, have OpenSSL sign it, and start its server with the result.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener as Port, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing};
use jiff::{SignedDuration, Timestamp};
use pki::{Certificate, oid, pem};
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use server::{
    clock::SystemClock,
    fault::reissue,
    outside as cas,
    providers::{CmpCa, CmpCaSettings, OutsideCa, Providers, SecretSettings},
};
use tokio::net::TcpListener;

use crate::{
    common::Platform,
    outside::openssl,
    phone::{
        PIN, Phone, encryption_key, text,
        transport::{InProcess, Transport as _},
    },
    stage::Stage,
};

const SLUG: &str = "guiyun";
const SECRET: &str = "between the platform and the CA";

/// What goes wrong at the CA next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mishap {
    /// The question does not arrive.
    Away,
    /// The answer does not arrive.
    AnswerLost,
    /// It issues for another key.
    ForeignKey,
}

/// The CA.
struct Elsewhere {
    openssl: PathBuf,
    folder: tempfile::TempDir,
    /// OpenSSL's server of the conversation that goes on.
    server: Mutex<Option<(Child, u16)>>,
    /// Before the answer to a question of this kind (the tag of PKIBody).
    mishaps: Mutex<Vec<(u8, Mishap)>>,
    /// Every kind of question that came.
    asked: Mutex<Vec<u8>>,
    issued: Mutex<Vec<Certificate>>,
    revoked: Mutex<BTreeSet<String>>,
    address: String,
    /// Does it have everything waited for?
    slow: bool,
}

const CR: u8 = 2;
const RR: u8 = 11;
const CONFIRM: u8 = 24;

/// The first TLV: identifier octet, content, and what follows.
fn tlv(der: &[u8]) -> (u8, &[u8], &[u8]) {
    let (long, short) = (der[1] & 0x80 != 0, usize::from(der[1] & 0x7f));
    let head = if long { 2 + short } else { 2 };
    let length =
        if long { der[2..head].iter().fold(0, |length, octet| length << 8 | usize::from(*octet)) } else { short };
    (der[0], &der[head..head + length], &der[head + length..])
}

fn inside(der: &[u8]) -> &[u8] {
    tlv(der).1
}

/// The fields of a CertTemplate by their tags.
fn fields(mut template: &[u8]) -> BTreeMap<u8, Vec<u8>> {
    let mut fields = BTreeMap::new();
    while !template.is_empty() {
        let (tag, content, rest) = tlv(template);
        fields.insert(tag & 0x1f, content.to_vec());
        template = rest;
    }
    fields
}

impl Elsewhere {
    /// A CA that listens; nothing without OpenSSL 4.
    async fn open() -> Option<Arc<Self>> {
        Self::open_as(false).await
    }

    async fn open_as(slow: bool) -> Option<Arc<Self>> {
        let openssl = openssl()?;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ca = Arc::new(Self {
            openssl,
            folder: tempfile::tempdir().unwrap(),
            server: Mutex::default(),
            mishaps: Mutex::default(),
            asked: Mutex::default(),
            issued: Mutex::default(),
            revoked: Mutex::default(),
            address: format!("http://{}", listener.local_addr().unwrap()),
            slow,
        });
        ca.make();
        let app = Router::new()
            .route("/pkix/", routing::post(answer))
            .route("/ca.crl", routing::get(async |State(ca): State<Arc<Elsewhere>>| ca.list()))
            .with_state(Arc::clone(&ca));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Some(ca)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &[&str]) {
        let mut command = Command::new(&self.openssl);
        let output =
            command.args(words).env("OPENSSL_CONF", "ca.cnf").current_dir(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn make(&self) {
        let settings = format!(
            "[req]\ndistinguished_name = dn\n[dn]\n[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\n\
             default_md = sm3\ndefault_crl_days = 2\n[signing]\nkeyUsage = critical,digitalSignature,nonRepudiation\n\
             crlDistributionPoints = URI:{0}/ca.crl\nsubjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n[encryption]\n\
             keyUsage = critical,keyEncipherment,dataEncipherment,keyAgreement\ncrlDistributionPoints = URI:{0}/ca.crl\nsubjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n",
            self.address
        );
        fs::write(self.path("ca.cnf"), settings).unwrap();
        self.run(&["genpkey", "-algorithm", "SM2", "-out", "ca.key"]);
        self.run(&["genpkey", "-algorithm", "SM2", "-out", "any.key"]);
        let words =
            "req -x509 -new -key ca.key -sm3 -out ca.pem -not_before 20250101000000Z -not_after 20450101000000Z";
        let mut words: Vec<&str> = words.split(' ').collect();
        words.extend(["-subj", "/C=CN/O=Elsewhere/CN=Elsewhere CA", "-addext", "basicConstraints=critical,CA:TRUE"]);
        words.extend(["-addext", "keyUsage=critical,keyCertSign,cRLSign", "-addext", "subjectKeyIdentifier=hash"]);
        self.run(&words);
    }

    fn certificate(&self) -> String {
        fs::read_to_string(self.path("ca.pem")).unwrap()
    }

    fn own(&self) -> Certificate {
        Certificate::read(&pem::decode(pem::CERTIFICATE, &self.certificate()).unwrap()).unwrap()
    }

    fn settings(&self) -> CmpCaSettings {
        CmpCaSettings {
            url: format!("{}/pkix/", self.address),
            root: self.certificate(),
            certificate: self.certificate(),
            revocation_list: Some(format!("{}/ca.crl", self.address)),
            secret: Some(SecretSettings { reference: "guiqian".to_owned(), value: SECRET.to_owned() }),
            signatures: None,
        }
    }

    /// A platform whose first institution has its certificates from here. Its clock shows the real time.
    async fn platform(&self) -> Stage {
        let clock = Arc::new(SystemClock);
        let ca: Arc<dyn OutsideCa> = Arc::new(CmpCa::new(self.settings(), clock).unwrap());
        let cas = [(SLUG.to_owned(), ca)].into();
        let platform = Platform::start_with(Providers { cas, ..Providers::sandbox() }).await;
        #[expect(clippy::disallowed_methods)]
        platform.clock.advance(Timestamp::now().duration_since(platform.state.now()));
        Stage::on(platform)
    }

    fn expect(&self, mishaps: &[(u8, Mishap)]) {
        *self.mishaps.lock().unwrap() = mishaps.to_vec();
    }

    fn mishap(&self, kind: u8) -> Option<Mishap> {
        let mut mishaps = self.mishaps.lock().unwrap();
        let at = mishaps.iter().position(|(wanted, _)| *wanted == kind)?;
        Some(mishaps.remove(at).1)
    }

    /// Has OpenSSL sign what the template asks for.
    fn sign(&self, template: &[u8], foreign: bool) -> Certificate {
        let fields = fields(template);
        let key = [&[0x30, u8::try_from(fields[&6].len()).unwrap()], &fields[&6][..]].concat();
        let key = pem::encode(pem::PUBLIC_KEY, &key).unwrap();
        fs::write(self.path("key.pub"), key).unwrap();
        if foreign {
            self.run(&["pkey", "-in", "any.key", "-pubout", "-out", "key.pub"]);
        }
        let subject = pki::name::Attributes::read(&fields[&5]).unwrap();
        let subject: String = subject.iter().map(|(kind, value)| format!("/{}={value}", short(kind))).collect();
        self.run(&["req", "-new", "-utf8", "-key", "any.key", "-sm3", "-subj", &subject, "-out", "any.csr"]);
        let signs = fields[&9].windows(4).any(|window| window == [3, 2, 6, 0xc0]);
        let words = "x509 -req -in any.csr -CA ca.pem -CAkey ca.key -sm3 -force_pubkey key.pub -extfile ca.cnf -out new.pem \
                     -not_before 20260101000000Z -not_after 20360101000000Z -extensions";
        let mut words: Vec<&str> = words.split_whitespace().collect();
        words.push(if signs { "signing" } else { "encryption" });
        self.run(&words);
        let made = fs::read_to_string(self.path("new.pem")).unwrap();
        Certificate::read(&pem::decode(pem::CERTIFICATE, &made).unwrap()).unwrap()
    }

    /// Starts OpenSSL's server with this certificate, in place of the one before.
    fn serve(&self, certificate: &Certificate) -> u16 {
        let port = Port::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        fs::write(self.path("rsp.pem"), certificate.to_pem()).unwrap();
        let mut command = Command::new(&self.openssl);
        command.args(["cmp", "-port", &port.to_string(), "-rsp_cert", "rsp.pem", "-ref_cert", "rsp.pem"]);
        command.args(["-srv_ref", "guiqian", "-srv_secret", &format!("pass:{SECRET}"), "-accept_raverified"]);
        // It may have everything waited for.
        command.args(["-poll_count", if self.slow { "1" } else { "0" }, "-check_after", "1"]);
        command
            .env("OPENSSL_CONF", "ca.cnf")
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command.spawn().unwrap();
        if let Some((mut old, _)) = self.server.lock().unwrap().replace((child, port)) {
            let _ = old.kill();
            let _ = old.wait();
        }
        port
    }

    /// The port of the server for this question.
    fn server(&self, kind: u8, content: &[u8], mishap: Option<Mishap>) -> u16 {
        match kind {
            CR => {
                // CertReqMessages, CertReqMsg, CertRequest, and in it after the number the template.
                let request = inside(inside(inside(content)));
                let template = inside(tlv(request).2);
                let made = self.sign(template, mishap == Some(Mishap::ForeignKey));
                self.issued.lock().unwrap().push(made.clone());
                self.serve(&made)
            }
            RR => {
                let template = fields(inside(inside(inside(content))));
                let serial = pki::Serial::from_bytes(&template[&1]);
                let issued = self.issued.lock().unwrap().iter().find(|one| one.tbs.serial == serial).cloned();
                let issued = issued.expect("a certificate that was issued here");
                self.revoked.lock().unwrap().insert(serial.to_string());
                self.serve(&issued)
            }
            _ => {
                let running = self.server.lock().unwrap().as_ref().map(|(_, port)| *port);
                running.unwrap_or_else(|| self.serve(&self.own()))
            }
        }
    }

    /// The list, made by OpenSSL.
    fn list(&self) -> Vec<u8> {
        let lines = self.revoked.lock().unwrap().iter().fold(String::new(), |lines, serial| {
            lines
                + &format!("R\t360101000000Z\t260901000000Z,keyCompromise\t{}\tunknown\t/CN=x\n", serial.to_uppercase())
        });
        fs::write(self.path("index.txt"), lines).unwrap();
        let words = "ca -gencrl -config ca.cnf -cert ca.pem -keyfile ca.key -out crl.pem";
        self.run(&words.split(' ').collect::<Vec<_>>());
        pem::decode(pem::CRL, &fs::read_to_string(self.path("crl.pem")).unwrap()).unwrap()
    }

    fn asked(&self, kind: u8) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| **asked == kind).count()
    }

    /// Does OpenSSL believe it, with the list as it is now?
    fn verifies(&self, certificate: &str) -> bool {
        fs::write(self.path("leaf.pem"), certificate).unwrap();
        self.list();
        let mut command = Command::new(&self.openssl);
        command.args(["verify", "-x509_strict", "-crl_check", "-CRLfile", "crl.pem", "-CAfile", "ca.pem", "leaf.pem"]);
        command.env("OPENSSL_CONF", "ca.cnf").current_dir(self.folder.path());
        command.output().unwrap().status.success()
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        if let Some((mut child, _)) = self.server.lock().unwrap().take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn short(kind: &pki::ObjectIdentifier) -> &'static str {
    match *kind {
        oid::COUNTRY => "C",
        oid::ORGANIZATION => "O",
        oid::ORGANIZATIONAL_UNIT => "OU",
        oid::SERIAL_NUMBER => "serialNumber",
        oid::COMMON_NAME => "CN",
        other => panic!("{other}"),
    }
}

async fn answer(State(ca): State<Arc<Elsewhere>>, question: Bytes) -> Result<Vec<u8>, StatusCode> {
    let (_, _, body) = tlv(inside(&question));
    let (tag, content, _) = tlv(body);
    let kind = tag & 0x1f;
    let mishap = ca.mishap(kind);
    if mishap == Some(Mishap::Away) {
        return Err(StatusCode::BAD_GATEWAY);
    }
    ca.asked.lock().unwrap().push(kind);
    let port = ca.server(kind, content, mishap);
    let answer = tokio::task::spawn_blocking(move || post(port, &question)).await.unwrap();
    if mishap == Some(Mishap::AnswerLost) { Err(StatusCode::BAD_GATEWAY) } else { Ok(answer) }
}

/// What OpenSSL's server answers: one question in each connection.
fn post(port: u16, question: &[u8]) -> Vec<u8> {
    let connected = (0..100).find_map(|_| {
        // It needs a moment to start.
        std::thread::sleep(Duration::from_millis(20));
        TcpStream::connect(("127.0.0.1", port)).ok()
    });
    let mut stream = connected.expect("OpenSSL's server");
    let (kind, length) = (pki::cmp::MEDIA_TYPE, question.len());
    let head = format!("POST /pkix/ HTTP/1.0\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(&[head.as_bytes(), question].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer in HTTP");
    answer.split_off(end + 4)
}

async fn certificates(phone: &mut Phone<InProcess>) -> Vec<Value> {
    phone.http.get("/api/certificates").await.ok().json()["items"].as_array().unwrap().clone()
}

async fn withdrawals(stage: &Stage) -> Vec<cas::entity::withdrawal::Model> {
    cas::entity::withdrawal::Entity::find().all(&*stage.platform.state.db).await.unwrap()
}

async fn conversations(stage: &Stage) -> usize {
    cas::entity::conversation::Entity::find().all(&*stage.platform.state.db).await.unwrap().len()
}

#[tokio::test]
async fn a_certificate_comes_from_a_ca_elsewhere_and_ends_there_too() {
    let Some(ca) = Elsewhere::open_as(true).await else { return };
    let stage = ca.platform().await;
    let (mut phone, enrolment, mut key) = stage.downloading(1).await;
    let shown = phone.complete(&enrolment, &mut key).await.expect(201).json();
    assert_eq!((ca.asked(CR), ca.asked(CONFIRM)), (2, 2), "a signing and an encryption certificate");
    assert_eq!(conversations(&stage).await, 0, "nothing of the conversations is needed any more");
    let issued: Vec<String> = ca.issued.lock().unwrap().iter().map(|one| one.tbs.serial.to_string()).collect();
    assert_eq!([text(&shown["serial"]), text(&shown["encryption"]["serial"])], issued[..]);
    assert!(
        ca.verifies(&text(&shown["certificate_pem"])) && ca.verifies(&text(&shown["encryption"]["certificate_pem"]))
    );
    assert_eq!(shown["not_after"], "2036-01-01T00:00:00Z", "the CA decides how long");
    let above = stage.platform.browser().get(&format!("/pki/{SLUG}/ca.cer")).await.body;
    assert_eq!(above, pem::decode(pem::CERTIFICATE, &ca.certificate()).unwrap());

    // It works like any other.
    let subject = stage.log_in(&mut phone, &mut key).await;
    let document = stage.claimed_document(&mut phone, &subject).await;
    let signature = phone.sign_request(&mut key, &document).await.unwrap();
    assert_eq!(phone.confirm(&document, &signature).await.ok().json()["state"], "confirmed");
    let (id, public) = (text(&shown["id"]), encryption_key(&shown));
    let secret = gm::sm2::encrypt(&public, b"bid").unwrap();
    assert_eq!(phone.decrypt(&mut key, PIN, &id, &public, &secret).await.unwrap(), b"bid");
    // What its own CA answers for others is not answered here.
    let status = stage.platform.browser().get(&format!("/pki/{SLUG}/ocsp/AA==")).await.status;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(server::pki_services::presign(&stage.platform.state).await.unwrap(), 0);

    // A hold, its end and a revocation reach the CA in their order, each once.
    let mut console = stage.platform.reviewer().await;
    for (path, body) in [
        ("suspension", json!({ "reason": "核实中" })),
        ("resumption", json!({ "reason": "核实无误" })),
        ("revocation", json!({ "code": "key_compromise", "reason": "手机丢失" })),
    ] {
        console.post(&format!("/api/console/certificates/{id}/{path}"), body).await.expect(StatusCode::OK);
    }
    let said: Vec<_> = withdrawals(&stage).await.into_iter().map(|row| (row.serial, row.reason)).collect();
    let expected = [Some("certificateHold"), None, Some("keyCompromise")]
        .into_iter()
        .flat_map(|reason| issued.iter().map(move |serial| (serial.clone(), reason.map(str::to_owned))));
    assert_eq!(said, expected.collect::<Vec<_>>());
    let mut told = 0;
    for _ in 0..3 {
        told += cas::withdrawal::tell(&stage.platform.state).await.unwrap();
    }
    assert_eq!((told, ca.asked(RR)), (6, 6));
    assert!(withdrawals(&stage).await.iter().all(|row| row.done_at.is_some() && row.problem.is_none()));

    // The CA's list says so, here as there.
    assert!(server::pki_services::crl::refresh(&stage.platform.state).await.unwrap() > 0);
    let list = stage.platform.browser().get(&format!("/pki/{SLUG}/ca.crl")).await.body;
    let list = pki::Crl::read(&list).unwrap();
    let serial = pki::Serial::from_hex(&text(&shown["serial"])).unwrap();
    assert!(list.find(&serial).is_some());
    assert!(!ca.verifies(&text(&shown["certificate_pem"])));
}

#[tokio::test]
async fn what_is_lost_on_the_way_is_asked_for_again_and_nobody_holds_too_many() {
    let Some(ca) = Elsewhere::open().await else { return };
    for mishaps in [
        &[(CR, Mishap::Away)][..],
        &[(CR, Mishap::AnswerLost)],
        &[(CONFIRM, Mishap::Away)],
        &[(CONFIRM, Mishap::AnswerLost)],
    ] {
        let stage = ca.platform().await;
        let (mut phone, enrolment, mut key) = stage.downloading(1).await;
        ca.issued.lock().unwrap().clear();
        ca.expect(mishaps);
        phone.complete(&enrolment, &mut key).await.refused(503, "PROVIDER_UNAVAILABLE");
        assert!(certificates(&mut phone).await.is_empty());
        let shown = phone.complete(&enrolment, &mut key).await.expect(201).json();
        assert!(ca.verifies(&text(&shown["certificate_pem"])), "{mishaps:?}");
        assert_eq!(certificates(&mut phone).await.len(), 1);
        stage.log_in(&mut phone, &mut key).await;
        // What the CA may believe confirmed, and is not used, is taken back; what it issued and nobody confirmed it
        // takes back by itself.
        let taken_back: Vec<_> = withdrawals(&stage).await.into_iter().map(|row| row.serial).collect();
        let used = [text(&shown["serial"]), text(&shown["encryption"]["serial"])];
        assert!(taken_back.iter().all(|serial| !used.contains(serial)), "{mishaps:?}");
        let lost = mishaps[0] == (CONFIRM, Mishap::AnswerLost);
        assert_eq!(taken_back.len(), usize::from(lost), "{mishaps:?}");
        assert_eq!(conversations(&stage).await, 0);
    }
}

#[tokio::test]
async fn a_certificate_for_somebody_elses_key_is_refused_to_the_cas_face() {
    let Some(ca) = Elsewhere::open().await else { return };
    let stage = ca.platform().await;
    let (mut phone, enrolment, mut key) = stage.downloading(1).await;
    ca.expect(&[(CR, Mishap::ForeignKey)]);
    phone.complete(&enrolment, &mut key).await.refused(502, "ISSUER_REFUSED");
    assert_eq!(ca.asked(CONFIRM), 1, "it was told that this is not wanted");
    assert!(certificates(&mut phone).await.is_empty());
    phone.complete(&enrolment, &mut key).await.expect(201);
}

#[tokio::test]
async fn two_downloads_at_once_are_one_conversation() {
    let Some(ca) = Elsewhere::open().await else { return };
    let stage = ca.platform().await;
    let (mut phone, enrolment, mut key) = stage.downloading(1).await;
    let own = gm::sm2::SecretKey::generate().unwrap();
    phone.name_transport(&enrolment, &own).await.expect(204);
    let info = phone.request_info(&enrolment, &key, &own);
    let signature = phone.sign(&mut key, PIN, crate::phone::id_of(&enrolment["id"]), &info).await.unwrap();
    let path = format!("/api/enrolments/{}/completion", text(&enrolment["id"]));
    let body = crate::phone::completion(&key, &signature);
    let (mut one, mut other) = (phone.http.clone(), phone.http.clone());
    let (one, other) = tokio::join!(one.post(&path, body.clone()), other.post(&path, body));
    let statuses = [one.status, other.status];
    assert!(statuses.contains(&201) && (statuses.contains(&503) || statuses == [201, 201]), "{statuses:?}");
    assert_eq!(ca.asked(CR), 2, "each certificate was asked for once");
    assert_eq!(certificates(&mut phone).await.len(), 1);
}

#[tokio::test]
async fn a_download_that_is_never_finished_leaves_nothing_at_the_ca() {
    let Some(ca) = Elsewhere::open().await else { return };
    let stage = ca.platform().await;
    let (mut phone, enrolment, mut key) = stage.downloading(1).await;
    // The signing certificate is there; then the CA is away, and the person does not come back.
    ca.expect(&[(CR, Mishap::Away)]);
    phone.complete(&enrolment, &mut key).await.refused(503, "PROVIDER_UNAVAILABLE");
    ca.expect(&[(CONFIRM, Mishap::Away)]);
    phone.complete(&enrolment, &mut key).await.refused(503, "PROVIDER_UNAVAILABLE");
    assert_eq!(
        server::certificate::abandoned::sweep(&stage.platform.state).await.unwrap(),
        0,
        "it may still be finished"
    );
    stage.platform.clock.advance(SignedDuration::from_hours(3));
    assert_eq!(server::certificate::abandoned::sweep(&stage.platform.state).await.unwrap(), 1);
    assert_eq!(conversations(&stage).await, 0);
    let left = withdrawals(&stage).await;
    assert_eq!(left.len(), 1);
    assert_eq!(cas::withdrawal::tell(&stage.platform.state).await.unwrap(), 1);
    let again = gm::sm2::SecretKey::generate().unwrap();
    phone.name_transport(&enrolment, &again).await.refused(409, "ENROLMENT_EXPIRED");
}

#[tokio::test]
async fn a_mass_reissue_counts_what_the_ca_refuses_as_failed_and_asks_again_when_told_to() {
    let Some(ca) = Elsewhere::open().await else { return };
    let stage = ca.platform().await;
    let (mut phone, _) = stage.person(1).await;
    let mut console = stage.platform.reviewer().await;
    let new = json!({ "name": "序列号生成错误", "note": "", "criteria": { "kind": "personal" } });
    let fault = console.post("/api/console/faults", new).await.expect(StatusCode::CREATED).json();
    let path = format!("/api/console/faults/{}", text(&fault["id"]));
    let reissue = async || reissue::work(&stage.platform.state).await.unwrap();
    console.post(&format!("{path}/reissue"), json!({})).await.expect(StatusCode::OK);
    // While the CA is away the job waits; a refusal is final, and leaves nothing behind.
    ca.expect(&[(CR, Mishap::Away)]);
    assert_eq!(reissue().await, 0);
    ca.expect(&[(CR, Mishap::ForeignKey)]);
    assert_eq!(reissue().await, 1);
    let job = console.get(&path).await.json()["job"].clone();
    assert_eq!((&job["state"], &job["reissued"], &job["failed"]), (&json!("done"), &json!(0), &json!(1)));
    assert_eq!((conversations(&stage).await, certificates(&mut phone).await.len()), (0, 1));
    // Once more.
    console.post(&format!("{path}/reissue"), json!({})).await.expect(StatusCode::OK);
    assert_eq!(reissue().await, 1);
    let job = console.get(&path).await.json()["job"].clone();
    assert_eq!((&job["state"], &job["reissued"], &job["failed"]), (&json!("done"), &json!(1), &json!(0)));
    let shown = certificates(&mut phone).await;
    let live: Vec<_> = shown.iter().filter(|one| one["state"] == "active").collect();
    assert_eq!(live.len(), 1);
    let id = text(&live[0]["id"]);
    let live = phone.http.get(&format!("/api/certificates/{id}")).await.ok().json();
    assert!(ca.verifies(&text(&live["certificate_pem"])));
}

#[tokio::test]
async fn a_ca_that_is_away_is_told_the_rest_later() {
    let Some(ca) = Elsewhere::open().await else { return };
    let stage = ca.platform().await;
    let (mut phone, _) = stage.person(1).await;
    let id = text(&certificates(&mut phone).await[0]["id"]);
    let revocation = json!({ "code": "key_compromise", "reason": "手机丢失" });
    let mut console = stage.platform.reviewer().await;
    console.post(&format!("/api/console/certificates/{id}/revocation"), revocation).await.expect(StatusCode::OK);
    ca.expect(&[(RR, Mishap::Away)]);
    assert_eq!(cas::withdrawal::tell(&stage.platform.state).await.unwrap(), 0);
    assert_eq!(ca.asked(RR), 0, "the second was not tried");
    assert_eq!(cas::withdrawal::tell(&stage.platform.state).await.unwrap(), 1, "the first waits");
    stage.platform.clock.advance(SignedDuration::from_secs(30));
    assert_eq!(cas::withdrawal::tell(&stage.platform.state).await.unwrap(), 1);
}

#[tokio::test]
async fn settings_that_do_not_fit_together_are_refused_and_an_own_ca_is_not_replaced() {
    let (Some(ca), Some(other)) = (Elsewhere::open().await, Elsewhere::open().await) else { return };
    let refused = |change: fn(&mut CmpCaSettings, &Elsewhere)| {
        let mut settings = ca.settings();
        change(&mut settings, &other);
        CmpCa::new(settings, Arc::new(SystemClock)).err().map(|error| error.to_string())
    };
    assert_eq!(refused(|_, _| {}), None);
    for change in [
        (|settings, other| settings.root = other.certificate()) as fn(&mut CmpCaSettings, &Elsewhere),
        |settings, _| settings.certificate = "none".to_owned(),
        |settings, _| settings.secret = None,
        |settings, _| settings.secret.as_mut().unwrap().value.clear(),
    ] {
        assert!(refused(change).is_some_and(|error| error.starts_with("settings: cmp: ")));
    }
    let platform = Platform::start().await;
    let elsewhere: Arc<dyn OutsideCa> = Arc::new(CmpCa::new(ca.settings(), Arc::new(SystemClock)).unwrap());
    let cas = [(SLUG.to_owned(), elsewhere)].into();
    let again = platform.restart_with(Providers { cas, ..Providers::sandbox() }).await;
    assert!(again.err().is_some_and(|error| error.to_string().contains("has issued with a CA of its own")));
}
