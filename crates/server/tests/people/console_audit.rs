//! The console: who saw and decided what.

use axum::http::StatusCode;
use jiff::SignedDuration;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _, Set};
use serde_json::{Value, json};
use server::{audit, console::policy::Role};

use crate::{
    common::{Browser, ID_NUMBERS, Platform, text},
    console::{QUEUE, applicant, staff},
};

const LOG: &str = "/api/console/audit";

async fn entries(console: &mut Browser, query: &str) -> Vec<Value> {
    let page = console.get(&format!("{LOG}?{query}")).await.expect(StatusCode::OK).json();
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_look_is_written_down_once_an_hour() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut one = staff(&platform, "one", Role::Reviewer, Some("guiyun")).await;
    let mut two = staff(&platform, "two", Role::Reviewer, Some("guiyun")).await;
    let looks = [
        (format!("{QUEUE}/{id}"), "application.view"),
        (format!("{QUEUE}/{id}/materials/signature"), "material.view"),
        (format!("{QUEUE}/{id}/identity-number"), "identity_number.view"),
    ];
    let mut operator = platform.reviewer().await;
    for (path, action) in &looks {
        one.get(path).await.expect(StatusCode::OK);
        one.get(path).await.expect(StatusCode::OK);
        assert_eq!(entries(&mut operator, &format!("action={action}")).await.len(), 1, "{action}");
        two.get(path).await.expect(StatusCode::OK);
        assert_eq!(entries(&mut operator, &format!("action={action}")).await.len(), 2, "{action}");
    }
    platform.clock.advance(SignedDuration::from_mins(61));
    for (path, action) in &looks {
        one.get(path).await.expect(StatusCode::OK);
        let entries = entries(&mut operator, &format!("action={action}&actor=one")).await;
        assert_eq!(entries.len(), 2, "{action}");
        assert_eq!((&entries[0]["actor_name"], &entries[0]["actor_kind"]), (&json!("one"), &json!("reviewer")));
    }
    let of_one = entries(&mut operator, &format!("target_id={id}&actor_kind=reviewer")).await;
    assert!(of_one.iter().all(|entry| entry["target_id"] == *id && entry["target_name"] == "韦桂花"));
}

#[tokio::test]
async fn two_looks_at_once_are_one() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut one = staff(&platform, "one", Role::Reviewer, Some("guiyun")).await;
    let mut again = one.clone();
    let path = format!("{QUEUE}/{id}");
    tokio::join!(one.get(&path), again.get(&path));
    let mut operator = platform.reviewer().await;
    assert_eq!(entries(&mut operator, "action=application.view").await.len(), 1);
}

#[tokio::test]
async fn a_whole_identity_number_is_shown_on_request_and_never_in_the_log() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut console = platform.reviewer().await;
    let detail = console.get(&format!("{QUEUE}/{id}")).await.expect(StatusCode::OK);
    assert!(!String::from_utf8_lossy(&detail.body).contains(ID_NUMBERS[0]));
    let number = console.get(&format!("{QUEUE}/{id}/identity-number")).await.expect(StatusCode::OK).json();
    assert_eq!(number["id_number"], ID_NUMBERS[0]);
    let csv = console.get("/api/console/audit.csv").await.expect(StatusCode::OK);
    let log = console.get(LOG).await.expect(StatusCode::OK);
    for body in [csv.body, log.body] {
        assert!(!String::from_utf8_lossy(&body).contains(ID_NUMBERS[0]));
    }
    let mut elsewhere = staff(&platform, "elsewhere", Role::Lead, Some("lishui")).await;
    elsewhere.get(&format!("{QUEUE}/{id}/identity-number")).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn the_log_is_searched_by_who_what_when_and_which() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    platform.clock.advance(SignedDuration::from_hours(2));
    let mut one = staff(&platform, "one", Role::Reviewer, Some("guiyun")).await;
    one.get(&format!("{QUEUE}/{id}")).await.expect(StatusCode::OK);
    let mut operator = platform.reviewer().await;
    let by_person = entries(&mut operator, "actor=13800138000").await;
    assert!(!by_person.is_empty() && by_person.iter().all(|entry| entry["actor_name"] == "韦桂花"));
    assert!(entries(&mut operator, "actor=nobody").await.is_empty());
    let late = entries(&mut operator, "from=2026-03-02T10:00:00Z&action=application").await;
    assert_eq!(late.iter().map(|entry| text(&entry["action"])).collect::<Vec<_>>(), ["application.view"]);
    let early = entries(&mut operator, "to=2026-03-02T10:00:00Z&action=application").await;
    assert!(early.iter().all(|entry| entry["action"] != "application.view") && !early.is_empty());
    assert!(
        entries(&mut operator, "target_kind=reviewer").await.iter().all(|entry| entry["target_kind"] == "reviewer")
    );
    for wrong in ["actor=%25", "action=DROP", "target_id=1", "from=yesterday", "cursor=x", "target_kind=a-b"] {
        operator.get(&format!("{LOG}?{wrong}")).await.refused(400, "QUERY_INVALID");
    }
}

