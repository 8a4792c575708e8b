//! Revocation lists of the platform.

use axum::http::StatusCode;
use jiff::SignedDuration;
use pki::{Crl, crl::Reason};
use server::pki_services::crl;

use crate::{
    asking::{SLUG, Subject},
    stage::Stage,
};

async fn list(stage: &Stage) -> Crl {
    let answer = stage.platform.browser().get(&format!("/pki/{SLUG}/ca.crl")).await.expect(StatusCode::OK);
    Crl::read(&answer.header("content-type", "application/pkix-crl").body).unwrap()
}

#[tokio::test]
async fn a_revoked_certificate_stands_in_the_next_list_and_numbers_rise() {
    let stage = Stage::open().await;
    let subject = Subject::new(&stage, 1).await;
    let before = list(&stage).await;
    before.verify_signature(&subject.ca.tbs.public_key).unwrap();
    assert!(before.find(subject.serial()).is_none());
    assert_eq!(list(&stage).await, before, "nothing has changed");
    subject.revoke(&stage, "superseded").await;
    let after = list(&stage).await;
    after.verify_signature(&subject.ca.tbs.public_key).unwrap();
    assert_eq!(after.find(subject.serial()).unwrap().reason, Reason::Superseded);
    assert!(after.tbs.number > before.tbs.number);
}

#[tokio::test]
async fn lists_are_made_before_they_are_asked_for() {
    let stage = Stage::open().await;
    let state = &stage.platform.state;
    assert_eq!(crl::refresh(state).await.unwrap(), 3, "one for each institution");
    assert_eq!(crl::refresh(state).await.unwrap(), 0);
    let subject = Subject::new(&stage, 1).await;
    subject.revoke(&stage, "keyCompromise").await;
    assert_eq!(crl::refresh(state).await.unwrap(), 1, "the one that was overtaken");
    let made = list(&stage).await;
    assert!(made.find(subject.serial()).is_some());
    stage.platform.clock.advance(SignedDuration::from_hours(11));
    assert_eq!(crl::refresh(state).await.unwrap(), 0);
    stage.platform.clock.advance(SignedDuration::from_hours(2));
    assert_eq!(crl::refresh(state).await.unwrap(), 3, "well before nextUpdate");
    let renewed = list(&stage).await;
    assert!(renewed.tbs.next_update > made.tbs.next_update && renewed.find(subject.serial()).is_some());
}

#[tokio::test]
async fn revocations_and_readers_at_once_leave_nothing_out() {
    let stage = Stage::open().await;
    let mut subjects = Vec::new();
    for n in 1..=4 {
        subjects.push(Subject::new(&stage, n).await);
    }
    let revoking = futures::future::join_all(subjects.iter().map(|subject| subject.revoke(&stage, "keyCompromise")));
    let reading = futures::future::join_all((0..8).map(|_| list(&stage)));
    let _ = futures::future::join(revoking, reading).await;
    let last = list(&stage).await;
    assert!(subjects.iter().all(|subject| last.find(subject.serial()).is_some()));
}
