//! What ends a certificate, pauses it, or reminds of its end (manual 1.11, 1.15), and devices that are logged out.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use jiff::SignedDuration;
use pki::crl::Reason;
use serde_json::{Value, json};
use server::{
    certificate,
    console::{self, policy::Role},
};
use splitkey::codec::Refusal;

use crate::{
    phone::{
        Failure, Key, PIN, Phone, WRONG_PIN, id_of, journey, text,
        transport::{InProcess, Reply, Transport as _},
        unbase64,
    },
    stage::Stage,
};

const NUMBER: &str = "13900000001";

async fn signs(stage: &Stage, phone: &mut Phone<InProcess>, key: &mut Key) -> Result<(), Failure> {
    let request = stage.claimed_login(phone).await;
    let message = phone.message(&request).await;
    phone.sign(key, PIN, id_of(&request["id"]), &message).await.map(drop)
}

async fn certificate(phone: &mut Phone<InProcess>) -> Value {
    phone.http.get("/api/certificates").await.ok().json()["items"][0].clone()
}

/// The line of this certificate in its institution's revocation list.
async fn listed(phone: &mut Phone<InProcess>, certificate: &Value) -> Option<Reason> {
    let path = format!("/pki/{}/ca.crl", text(&certificate["institution"]["slug"]));
    let list = phone.http.get(&path).await.ok().body;
    let list = pki::Crl::read(&list).unwrap();
    let serial = text(&certificate["serial"]);
    list.tbs.revoked.iter().find(|line| line.serial.to_string() == serial).map(|line| line.reason)
}

/// Begins the end of a certificate and signs it.
async fn farewell(phone: &mut Phone<InProcess>, key: &mut Key, pin: &str) -> Result<(Value, Value), Failure> {
    let id = text(&certificate(phone).await["id"]);
    let path = format!("/api/certificates/{id}/revocations");
    let begun = phone.http.call("POST", &path, None, Vec::new()).await.expect(201).json();
    let statement = unbase64(&begun["statement"]);
    let signature = phone.sign(key, pin, id_of(&begun["id"]), &statement).await?;
    Ok((begun, json!({ "signature": BASE64.encode(signature.to_der()) })))
}

async fn complete(phone: &mut Phone<InProcess>, begun: &Value, signed: &Value) -> Reply {
    let path = format!("/api/certificate-revocations/{}/completion", text(&begun["id"]));
    phone.http.post(&path, signed.clone()).await
}

#[tokio::test]
async fn the_owner_ends_a_certificate_with_its_pin_and_it_cannot_be_undone() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let before = certificate(&mut phone).await;
    assert_eq!((&before["state"], &before["key"]["state"]), (&json!("active"), &json!("ready")));
    let (begun, signed) = farewell(&mut phone, &mut key, PIN).await.unwrap();
    let statement: Value = serde_json::from_slice(&unbase64(&begun["statement"])).unwrap();
    assert_eq!((&statement["type"], &statement["serial"]), (&json!("guiqian-revocation"), &before["serial"]));
    assert_eq!(listed(&mut phone, &before).await, None, "nothing has changed yet");
    let after = complete(&mut phone, &begun, &signed).await.ok().json();
    assert_eq!((&after["state"], &after["key"]["state"]), (&json!("revoked"), &json!("destroyed")));
    assert_eq!(listed(&mut phone, &before).await, Some(Reason::CessationOfOperation));
    assert_eq!(signs(&stage, &mut phone, &mut key).await.unwrap_err(), Failure::Refused(Refusal::Revoked));
    assert_eq!(phone.change_pin(&mut key, PIN, "517203").await.unwrap_err(), Failure::Refused(Refusal::Revoked));
    phone.recover(&key, "pin_reset").await.refused(409, "KEY_REVOKED");
    // The same call again changes nothing.
    complete(&mut phone, &begun, &signed).await.ok();
    let path = format!("/api/certificates/{}/revocations", text(&after["id"]));
    phone.http.call("POST", &path, None, Vec::new()).await.refused(409, "CERTIFICATE_NOT_IN_USE");
    let ended = phone.http.get("/api/certificates?state=ended").await.ok().json();
    assert_eq!(ended["items"][0]["id"], after["id"]);
}

#[tokio::test]
async fn without_the_right_pin_nothing_is_revoked() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let wrong = farewell(&mut phone, &mut key, WRONG_PIN).await.unwrap_err();
    assert_eq!(wrong, Failure::Refused(Refusal::PinWrong { left: 4 }));
    let (begun, signed) = farewell(&mut phone, &mut key, PIN).await.unwrap();
    // A signature over another statement is none for this one.
    let (other, _) = farewell(&mut phone, &mut key, PIN).await.unwrap();
    complete(&mut phone, &other, &signed).await.refused(422, "REVOCATION_SIGNATURE_WRONG");
    let (mut stranger, _) = stage.person(2).await;
    complete(&mut stranger, &begun, &signed).await.refused(404, "NOT_FOUND");
    stage.platform.clock.advance(SignedDuration::from_mins(16));
    complete(&mut phone, &begun, &signed).await.refused(409, "REVOCATION_OVER");
    assert_eq!(certificate(&mut phone).await["state"], "active");
    signs(&stage, &mut phone, &mut key).await.unwrap();
}

