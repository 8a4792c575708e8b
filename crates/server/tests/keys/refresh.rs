//! A change of the PIN is a refresh of the shares: the certificate stays, the old PIN and every copy are dead.

use splitkey::codec::Refusal;

use crate::{
    phone::{
        Failure, Key, PIN, Phone, WRONG_PIN, id_of, text,
        transport::{InProcess, Transport as _},
    },
    stage::Stage,
};

const NEW_PIN: &str = "517203";
const REFUSED: Failure = Failure::Refused(Refusal::Refused);
const NONCE_GONE: Failure = Failure::Refused(Refusal::NonceGone);

/// Logs in at the relying party with this PIN.
async fn signs(stage: &Stage, phone: &mut Phone<InProcess>, key: &mut Key, pin: &str) -> Result<(), Failure> {
    let request = stage.claimed_login(phone).await;
    let message = phone.message(&request).await;
    let signature = phone.sign(key, pin, id_of(&request["id"]), &message).await?;
    assert_eq!(phone.confirm(&request, &signature).await.ok().json()["state"], "confirmed");
    Ok(())
}

#[tokio::test]
async fn after_a_change_of_the_pin_the_new_one_signs_for_the_same_certificate() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let before = phone.http.get("/api/certificates").await.ok().json();
    phone.change_pin(&mut key, PIN, NEW_PIN).await.unwrap();
    assert_eq!(key.sealed.epoch(), 2);
    signs(&stage, &mut phone, &mut key, NEW_PIN).await.unwrap();
    let wrong = signs(&stage, &mut phone, &mut key, PIN).await.unwrap_err();
    assert_eq!(wrong, Failure::Refused(Refusal::PinWrong { left: 4 }));
    let after = phone.http.get("/api/certificates").await.ok().json();
    assert_eq!(before["items"][0]["certificate_pem"], after["items"][0]["certificate_pem"]);
    let messages = phone.http.get("/api/messages").await.ok().json();
    let titles: Vec<String> = messages["items"].as_array().unwrap().iter().map(|item| text(&item["title"])).collect();
    assert!(titles.contains(&"证书密码已修改".to_owned()), "{titles:?}");
}

#[tokio::test]
async fn the_old_share_is_dead_whatever_pin_opens_it() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let mut old = key.clone();
    phone.change_pin(&mut key, PIN, NEW_PIN).await.unwrap();
    assert_eq!(signs(&stage, &mut phone, &mut old, PIN).await.unwrap_err(), REFUSED);
    let shares = phone.shares(&old, PIN);
    assert_eq!(phone.refresh(&mut old, shares, "661203").await.unwrap_err(), REFUSED);
    // It was no attempt, and no clone: the copy is of another epoch.
    signs(&stage, &mut phone, &mut key, NEW_PIN).await.unwrap();
}

#[tokio::test]
async fn a_wrong_old_pin_is_counted_and_told_and_five_lock_the_key() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    for left in [4, 3, 2, 1, 0] {
        let wrong = phone.change_pin(&mut key, WRONG_PIN, NEW_PIN).await.unwrap_err();
        assert_eq!(wrong, Failure::Refused(Refusal::PinWrong { left }));
    }
    let locked = Failure::Refused(Refusal::Locked);
    assert_eq!(phone.change_pin(&mut key, PIN, NEW_PIN).await.unwrap_err(), locked);
    assert_eq!(phone.epoch(&key).await.unwrap(), 1);
}

#[tokio::test]
async fn a_change_of_the_pin_forgets_every_wrong_one() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let mut pin = PIN;
    // Thirty wrong ones in all lock a key: not when the PIN was changed in between.
    for new in ["517203", "284617", "517203", "284617", "517203", "284617", "517203", "284617", "517203"] {
        for left in [4, 3, 2, 1] {
            let wrong = phone.change_pin(&mut key, WRONG_PIN, new).await.unwrap_err();
            assert_eq!(wrong, Failure::Refused(Refusal::PinWrong { left }));
        }
        phone.change_pin(&mut key, pin, new).await.unwrap();
        pin = new;
    }
}

#[tokio::test]
async fn until_the_second_request_the_old_pin_is_good() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let shares = phone.shares(&key, PIN);
    let begun = phone.begin_refresh(&mut key, shares, NEW_PIN).await.unwrap();
    assert_eq!(phone.epoch(&key).await.unwrap(), 1);
    signs(&stage, &mut phone, &mut key, PIN).await.unwrap();
    // The token has moved on without it: nothing comes of the second request any more, and nothing is frozen.
    let mut next = Key { sealed: begun.next.clone(), commitments: Vec::new() };
    assert_eq!(signs(&stage, &mut phone, &mut next, NEW_PIN).await.unwrap_err(), REFUSED);
    signs(&stage, &mut phone, &mut key, PIN).await.unwrap();
}

#[tokio::test]
async fn when_the_last_answer_is_lost_the_new_pin_is_good_and_the_phone_finds_out() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let shares = phone.shares(&key, PIN);
    let begun = phone.begin_refresh(&mut key, shares, NEW_PIN).await.unwrap();
    phone.send(&begun.octets).await.ok();
    assert_eq!(phone.epoch(&key).await.unwrap(), 2, "asked with the old key");
    let mut next = Key { sealed: begun.next.clone(), commitments: Vec::new() };
    assert_eq!(phone.epoch(&next).await.unwrap(), 2, "asked with the new key");
    signs(&stage, &mut phone, &mut next, NEW_PIN).await.unwrap();
    assert_eq!(signs(&stage, &mut phone, &mut key, PIN).await.unwrap_err(), REFUSED);
}

