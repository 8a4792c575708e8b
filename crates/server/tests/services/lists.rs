//! Revocation lists of the platform.

use axum::http::StatusCode;
use jiff::SignedDuration;
use pki::{Crl, crl::Reason, hash::Hash, ocsp::Status};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    Set,
};
use server::{
    certificate::entity::authority::{ActiveModel, Column, Entity},
    pki_services::crl,
};

use crate::{
    asking::{SLUG, Subject, post},
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
async fn a_revocation_by_a_node_whose_clock_is_ahead_is_in_the_list_and_the_answers_at_once() {
    let stage = Stage::open().await;
    let subject = Subject::new(&stage, 1).await;
    stage.platform.clock.advance(SignedDuration::from_secs(5));
    subject.revoke(&stage, "keyCompromise").await;
    stage.platform.clock.advance(SignedDuration::from_secs(-5));
    let now = u64::try_from(stage.platform.state.now().as_second()).unwrap();
    let list = list(&stage).await;
    assert_eq!(list.find(subject.serial()).unwrap().at, now, "not after the list itself");
    let answer = post(&mut stage.platform.browser(), &subject.request(Hash::Sm3, None).to_der()).await;
    let revoked = Status::Revoked { at: now, reason: Reason::KeyCompromise };
    assert_eq!(subject.believe(&stage, &answer.body, None), revoked);
}

#[tokio::test]
async fn an_institution_whose_list_cannot_be_made_holds_up_no_others() {
    let stage = Stage::open().await;
    let state = &stage.platform.state;
    assert_eq!(crl::refresh(state).await.unwrap(), 3);
    // The first one's key does not open any more.
    let authority = Entity::find().order_by_asc(Column::InstitutionId).one(&*state.db).await.unwrap().unwrap();
    let tx = state.db.begin().await.unwrap();
    let spoiled = ActiveModel { ca_key: Set(vec![0; 60]), crl: Set(None), ..authority.clone().into_active_model() };
    spoiled.update(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    let rows = Entity::find().filter(Column::InstitutionId.ne(authority.institution_id));
    let others = rows.all(&*state.db).await.unwrap();
    let tx = state.db.begin().await.unwrap();
    for other in &others {
        crl::invalidate(&*tx, other.institution_id).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert!(crl::refresh(state).await.is_err(), "it is told");
    for other in others {
        let made = Entity::find_by_id(other.institution_id).one(&*state.db).await.unwrap().unwrap();
        assert!(made.crl.is_some(), "{}", made.slug);
    }
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
