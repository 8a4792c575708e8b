//! A fault, the certificates that it touches, and others in their place: the phones go on with what they have.

use std::collections::{HashMap, HashSet};

use jiff::SignedDuration;
use pki::{Certificate, Serial, crl::Reason, hash::Hash, ocsp};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _,
};
use serde_json::{Value, json};
use server::{
    certificate::entity::{authority, certificate, encryption_certificate},
    fault::{
        entity::{reissue_job, reissued},
        reissue, store,
    },
    message::entity::{message, sms_notice},
};
use uuid::Uuid;

use crate::{
    issuance::{halt, operator, resume},
    phone::{
        PIN, id_of, text,
        transport::{InProcess, Transport as _},
    },
    stage::Stage,
};

const FAULTS: &str = "/api/console/faults";

async fn open(operator: &mut InProcess, criteria: Value) -> Value {
    let new = json!({ "name": "序列号生成错误", "note": "随机数发生器故障", "criteria": criteria });
    operator.post(FAULTS, new).await.expect(201).json()
}

async fn look(operator: &mut InProcess, fault: &Value) -> Value {
    operator.get(&format!("{FAULTS}/{}", text(&fault["id"]))).await.ok().json()
}

async fn act(operator: &mut InProcess, fault: &Value, act: &str) -> crate::phone::transport::Reply {
    operator.call("POST", &format!("{FAULTS}/{}/{act}", text(&fault["id"])), None, Vec::new()).await
}

async fn certificates(stage: &Stage) -> Vec<certificate::Model> {
    certificate::Entity::find().all(&*stage.platform.state.db).await.unwrap()
}

