//! OpenSSL asks the running platform over HTTP, with its own requests, and believes the answers.

use std::{env, ffi::OsStr, fs, net::SocketAddr, path::PathBuf, process::Command};

use jiff::{SignedDuration, Timestamp};
use pki::hash::Hash;
use tokio::net::TcpListener;

use crate::{
    asking::{SLUG, Subject},
    common::Platform,
    phone::transport,
    stage::Stage,
};

/// OpenSSL 4, which knows the user id of the Chinese standards; nothing is tested without it.
#[expect(clippy::disallowed_methods)]
pub fn openssl() -> Option<PathBuf> {
    let found = env::var_os("GUIQIAN_OPENSSL4").map(PathBuf::from);
    if found.is_none() {
        eprintln!("skipped: OpenSSL 4 is not there (GUIQIAN_OPENSSL4)");
    }
    found
}

struct Judge {
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl Judge {
    fn file(&self, name: &str, octets: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, octets).unwrap();
        path
    }

    /// Does it end well, and what does it say?
    async fn ask(&self, words: &[&OsStr]) -> (bool, String) {
        let mut command = tokio::process::Command::from({
            let mut command = Command::new(&self.program);
            command.args(words).env("OPENSSL_CONF", "/dev/null");
            command
        });
        let output = command.output().await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }
}

/// A platform whose clock shows the real time, because OpenSSL asks its own, and which listens.
async fn served() -> Option<(Judge, Stage, String)> {
    let program = openssl()?;
    let platform = Platform::start().await;
    #[expect(clippy::disallowed_methods)]
    let real = Timestamp::now();
    platform.clock.advance(real.duration_since(platform.state.now()) - SignedDuration::from_secs(1));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let service = platform.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    Some((Judge { program, folder: tempfile::tempdir().unwrap() }, Stage::on(platform), address))
}

#[tokio::test]
async fn openssl_asks_over_http_and_hears_of_a_revocation_at_once() {
    let Some((judge, stage, address)) = served().await else { return };
    let subject = Subject::new(&stage, 1).await;
    let root = judge.file("root.pem", subject.root.to_pem().as_bytes());
    let issuer = judge.file("issuer.pem", subject.ca.to_pem().as_bytes());
    let leaf = judge.file("leaf.pem", subject.certificate.to_pem().as_bytes());
    let url = format!("{address}/pki/{SLUG}/ocsp");
    let ask = async |nonce: &'static str, hash: &'static str| {
        let mut words: Vec<&OsStr> = ["ocsp", nonce, hash, "-url", &url, "-CAfile"].map(OsStr::new).to_vec();
        words.extend([root.as_os_str(), "-verify_other".as_ref(), issuer.as_os_str()]);
        words.extend([OsStr::new("-issuer"), issuer.as_os_str(), OsStr::new("-cert"), leaf.as_os_str()]);
        judge.ask(&words).await
    };
    for (nonce, hash) in [("-nonce", "-sha1"), ("-no_nonce", "-sha256"), ("-nonce", "-sm3")] {
        let (well, said) = ask(nonce, hash).await;
        assert!(well && said.contains("Response verify OK") && said.contains(": good"), "{said}");
    }
    subject.revoke(&stage, "keyCompromise").await;
    for nonce in ["-nonce", "-no_nonce"] {
        let (_, said) = ask(nonce, "-sha256").await;
        assert!(said.contains("Response verify OK") && said.contains(": revoked"), "{said}");
        assert!(said.contains("Reason: keyCompromise"), "{said}");
    }
    // The list says so too.
    let crl = stage.platform.browser().get(&format!("/pki/{SLUG}/ca.crl")).await.body;
    let crl = judge.file("crl.pem", pki::pem::encode(pki::pem::CRL, &crl).unwrap().as_bytes());
    let words = ["verify", "-x509_strict", "-crl_check", "-CRLfile"].map(OsStr::new);
    let words = [&words[..], &[crl.as_os_str(), "-CAfile".as_ref(), root.as_os_str(), "-untrusted".as_ref()]].concat();
    let (well, said) = judge.ask(&[&words[..], &[issuer.as_os_str(), leaf.as_os_str()]].concat()).await;
    assert!(!well && said.contains("certificate revoked"), "{said}");
}

#[tokio::test]
async fn openssl_asks_for_a_time_stamp_and_believes_it() {
    let Some((judge, stage, address)) = served().await else { return };
    let document = judge.file("document", "投标文件".as_bytes());
    let query = judge.folder.path().join("query.tsq");
    let mut words = ["ts", "-query", "-sm3", "-cert", "-data"].map(OsStr::new).to_vec();
    words.extend([document.as_os_str(), OsStr::new("-out"), query.as_os_str()]);
    let (well, said) = judge.ask(&words).await;
    assert!(well, "{said}");
    let client = transport::client();
    let answer = client.post(format!("{address}/pki/tsa")).header("content-type", "application/timestamp-query");
    let answer = answer.body(fs::read(&query).unwrap()).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/timestamp-reply");
    let response = answer.bytes().await.unwrap();
    let reply = judge.file("reply.tsr", &response);
    let token = judge.folder.path().join("token.tst");
    let words = ["ts", "-reply", "-token_out", "-in"].map(OsStr::new);
    let words = [&words[..], &[reply.as_os_str(), OsStr::new("-out"), token.as_os_str()]].concat();
    let (well, said) = judge.ask(&words).await;
    assert!(well, "{said}");
    let mut browser = stage.platform.browser();
    let root = pki::Certificate::read(&browser.get(&format!("/pki/{SLUG}/root.cer")).await.body).unwrap();
    let root = judge.file("root.pem", root.to_pem().as_bytes());
    let verify = async |token: &OsStr| {
        let words = "cms -verify -binary -inform DER -purpose timestampsign -out /dev/null";
        let mut words: Vec<_> = words.split(' ').map(OsStr::new).collect();
        words.extend([OsStr::new("-CAfile"), root.as_os_str(), OsStr::new("-in"), token]);
        judge.ask(&words).await
    };
    let (well, said) = verify(token.as_os_str()).await;
    assert!(well, "{said}");
    let mut changed = fs::read(&token).unwrap();
    let digest = Hash::Sm3.digest("投标文件".as_bytes());
    let at = changed.windows(32).position(|window| window == digest).unwrap();
    changed[at] ^= 1;
    let (well, _) = verify(judge.file("changed.tst", &changed).as_os_str()).await;
    assert!(!well);
}
