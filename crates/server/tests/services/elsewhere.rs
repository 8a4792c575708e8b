//! What an institution's certificates are like when its CA is elsewhere.

mod ca;

use std::sync::Arc;

use axum::http::StatusCode;
use jiff::SignedDuration;
use pki::pem;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use server::{
    clock::SystemClock,
    fault::reissue,
    outside as cas,
    providers::{CmpCa, CmpCaSettings, OutsideCa, Providers},
};

use crate::{
    common::Platform,
    phone::{
        PIN, Phone, encryption_key, text,
        transport::{InProcess, Transport as _},
    },
    stage::Stage,
};
use ca::{CONFIRM, CR, Elsewhere, Mishap, RR, SLUG};

async fn certificates(phone: &mut Phone<InProcess>) -> Vec<Value> {
    phone.http.get("/api/certificates").await.ok().json()["items"].as_array().unwrap().clone()
}

async fn withdrawals(stage: &Stage) -> Vec<cas::entity::withdrawal::Model> {
    cas::entity::withdrawal::Entity::find().all(&*stage.platform.state.db).await.unwrap()
}

async fn conversations(stage: &Stage) -> usize {
    cas::entity::conversation::Entity::find().all(&*stage.platform.state.db).await.unwrap().len()
}

#[tokio::test]
async fn a_certificate_comes_from_a_ca_elsewhere_and_ends_there_too() {
    let Some(ca) = Elsewhere::open_as(true).await else { return };
    let stage = ca.platform().await;
    let (mut phone, enrolment, mut key) = stage.downloading(1).await;
    let shown = phone.complete(&enrolment, &mut key).await.expect(201).json();
    assert_eq!((ca.asked(CR), ca.asked(CONFIRM)), (2, 2), "a signing and an encryption certificate");
    assert_eq!(conversations(&stage).await, 0, "nothing of the conversations is needed any more");
    let issued: Vec<String> = ca.issued.lock().unwrap().iter().map(|one| one.tbs.serial.to_string()).collect();
    assert_eq!([text(&shown["serial"]), text(&shown["encryption"]["serial"])], issued[..]);
    assert!(
        ca.verifies(&text(&shown["certificate_pem"])) && ca.verifies(&text(&shown["encryption"]["certificate_pem"]))
    );
    assert_eq!(shown["not_after"], "2036-01-01T00:00:00Z", "the CA decides how long");
    let above = stage.platform.browser().get(&format!("/pki/{SLUG}/ca.cer")).await.body;
    assert_eq!(above, pem::decode(pem::CERTIFICATE, &ca.certificate()).unwrap());

    // It works like any other.
    let subject = stage.log_in(&mut phone, &mut key).await;
    let document = stage.claimed_document(&mut phone, &subject).await;
    let signature = phone.sign_request(&mut key, &document).await.unwrap();
    assert_eq!(phone.confirm(&document, &signature).await.ok().json()["state"], "confirmed");
    let (id, public) = (text(&shown["id"]), encryption_key(&shown));
    let secret = gm::sm2::encrypt(&public, b"bid").unwrap();
    assert_eq!(phone.decrypt(&mut key, PIN, &id, &public, &secret).await.unwrap(), b"bid");
    // What its own CA answers for others is not answered here.
    let status = stage.platform.browser().get(&format!("/pki/{SLUG}/ocsp/AA==")).await.status;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(server::pki_services::presign(&stage.platform.state).await.unwrap(), 0);

    // A hold, its end and a revocation reach the CA in their order, each once.
    let mut console = stage.platform.reviewer().await;
    for (path, body) in [
        ("suspension", json!({ "reason": "核实中" })),
        ("resumption", json!({ "reason": "核实无误" })),
        ("revocation", json!({ "code": "key_compromise", "reason": "手机丢失" })),
    ] {
        console.post(&format!("/api/console/certificates/{id}/{path}"), body).await.expect(StatusCode::OK);
    }
    let said: Vec<_> = withdrawals(&stage).await.into_iter().map(|row| (row.serial, row.reason)).collect();
    let expected = [Some("certificateHold"), None, Some("keyCompromise")]
        .into_iter()
        .flat_map(|reason| issued.iter().map(move |serial| (serial.clone(), reason.map(str::to_owned))));
    assert_eq!(said, expected.collect::<Vec<_>>());
    let mut told = 0;
    for _ in 0..3 {
        told += cas::withdrawal::tell(&stage.platform.state).await.unwrap();
    }
    assert_eq!((told, ca.asked(RR)), (6, 6));
    assert!(withdrawals(&stage).await.iter().all(|row| row.done_at.is_some() && row.problem.is_none()));

    // The CA's list says so, here as there.
    assert!(server::pki_services::crl::refresh(&stage.platform.state).await.unwrap() > 0);
    let list = stage.platform.browser().get(&format!("/pki/{SLUG}/ca.crl")).await.body;
    let list = pki::Crl::read(&list).unwrap();
    let serial = pki::Serial::from_hex(&text(&shown["serial"])).unwrap();
    assert!(list.find(&serial).is_some());
    assert!(!ca.verifies(&text(&shown["certificate_pem"])));
}