#[tokio::test]
async fn a_key_ends_its_own_certificate_and_no_other() {
    let stage = Stage::open().await;
    let (mut one, mut key_of_one) = stage.person(1).await;
    let (mut other, _) = stage.person(2).await;
    let id = text(&certificate(&mut one).await["id"]);
    let path = format!("/api/certificates/{id}/revocations");
    other.http.call("POST", &path, None, Vec::new()).await.refused(404, "NOT_FOUND");
    let foreign = text(&certificate(&mut other).await["id"]);
    let path = format!("/api/certificates/{foreign}/revocations");
    let begun = other.http.call("POST", &path, None, Vec::new()).await.expect(201).json();
    let statement = unbase64(&begun["statement"]);
    let refused = one.sign(&mut key_of_one, PIN, id_of(&begun["id"]), &statement).await.unwrap_err();
    assert_eq!(refused, Failure::Refused(Refusal::Refused));
}

async fn reviewer(stage: &Stage) -> InProcess {
    let mut console = InProcess::new(stage.platform.router.clone());
    let password = journey::reviewer_password(stage.platform.folder());
    let login = json!({ "username": "reviewer", "password": password });
    console.post("/api/console/sessions", login).await.expect(201);
    console
}

#[tokio::test]
async fn on_hold_a_certificate_signs_nothing_and_stands_in_the_list_until_it_is_resumed() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let mut console = reviewer(&stage).await;
    let before = certificate(&mut phone).await;
    let path = format!("/api/console/certificates/{}", text(&before["id"]));
    let why = json!({ "reason": "持有人来电挂失" });
    console.post(&format!("{path}/resumption"), why.clone()).await.refused(409, "CERTIFICATE_CHANGED");
    console.post(&format!("{path}/suspension"), json!({ "reason": "" })).await.refused(422, "FIELDS_INVALID");
    let held = console.post(&format!("{path}/suspension"), why.clone()).await.ok().json();
    assert_eq!((&held["state"], &held["key"]["state"]), (&json!("suspended"), &json!("suspended")));
    assert_eq!(listed(&mut phone, &before).await, Some(Reason::CertificateHold));
    assert_eq!(signs(&stage, &mut phone, &mut key).await.unwrap_err(), Failure::Refused(Refusal::Suspended));
    phone.recover(&key, "pin_reset").await.refused(409, "KEY_SUSPENDED");
    // It has not ended: it stays among those in use, and says that it is on hold.
    let active = phone.http.get("/api/certificates?state=active").await.ok().json();
    assert_eq!(active["items"][0]["state"], "suspended");
    console.post(&format!("{path}/suspension"), why.clone()).await.refused(409, "CERTIFICATE_CHANGED");

    console.post(&format!("{path}/resumption"), json!({ "reason": "身份已核实" })).await.ok();
    assert_eq!(listed(&mut phone, &before).await, None);
    signs(&stage, &mut phone, &mut key).await.unwrap();
    let history = phone.http.get(&format!("/api/certificates/{}/history", text(&before["id"]))).await.ok().json();
    let events: Vec<String> = history["items"].as_array().unwrap().iter().map(|item| text(&item["event"])).collect();
    assert_eq!(events, ["resumed", "suspended", "issued", "key_made"]);
}

#[tokio::test]
async fn a_reviewer_revokes_for_ever_with_a_reason_that_the_owner_reads() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let mut console = reviewer(&stage).await;
    let before = certificate(&mut phone).await;
    let path = format!("/api/console/certificates/{}", text(&before["id"]));
    let decision = json!({ "code": "key_compromise", "reason": "密钥疑似泄露" });
    let revoked = console.post(&format!("{path}/revocation"), decision.clone()).await.ok().json();
    assert_eq!(revoked["state"], "revoked");
    assert_eq!(listed(&mut phone, &before).await, Some(Reason::KeyCompromise));
    assert_eq!(signs(&stage, &mut phone, &mut key).await.unwrap_err(), Failure::Refused(Refusal::Revoked));
    console.post(&format!("{path}/revocation"), decision.clone()).await.refused(409, "CERTIFICATE_CHANGED");
    let resume = json!({ "reason": "误操作" });
    console.post(&format!("{path}/resumption"), resume).await.refused(409, "CERTIFICATE_CHANGED");
    let newest = phone.http.get("/api/messages").await.ok().json()["items"][0].clone();
    assert!(text(&newest["body"]).contains("密钥疑似泄露"), "{newest}");
    // Nobody without a console login does any of this.
    phone.http.post(&format!("{path}/revocation"), decision).await.refused(401, "NOT_LOGGED_IN");
}

