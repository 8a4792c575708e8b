//! A forgotten PIN (manual 1.18.3) and a frozen key: what must be proven, and that certificate and key stay.

use axum::body::Bytes;
use gm::sm2::SecretKey;
use jiff::SignedDuration;
use serde_json::{Value, json};
use splitkey::codec::Refusal;

use crate::{
    phone::{
        Failure, Key, PIN, Phone, WRONG_PIN, id_of, text,
        transport::{InProcess, Transport as _},
        unbase64,
    },
    stage::Stage,
};

const NUMBER: &str = "13900000001";
const NEW_PIN: &str = "517203";

async fn signs(stage: &Stage, phone: &mut Phone<InProcess>, key: &mut Key, pin: &str) -> Result<(), Failure> {
    let request = stage.claimed_login(phone).await;
    let message = phone.message(&request).await;
    phone.sign(key, pin, id_of(&request["id"]), &message).await.map(drop)
}

async fn lock(phone: &mut Phone<InProcess>, key: &mut Key) {
    for _ in 0..5 {
        phone.change_pin(key, WRONG_PIN, NEW_PIN).await.unwrap_err();
    }
    assert_eq!(phone.change_pin(key, PIN, NEW_PIN).await.unwrap_err(), Failure::Refused(Refusal::Locked));
}

/// A stage whose clock has passed the minute that stands between two codes.
async fn stage() -> (Stage, Phone<InProcess>, Key) {
    let stage = Stage::open().await;
    let (phone, key) = stage.person(1).await;
    stage.platform.clock.advance(SignedDuration::from_secs(61));
    (stage, phone, key)
}

async fn certificate(phone: &mut Phone<InProcess>) -> Value {
    phone.http.get("/api/certificates").await.ok().json()["items"][0].clone()
}

#[tokio::test]
async fn a_forgotten_pin_is_replaced_after_code_and_face_and_certificate_and_key_stay() {
    let (stage, mut phone, mut key) = stage().await;
    let before = certificate(&mut phone).await;
    let recovery = phone.proven(&key, NUMBER).await;
    let shares = phone.recovered(&key, &recovery).await;
    phone.refresh(&mut key, shares, NEW_PIN).await.unwrap();
    signs(&stage, &mut phone, &mut key, NEW_PIN).await.unwrap();
    let after = certificate(&mut phone).await;
    assert_eq!((&before["certificate_pem"], &before["key_id"]), (&after["certificate_pem"], &after["key_id"]));
    let path = format!("/api/key-recoveries/{}", text(&recovery["id"]));
    assert_eq!(phone.http.get(&path).await.ok().json()["done"], true);
    let messages = phone.http.get("/api/messages").await.ok().json();
    assert!(messages["items"].as_array().unwrap().iter().any(|item| item["title"] == "证书密码已重设"));
}

#[tokio::test]
async fn a_locked_key_is_unlocked_that_way_and_its_counters_begin_anew() {
    let (stage, mut phone, mut key) = stage().await;
    lock(&mut phone, &mut key).await;
    let recovery = phone.proven(&key, NUMBER).await;
    let shares = phone.recovered(&key, &recovery).await;
    phone.refresh(&mut key, shares, NEW_PIN).await.unwrap();
    let wrong = signs(&stage, &mut phone, &mut key, PIN).await.unwrap_err();
    assert_eq!(wrong, Failure::Refused(Refusal::PinWrong { left: 4 }));
    signs(&stage, &mut phone, &mut key, NEW_PIN).await.unwrap();
}

