//! The encryption keys: two certificates in one download, halves in two places, opened by both.

use gm::sm2;
use serde_json::{Value, json};
use server::console::policy::Role;
use splitkey::codec::Refusal;
use uuid::Uuid;

use crate::{
    common::ORIGIN,
    phone::{
        self, Failure, Key, PIN, Phone, WRONG_PIN, encryption_key, journey, text,
        transport::{InProcess, Reply, Transport as _},
    },
    stage::Stage,
};

async fn certificate(phone: &mut Phone<InProcess>) -> Value {
    phone.http.get("/api/certificates").await.ok().json()["items"][0].clone()
}

#[tokio::test]
async fn one_download_gives_two_certificates_and_what_anybody_encrypts_to_the_second_comes_out() {
    let stage = Stage::open().await;
    let (mut phone, enrolment, mut key) = stage.downloading(1).await;
    let shown = phone.complete(&enrolment, &mut key).await.expect(201).json();
    let id = text(&shown["id"]);
    let public = encryption_key(&shown);
    assert_ne!(&public, key.sealed.public_key(), "the signing key encrypts nothing");
    assert_eq!(key.sealed.encryption_keys(), [public]);
    assert_ne!(shown["encryption"]["serial"], shown["serial"]);
    let now = certificate(&mut phone).await;
    assert_eq!((&now["encryption"]["delivered"], &now["encryption"]["earlier_keys"]), (&Value::Bool(true), &0.into()));

    let secret = sm2::encrypt(&public, b"bid").unwrap();
    assert_eq!(phone.decrypt(&mut key, PIN, &id, &public, &secret).await.unwrap(), b"bid");
    // A wrong PIN is counted like any other.
    let wrong = phone.decrypt(&mut key, WRONG_PIN, &id, &public, &secret).await.unwrap_err();
    assert_eq!(wrong, Failure::Refused(Refusal::PinWrong { left: 4 }));
    assert_eq!(phone.decrypt(&mut key, PIN, &id, &public, &secret).await.unwrap(), b"bid");
    // A new PIN comes with new halves of both keys; the old ones are dead.
    let old = key.clone();
    phone.change_pin(&mut key, PIN, "739154").await.unwrap();
    assert_eq!(phone.decrypt(&mut key, "739154", &id, &public, &secret).await.unwrap(), b"bid");
    let mut stale = old;
    stale.sealed.tok = key.sealed.tok.clone();
    let refused = phone.decrypt(&mut stale, PIN, &id, &public, &secret).await.unwrap_err();
    assert_eq!(refused, Failure::Refused(Refusal::Refused), "an old epoch");
    // Another key than those of the certificate is nobody's business here.
    let foreign = sm2::SecretKey::generate().unwrap().public_key();
    let refused = phone.decrypt(&mut key, "739154", &id, &foreign, &sm2::encrypt(&foreign, b"x").unwrap()).await;
    assert_eq!(refused.unwrap_err(), Failure::Problem(409, "ENCRYPTION_KEY_NOT_HELD".to_owned()));
}

#[tokio::test]
async fn a_phone_that_lost_the_delivery_asks_again_and_only_the_last_one_counts() {
    let stage = Stage::open().await;
    let (mut phone, enrolment, mut key) = stage.downloading(1).await;
    let (one, other) = (sm2::SecretKey::generate().unwrap(), sm2::SecretKey::generate().unwrap());
    let first = phone.request(&enrolment, &mut key, &one).await.expect(201).json();
    assert!(!first["delivery"]["shares"].as_array().unwrap().is_empty());
    assert_eq!(certificate(&mut phone).await["encryption"]["delivered"], false);
    // The certificate is there; the phone stopped before it stored the halves. Signing goes on meanwhile.
    let second = phone.request(&enrolment, &mut key, &other).await.expect(201).json();
    assert_eq!(first["certificate"]["serial"], second["certificate"]["serial"], "issued once");
    // What came first opens nothing any more, and cannot be acknowledged.
    let stale = Key { sealed: phone.with_delivery(&key, &one, &first["delivery"]), commitments: Vec::new() };
    phone.acknowledge(&enrolment, &stale, &one).await.refused(409, "KEY_DELIVERY_OVERTAKEN");
    // The same question gives the same answer.
    let info = phone.request_info(&enrolment, &key, &other);
    let task = phone::id_of(&enrolment["id"]);
    let signature = phone.sign(&mut key, PIN, task, &info).await.unwrap();
    let again = phone.hand_in(&enrolment, &key, &signature).await.expect(201).json();
    assert_eq!(again["delivery"], second["delivery"]);
    phone.take_delivery(&enrolment, &mut key, &other, &second["delivery"]).await;
    phone.acknowledge(&enrolment, &key, &other).await.expect(204);
    // Delivered: there is nothing more to come, whatever key is named.
    let (id, public) = (text(&again["certificate"]["id"]), encryption_key(&again["certificate"]));
    let done = phone.hand_in(&enrolment, &key, &signature).await.expect(201).json();
    assert_eq!(done.get("delivery"), None);
    let third = sm2::SecretKey::generate().unwrap();
    phone.name_transport(&enrolment, &third).await.expect(204);
    let info = phone.request_info(&enrolment, &key, &third);
    assert_eq!(phone.sign(&mut key, PIN, task, &info).await.unwrap_err(), Failure::Refused(Refusal::Refused));
    let secret = sm2::encrypt(&public, b"bid").unwrap();
    assert_eq!(phone.decrypt(&mut key, PIN, &id, &public, &secret).await.unwrap(), b"bid");
}

