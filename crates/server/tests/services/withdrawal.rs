//! The end of a service's certificate before its time, as an operator brings it about: on the command line.

use std::process::{Command, Output};

use axum::http::{Method, StatusCode};
use jiff::SignedDuration;
use pki::{
    Certificate, Crl,
    chain::{Fault, Revocation, Usage, Verifier},
    crl::Reason,
    hash::Hash,
    ocsp::{Ask, CertId, Request, Response, Status},
    timestamp::{self, Imprint},
};
use serde_json::Value;
use server::{
    clock::Clock as _,
    pki_services::withdrawal::{self, Why},
};

use crate::{asking::SLUG, common::Platform};

/// `guiqian services …` on the platform's database, while the platform runs.
fn services(platform: &Platform, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guiqian"));
    command.args(["services", words[0], "--data"]).arg(platform.folder()).args(platform.database().arguments());
    command.args(&words[1..]).output().unwrap()
}

fn listed(platform: &Platform) -> Vec<Value> {
    let output = services(platform, &["list"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The serial number of the only certificate of this role that is in use.
fn in_use(platform: &Platform, role: &str) -> String {
    let of_role = |one: &&Value| one["role"] == role && one["institution"] == SLUG && one["revoked_at"].is_null();
    let list = listed(platform);
    let found: Vec<_> = list.iter().filter(of_role).collect();
    assert_eq!(found.len(), 1, "{list:?}");
    found[0]["serial"].as_str().unwrap().to_owned()
}

async fn fetch(platform: &Platform, name: &str) -> Vec<u8> {
    platform.browser().get(&format!("/pki/{SLUG}/{name}")).await.expect(StatusCode::OK).body.to_vec()
}

fn now(platform: &Platform) -> u64 {
    u64::try_from(platform.clock.now().as_second()).unwrap()
}

/// What the responder says of a certificate with this serial number, and who signed the answer.
async fn asked(platform: &Platform, serial: &str) -> (Status, String) {
    let ca = Certificate::read(&fetch(platform, "ca.cer").await).unwrap();
    let serial = pki::Serial::from_hex(serial).unwrap();
    let request = Request { ids: vec![CertId::new(Hash::Sm3, &ca, serial.clone())], nonce: None };
    let path = format!("/pki/{SLUG}/ocsp");
    let answer =
        platform.browser().octets(Method::POST, &path, "application/ocsp-request", request.to_der()).await.body;
    let Response::Basic(answer) = Response::read(&answer).unwrap() else { panic!("an answer") };
    let ask = Ask { issuer: &ca, serial: &serial, nonce: None, at: now(platform) };
    let status = answer.check(&ask).unwrap().clone();
    let signer = Certificate::read(&answer.certificates[0]).unwrap();
    (status, signer.tbs.serial.to_string())
}

/// Who stamps now.
async fn stamped(platform: &Platform) -> Certificate {
    let imprint = Imprint::of(Hash::Sm3, b"the document");
    let request = timestamp::Request { imprint, policy: None, nonce: None, certificate: true };
    let body = platform
        .browser()
        .octets(Method::POST, "/pki/tsa", "application/timestamp-query", request.to_der())
        .await
        .expect(StatusCode::OK)
        .body;
    let timestamp::Response::Granted(token) = timestamp::Response::read(&body).unwrap() else { panic!("a stamp") };
    token.answers(&request, None).unwrap()
}

#[tokio::test]
async fn a_revoked_responder_answers_no_more_and_its_successor_tells_of_it() {
    let platform = Platform::start().await;
    let first = in_use(&platform, "ocsp");
    assert_eq!(asked(&platform, &first).await, (Status::Good, first.clone()), "an answer that is kept");
    let output = services(&platform, &["revoke", "--serial", &first, "--reason", "keyCompromise"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    platform.clock.advance(SignedDuration::from_secs(1));

    let (status, second) = asked(&platform, &first).await;
    assert!(matches!(status, Status::Revoked { reason: Reason::KeyCompromise, .. }), "{status:?}");
    assert_ne!(second, first);
    assert_eq!(in_use(&platform, "ocsp"), second, "the new one came at once");
    let list = Crl::read(&fetch(&platform, "ca.crl").await).unwrap();
    assert_eq!(list.find(&pki::Serial::from_hex(&first).unwrap()).unwrap().reason, Reason::KeyCompromise);
    assert_eq!(list.tbs.revoked.len(), 1);
}

#[tokio::test]
async fn a_revoked_authority_for_time_stamps_is_replaced_and_verifiers_with_the_list_refuse_it() {
    let platform = Platform::start().await;
    let first = stamped(&platform).await;
    let serial = in_use(&platform, "time_stamp");
    assert_eq!(first.tbs.serial.to_string(), serial);
    let output = services(&platform, &["revoke", "--serial", &serial.to_uppercase(), "--reason", "superseded"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    platform.clock.advance(SignedDuration::from_secs(1));
    let second = stamped(&platform).await;
    assert_ne!(second.tbs.serial, first.tbs.serial);
    assert_ne!(second.tbs.public_key, first.tbs.public_key, "a new key");

    let read = |der: Vec<u8>| Certificate::read(&der).unwrap();
    let (roots, above) = ([read(fetch(&platform, "root.cer").await)], [read(fetch(&platform, "ca.cer").await)]);
    let crls = [Crl::read(&fetch(&platform, "ca.crl").await).unwrap()];
    // The command line's clock is the machine's; the platform's stands still.
    let verifier = Verifier {
        roots: &roots,
        intermediates: &above,
        crls: &crls,
        revocation: Revocation::WhenKnown,
        at: now(&platform) + 1,
    };
    assert!(verifier.verify(&second, Usage::TimeStamp).is_ok());
    assert!(matches!(verifier.verify(&first, Usage::TimeStamp), Err(Fault::Revoked { .. })));
}

#[tokio::test]
async fn another_node_hears_of_it_within_a_second_and_both_use_the_same_new_one() {
    let here = Platform::start().await;
    let there = here.beside().await;
    let first = in_use(&here, "ocsp");
    assert_eq!([asked(&here, &first).await.1, asked(&there, &first).await.1], [first.clone(), first.clone()]);
    withdrawal::revoke(&here.state.db, here.state.now(), &first, Why::Superseded).await.unwrap();
    here.clock.advance(SignedDuration::from_secs(1));
    let (by_there, by_here) = (asked(&there, &first).await.1, asked(&here, &first).await.1);
    assert_ne!(by_there, first);
    assert_eq!(by_there, by_here);
}

#[tokio::test]
async fn what_cannot_be_revoked_is_refused_and_changes_nothing() {
    let platform = Platform::start().await;
    let serial = in_use(&platform, "ocsp");
    for (serial, reason) in [("00ff", "superseded"), (&serial, "because"), (&serial, "certificateHold")] {
        let output = services(&platform, &["revoke", "--serial", serial, "--reason", reason]);
        assert!(!output.status.success(), "{serial} {reason}");
    }
    assert_eq!(in_use(&platform, "ocsp"), serial);
    let (db, at) = (&platform.state.db, platform.state.now());
    withdrawal::revoke(db, at, &serial, Why::Superseded).await.unwrap();
    assert!(withdrawal::revoke(db, at, &serial, Why::KeyCompromise).await.is_err(), "its reason stays");
}