#[tokio::test]
async fn neither_the_code_nor_the_face_alone_releases_the_mask() {
    let (_stage, mut phone, key) = stage().await;
    let secret = SecretKey::generate().unwrap();
    let recovery = phone.recover(&key, "pin_reset").await.expect(201).json();
    assert_eq!((&recovery["code"], &recovery["face"]), (&json!("waiting"), &json!("waiting")));
    assert_eq!(recovery["phone_masked"], "139****0001");
    phone.ask_masks(&key, &recovery, &secret).await.refused(403, "KEY_RECOVERY_NOT_PROVEN");
    let after_face = phone.show_face(&recovery, "passed").await;
    assert_eq!((&after_face["face"], &after_face["proven"]), (&json!("done"), &json!(false)));
    phone.ask_masks(&key, &recovery, &secret).await.refused(403, "KEY_RECOVERY_NOT_PROVEN");
    let code = phone.sent_code(NUMBER).await;
    phone.confirm_code(&recovery, &code).await.ok();
    phone.ask_masks(&key, &recovery, &secret).await.ok();

    let other = {
        _stage.platform.clock.advance(SignedDuration::from_secs(61));
        phone.recover(&key, "pin_reset").await.expect(201).json()
    };
    let code = phone.sent_code(NUMBER).await;
    let confirmed = phone.confirm_code(&other, &code).await.ok().json();
    assert_eq!((&confirmed["code"], &confirmed["proven"]), (&json!("done"), &json!(false)));
    phone.ask_masks(&key, &other, &secret).await.refused(403, "KEY_RECOVERY_NOT_PROVEN");
}

