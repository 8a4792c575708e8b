//! The CA elsewhere: OpenSSL, which speaks CMP, signs certificates and makes the revocation list. What it does not do by
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
use jiff::Timestamp;
use pki::{Certificate, oid, pem};
use server::{
    clock::SystemClock,
    providers::{CmpCa, CmpCaSettings, OutsideCa, Providers, SecretSettings},
};
use tokio::net::TcpListener;

use crate::{common::Platform, outside::openssl, stage::Stage};

pub const SLUG: &str = "guiyun";
const SECRET: &str = "between the platform and the CA";

/// What goes wrong at the CA next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// The question does not arrive.
    Away,
    /// The answer does not arrive.
    AnswerLost,
    /// It issues for another key.
    ForeignKey,
}

/// The CA.
pub struct Elsewhere {
    openssl: PathBuf,
    folder: tempfile::TempDir,
    /// OpenSSL's server of the conversation that goes on.
    server: Mutex<Option<(Child, u16)>>,
    /// Before the answer to a question of this kind (the tag of PKIBody).
    mishaps: Mutex<Vec<(u8, Mishap)>>,
    /// Every kind of question that came.
    asked: Mutex<Vec<u8>>,
    /// What it has issued.
    pub issued: Mutex<Vec<Certificate>>,
    revoked: Mutex<BTreeSet<String>>,
    address: String,
    /// Does it have everything waited for?
    slow: bool,
}

pub const CR: u8 = 2;
pub const RR: u8 = 11;
pub const CONFIRM: u8 = 24;

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
    pub async fn open() -> Option<Arc<Self>> {
        Self::open_as(false).await
    }

    pub async fn open_as(slow: bool) -> Option<Arc<Self>> {
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

    pub fn certificate(&self) -> String {
        fs::read_to_string(self.path("ca.pem")).unwrap()
    }

    fn own(&self) -> Certificate {
        Certificate::read(&pem::decode(pem::CERTIFICATE, &self.certificate()).unwrap()).unwrap()
    }

    pub fn settings(&self) -> CmpCaSettings {
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
    pub async fn platform(&self) -> Stage {
        let clock = Arc::new(SystemClock);
        let ca: Arc<dyn OutsideCa> = Arc::new(CmpCa::new(self.settings(), clock).unwrap());
        let cas = [(SLUG.to_owned(), ca)].into();
        let platform = Platform::start_with(Providers { cas, ..Providers::sandbox() }).await;
        #[expect(clippy::disallowed_methods)]
        platform.clock.advance(Timestamp::now().duration_since(platform.state.now()));
        Stage::on(platform)
    }

    pub fn expect(&self, mishaps: &[(u8, Mishap)]) {
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

    pub fn asked(&self, kind: u8) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| **asked == kind).count()
    }

    /// Does OpenSSL believe it, with the list as it is now?
    pub fn verifies(&self, certificate: &str) -> bool {
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
