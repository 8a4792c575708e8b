//! The encryption keys: two certificates in one download, halves in two places, opened by both.

use gm::sm2;
use serde_json::Value;
use splitkey::codec::Refusal;

use crate::{
    phone::{
        self, Failure, Key, PIN, Phone, WRONG_PIN, journey, text,
        transport::{InProcess, Transport as _},
    },
    stage::Stage,
};

/// A phone whose application is approved, and its enrolment with a key.
async fn enrolled(stage: &Stage) -> (Phone<InProcess>, Value, Key) {
    let http = InProcess::new(stage.platform.router.clone());
    let (mut phone, id) =
        journey::approved(&http, crate::common::ORIGIN, stage.platform.folder(), 1, stage.now()).await;
    let enrolment = phone.begin(&id).await;
    let key = phone.generate(&enrolment).await.unwrap();
    (phone, enrolment, key)
}

fn encryption_key(certificate: &Value) -> sm2::PublicKey {
    let pem = text(&certificate["encryption"]["certificate_pem"]);
    let der = pki::pem::decode(pki::pem::CERTIFICATE, &pem).unwrap();
    let read = pki::Certificate::read(&der).unwrap();
    assert_eq!(pki::Profile::of(&read.tbs), Some(&pki::Profile::ENCRYPTION));
    sm2::PublicKey::from_bytes(&read.tbs.public_key).unwrap()
}

async fn certificate(phone: &mut Phone<InProcess>) -> Value {
    phone.http.get("/api/certificates").await.ok().json()["items"][0].clone()
}

#[tokio::test]
async fn one_download_gives_two_certificates_and_what_anybody_encrypts_to_the_second_comes_out() {
    let stage = Stage::open().await;
    let (mut phone, enrolment, mut key) = enrolled(&stage).await;
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
    let (mut phone, enrolment, mut key) = enrolled(&stage).await;
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
    let (mut phone, enrolment, mut key) = enrolled(&stage).await;
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