#[tokio::test]
async fn a_face_that_is_not_the_owners_proves_nothing_and_may_be_shown_again() {
    let (_stage, mut phone, key) = stage().await;
    let recovery = phone.recover(&key, "pin_reset").await.expect(201).json();
    let failed = phone.show_face(&recovery, "failed").await;
    assert_eq!((&failed["face"], &failed["proven"]), (&json!("failed"), &json!(false)));
    let passed = phone.show_face(&recovery, "passed").await;
    assert_eq!(passed["face"], "done");
    // The account's verified name is what it was, and nobody was told that it was verified anew.
    let messages = phone.http.get("/api/messages").await.ok().json();
    let told = messages["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "identity_verified").count();
    assert_eq!(told, 1);
}

#[tokio::test]
async fn three_wrong_codes_wear_the_code_out() {
    let (_stage, mut phone, key) = stage().await;
    let recovery = phone.recover(&key, "pin_reset").await.expect(201).json();
    let right = phone.sent_code(NUMBER).await;
    let wrong = if right == "739105" { "739106" } else { "739105" };
    phone.confirm_code(&recovery, wrong).await.refused(422, "CODE_WRONG");
    phone.confirm_code(&recovery, wrong).await.refused(422, "CODE_WRONG");
    phone.confirm_code(&recovery, wrong).await.refused(422, "CODE_EXPIRED");
    phone.confirm_code(&recovery, &right).await.refused(422, "CODE_EXPIRED");
    phone.confirm_code(&recovery, "12345").await.refused(422, "FIELDS_INVALID");
}

#[tokio::test]
async fn a_code_belongs_to_one_recovery_and_to_nothing_else() {
    let (stage, mut phone, key) = stage().await;
    let first = phone.recover(&key, "pin_reset").await.expect(201).json();
    let old = phone.sent_code(NUMBER).await;
    phone.recover(&key, "pin_reset").await.refused(429, "CODE_TOO_SOON");
    stage.platform.clock.advance(SignedDuration::from_secs(61));
    let second = phone.recover(&key, "pin_reset").await.expect(201).json();
    let new = phone.sent_code(NUMBER).await;
    phone.confirm_code(&first, &old).await.refused(409, "KEY_RECOVERY_OVER");
    if old != new {
        phone.confirm_code(&second, &old).await.refused(422, "CODE_WRONG");
    }
    // Nor does a login's code confirm it.
    stage.platform.clock.advance(SignedDuration::from_secs(61));
    phone.http.post("/api/login-codes", json!({ "phone": NUMBER })).await.expect(202);
    let login = phone.sent_code(NUMBER).await;
    if login != new {
        phone.confirm_code(&second, &login).await.refused(422, "CODE_WRONG");
    }
    phone.confirm_code(&second, &new).await.ok();
    phone.confirm_code(&second, &new).await.ok();
}

#[tokio::test]
async fn the_mask_goes_to_the_device_that_holds_the_key_and_to_no_other() {
    let (stage, mut phone, key) = stage().await;
    let recovery = phone.proven(&key, NUMBER).await;
    let secret = SecretKey::generate().unwrap();
    // The same person's second phone, with a device key of its own.
    let mut second = Phone::register(phone.http.clone(), stage.now()).await;
    second.ask_masks(&key, &recovery, &secret).await.refused(422, "DEVICE_SIGNATURE_WRONG");
    // Another person does not even see the recovery.
    let (mut other, _) = stage.person(2).await;
    other.ask_masks(&key, &recovery, &secret).await.refused(404, "NOT_FOUND");
    other.recover(&key, "pin_reset").await.refused(404, "NOT_FOUND");
    other.confirm_code(&recovery, "123456").await.refused(404, "NOT_FOUND");
    let path = format!("/api/key-recoveries/{}", text(&recovery["id"]));
    other.http.get(&path).await.refused(404, "NOT_FOUND");
    phone.ask_masks(&key, &recovery, &secret).await.ok();
}

#[tokio::test]
async fn the_mask_is_sealed_anew_for_a_phone_that_stopped_and_only_so_often() {
    let (_stage, mut phone, key) = stage().await;
    let recovery = phone.proven(&key, NUMBER).await;
    let mut seen: Vec<Bytes> = Vec::new();
    for _ in 0..5 {
        let secret = SecretKey::generate().unwrap();
        let sealed = phone.ask_masks(&key, &recovery, &secret).await.ok().json();
        seen.push(unbase64(&sealed["sealed_masks"]).into());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let secret = SecretKey::generate().unwrap();
    phone.ask_masks(&key, &recovery, &secret).await.refused(429, "TOO_MANY_REQUESTS");
}

#[tokio::test]
async fn a_mask_serves_one_epoch_and_one_recovery_one_refresh() {
    let (stage, mut phone, mut key) = stage().await;
    let recovery = phone.proven(&key, NUMBER).await;
    let old = phone.recovered(&key, &recovery).await;
    phone.refresh(&mut key, old, NEW_PIN).await.unwrap();
    let secret = SecretKey::generate().unwrap();
    phone.ask_masks(&key, &recovery, &secret).await.refused(409, "KEY_RECOVERY_OVER");
    // With the recovery used up, a wrong PIN is a wrong PIN again.
    let wrong = phone.change_pin(&mut key, WRONG_PIN, PIN).await.unwrap_err();
    assert_eq!(wrong, Failure::Refused(Refusal::PinWrong { left: 4 }));
    signs(&stage, &mut phone, &mut key, NEW_PIN).await.unwrap();
}

#[tokio::test]
async fn a_recovery_does_not_become_a_way_to_guess_past_the_lock() {
    let (stage, mut phone, mut key) = stage().await;
    lock(&mut phone, &mut key).await;
    let recovery = phone.proven(&key, NUMBER).await;
    // Proven, but the mask was not asked for: it is still the PIN that would be proven, and that is locked.
    let locked = Failure::Refused(Refusal::Locked);
    assert_eq!(phone.change_pin(&mut key, WRONG_PIN, NEW_PIN).await.unwrap_err(), locked);
    phone.recovered(&key, &recovery).await;
    let mut refused = 0;
    while phone.change_pin(&mut key, WRONG_PIN, NEW_PIN).await.unwrap_err() == Failure::Refused(Refusal::Refused) {
        refused += 1;
        if refused > 20 {
            break;
        }
    }
    assert!(refused > 20, "all refused, none told as a PIN");
    assert_eq!(phone.change_pin(&mut key, PIN, NEW_PIN).await.unwrap_err(), Failure::Refused(Refusal::Refused));
    assert_eq!(signs(&stage, &mut phone, &mut key, PIN).await.unwrap_err(), locked);
}

#[tokio::test]
async fn a_recovery_ends_after_half_an_hour() {
    let (stage, mut phone, mut key) = stage().await;
    lock(&mut phone, &mut key).await;
    let recovery = phone.proven(&key, NUMBER).await;
    let shares = phone.recovered(&key, &recovery).await;
    stage.platform.clock.advance(SignedDuration::from_mins(31));
    let locked = Failure::Refused(Refusal::Locked);
    assert_eq!(phone.refresh(&mut key, shares, NEW_PIN).await.unwrap_err(), locked);
    let path = format!("/api/key-recoveries/{}", text(&recovery["id"]));
    assert_eq!(phone.http.get(&path).await.ok().json()["over"], true);
}

#[tokio::test]
async fn a_recovery_survives_a_restart_of_the_server() {
    let (stage, mut phone, mut key) = stage().await;
    let recovery = phone.proven(&key, NUMBER).await;
    let shares = phone.recovered(&key, &recovery).await;
    let begun = phone.begin_refresh(&mut key, shares, NEW_PIN).await.unwrap();
    let cookies = phone.http.clone();
    let stage = Stage::on(stage.platform.restart().await);
    phone.http = cookies.moved(stage.platform.router.clone());
    let reply = phone.send(&begun.octets).await;
    assert_eq!(phone.finish_refresh(&mut key, begun, &reply).unwrap_err(), Failure::Refused(Refusal::NonceGone));
    let shares = phone.recovered(&key, &recovery).await;
    phone.refresh(&mut key, shares, NEW_PIN).await.unwrap();
    signs(&stage, &mut phone, &mut key, NEW_PIN).await.unwrap();
}

/// Two phones hold the share; the stale one showed itself.
async fn frozen() -> (Stage, Phone<InProcess>, Key, Key) {
    let (stage, mut phone, mut key) = stage().await;
    let mut copy = key.clone();
    for _ in 0..2 {
        signs(&stage, &mut phone, &mut key, PIN).await.unwrap();
    }
    let suspect = Failure::Refused(Refusal::CloneSuspect);
    assert_eq!(signs(&stage, &mut phone, &mut copy, PIN).await.unwrap_err(), suspect);
    assert_eq!(signs(&stage, &mut phone, &mut key, PIN).await.unwrap_err(), suspect);
    (stage, phone, key, copy)
}

#[tokio::test]
async fn a_frozen_key_works_again_after_the_face_and_a_refresh_and_the_copy_is_dead() {
    let (stage, mut phone, mut key, mut copy) = frozen().await;
    let suspect = Failure::Refused(Refusal::CloneSuspect);
    let recovery = phone.recover(&key, "unfreeze").await.expect(201).json();
    assert_eq!((&recovery["code"], &recovery["face"]), (&json!("not_needed"), &json!("waiting")));
    assert_eq!(phone.change_pin(&mut key, PIN, NEW_PIN).await.unwrap_err(), suspect, "before the face");
    phone.show_face(&recovery, "passed").await;
    // Verified, but not refreshed: nothing signs yet.
    assert_eq!(signs(&stage, &mut phone, &mut key, PIN).await.unwrap_err(), suspect);
    let wrong = phone.change_pin(&mut key, WRONG_PIN, NEW_PIN).await.unwrap_err();
    assert_eq!(wrong, Failure::Refused(Refusal::PinWrong { left: 4 }));
    phone.change_pin(&mut key, PIN, PIN).await.unwrap();
    signs(&stage, &mut phone, &mut key, PIN).await.unwrap();
    let dead = Failure::Refused(Refusal::Refused);
    assert_eq!(signs(&stage, &mut phone, &mut copy, PIN).await.unwrap_err(), dead);
    let messages = phone.http.get("/api/messages").await.ok().json();
    assert_eq!(messages["items"][0]["title"], "证书已解除冻结");
}

#[tokio::test]
async fn the_phone_whose_token_is_stale_can_be_the_owners_too() {
    let (stage, mut phone, mut key, mut copy) = frozen().await;
    let recovery = phone.recover(&copy, "unfreeze").await.expect(201).json();
    phone.show_face(&recovery, "passed").await;
    phone.change_pin(&mut copy, PIN, NEW_PIN).await.unwrap();
    signs(&stage, &mut phone, &mut copy, NEW_PIN).await.unwrap();
    assert_eq!(signs(&stage, &mut phone, &mut key, PIN).await.unwrap_err(), Failure::Refused(Refusal::Refused));
}

#[tokio::test]
async fn what_is_not_frozen_is_not_unfrozen_and_a_lock_is_no_frost() {
    let (_stage, mut phone, mut key) = stage().await;
    phone.recover(&key, "unfreeze").await.refused(409, "KEY_NOT_FROZEN");
    lock(&mut phone, &mut key).await;
    phone.recover(&key, "unfreeze").await.refused(409, "KEY_LOCKED");
    phone.recover(&key, "other").await.refused(400, "JSON_INVALID");
}