#[tokio::test]
async fn what_is_lost_on_the_way_is_asked_for_again_and_nobody_holds_too_many() {
    let Some(ca) = Elsewhere::open().await else { return };
    for mishaps in [
        &[(CR, Mishap::Away)][..],
        &[(CR, Mishap::AnswerLost)],
        &[(CONFIRM, Mishap::Away)],
        &[(CONFIRM, Mishap::AnswerLost)],
    ] {
        let stage = ca.platform().await;
        let (mut phone, enrolment, mut key) = stage.downloading(1).await;
        ca.issued.lock().unwrap().clear();
        ca.expect(mishaps);
        phone.complete(&enrolment, &mut key).await.refused(503, "PROVIDER_UNAVAILABLE");
        assert!(certificates(&mut phone).await.is_empty());
        let shown = phone.complete(&enrolment, &mut key).await.expect(201).json();
        assert!(ca.verifies(&text(&shown["certificate_pem"])), "{mishaps:?}");
        assert_eq!(certificates(&mut phone).await.len(), 1);
        stage.log_in(&mut phone, &mut key).await;
        // What the CA may believe confirmed, and is not used, is taken back; what it issued and nobody confirmed it
        // takes back by itself.
        let taken_back: Vec<_> = withdrawals(&stage).await.into_iter().map(|row| row.serial).collect();
        let used = [text(&shown["serial"]), text(&shown["encryption"]["serial"])];
        assert!(taken_back.iter().all(|serial| !used.contains(serial)), "{mishaps:?}");
        let lost = mishaps[0] == (CONFIRM, Mishap::AnswerLost);
        assert_eq!(taken_back.len(), usize::from(lost), "{mishaps:?}");
        assert_eq!(conversations(&stage).await, 0);
    }
}

#[tokio::test]
async fn a_certificate_for_somebody_elses_key_is_refused_to_the_cas_face() {
    let Some(ca) = Elsewhere::open().await else { return };
    let stage = ca.platform().await;
    let (mut phone, enrolment, mut key) = stage.downloading(1).await;
    ca.expect(&[(CR, Mishap::ForeignKey)]);
    phone.complete(&enrolment, &mut key).await.refused(502, "ISSUER_REFUSED");
    assert_eq!(ca.asked(CONFIRM), 1, "it was told that this is not wanted");
    assert!(certificates(&mut phone).await.is_empty());
    phone.complete(&enrolment, &mut key).await.expect(201);
}

#[tokio::test]
async fn two_downloads_at_once_are_one_conversation() {
    let Some(ca) = Elsewhere::open().await else { return };
    let stage = ca.platform().await;
    let (mut phone, enrolment, mut key) = stage.downloading(1).await;
    let own = gm::sm2::SecretKey::generate().unwrap();
    phone.name_transport(&enrolment, &own).await.expect(204);
    let info = phone.request_info(&enrolment, &key, &own);
    let signature = phone.sign(&mut key, PIN, crate::phone::id_of(&enrolment["id"]), &info).await.unwrap();
    let path = format!("/api/enrolments/{}/completion", text(&enrolment["id"]));
    let body = crate::phone::completion(&key, &signature);
    let (mut one, mut other) = (phone.http.clone(), phone.http.clone());
    let (one, other) = tokio::join!(one.post(&path, body.clone()), other.post(&path, body));
    let statuses = [one.status, other.status];
    assert!(statuses.contains(&201) && (statuses.contains(&503) || statuses == [201, 201]), "{statuses:?}");
    assert_eq!(ca.asked(CR), 2, "each certificate was asked for once");
    assert_eq!(certificates(&mut phone).await.len(), 1);
}

#[tokio::test]
async fn a_download_that_is_never_finished_leaves_nothing_at_the_ca() {
    let Some(ca) = Elsewhere::open().await else { return };
    let stage = ca.platform().await;
    let (mut phone, enrolment, mut key) = stage.downloading(1).await;
    // The signing certificate is there; then the CA is away, and the person does not come back.
    ca.expect(&[(CR, Mishap::Away)]);
    phone.complete(&enrolment, &mut key).await.refused(503, "PROVIDER_UNAVAILABLE");
    ca.expect(&[(CONFIRM, Mishap::Away)]);
    phone.complete(&enrolment, &mut key).await.refused(503, "PROVIDER_UNAVAILABLE");
    assert_eq!(
        server::certificate::abandoned::sweep(&stage.platform.state).await.unwrap(),
        0,
        "it may still be finished"
    );
    stage.platform.clock.advance(SignedDuration::from_hours(3));
    assert_eq!(server::certificate::abandoned::sweep(&stage.platform.state).await.unwrap(), 1);
    assert_eq!(conversations(&stage).await, 0);
    let left = withdrawals(&stage).await;
    assert_eq!(left.len(), 1);
    assert_eq!(cas::withdrawal::tell(&stage.platform.state).await.unwrap(), 1);
    let again = gm::sm2::SecretKey::generate().unwrap();
    phone.name_transport(&enrolment, &again).await.refused(409, "ENROLMENT_EXPIRED");
}

