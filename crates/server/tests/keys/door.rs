//! What the door refuses, and that it forgets nothing.

use jiff::SignedDuration;
use splitkey::{Id, codec::Refusal, sign::Commitment};

use crate::{
    phone::{Failure, Key, PIN, Phone, WRONG_PIN, id_of, opened, text, transport::InProcess},
    stage::Stage,
};

const NONCE_GONE: Failure = Failure::Refused(Refusal::NonceGone);
const REFUSED: Failure = Failure::Refused(Refusal::Refused);

async fn login(stage: &Stage, phone: &mut Phone<InProcess>) -> (uuid::Uuid, Vec<u8>) {
    let request = stage.claimed_login(phone).await;
    let message = phone.message(&request).await;
    (id_of(&request["id"]), message)
}

async fn try_pin(phone: &mut Phone<InProcess>, key: &mut Key, pin: &str, task: (uuid::Uuid, &[u8])) -> Option<Refusal> {
    match phone.sign(key, pin, task.0, task.1).await {
        Ok(_) => None,
        Err(Failure::Refused(refusal)) => Some(refusal),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn five_wrong_pins_lock_the_key_and_the_right_one_does_not_open_it() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let (task, message) = login(&stage, &mut phone).await;
    for left in [4, 3, 2, 1, 0] {
        let refusal = try_pin(&mut phone, &mut key, WRONG_PIN, (task, &message)).await;
        assert_eq!(refusal, Some(Refusal::PinWrong { left }));
    }
    assert_eq!(try_pin(&mut phone, &mut key, PIN, (task, &message)).await, Some(Refusal::Locked));
    assert_eq!(phone.prepare(&mut key, task).await, Err(Failure::Refused(Refusal::Locked)));
}

#[tokio::test]
async fn a_lock_survives_a_restart() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let (task, message) = login(&stage, &mut phone).await;
    for _ in 0..5 {
        try_pin(&mut phone, &mut key, WRONG_PIN, (task, &message)).await;
    }
    let cookies = phone.http.clone();
    let stage = Stage::on(stage.platform.restart().await);
    phone.http = cookies.moved(stage.platform.router.clone());
    assert_eq!(phone.prepare(&mut key, task).await, Err(Failure::Refused(Refusal::Locked)));
}

#[tokio::test]
async fn the_right_pin_forgets_the_wrong_ones_in_a_row() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let (task, message) = login(&stage, &mut phone).await;
    for _ in 0..3 {
        for left in [4, 3, 2, 1] {
            let refusal = try_pin(&mut phone, &mut key, WRONG_PIN, (task, &message)).await;
            assert_eq!(refusal, Some(Refusal::PinWrong { left }));
        }
        assert_eq!(try_pin(&mut phone, &mut key, PIN, (task, &message)).await, None);
    }
}

#[tokio::test]
async fn a_nonce_answers_once_whatever_it_is_asked() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let (task, message) = login(&stage, &mut phone).await;
    let spent = *key.commitments.last().unwrap();
    phone.sign(&mut key, PIN, task, &message).await.unwrap();
    let (other, message) = login(&stage, &mut phone).await;
    key.commitments.push(spent);
    assert_eq!(phone.sign(&mut key, PIN, other, &message).await.unwrap_err(), NONCE_GONE);
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer_and_a_changed_one_under_its_id_none() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let (task, message) = login(&stage, &mut phone).await;
    let prepared = phone.build(&mut key, PIN, task, &message);
    let first = phone.send(&prepared.octets).await;
    let again = phone.send(&prepared.octets).await;
    let answer = |reply| opened::<splitkey::codec::SignReply>(&prepared.channel, reply).unwrap();
    assert_eq!(answer(&first), answer(&again));

    let mut header = phone.header(&key);
    header.req_id = prepared.req_id;
    let changed = phone.operate(&header, &splitkey::codec::Prepare { task_id: Id(*task.as_bytes()) }).await;
    assert_eq!(changed.unwrap_err(), Failure::Refused(Refusal::Conflict));
}