#[tokio::test]
async fn the_last_request_once_more_gets_the_same_answer() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let shares = phone.shares(&key, PIN);
    let begun = phone.begin_refresh(&mut key, shares, NEW_PIN).await.unwrap();
    phone.send(&begun.octets).await.ok();
    let again = phone.send(&begun.octets).await;
    phone.finish_refresh(&mut key, begun, &again).unwrap();
    signs(&stage, &mut phone, &mut key, NEW_PIN).await.unwrap();
    assert_eq!(key.sealed.epoch(), 2);
}

#[tokio::test]
async fn an_opening_that_does_not_fit_is_refused_and_another_needs_another_commitment() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let shares = phone.shares(&key, PIN);
    let begun = phone.begin_refresh(&mut key, shares, NEW_PIN).await.unwrap();
    let mut forged = begun.message.clone();
    forged.o[0] ^= 1;
    let header = phone.header(&key);
    assert_eq!(phone.operate(&header, &forged).await.unwrap_err(), REFUSED);
    let right = phone.send(&begun.octets).await;
    assert_eq!(phone.finish_refresh(&mut key, begun, &right).unwrap_err(), NONCE_GONE);
    signs(&stage, &mut phone, &mut key, PIN).await.unwrap();
}

#[tokio::test]
async fn a_second_request_without_a_first_is_refused() {
    let stage = Stage::open().await;
    let (mut one, mut key_of_one) = stage.person(1).await;
    let (mut other, mut key_of_other) = stage.person(2).await;
    let shares = one.shares(&key_of_one, PIN);
    let begun = one.begin_refresh(&mut key_of_one, shares, NEW_PIN).await.unwrap();
    let header = other.header(&key_of_other);
    assert_eq!(other.operate(&header, &begun.message).await.unwrap_err(), NONCE_GONE);
    // Nor does anybody else refresh this key, or learn its epoch.
    let shares = one.shares(&key_of_one, PIN);
    let mut foreign = key_of_one.clone();
    assert_eq!(other.refresh(&mut foreign, shares, NEW_PIN).await.unwrap_err(), REFUSED);
    assert_eq!(other.epoch(&foreign).await.unwrap_err(), REFUSED);
    signs(&stage, &mut other, &mut key_of_other, PIN).await.unwrap();
}

#[tokio::test]
async fn commitments_of_the_old_epoch_are_burnt() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let request = stage.claimed_login(&mut phone).await;
    phone.prepare(&mut key, id_of(&request["id"])).await.unwrap();
    let old = key.commitments.clone();
    phone.change_pin(&mut key, PIN, NEW_PIN).await.unwrap();
    key.commitments = old;
    let message = phone.message(&request).await;
    let refused = phone.sign(&mut key, NEW_PIN, id_of(&request["id"]), &message).await.unwrap_err();
    assert_eq!(refused, NONCE_GONE);
}

#[tokio::test]
async fn a_refresh_that_an_earlier_process_began_is_begun_again() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let shares = phone.shares(&key, PIN);
    let begun = phone.begin_refresh(&mut key, shares, NEW_PIN).await.unwrap();
    let cookies = phone.http.clone();
    let stage = Stage::on(stage.platform.restart().await);
    phone.http = cookies.moved(stage.platform.router.clone());
    let reply = phone.send(&begun.octets).await;
    assert_eq!(phone.finish_refresh(&mut key, begun, &reply).unwrap_err(), NONCE_GONE);
    phone.change_pin(&mut key, PIN, NEW_PIN).await.unwrap();
    signs(&stage, &mut phone, &mut key, NEW_PIN).await.unwrap();
}

#[tokio::test]
async fn a_copy_that_begins_a_refresh_freezes_the_key_and_none_is_finished() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let (mut copy, shares) = (key.clone(), phone.shares(&key, PIN));
    let first = phone.begin_refresh(&mut key, shares.clone(), NEW_PIN).await.unwrap();
    // The copy's token is the one before, and it names no request that was lost.
    let suspect = Failure::Refused(Refusal::CloneSuspect);
    assert_eq!(phone.begin_refresh(&mut copy, shares, "661203").await.err().unwrap(), suspect);
    let reply = phone.send(&first.octets).await;
    assert_eq!(phone.finish_refresh(&mut key, first, &reply).unwrap_err(), suspect);
    assert_eq!(phone.epoch(&key).await.unwrap(), 1);
}

#[tokio::test]
async fn a_phone_that_lost_the_first_answer_begins_again_and_is_no_copy() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let before = key.sealed.clone();
    let shares = phone.shares(&key, PIN);
    phone.begin_refresh(&mut key, shares, NEW_PIN).await.unwrap();
    // The answer never came: the phone knows the old token and which request it had under way.
    let pending = phone.last_request;
    key.sealed = before;
    key.sealed.pending = Some(pending);
    phone.change_pin(&mut key, PIN, NEW_PIN).await.unwrap();
    signs(&stage, &mut phone, &mut key, NEW_PIN).await.unwrap();
}