/// Somebody of the console, logged in.
async fn staff(stage: &Stage, username: &str, role: Role, institution: Option<&str>) -> InProcess {
    let state = &stage.platform.state;
    let new = console::NewReviewer { username, name: username, role: Some(role), institution };
    let password = console::add_reviewer(&state.db, state.now(), new).await.unwrap();
    let mut http = InProcess::new(stage.platform.router.clone());
    let login = json!({ "username": username, "password": password });
    http.post("/api/console/sessions", login).await.expect(201);
    http
}

#[tokio::test]
async fn an_auditor_changes_no_certificate_and_another_institutions_reviewer_does_not_see_it() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let id = text(&certificate(&mut phone).await["id"]);
    let list = phone.http.get("/api/institutions").await.ok().json();
    let other = list["items"].as_array().unwrap().iter().find(|one| one["slug"] != "guiyun").unwrap();
    let other = text(&other["slug"]);
    let mut auditor = staff(&stage, "auditor", Role::Auditor, Some("guiyun")).await;
    let mut stranger = staff(&stage, "stranger", Role::Reviewer, Some(&other)).await;
    for (act, decision) in [
        ("suspension", json!({ "reason": "持有人来电挂失" })),
        ("resumption", json!({ "reason": "身份已核实" })),
        ("revocation", json!({ "code": "superseded", "reason": "已换发新证书" })),
    ] {
        let path = format!("/api/console/certificates/{id}/{act}");
        auditor.post(&path, decision.clone()).await.refused(403, "FORBIDDEN");
        stranger.post(&path, decision).await.refused(404, "NOT_FOUND");
    }
    signs(&stage, &mut phone, &mut key).await.unwrap();
}

#[tokio::test]
async fn a_device_is_logged_out_with_its_certificates_only_after_the_owner_confirms_with_a_code() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let before = certificate(&mut phone).await;
    let list = phone.http.get("/api/devices").await.ok().json();
    let device = list["items"][0].clone();
    assert_eq!((&device["current"], &device["active_certificates"]), (&json!(true), &json!(1)));
    let path = format!("/api/devices/{}", text(&device["id"]));
    phone.http.delete(&path, json!({})).await.refused(409, "DEVICE_IN_USE");
    let guess = json!({ "confirmed": true, "code": "739105" });
    phone.http.delete(&path, guess).await.refused(422, "CODE_EXPIRED");
    let (mut stranger, _) = stage.person(2).await;
    stranger.http.delete(&path, json!({ "confirmed": true })).await.refused(404, "NOT_FOUND");

    stage.platform.clock.advance(SignedDuration::from_secs(61));
    // From another phone of the same person.
    let mut second = InProcess::new(stage.platform.router.clone());
    journey::log_in(&mut second, NUMBER).await;
    stage.platform.clock.advance(SignedDuration::from_secs(61));
    second.post("/api/me/codes", json!({ "purpose": "device_end" })).await.expect(202);
    let code = phone.sent_code(NUMBER).await;
    second.delete(&path, json!({ "confirmed": true, "code": code })).await.expect(204);
    phone.http.get("/api/me").await.refused(401, "NOT_LOGGED_IN");
    phone.http = second;
    assert_eq!(certificate(&mut phone).await["state"], "revoked");
    assert_eq!(listed(&mut phone, &before).await, Some(Reason::CessationOfOperation));
    let dead = phone.prepare(&mut key, id_of(&before["id"])).await.unwrap_err();
    assert_eq!(dead, Failure::Problem(404, "DEVICE_UNKNOWN".to_owned()));
    assert_eq!(phone.http.get("/api/devices").await.ok().json()["items"], json!([]));
    phone.http.delete(&path, json!({})).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn the_holder_is_reminded_sixty_thirty_seven_and_one_days_before_once_each_across_restarts() {
    let mut stage = Stage::open().await;
    let (mut phone, _) = stage.person(1).await;
    let end: jiff::Timestamp = text(&certificate(&mut phone).await["not_after"]).parse().unwrap();
    let mut sent = Vec::new();
    for (days, expected) in [(61, 0), (60, 1), (59, 0), (30, 1), (7, 1), (6, 0), (1, 1), (0, 0)] {
        let at = end - SignedDuration::from_hours(24 * days) + SignedDuration::from_secs(1);
        let now = stage.platform.state.now();
        stage.platform.clock.advance(at.duration_since(now));
        let first = certificate::remind(&stage.platform.state).await.unwrap();
        stage = Stage::on(stage.platform.restart().await);
        let again = certificate::remind(&stage.platform.state).await.unwrap();
        sent.push((days, first));
        assert_eq!((first, again), (expected, 0), "{days} days before");
    }
    assert_eq!(sent.iter().map(|(_, count)| count).sum::<u64>(), 4);
}