/// As many further certificates like this one, each of another person.
async fn multiply(stage: &Stage, like: &certificate::Model, times: usize) {
    let tx = stage.platform.state.db.begin().await.unwrap();
    for _ in 0..times {
        let row = certificate::Model {
            id: Uuid::new_v4(),
            account_id: Uuid::new_v4(),
            enrolment_id: Uuid::new_v4(),
            key_id: Uuid::new_v4(),
            serial: Serial::random().unwrap().to_string(),
            ..like.clone()
        };
        row.into_active_model().reset_all().insert(&*tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// What the responder says of a certificate.
async fn status(stage: &Stage, row: &certificate::Model) -> ocsp::Status {
    let issuer =
        authority::Entity::find_by_id(row.institution_id).one(&*stage.platform.state.db).await.unwrap().unwrap();
    let ca = Certificate::read(&issuer.ca_certificate).unwrap();
    let serial = Serial::from_hex(&row.serial).unwrap();
    let request = ocsp::Request { ids: vec![ocsp::CertId::new(Hash::Sm3, &ca, serial.clone())], nonce: None }.to_der();
    let mut http = InProcess::new(stage.platform.router.clone());
    let path = format!("/pki/{}/ocsp", issuer.slug);
    let answer = http.call("POST", &path, Some("application/ocsp-request"), request).await.ok().body;
    let Ok(ocsp::Response::Basic(answer)) = ocsp::Response::read(&answer) else { panic!("an answer") };
    let at = u64::try_from(stage.platform.state.now().as_second()).unwrap();
    answer.check(&ocsp::Ask { issuer: &ca, serial: &serial, nonce: None, at }).unwrap().clone()
}

#[tokio::test]
async fn one_query_lists_what_a_fault_touches_by_each_of_its_criteria() {
    let stage = Stage::open().await;
    stage.person(1).await;
    let first = certificates(&stage).await.remove(0);
    let between = stage.platform.state.now() + SignedDuration::from_mins(10);
    stage.platform.clock.advance(SignedDuration::from_mins(20));
    stage.person(2).await;
    let mut operator = operator(&stage.platform).await;
    let (guiyun, product) = stage.platform.institution("guiyun").await;
    let (lishui, _) = stage.platform.institution("lishui").await;
    let ca = authority::Entity::find_by_id(first.institution_id).one(&*stage.platform.state.db).await.unwrap().unwrap();
    let ca = Certificate::read(&ca.ca_certificate).unwrap().tbs.serial.to_string();
    for (criteria, touched) in [
        (json!({ "institution_id": guiyun }), 2),
        (json!({ "institution_id": lishui }), 0),
        (json!({ "ca_serial": ca.to_uppercase() }), 2),
        (json!({ "issued_to": between }), 1),
        (json!({ "issued_from": between }), 1),
        (json!({ "issued_from": between, "serials": [first.serial] }), 0),
        (json!({ "kind": "personal" }), 2),
        (json!({ "kind": "enterprise" }), 0),
        (json!({ "product_id": product }), 2),
        (json!({ "serials": [first.serial.to_uppercase(), "ff00"] }), 1),
    ] {
        let fault = open(&mut operator, criteria.clone()).await;
        assert_eq!((&fault["touched"], &fault["live"]), (&json!(touched), &json!(touched)), "{criteria}");
        let page = operator.get(&format!("{FAULTS}/{}/certificates", text(&fault["id"]))).await.ok().json();
        assert_eq!(page["items"].as_array().unwrap().len(), touched, "{criteria}");
    }
    let nobody = Uuid::nil();
    for (criteria, field, code) in [
        (json!({}), "criteria", "REQUIRED"),
        (json!({ "institution_id": nobody }), "institution_id", "UNKNOWN"),
        (json!({ "product_id": nobody }), "product_id", "UNKNOWN"),
        (json!({ "ca_serial": "00" }), "ca_serial", "UNKNOWN"),
        (json!({ "ca_serial": ca, "institution_id": lishui }), "ca_serial", "FOREIGN"),
        (json!({ "serials": ["桂"] }), "serials", "INVALID"),
    ] {
        let refused = operator.post(FAULTS, json!({ "name": "问题", "criteria": criteria })).await;
        refused.refused(422, "FIELDS_INVALID");
        assert_eq!(refused.json()["fields"], json!({ field: code }), "{criteria}");
    }
    let log = operator.get("/api/console/audit?action=fault.open").await.ok().json();
    assert_eq!(log["items"][0]["detail"]["touched"], 1);
}

#[tokio::test]
async fn what_a_fault_touches_is_paged_and_exported_and_the_export_is_audited() {
    let stage = Stage::open().await;
    stage.person(1).await;
    multiply(&stage, &certificates(&stage).await[0], 64).await;
    let mut operator = operator(&stage.platform).await;
    let fault = open(&mut operator, json!({ "kind": "personal" })).await;
    let path = format!("{FAULTS}/{}/certificates", text(&fault["id"]));
    let (mut seen, mut query) = (HashSet::new(), String::new());
    for size in [30, 30, 5] {
        let page = operator.get(&format!("{path}{query}")).await.ok().json();
        assert_eq!(page["items"].as_array().unwrap().len(), size);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| text(&item["serial"])));
        query = page["next_cursor"].as_str().map(|cursor| format!("?cursor={cursor}")).unwrap_or_default();
    }
    assert_eq!((seen.len(), query.as_str()), (65, ""));
    let file = operator.get(&format!("{path}.csv")).await.ok();
    let file = String::from_utf8(file.body).unwrap();
    assert!(file.starts_with("\u{feff}serial,subject,"));
    assert_eq!(file.lines().count(), 66);
    assert!(seen.iter().all(|serial| file.contains(&**serial)));
    let log = operator.get("/api/console/audit?action=fault.export").await.ok().json();
    assert_eq!(log["items"][0]["detail"]["touched"], 65);
}

#[tokio::test]
async fn hundreds_are_issued_anew_once_each_whatever_is_interrupted_and_the_phones_keep_their_keys() {
    let mut stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let subject = stage.log_in(&mut phone, &mut key).await;
    let first = certificates(&stage).await.remove(0);
    multiply(&stage, &first, 299).await;
    let old: HashMap<Uuid, certificate::Model> =
        certificates(&stage).await.into_iter().map(|row| (row.id, row)).collect();
    let mut operator = operator(&stage.platform).await;
    let policy = json!({ "policy_oid": "1.2.156.112559.1.1" });
    operator.patch(&format!("/api/console/institutions/{}", first.institution_id), policy).await.ok();
    let fault = open(&mut operator, json!({ "institution_id": first.institution_id })).await;
    let id = id_of(&fault["id"]);
    assert_eq!(act(&mut operator, &fault, "reissue").await.ok().json()["job"]["total"], 300);
    act(&mut operator, &fault, "reissue").await.refused(409, "JOB_STANDS");

    // Stopped after the octets were stored and before they were signed, and started again.
    assert!(reissue::take(&stage.platform.state, id, &[]).await.unwrap());
    let stored = certificate::Entity::find().filter(certificate::Column::State.eq("issuing"));
    let stored = stored.all(&*stage.platform.state.db).await.unwrap();
    assert!(!stored.is_empty());
    let cookies = operator;
    stage = Stage::on(stage.platform.restart().await);
    let mut operator = cookies.moved(stage.platform.router.clone());
    phone.http = phone.http.moved(stage.platform.router.clone());
    key.commitments.clear();

    // A pause stops it where it is, and so does the switch.
    act(&mut operator, &fault, "reissue-pause").await.ok();
    assert_eq!(reissue::work(&stage.platform.state).await.unwrap(), 0);
    assert_eq!(act(&mut operator, &fault, "reissue").await.ok().json()["job"]["state"], "running");
    let halted = halt(&mut operator, Some(&first.institution_id.to_string())).await;
    assert_eq!(reissue::work(&stage.platform.state).await.unwrap(), 0);
    assert_eq!(look(&mut operator, &fault).await["job"]["state"], "halted");
    resume(&mut operator, &halted).await.ok();

    // Two nodes at once.
    let other = stage.platform.beside().await;
    let (one, two) = tokio::join!(reissue::work(&stage.platform.state), reissue::work(&other.state));
    assert_eq!(one.unwrap() + two.unwrap(), 300);
    assert_eq!(reissue::work(&stage.platform.state).await.unwrap(), 0);
    let done = look(&mut operator, &fault).await;
    assert_eq!((&done["touched"], &done["live"]), (&json!(300), &json!(0)));
    let job = &done["job"];
    assert_eq!((&job["state"], &job["reissued"], &job["failed"]), (&json!("done"), &json!(300), &json!(0)));

    let pairs = reissued::Entity::find().all(&*stage.platform.state.db).await.unwrap();
    let all: HashMap<Uuid, certificate::Model> =
        certificates(&stage).await.into_iter().map(|row| (row.id, row)).collect();
    assert_eq!((pairs.len(), all.len()), (300, 600));
    assert!(stored.iter().all(|row| all[&row.id].to_be_signed == row.to_be_signed), "what was stored was signed");
    for pair in &pairs {
        let (before, new) = (&old[&pair.old_id], &all[&pair.new_id.unwrap()]);
        let ended = &all[&pair.old_id];
        assert_eq!((ended.state.as_str(), ended.revocation_reason.as_deref()), ("revoked", Some("superseded")));
        assert_eq!(new.state, "issued");
        let [then, now] = [before, new].map(|row| Certificate::read(row.der.as_ref().unwrap()).unwrap().tbs);
        assert_eq!((now.public_key, &now.subject, now.not_after), (then.public_key, &then.subject, then.not_after));
        assert_eq!(now.serial.to_string(), new.serial);
        let policies = [&then, &now].map(|one| one.extension(&pki::oid::CERTIFICATE_POLICIES).is_some());
        assert_eq!(policies, [false, true], "the institution names a policy since");
        assert_ne!(new.serial, before.serial);
        assert_eq!((new.key_id, new.account_id, new.not_after), (before.key_id, before.account_id, before.not_after));
    }
    // The phone has noticed nothing, and signs with the new certificate.
    assert_eq!(stage.log_in(&mut phone, &mut key).await, subject);
    let new = &all[&store::newest(&*stage.platform.state.db, first.id).await.unwrap()];
    assert_eq!(status(&stage, new).await, ocsp::Status::Good);
    let ocsp::Status::Revoked { reason, .. } = status(&stage, &first).await else { panic!("the old one is revoked") };
    assert_eq!(reason, Reason::Superseded);
    let list = phone.http.get("/pki/guiyun/ca.crl").await.ok().body;
    let list = pki::Crl::read(&list).unwrap();
    // The one that has a phone has an encryption certificate too, and its successor has another.
    assert_eq!(list.tbs.revoked.len(), 301);
    let active = phone.http.get("/api/certificates?state=active").await.ok().json();
    assert_eq!(active["items"].as_array().unwrap().len(), 1);
    assert_eq!(active["items"][0]["id"], new.id.to_string());
    let beside = encryption_certificate::Entity::find_by_id(first.id).one(&*stage.platform.state.db).await.unwrap();
    let (encryption, old_serial) = (&active["items"][0]["encryption"], beside.unwrap().serial);
    assert_eq!(encryption["delivered"], true);
    assert_ne!(encryption["serial"], old_serial);
    assert!(list.tbs.revoked.iter().any(|entry| entry.serial.to_string() == old_serial));
    let public = key.sealed.encryption_keys()[0];
    let secret = gm::sm2::encrypt(&public, b"bid").unwrap();
    assert_eq!(phone.decrypt(&mut key, PIN, &new.id.to_string(), &public, &secret).await.unwrap(), b"bid");
    // A fault that names the encryption certificate touches both.
    let named = open(&mut operator, json!({ "serials": [old_serial] })).await;
    assert_eq!(look(&mut operator, &named).await["touched"], 1);

    // One message to each owner, none of them by SMS.
    let messages = message::Entity::find().filter(message::Column::Kind.eq("certificate_reissued"));
    let messages = messages.all(&*stage.platform.state.db).await.unwrap();
    let told: HashSet<Uuid> = messages.iter().map(|row| row.account_id).collect();
    assert_eq!((messages.len(), told.len()), (300, 300));
    let about: Vec<Uuid> = messages.iter().map(|row| row.id).collect();
    let sms = sms_notice::Entity::find().filter(sms_notice::Column::MessageId.is_in(about));
    assert_eq!(sms.count(&*stage.platform.state.db).await.unwrap(), 0);
    act(&mut operator, &fault, "reissue").await.refused(409, "NOTHING_TO_REISSUE");
}

#[tokio::test]
async fn one_who_holds_several_is_told_once_and_what_is_on_hold_stays_on_hold() {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let first = certificates(&stage).await.remove(0);
    multiply(&stage, &first, 30).await;
    let tx = stage.platform.state.db.begin().await.unwrap();
    certificate::Entity::update_many()
        .col_expr(certificate::Column::AccountId, sea_orm::sea_query::Expr::value(first.account_id))
        .exec(&*tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut operator = operator(&stage.platform).await;
    let path = format!("/api/console/certificates/{}", first.id);
    let why = json!({ "reason": "持有人来电挂失" });
    operator.post(&format!("{path}/suspension"), why.clone()).await.ok();
    let fault = open(&mut operator, json!({ "kind": "personal" })).await;
    act(&mut operator, &fault, "reissue").await.ok();
    assert_eq!(reissue::work(&stage.platform.state).await.unwrap(), 31);
    let messages = message::Entity::find().filter(message::Column::Kind.eq("certificate_reissued"));
    assert_eq!(messages.count(&*stage.platform.state.db).await.unwrap(), 1);
    let new = store::newest(&*stage.platform.state.db, first.id).await.unwrap();
    let new = certificate::Entity::find_by_id(new).one(&*stage.platform.state.db).await.unwrap().unwrap();
    assert_eq!((new.state.as_str(), new.revocation_reason.as_deref()), ("suspended", Some("certificateHold")));
    operator.post(&format!("/api/console/certificates/{}/resumption", new.id), why).await.ok();
    // A hold burns what was prepared.
    key.commitments.clear();
    stage.log_in(&mut phone, &mut key).await;
}

#[tokio::test]
async fn a_certificate_that_ends_while_its_successor_is_being_made_has_none() {
    let stage = Stage::open().await;
    stage.person(1).await;
    let first = certificates(&stage).await.remove(0);
    multiply(&stage, &first, 1).await;
    let mut operator = operator(&stage.platform).await;
    let fault = open(&mut operator, json!({ "kind": "personal" })).await;
    act(&mut operator, &fault, "reissue").await.ok();
    assert!(reissue::take(&stage.platform.state, id_of(&fault["id"]), &[]).await.unwrap());
    let decision = json!({ "code": "key_compromise", "reason": "手机被盗" });
    operator.post(&format!("/api/console/certificates/{}/revocation", first.id), decision).await.ok();
    reissue::work(&stage.platform.state).await.unwrap();
    let job = look(&mut operator, &fault).await["job"].clone();
    assert_eq!((&job["state"], &job["reissued"], &job["failed"]), (&json!("done"), &json!(1), &json!(1)));
    assert_eq!(certificates(&stage).await.len(), 3, "the two, and one successor");
    assert_eq!(store::newest(&*stage.platform.state.db, first.id).await.unwrap(), first.id);
    let jobs = reissue_job::Entity::find().all(&*stage.platform.state.db).await.unwrap();
    assert_eq!(jobs.len(), 1);
    let log = operator.get("/api/console/audit?action=fault.reissue_done").await.ok().json();
    assert_eq!(log["items"][0]["detail"]["reissued"], 1);
}