#[tokio::test]
async fn a_mass_reissue_counts_what_the_ca_refuses_as_failed_and_asks_again_when_told_to() {
    let Some(ca) = Elsewhere::open().await else { return };
    let stage = ca.platform().await;
    let (mut phone, _) = stage.person(1).await;
    let mut console = stage.platform.reviewer().await;
    let new = json!({ "name": "序列号生成错误", "note": "", "criteria": { "kind": "personal" } });
    let fault = console.post("/api/console/faults", new).await.expect(StatusCode::CREATED).json();
    let path = format!("/api/console/faults/{}", text(&fault["id"]));
    let reissue = async || reissue::work(&stage.platform.state).await.unwrap();
    console.post(&format!("{path}/reissue"), json!({})).await.expect(StatusCode::OK);
    // While the CA is away the job waits; a refusal is final, and leaves nothing behind.
    ca.expect(&[(CR, Mishap::Away)]);
    assert_eq!(reissue().await, 0);
    ca.expect(&[(CR, Mishap::ForeignKey)]);
    assert_eq!(reissue().await, 1);
    let job = console.get(&path).await.json()["job"].clone();
    assert_eq!((&job["state"], &job["reissued"], &job["failed"]), (&json!("done"), &json!(0), &json!(1)));
    assert_eq!((conversations(&stage).await, certificates(&mut phone).await.len()), (0, 1));
    // Once more.
    console.post(&format!("{path}/reissue"), json!({})).await.expect(StatusCode::OK);
    assert_eq!(reissue().await, 1);
    let job = console.get(&path).await.json()["job"].clone();
    assert_eq!((&job["state"], &job["reissued"], &job["failed"]), (&json!("done"), &json!(1), &json!(0)));
    let shown = certificates(&mut phone).await;
    let live: Vec<_> = shown.iter().filter(|one| one["state"] == "active").collect();
    assert_eq!(live.len(), 1);
    let id = text(&live[0]["id"]);
    let live = phone.http.get(&format!("/api/certificates/{id}")).await.ok().json();
    assert!(ca.verifies(&text(&live["certificate_pem"])));
}

#[tokio::test]
async fn a_ca_that_is_away_is_told_the_rest_later() {
    let Some(ca) = Elsewhere::open().await else { return };
    let stage = ca.platform().await;
    let (mut phone, _) = stage.person(1).await;
    let id = text(&certificates(&mut phone).await[0]["id"]);
    let revocation = json!({ "code": "key_compromise", "reason": "手机丢失" });
    let mut console = stage.platform.reviewer().await;
    console.post(&format!("/api/console/certificates/{id}/revocation"), revocation).await.expect(StatusCode::OK);
    ca.expect(&[(RR, Mishap::Away)]);
    assert_eq!(cas::withdrawal::tell(&stage.platform.state).await.unwrap(), 0);
    assert_eq!(ca.asked(RR), 0, "the second was not tried");
    assert_eq!(cas::withdrawal::tell(&stage.platform.state).await.unwrap(), 1, "the first waits");
    stage.platform.clock.advance(SignedDuration::from_secs(30));
    assert_eq!(cas::withdrawal::tell(&stage.platform.state).await.unwrap(), 1);
}

#[tokio::test]
async fn settings_that_do_not_fit_together_are_refused_and_an_own_ca_is_not_replaced() {
    let (Some(ca), Some(other)) = (Elsewhere::open().await, Elsewhere::open().await) else { return };
    let refused = |change: fn(&mut CmpCaSettings, &Elsewhere)| {
        let mut settings = ca.settings();
        change(&mut settings, &other);
        CmpCa::new(settings, Arc::new(SystemClock)).err().map(|error| error.to_string())
    };
    assert_eq!(refused(|_, _| {}), None);
    for change in [
        (|settings, other| settings.root = other.certificate()) as fn(&mut CmpCaSettings, &Elsewhere),
        |settings, _| settings.certificate = "none".to_owned(),
        |settings, _| settings.secret = None,
        |settings, _| settings.secret.as_mut().unwrap().value.clear(),
    ] {
        assert!(refused(change).is_some_and(|error| error.starts_with("settings: cmp: ")));
    }
    let platform = Platform::start().await;
    let elsewhere: Arc<dyn OutsideCa> = Arc::new(CmpCa::new(ca.settings(), Arc::new(SystemClock)).unwrap());
    let cas = [(SLUG.to_owned(), elsewhere)].into();
    let again = platform.restart_with(Providers { cas, ..Providers::sandbox() }).await;
    assert!(again.err().is_some_and(|error| error.to_string().contains("has issued with a CA of its own")));
}
