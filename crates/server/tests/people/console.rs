//! The console: reviewers, their queue and their decisions.

use axum::http::StatusCode;
use jiff::SignedDuration;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _, Set};
use serde_json::json;
use server::{
    audit,
    console::{self, policy::Role},
};

use crate::common::{Browser, ID_NUMBERS, Platform, text};

pub const QUEUE: &str = "/api/console/applications";

pub async fn applicant(platform: &Platform) -> Browser {
    platform.verified_phone("13800138000", ID_NUMBERS[0]).await
}

/// A reviewer of the institution `slug`, logged in.
async fn reviewer_of(platform: &Platform, slug: &str) -> Browser {
    staff(platform, slug, Role::Reviewer, Some(slug)).await
}

/// Somebody of this role, logged in.
pub async fn staff(platform: &Platform, username: &str, role: Role, institution: Option<&str>) -> Browser {
    let state = &platform.state;
    let new = console::NewReviewer { username, name: username, role: Some(role), institution };
    let password = console::add_reviewer(&state.db, state.now(), new).await.unwrap();
    log_in(platform, username, &password).await
}

/// Logged in by password.
pub async fn log_in(platform: &Platform, username: &str, password: &str) -> Browser {
    let mut browser = platform.browser();
    let login = json!({ "username": username, "password": password });
    browser.post("/api/console/sessions", login).await.expect(StatusCode::CREATED);
    browser
}

#[tokio::test]
async fn the_first_reviewer_is_made_at_first_start_and_stays_the_same() {
    let platform = Platform::start().await;
    let file = std::fs::read_to_string(platform.folder().join("bootstrap.txt")).unwrap();
    let mut console = platform.reviewer().await;
    let me = console.get("/api/console/me").await.json();
    assert_eq!((&me["reviewer"]["username"], &me["reviewer"]["institution"]), (&json!("reviewer"), &json!(null)));
    let platform = platform.restart().await;
    assert_eq!(std::fs::read_to_string(platform.folder().join("bootstrap.txt")).unwrap(), file);
    platform.reviewer().await;
}

#[cfg(unix)]
#[tokio::test]
async fn passwords_and_secrets_lie_in_files_that_only_the_service_reads() {
    use std::os::unix::fs::PermissionsExt as _;
    let platform = Platform::start().await;
    for (name, mode) in [("bootstrap.txt", 0o600), ("secrets", 0o700), ("secrets/master.key", 0o600)] {
        let metadata = std::fs::metadata(platform.folder().join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, mode, "{name}");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_not_told_apart() {
    let platform = Platform::start().await;
    let mut console = platform.browser();
    let wrong = console.post("/api/console/sessions", json!({ "username": "reviewer", "password": "x" })).await;
    let unknown = console.post("/api/console/sessions", json!({ "username": "nobody", "password": "x" })).await;
    wrong.refused(401, "LOGIN_WRONG");
    assert_eq!((wrong.status, wrong.body), (unknown.status, unknown.body));
}

#[tokio::test]
async fn the_fifth_wrong_password_locks_for_a_quarter_of_an_hour() {
    let platform = Platform::start().await;
    let mut console = platform.browser();
    let wrong = json!({ "username": "reviewer", "password": "x" });
    for _ in 0..4 {
        console.post("/api/console/sessions", wrong.clone()).await.refused(401, "LOGIN_WRONG");
    }
    console.post("/api/console/sessions", wrong.clone()).await.refused(429, "LOGIN_LOCKED");
    let file = std::fs::read_to_string(platform.folder().join("bootstrap.txt")).unwrap();
    let password = file.lines().find_map(|line| line.strip_prefix("password: ")).unwrap();
    let right = json!({ "username": "reviewer", "password": password });
    console.post("/api/console/sessions", right.clone()).await.refused(429, "LOGIN_LOCKED");
    platform.clock.advance(SignedDuration::from_mins(15));
    console.post("/api/console/sessions", right).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn a_phones_session_opens_nothing_at_the_console_and_the_other_way_round() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    phone.get(QUEUE).await.refused(401, "NOT_LOGGED_IN");
    phone.get("/api/console/audit").await.refused(401, "NOT_LOGGED_IN");
    let mut console = platform.reviewer().await;
    console.get("/api/me").await.refused(401, "NOT_LOGGED_IN");
    console.get("/api/applications").await.refused(401, "NOT_LOGGED_IN");
}

#[tokio::test]
async fn the_queue_shows_what_was_handed_in_and_masks_the_person() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.complete_draft(&platform).await;
    let mut console = platform.reviewer().await;
    assert_eq!(console.get(QUEUE).await.json()["items"], json!([]), "a draft is nobody's business yet");
    console.get(&format!("{QUEUE}/{id}")).await.refused(404, "NOT_FOUND");
    phone.act(&format!("/api/applications/{id}/submission")).await.expect(StatusCode::OK);
    let queue = console.get(&format!("{QUEUE}?state=with_reviewer")).await.expect(StatusCode::OK).json();
    assert_eq!(queue["counts"], json!({ "with_reviewer": 1 }));
    let item = &queue["items"][0];
    assert_eq!(item["id"], id);
    assert_eq!(item["applicant"]["name"], "韦桂花");
    assert_eq!(item["applicant"]["phone_masked"], "138****8000");
    assert_eq!(item["applicant"]["id_number_masked"], "1****************X");
    console
        .get(&format!("{QUEUE}/{id}/materials/signature"))
        .await
        .expect(StatusCode::OK)
        .header("content-type", "image/png");
    for (words, found) in [("桂花", 1), ("8000", 1), ("13800138000", 1), ("韦小宝", 0)] {
        let words: String = words.bytes().map(|octet| format!("%{octet:02X}")).collect();
        let queue = console.get(&format!("{QUEUE}?q={words}")).await.expect(StatusCode::OK).json();
        assert_eq!(queue["items"].as_array().unwrap().len(), found, "{words}");
    }
    console.get(&format!("{QUEUE}?state=gone")).await.refused(400, "QUERY_INVALID");
    console.get(&format!("{QUEUE}?cursor=x")).await.refused(400, "QUERY_INVALID");
}

#[tokio::test]
async fn a_decision_on_a_stale_version_is_refused() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut console = platform.reviewer().await;
    let seen = console.get(&format!("{QUEUE}/{id}")).await.json();
    let version = seen["version"].as_i64().unwrap();
    let approval = format!("{QUEUE}/{id}/approval");
    for stale in [version - 1, version + 1, 0, -1] {
        console.post(&approval, json!({ "version": stale })).await.refused(409, "APPLICATION_CHANGED");
    }
    // Somebody else decides in between.
    let refusal = json!({ "version": version, "reason": "材料不符" });
    console.post(&format!("{QUEUE}/{id}/refusal"), refusal.clone()).await.expect(StatusCode::OK);
    console.post(&approval, json!({ "version": version })).await.refused(409, "APPLICATION_CHANGED");
    console.post(&format!("{QUEUE}/{id}/refusal"), refusal).await.refused(409, "APPLICATION_CHANGED");
    console.post(&approval, json!({ "version": version + 1 })).await.refused(409, "APPLICATION_WRONG_STATE");
}

