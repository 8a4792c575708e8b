//! Invitations (manual 1.12.4.1): by name and phone number, with an SMS; accepted by whoever has the number and the name.

use axum::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::{
    enterprise::{Enterprise, store},
    message::sms,
};

use crate::common::{Browser, ID_NUMBERS, Platform, company::account_of, text};

const NAME: &str = "广西桂云工程有限公司";
const ADMIN: &str = "13800138000";
const INVITED: &str = "13800138001";

async fn scene() -> (Platform, Browser, Enterprise) {
    let platform = Platform::start().await;
    let mut admin = platform.verified_phone(ADMIN, ID_NUMBERS[0]).await;
    let enterprise = platform.enterprise(1, NAME, &mut admin).await;
    (platform, admin, enterprise)
}

fn path(enterprise: &Enterprise) -> String {
    format!("/api/enterprises/{}/invitations", enterprise.id)
}

async fn invite(admin: &mut Browser, enterprise: &Enterprise, name: &str, phone: &str) -> Value {
    let new = json!({ "name": name, "phone": phone });
    admin.post(&path(enterprise), new).await.expect(StatusCode::CREATED).json()
}

async fn texts_to(platform: &Platform, phone: &str) -> Vec<String> {
    let outbox = platform.browser().get("/api/sandbox/sms").await.json();
    let items = outbox["items"].as_array().unwrap().iter();
    items.filter(|one| one["phone"] == phone && one["code"].is_null()).map(|one| text(&one["text"])).collect()
}

#[tokio::test]
async fn an_invited_person_accepts_and_becomes_a_clerk() {
    let (platform, mut admin, enterprise) = scene().await;
    let invitation = invite(&mut admin, &enterprise, "韦桂花", INVITED).await;
    assert_eq!((&invitation["state"], &invitation["phone_masked"]), (&json!("waiting"), &json!("138****8001")));
    sms::send_due(&platform.state).await.unwrap();
    sms::send_due(&platform.state).await.unwrap();
    let texts = texts_to(&platform, INVITED).await;
    assert!(texts.len() == 1 && texts[0].contains(NAME), "{texts:?}");

    // The number has no account yet; it finds the invitation when it has one.
    let mut person = platform.verified_phone(INVITED, ID_NUMBERS[1]).await;
    let mine = person.get("/api/invitations").await.expect(StatusCode::OK).json();
    let id = text(&mine["items"][0]["id"]);
    assert_eq!((&mine["items"][0]["enterprise_name"], &mine["items"][0]["state"]), (&json!(NAME), &json!("waiting")));
    assert_eq!(mine["items"][0]["invited_by_masked"], "韦*花");
    for _ in 0..2 {
        let accepted = person.act(&format!("/api/invitations/{id}/acceptance")).await.expect(StatusCode::OK).json();
        assert_eq!(accepted["state"], "accepted");
    }
    person.act(&format!("/api/invitations/{id}/refusal")).await.refused(409, "INVITATION_OVER");
    let me = person.get("/api/me").await.json();
    assert_eq!((&me["memberships"][0]["role"], me["memberships"].as_array().unwrap().len()), (&json!("clerk"), 1));
    let messages = admin.get("/api/messages").await.json();
    assert_eq!(messages["items"][0]["kind"], "invitation_accepted");
    let new = json!({ "name": "韦桂花", "phone": INVITED });
    admin.post(&path(&enterprise), new).await.refused(409, "ALREADY_A_MEMBER");
}

#[tokio::test]
async fn the_same_person_invited_twice_is_invited_once() {
    let (platform, mut admin, enterprise) = scene().await;
    let mut person = platform.verified_phone(INVITED, ID_NUMBERS[1]).await;
    let first = invite(&mut admin, &enterprise, "韦桂花", INVITED).await;
    let (one, other) = {
        let (mut left, mut right) = (admin.clone(), admin.clone());
        tokio::join!(
            invite(&mut left, &enterprise, " 韦桂花 ", INVITED),
            invite(&mut right, &enterprise, "韦桂花", INVITED)
        )
    };
    assert!(first["id"] == one["id"] && one["id"] == other["id"]);
    let refused = admin.post(&path(&enterprise), json!({ "name": "韦桂芳", "phone": INVITED })).await;
    refused.refused(409, "INVITATION_OPEN");
    assert_eq!(refused.json()["invitation_id"], first["id"]);
    sms::send_due(&platform.state).await.unwrap();
    assert_eq!(texts_to(&platform, INVITED).await.len(), 1);
    let messages = person.get("/api/messages").await.json();
    let kinds = messages["items"].as_array().unwrap().iter().filter(|one| one["kind"] == "invitation").count();
    assert_eq!(kinds, 1);
    assert_eq!(messages["items"][0]["action"]["kind"], "open_invitation");
}

#[tokio::test]
async fn of_two_acceptances_at_once_one_makes_the_clerk_and_both_are_right() {
    let (platform, mut admin, enterprise) = scene().await;
    let mut person = platform.verified_phone(INVITED, ID_NUMBERS[1]).await;
    let id = text(&invite(&mut admin, &enterprise, "韦桂花", INVITED).await["id"]);
    let path = format!("/api/invitations/{id}/acceptance");
    let (mut left, mut right) = (person.clone(), person.clone());
    let (one, other) = tokio::join!(left.act(&path), right.act(&path));
    one.expect(StatusCode::OK);
    other.expect(StatusCode::OK);
    let members = store::members(&*platform.state.db, enterprise.id).await.unwrap();
    assert_eq!(members.iter().filter(|row| row.role == "clerk").count(), 1);
    account_of(&mut person).await;
}

