//! Impatient phones: the same thing twice at once, and connections that break in the middle.

use std::time::Duration;

use sea_orm::EntityTrait as _;
use server::keys::entity::split_key;

use splitkey::codec::Refusal;

use crate::{
    phone::{Failure, PIN, id_of, opened, uuid},
    stage::Stage,
};

#[tokio::test]
async fn a_request_that_comes_twice_at_once_gets_one_signature_and_both_hear_it() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let request = stage.claimed_login(&mut phone).await;
    let message = phone.message(&request).await;
    phone.prepare(&mut key, id_of(&request["id"])).await.unwrap();
    let prepared = phone.build(&mut key, PIN, id_of(&request["id"]), &message);
    let (octets, mut other) = (prepared.octets.clone(), phone.http.clone());
    let again = async {
        use crate::phone::transport::Transport as _;
        other.call("POST", "/api/key-operations", Some("application/octet-stream"), octets.clone()).await
    };
    let (first, second) = tokio::join!(phone.send(&octets), again);
    let second = opened::<splitkey::codec::SignReply>(&prepared.channel, &second).expect("the same answer");
    let signature = phone.finish(&mut key, prepared, &first).expect("a signature");
    assert!(second.tok == key.sealed.tok, "both hear one answer");
    phone.confirm(&request, &signature).await.ok();
}

#[tokio::test]
async fn a_phone_that_hangs_up_at_any_moment_finds_its_answer_at_the_next_try() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    for milliseconds in [0, 1, 2, 3, 5, 8, 12, 17, 23, 30, 40] {
        let request = stage.claimed_login(&mut phone).await;
        let message = phone.message(&request).await;
        phone.prepare(&mut key, id_of(&request["id"])).await.unwrap();
        let prepared = phone.build(&mut key, PIN, id_of(&request["id"]), &message);
        let octets = prepared.octets.clone();
        let _ = tokio::time::timeout(Duration::from_millis(milliseconds), phone.send(&octets)).await;
        let reply = phone.send(&octets).await;
        let signature = phone.finish(&mut key, prepared, &reply);
        let signature = signature.unwrap_or_else(|failure| panic!("after {milliseconds} ms: {failure:?}"));
        phone.confirm(&request, &signature).await.ok();
    }
    let row = split_key::Entity::find_by_id(uuid(key.sealed.key_id())).one(&*stage.platform.state.db).await;
    let row = row.unwrap().unwrap();
    assert_eq!((row.failures, row.total_failures), (0, 0), "an impatient phone has not typed a wrong PIN");
}

#[tokio::test]
async fn the_same_confirmation_twice_at_once_is_one_confirmation_and_no_refusal() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let subject = stage.log_in(&mut phone, &mut key).await;
    for request in [stage.claimed_login(&mut phone).await, stage.claimed_document(&mut phone, &subject).await] {
        let signature = phone.sign_request(&mut key, &request).await.unwrap();
        let answer = serde_json::json!({
            "decision": "confirm",
            "certificate_id": request["certificates"][0]["id"],
            "signature": base64::Engine::encode(&base64::engine::general_purpose::STANDARD, signature.to_der()),
        });
        let path = format!("/api/scan-requests/{}/answer", crate::phone::text(&request["id"]));
        use crate::phone::transport::Transport as _;
        let (mut one, mut other) = (phone.http.clone(), phone.http.clone());
        let (one, other) = tokio::join!(one.post(&path, answer.clone()), other.post(&path, answer.clone()));
        assert_eq!(one.ok().json()["state"], "confirmed");
        assert_eq!(other.ok().json()["state"], "confirmed");
    }
}

#[tokio::test]
async fn of_confirmation_and_cancellation_at_once_one_wins_and_both_sides_see_the_same() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    for _ in 0..4 {
        use crate::phone::transport::Transport as _;
        let request = stage.claimed_login(&mut phone).await;
        let signature = phone.sign_request(&mut key, &request).await.unwrap();
        let id = crate::phone::text(&request["id"]);
        let (path, mut relying_party) = (format!("/api/rp/scan-requests/{id}"), stage.relying_party.clone());
        let (confirmed, cancelled) =
            tokio::join!(phone.confirm(&request, &signature), relying_party.call("DELETE", &path, None, Vec::new()));
        let state = stage.look(&id).await["state"].clone();
        match state.as_str() {
            Some("confirmed") => assert_eq!((confirmed.status, cancelled.status), (200, 409)),
            Some("cancelled") => assert_eq!((confirmed.status, cancelled.status), (409, 204)),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn answers_lost_one_after_another_do_not_make_the_owner_a_clone() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let request = stage.claimed_login(&mut phone).await;
    let (task, message) = (id_of(&request["id"]), phone.message(&request).await);
    for _ in 0..3 {
        phone.prepare(&mut key, task).await.unwrap();
    }
    // Done, and the answer is lost.
    let first = phone.build(&mut key, PIN, task, &message);
    phone.send(&first.octets).await.ok();
    // Never arrives.
    let second = phone.build(&mut key, PIN, task, &message);
    drop(second);
    // A slip of the finger on top.
    let third = phone.build(&mut key, crate::phone::WRONG_PIN, task, &message);
    let reply = phone.send(&third.octets).await;
    let refused = phone.finish(&mut key, third, &reply).unwrap_err();
    assert_eq!(refused, Failure::Refused(Refusal::PinWrong { left: 4 }));
    // Done, and the answer is lost again.
    phone.prepare(&mut key, task).await.expect("still the owner");
    let fourth = phone.build(&mut key, PIN, task, &message);
    phone.send(&fourth.octets).await.ok();
    phone.prepare(&mut key, task).await.expect("still the owner");
    let signature = phone.sign(&mut key, PIN, task, &message).await.expect("a signature");
    phone.confirm(&request, &signature).await.ok();
}

#[tokio::test]
async fn a_key_that_is_frozen_before_its_certificate_gets_none() {
    use crate::phone::{journey, transport::InProcess};
    let stage = Stage::open().await;
    let http = InProcess::new(stage.platform.router.clone());
    let (mut phone, id) =
        journey::approved(&http, crate::common::ORIGIN, stage.platform.folder(), 1, stage.now()).await;
    let enrolment = phone.begin(&id).await;
    let mut key = phone.generate(&enrolment).await.unwrap();
    let mut copy = key.clone();
    let transport = gm::sm2::SecretKey::generate().unwrap();
    phone.name_transport(&enrolment, &transport).await.expect(204);
    let info = phone.request_info(&enrolment, &key, &transport);
    let task = id_of(&enrolment["id"]);
    let signature = phone.sign(&mut key, PIN, task, &info).await.unwrap();
    let refused = phone.prepare(&mut copy, task).await.unwrap_err();
    assert_eq!(refused, Failure::Refused(Refusal::CloneSuspect));
    phone.hand_in(&enrolment, &key, &signature).await.refused(409, "ENROLMENT_KEY_FOREIGN");
}