#[tokio::test]
async fn of_two_simultaneous_decisions_one_wins() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut one = platform.reviewer().await;
    let mut two = one.clone();
    let version = one.get(&format!("{QUEUE}/{id}")).await.json()["version"].clone();
    let (approval, refusal) = (format!("{QUEUE}/{id}/approval"), format!("{QUEUE}/{id}/refusal"));
    let (approved, refused) = tokio::join!(
        one.post(&approval, json!({ "version": version })),
        two.post(&refusal, json!({ "version": version, "reason": "材料不符" }))
    );
    let mut statuses = [approved.status.as_u16(), refused.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn a_refusal_says_why() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut console = platform.reviewer().await;
    let version = console.get(&format!("{QUEUE}/{id}")).await.json()["version"].clone();
    let refused = console.post(&format!("{QUEUE}/{id}/refusal"), json!({ "version": version, "reason": " " })).await;
    refused.refused(422, "FIELDS_INVALID");
    assert_eq!(refused.json()["fields"], json!({ "reason": "LENGTH" }));
}

#[tokio::test]
async fn a_reviewer_of_one_institution_sees_nothing_of_the_others() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut console = reviewer_of(&platform, "lishui").await;
    let me = console.get("/api/console/me").await.json();
    assert_eq!(me["reviewer"]["institution"]["slug"], "lishui");
    let queue = console.get(QUEUE).await.json();
    assert_eq!((&queue["items"], &queue["counts"]), (&json!([]), &json!({})));
    let one = format!("{QUEUE}/{id}");
    console.get(&one).await.refused(404, "NOT_FOUND");
    console.get(&format!("{one}/materials/signature")).await.refused(404, "NOT_FOUND");
    console.post(&format!("{one}/approval"), json!({ "version": 1 })).await.refused(404, "NOT_FOUND");
    console
        .post(&format!("{one}/refusal"), json!({ "version": 1, "reason": "材料不符" }))
        .await
        .refused(404, "NOT_FOUND");
    console.get("/api/console/audit").await.refused(403, "FORBIDDEN");
    assert_eq!(console.get("/api/console/certificates?q=x").await.json(), json!({ "items": [] }));
    console.get("/api/console/certificates?q=%25").await.refused(400, "QUERY_INVALID");
    let mut console = reviewer_of(&platform, "guiyun").await;
    console.get(&one).await.expect(StatusCode::OK);
    let state = &platform.state;
    for (name, institution) in [("guiyun", None), ("a b", None), ("", None), ("new", Some("nobody"))] {
        let new = console::NewReviewer { username: name, name: "某人", role: None, institution };
        let refused = console::add_reviewer(&state.db, state.now(), new).await.unwrap_err();
        assert_eq!(refused.kind().code, "FIELDS_INVALID", "{name}");
    }
}

#[tokio::test]
async fn the_audit_log_tells_what_happened_and_shows_when_it_was_changed() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut console = platform.reviewer().await;
    let log = console.get("/api/console/audit").await.expect(StatusCode::OK).json();
    let actions: Vec<String> = log["items"].as_array().unwrap().iter().map(|entry| text(&entry["action"])).collect();
    assert!(actions.contains(&"application.with_reviewer".to_owned()), "{actions:?}");
    assert!(actions.contains(&"console_session.begin".to_owned()), "{actions:?}");
    assert!(!log.to_string().contains(ID_NUMBERS[0]), "no identity numbers in the log");
    assert_eq!(audit::first_broken(&platform.state).await.unwrap(), None);
    let rows = audit::entity::Entity::find().all(&*platform.state.db).await.unwrap();
    let row = rows.into_iter().find(|row| row.target_id.is_some_and(|target| target.to_string() == id)).unwrap();
    let seq = row.seq;
    let mut row = row.into_active_model();
    row.detail = Set("{}".to_owned());
    let tx = platform.state.db.begin().await.unwrap();
    row.update(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(audit::first_broken(&platform.state).await.unwrap(), Some(seq));
}