#[tokio::test]
async fn the_one_time_key_is_the_one_that_the_pin_signed_for() {
    let stage = Stage::open().await;
    let (mut phone, enrolment, mut key) = stage.downloading(1).await;
    let (own, foreign) = (sm2::SecretKey::generate().unwrap(), sm2::SecretKey::generate().unwrap());
    phone.name_transport(&enrolment, &own).await.expect(204);
    let info = phone.request_info(&enrolment, &key, &own);
    let task = phone::id_of(&enrolment["id"]);
    let signature = phone.sign(&mut key, PIN, task, &info).await.unwrap();
    // Somebody with the session alone puts another key in its place.
    phone.name_transport(&enrolment, &foreign).await.expect(204);
    phone.hand_in(&enrolment, &key, &signature).await.refused(422, "REQUEST_SIGNATURE_WRONG");
    phone.name_transport(&enrolment, &own).await.expect(204);
    let issued = phone.hand_in(&enrolment, &key, &signature).await.expect(201).json();
    // A receipt wants the device's own key.
    let mut other = phone.device_key.clone();
    std::mem::swap(&mut other, &mut phone.device_key);
    phone.device_key = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
    phone.acknowledge(&enrolment, &key, &own).await.refused(422, "DEVICE_SIGNATURE_WRONG");
    phone.device_key = other;
    phone.take_delivery(&enrolment, &mut key, &own, &issued["delivery"]).await;
    let path = format!("/api/enrolments/{task}/transport-key");
    let off = serde_json::json!({ "public_key": "BAAA" });
    phone.http.put(&path, off).await.refused(422, "FIELDS_INVALID");
}

async fn approve(desk: &mut InProcess, id: &str) -> Reply {
    let path = format!("/api/console/applications/{id}");
    let version = desk.get(&path).await.ok().json()["version"].clone();
    desk.post(&format!("{path}/approval"), json!({ "version": version })).await
}