#[tokio::test]
async fn only_the_digest_that_the_server_knows_itself_is_signed() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let (task, message) = login(&stage, &mut phone).await;
    let other = [&message[..], b" "].concat();
    assert_eq!(phone.sign(&mut key, PIN, task, &other).await.unwrap_err(), REFUSED);
    assert_eq!(phone.sign(&mut key, PIN, uuid::Uuid::now_v7(), &message).await.unwrap_err(), REFUSED);
    // Neither was an attempt at the PIN.
    phone.prepare(&mut key, task).await.unwrap();
    let refusal = try_pin(&mut phone, &mut key, WRONG_PIN, (task, &message)).await;
    assert_eq!(refusal, Some(Refusal::PinWrong { left: 4 }));
}

#[tokio::test]
async fn nobody_signs_with_anothers_key_or_for_anothers_request() {
    let stage = Stage::open().await;
    let (mut one, mut key_of_one) = stage.person(1).await;
    let (mut other, mut key_of_other) = stage.person(2).await;
    let (task, message) = login(&stage, &mut one).await;
    assert_eq!(other.sign(&mut key_of_other, PIN, task, &message).await.unwrap_err(), REFUSED);
    let header = other.header(&key_of_one);
    let foreign = other.operate(&header, &splitkey::codec::Prepare { task_id: Id(*task.as_bytes()) }).await;
    assert_eq!(foreign.unwrap_err(), REFUSED);
    one.sign(&mut key_of_one, PIN, task, &message).await.unwrap();
}

#[tokio::test]
async fn a_copy_of_the_phone_freezes_the_key_for_both() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let mut copy = key.clone();
    for _ in 0..2 {
        let (task, message) = login(&stage, &mut phone).await;
        phone.sign(&mut key, PIN, task, &message).await.unwrap();
    }
    let (task, message) = login(&stage, &mut phone).await;
    let suspect = Failure::Refused(Refusal::CloneSuspect);
    assert_eq!(phone.sign(&mut copy, PIN, task, &message).await.unwrap_err(), suspect);
    assert_eq!(phone.sign(&mut key, PIN, task, &message).await.unwrap_err(), suspect);
    let mut http = phone.http.clone();
    let messages = crate::phone::transport::Transport::get(&mut http, "/api/messages").await.ok().json();
    assert_eq!(text(&messages["items"][0]["title"]), "证书已冻结");
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_more_than_five_minutes_is_refused() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let (task, message) = login(&stage, &mut phone).await;
    let right = stage.now();
    phone.now = Box::new(move || right() - 301_000);
    assert_eq!(phone.sign(&mut key, PIN, task, &message).await.unwrap_err(), REFUSED);
}

#[tokio::test]
async fn what_has_expired_is_not_signed_any_more() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let (task, message) = login(&stage, &mut phone).await;
    stage.platform.clock.advance(SignedDuration::from_mins(6));
    assert_eq!(phone.sign(&mut key, PIN, task, &message).await.unwrap_err(), REFUSED);
}

#[tokio::test]
async fn a_commitment_of_an_earlier_process_is_gone() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let (task, message) = login(&stage, &mut phone).await;
    let old: Commitment = *key.commitments.last().unwrap();
    let cookies = phone.http.clone();
    let stage = Stage::on(stage.platform.restart().await);
    phone.http = cookies.moved(stage.platform.router.clone());
    assert_eq!(phone.sign(&mut key, PIN, task, &message).await.unwrap_err(), NONCE_GONE);
    assert!(!key.commitments.contains(&old));
    phone.sign(&mut key, PIN, task, &message).await.unwrap();
}

#[tokio::test]
async fn a_commitment_of_one_node_is_gone_at_another_which_gives_its_own() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let (task, message) = login(&stage, &mut phone).await;
    let other = stage.platform.beside().await;
    phone.http = phone.http.clone().moved(other.router.clone());
    assert_eq!(phone.sign(&mut key, PIN, task, &message).await.unwrap_err(), NONCE_GONE);
    phone.sign(&mut key, PIN, task, &message).await.unwrap();
    // The first node's lies open in the table, and whoever signs there is told the same.
    phone.http = phone.http.clone().moved(stage.platform.router.clone());
    assert_eq!(phone.sign(&mut key, PIN, task, &message).await.unwrap_err(), NONCE_GONE);
    phone.sign(&mut key, PIN, task, &message).await.unwrap();
}