#[tokio::test]
async fn an_institutions_auditor_sees_its_own_entries_and_no_others() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut here = staff(&platform, "here", Role::Auditor, Some("guiyun")).await;
    let mut there = staff(&platform, "there", Role::Auditor, Some("lishui")).await;
    let own = entries(&mut here, &format!("target_id={id}")).await;
    assert!(own.iter().any(|entry| entry["action"] == "application.with_reviewer"));
    assert!(entries(&mut there, &format!("target_id={id}")).await.is_empty());
    let foreign = entries(&mut there, "action=application").await;
    assert!(foreign.is_empty(), "{foreign:?}");
    let csv = there.get("/api/console/audit.csv").await.expect(StatusCode::OK);
    assert!(!String::from_utf8_lossy(&csv.body).contains(&id));
    here.act(&format!("{LOG}/verification")).await.refused(403, "FORBIDDEN");
    for role in [Role::Lead, Role::Reviewer] {
        let mut other = staff(&platform, &format!("a.{}", role.as_str()), role, Some("guiyun")).await;
        other.get(LOG).await.refused(403, "FORBIDDEN");
        other.get("/api/console/audit.csv").await.refused(403, "FORBIDDEN");
        other.act(&format!("{LOG}/verification")).await.refused(403, "FORBIDDEN");
    }
}

#[tokio::test]
async fn the_check_of_the_chain_finds_the_entry_that_was_changed() {
    let platform = Platform::start().await;
    applicant(&platform).await;
    let mut operator = platform.reviewer().await;
    let whole = operator.act(&format!("{LOG}/verification")).await.expect(StatusCode::OK).json();
    assert!(whole.get("first_broken").is_none() && whole["checked"].as_i64().unwrap() > 3, "{whole}");
    assert_eq!(text(&whole["head"]).len(), 64);
    let rows = audit::entity::Entity::find().all(&*platform.state.db).await.unwrap();
    let mut row = rows.into_iter().find(|row| row.seq == 2).unwrap().into_active_model();
    row.at = Set(0);
    let tx = platform.state.db.begin().await.unwrap();
    row.update(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    let broken = operator.act(&format!("{LOG}/verification")).await.expect(StatusCode::OK).json();
    assert_eq!((&broken["first_broken"], &broken["checked"]), (&json!(2), &json!(1)));
}

#[tokio::test]
async fn the_log_is_taken_along_as_a_table_and_that_stands_in_it() {
    let platform = Platform::start().await;
    applicant(&platform).await;
    let mut operator = platform.reviewer().await;
    let csv = operator.get("/api/console/audit.csv?action=reviewer").await.expect(StatusCode::OK);
    let csv = csv.header("content-type", "text/csv; charset=utf-8");
    let text = String::from_utf8(csv.body.to_vec()).unwrap();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("\u{feff}seq,at,actor_kind"));
    assert!(lines.all(|line| line.contains(",reviewer.")), "{text}");
    assert_eq!(entries(&mut operator, "action=audit.export").await.len(), 1);
}
