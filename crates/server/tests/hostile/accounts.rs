//! Accounts whose owners hold a certificate: the PIN stands in for an old number that is gone, and the key ends with the
//! account.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use jiff::SignedDuration;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use server::keys::entity::split_key;
use splitkey::codec::Refusal;

use crate::{
    phone::{Failure, PIN, Phone, id_of, text, transport::InProcess, transport::Transport as _, unbase64, uuid},
    stage::Stage,
};

const NEW: &str = "13700137000";

async fn code(stage: &Stage, number: &str) -> String {
    stage.platform.code(number).await
}

async fn begin(stage: &Stage, phone: &mut Phone<InProcess>) -> Value {
    stage.platform.clock.advance(SignedDuration::from_secs(61));
    phone.http.post("/api/me/phone-changes", json!({ "phone": NEW })).await.expect(201).json()
}

async fn certificate(phone: &mut Phone<InProcess>) -> Value {
    phone.http.get("/api/certificates?state=active").await.ok().json()["items"][0].clone()
}

async fn complete(stage: &Stage, phone: &mut Phone<InProcess>, change: &Value, signature: &[u8]) -> (u16, String) {
    let certificate = certificate(phone).await;
    let completion = json!({
        "code": code(stage, NEW).await,
        "certificate_id": certificate["id"],
        "signature": BASE64.encode(signature),
    });
    let path = format!("/api/me/phone-changes/{}/completion", text(&change["id"]));
    let reply = phone.http.post(&path, completion).await;
    (reply.status, reply.code())
}

#[tokio::test]
async fn when_the_old_number_is_gone_the_pin_changes_it() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let change = begin(&stage, &mut phone).await;
    let statement = unbase64(&change["statement"]);
    let said: Value = serde_json::from_slice(&statement).unwrap();
    assert_eq!((&said["type"], &said["phone"]), (&json!("guiqian-phone-change"), &json!(NEW)));
    assert_eq!(said["request"], change["id"]);
    let signature = phone.sign(&mut key, PIN, id_of(&change["id"]), &statement).await.unwrap();
    assert_eq!(complete(&stage, &mut phone, &change, &signature.to_der()).await, (200, String::new()));
    assert_eq!(phone.http.get("/api/me").await.json()["phone_masked"], "137****7000");
    // The certificate still works, and the used change asks for no more signatures.
    stage.log_in(&mut phone, &mut key).await;
    let again = phone.sign(&mut key, PIN, id_of(&change["id"]), &statement).await;
    assert_eq!(again.unwrap_err(), Failure::Refused(Refusal::Refused));
}

#[tokio::test]
async fn no_other_signature_changes_a_number() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let (mut other, mut others_key) = stage.person(2).await;
    let change = begin(&stage, &mut phone).await;
    let statement = unbase64(&change["statement"]);
    // Another person's key gets no signature for this task.
    let foreign = other.sign(&mut others_key, PIN, id_of(&change["id"]), &statement).await;
    assert_eq!(foreign.unwrap_err(), Failure::Refused(Refusal::Refused));
    // Nor does the own key for another number.
    let text_of = String::from_utf8(statement.clone()).unwrap();
    let forged = text_of.replace(NEW, "13600136000");
    let refused = phone.sign(&mut key, PIN, id_of(&change["id"]), forged.as_bytes()).await;
    assert_eq!(refused.unwrap_err(), Failure::Refused(Refusal::Refused));
    // A signature over something else does not pass.
    let request = stage.claimed_login(&mut phone).await;
    let login = phone.sign_request(&mut key, &request).await.unwrap();
    let (status, problem) = complete(&stage, &mut phone, &change, &login.to_der()).await;
    assert_eq!((status, problem.as_str()), (422, "PHONE_CHANGE_SIGNATURE_WRONG"));
    // After its time the task is over.
    stage.platform.clock.advance(SignedDuration::from_mins(15));
    let late = phone.sign(&mut key, PIN, id_of(&change["id"]), &statement).await;
    assert_eq!(late.unwrap_err(), Failure::Refused(Refusal::Refused));
}

#[tokio::test]
async fn with_the_account_its_certificate_is_revoked_and_its_key_destroyed() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let number = "13900000001";
    let ours = certificate(&mut phone).await;
    let request = stage.claimed_login(&mut phone).await;
    let message = phone.message(&request).await;
    stage.platform.clock.advance(SignedDuration::from_secs(61));
    phone.http.post("/api/me/codes", json!({ "purpose": "deletion" })).await.expect(202);
    let goodbye = json!({ "code": code(&stage, number).await });
    phone.http.delete("/api/me", goodbye.clone()).await.refused(409, "ACCOUNT_IN_USE");
    let mut confirmed = goodbye;
    confirmed["confirmed"] = json!(true);
    phone.http.delete("/api/me", confirmed).await.expect(204);
    // The phone still has its half, and nobody has the other.
    let refused = phone.sign(&mut key, PIN, id_of(&request["id"]), &message).await;
    assert_eq!(refused.unwrap_err(), Failure::Refused(Refusal::Revoked));
    let row = split_key::Entity::find_by_id(uuid(key.sealed.key_id())).one(&*stage.platform.state.db).await;
    let row = row.unwrap().unwrap();
    assert_eq!((row.wrapped_key, row.wrapped_share), (None, None));
    let slug = text(&ours["institution"]["slug"]);
    let crl = stage.relying_party.clone().get(&format!("/pki/{slug}/ca.crl")).await.ok().body;
    let serial = hex::decode(text(&ours["serial"])).unwrap();
    assert!(crl.windows(serial.len()).any(|window| window == serial), "the serial number stands in the list");
    assert_eq!(server::audit::first_broken(&stage.platform.state).await.unwrap(), None);
}