#[tokio::test]
async fn only_whoever_has_the_number_and_the_name_accepts() {
    let (platform, mut admin, enterprise) = scene().await;
    let id = text(&invite(&mut admin, &enterprise, "韦桂芳", INVITED).await["id"]);
    let path = format!("/api/invitations/{id}/acceptance");
    let mut stranger = platform.verified_phone("13800138002", ID_NUMBERS[2]).await;
    stranger.act(&path).await.refused(404, "NOT_FOUND");
    assert_eq!(stranger.get("/api/invitations").await.json()["items"], json!([]));
    let mut person = platform.phone(INVITED).await;
    person.act(&path).await.refused(403, "NOT_VERIFIED");
    let verification = person.verify("韦桂花", ID_NUMBERS[1], "passed").await;
    person.get(&format!("/api/identity/verifications/{verification}")).await.expect(StatusCode::OK);
    person.act(&path).await.refused(409, "NAME_MISMATCH");
    // Declining needs no name.
    person.act(&format!("/api/invitations/{id}/refusal")).await.expect(StatusCode::OK);
    person.act(&path).await.refused(409, "INVITATION_OVER");
    let messages = admin.get("/api/messages").await.json();
    assert_eq!(messages["items"][0]["kind"], "invitation_declined");
    // Whoever said no may be asked again.
    invite(&mut admin, &enterprise, "韦桂花", INVITED).await;
}

#[tokio::test]
async fn an_invitation_ends_after_seven_days_or_when_it_is_taken_back() {
    let (platform, mut admin, enterprise) = scene().await;
    let mut person = platform.verified_phone(INVITED, ID_NUMBERS[1]).await;
    let old = text(&invite(&mut admin, &enterprise, "韦桂花", INVITED).await["id"]);
    platform.clock.advance(SignedDuration::from_hours(24 * 7));
    person.act(&format!("/api/invitations/{old}/acceptance")).await.refused(409, "INVITATION_OVER");
    assert_eq!(person.get("/api/invitations").await.json()["items"], json!([]));
    let list = admin.get(&path(&enterprise)).await.json();
    assert_eq!(list["items"][0]["state"], "expired");
    let new = text(&invite(&mut admin, &enterprise, "韦桂花", INVITED).await["id"]);
    assert_ne!(old, new);
    for _ in 0..2 {
        admin.delete(&format!("{}/{new}", path(&enterprise))).await.expect(StatusCode::NO_CONTENT);
    }
    person.act(&format!("/api/invitations/{new}/acceptance")).await.refused(409, "INVITATION_OVER");
}

#[tokio::test]
async fn other_peoples_invitations_and_wrong_names_are_refused() {
    let (platform, mut admin, enterprise) = scene().await;
    let mut other = platform.verified_phone("13800138002", ID_NUMBERS[2]).await;
    let elsewhere = platform.enterprise(2, "桂林山水旅游有限公司", &mut other).await;
    let id = text(&invite(&mut admin, &enterprise, "韦桂花", INVITED).await["id"]);
    other.delete(&format!("{}/{id}", path(&enterprise))).await.refused(403, "NOT_A_MEMBER");
    other.delete(&format!("{}/{id}", path(&elsewhere))).await.refused(404, "NOT_FOUND");
    other.post(&path(&enterprise), json!({ "name": "韦桂花", "phone": INVITED })).await.refused(403, "NOT_A_MEMBER");
    for (name, phone, field) in [("", INVITED, "name"), ("<b>", INVITED, "name"), ("韦桂花", "1380013800", "phone")]
    {
        let refused = admin.post(&path(&enterprise), json!({ "name": name, "phone": phone })).await;
        refused.refused(422, "FIELDS_INVALID");
        assert!(refused.json()["fields"][field].is_string(), "{field}");
    }
}

#[tokio::test]
async fn one_number_is_not_flooded_with_invitations() {
    let (platform, mut admin, enterprise) = scene().await;
    for _ in 0..5 {
        let id = text(&invite(&mut admin, &enterprise, "韦桂花", INVITED).await["id"]);
        admin.delete(&format!("{}/{id}", path(&enterprise))).await.expect(StatusCode::NO_CONTENT);
    }
    let new = json!({ "name": "韦桂花", "phone": INVITED });
    admin.post(&path(&enterprise), new.clone()).await.refused(429, "TOO_MANY_REQUESTS");
    platform.clock.advance(SignedDuration::from_hours(24));
    admin.post(&path(&enterprise), new).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn whoever_is_away_hears_of_an_approval_by_sms_unless_they_do_not_want_to() {
    let platform = Platform::start().await;
    let mut reviewer = platform.reviewer().await;
    for (phone, number, wanted) in [(ADMIN, 0, true), (INVITED, 1, false)] {
        let mut person = platform.verified_phone(phone, ID_NUMBERS[number]).await;
        let setting = json!({ "consent": true, "approval": wanted }).to_string().into_bytes();
        person.put("/api/me/sms-notices", "application/json", setting).await.expect(StatusCode::OK);
        assert_eq!(person.get("/api/me/sms-notices").await.json()["approval"], wanted);
        let id = person.submitted_application(&platform).await;
        let path = format!("/api/console/applications/{id}");
        let version = reviewer.get(&path).await.json()["version"].clone();
        reviewer.post(&format!("{path}/approval"), json!({ "version": version })).await.expect(StatusCode::OK);
        sms::send_due(&platform.state).await.unwrap();
        assert_eq!(texts_to(&platform, phone).await, [""; 0], "they may be looking right now");
        platform.clock.advance(SignedDuration::from_mins(3));
        sms::send_due(&platform.state).await.unwrap();
        assert_eq!(texts_to(&platform, phone).await.len(), usize::from(wanted));
    }
}