#[tokio::test]
async fn a_new_phone_recovers_the_certificate_and_what_was_encrypted_before_still_opens() {
    let stage = Stage::open().await;
    let (mut old_phone, mut old_key) = stage.person(1).await;
    let old = certificate(&mut old_phone).await;
    let (old_id, old_public) = (text(&old["id"]), encryption_key(&old));
    let bid = sm2::encrypt(&old_public, b"sealed before the phone was lost").unwrap();

    let mut phone = Phone::register(old_phone.http.clone(), stage.now()).await;
    let id = journey::recover(&mut phone, ORIGIN, &old_id, "failed").await;
    let (path, submission) = (format!("/api/applications/{id}"), format!("/api/applications/{id}/submission"));
    phone.http.call("POST", &submission, None, Vec::new()).await.refused(422, "APPLICATION_INCOMPLETE");
    journey::show_face(&mut phone, ORIGIN, &path, "passed").await;
    let handed_in = phone.http.call("POST", &submission, None, Vec::new()).await.ok().json();
    assert_eq!((&handed_in["state"], &handed_in["face"]), (&json!("with_reviewer"), &json!("passed")));
    // Keys leave escrow for it: two reviewers, whatever the institution is used to.
    let mut desk = crate::issuance::operator(&stage.platform).await;
    approve(&mut desk, &id).await.ok();
    assert_eq!(phone.http.get(&path).await.ok().json()["state"], "with_second_reviewer");
    approve(&mut desk, &id).await.refused(403, "SECOND_REVIEWER_NEEDED");
    let mut second = crate::issuance::staff(&stage.platform, "second", Role::Reviewer, Some("guiyun")).await;
    approve(&mut second, &id).await.ok();
    // Nothing is paid twice, and until the download the old phone works.
    assert_eq!(phone.http.get(&path).await.ok().json()["state"], "ready");
    assert_eq!(old_phone.decrypt(&mut old_key, PIN, &old_id, &old_public, &bid).await.unwrap(), &bid_text()[..]);

    let enrolment = phone.begin(&id).await;
    let mut key = phone.generate(&enrolment).await.unwrap();
    let new = phone.complete(&enrolment, &mut key).await.expect(201).json();
    assert_eq!((&new["subject_name"], &new["not_after"]), (&old["subject_name"], &old["not_after"]));
    assert_ne!(key.sealed.public_key(), old_key.sealed.public_key(), "the signing key is never recovered");
    let (new_id, new_public) = (text(&new["id"]), encryption_key(&new));
    assert_ne!(new_public, old_public);
    let shown = phone.http.get(&format!("/api/certificates/{new_id}")).await.ok().json();
    assert_eq!(shown["encryption"]["earlier_keys"], 1);
    assert_eq!(phone.decrypt(&mut key, PIN, &new_id, &old_public, &bid).await.unwrap(), &bid_text()[..]);
    let later = sm2::encrypt(&new_public, b"later").unwrap();
    assert_eq!(phone.decrypt(&mut key, PIN, &new_id, &new_public, &later).await.unwrap(), b"later");
    // A change of the PIN keeps both.
    phone.change_pin(&mut key, PIN, "739154").await.unwrap();
    assert_eq!(phone.decrypt(&mut key, "739154", &new_id, &old_public, &bid).await.unwrap(), &bid_text()[..]);

    // The old phone is dead and hears of it.
    let ended = phone.http.get(&format!("/api/certificates/{old_id}")).await.ok().json();
    assert_eq!((&ended["state"], &ended["key"]["state"]), (&json!("revoked"), &json!("destroyed")));
    let refused = old_phone.prepare(&mut old_key, Uuid::new_v4()).await.unwrap_err();
    assert_eq!(refused, Failure::Refused(Refusal::Revoked));
    let messages = old_phone.http.get("/api/messages").await.ok().json();
    let kinds: Vec<&str> =
        messages["items"].as_array().unwrap().iter().filter_map(|one| one["kind"].as_str()).collect();
    assert!(kinds.contains(&"certificate_recovered"), "{kinds:?}");
}

fn bid_text() -> Vec<u8> {
    b"sealed before the phone was lost".to_vec()
}

#[tokio::test]
async fn what_is_over_or_another_persons_is_not_recovered() {
    let stage = Stage::open().await;
    let (mut phone, _) = stage.person(1).await;
    let id = text(&certificate(&mut phone).await["id"]);
    let (mut other, _) = stage.person(2).await;
    let new = json!({ "kind": "personal_recovery", "certificate_id": id });
    other.http.post("/api/applications", new.clone()).await.refused(404, "NOT_FOUND");
    let enterprise = json!({ "kind": "enterprise_recovery", "certificate_id": id });
    phone.http.post("/api/applications", enterprise).await.refused(409, "CERTIFICATE_NOT_REPLACEABLE");
    // One at a time, and no renewal beside it.
    phone.http.post("/api/applications", new.clone()).await.expect(201);
    phone.http.post("/api/applications", new).await.refused(409, "APPLICATION_OPEN");
    // Only a recovery asks for the face.
    let plain = other.http.post("/api/applications", json!({ "kind": "personal_certificate" })).await;
    let path = format!("/api/applications/{}/face", text(&plain.json()["id"]));
    other.http.post(&path, json!({ "return_url_path": "/" })).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn of_two_phones_that_download_the_same_certificate_one_wins() {
    let stage = Stage::open().await;
    let http = InProcess::new(stage.platform.router.clone());
    let (mut one, id) = journey::approved(&http, ORIGIN, stage.platform.folder(), 1, stage.now()).await;
    let mut other = Phone::register(one.http.clone(), stage.now()).await;
    let (first, second) = (one.begin(&id).await, other.begin(&id).await);
    let mut keys = (one.generate(&first).await.unwrap(), other.generate(&second).await.unwrap());
    let transports = (sm2::SecretKey::generate().unwrap(), sm2::SecretKey::generate().unwrap());
    let answers = tokio::join!(
        one.request(&first, &mut keys.0, &transports.0),
        other.request(&second, &mut keys.1, &transports.1)
    );
    let mut statuses = [answers.0.status, answers.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{} {}", answers.0.code(), answers.1.code());
    let listed = one.http.get("/api/certificates").await.ok().json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}
