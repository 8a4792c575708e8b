//! The console: people who work there, their roles, passwords and sessions.

use axum::http::StatusCode;
use serde_json::{Value, json};
use server::console::policy::Role;

use crate::{
    common::{Browser, Platform, text},
    console::{QUEUE, applicant, log_in, staff},
};

const PEOPLE: &str = "/api/console/reviewers";

async fn institution(platform: &Platform, slug: &str) -> String {
    platform.institution(slug).await.0
}

/// Makes somebody through the page; returns the id and the printed password.
async fn make(by: &mut Browser, username: &str, role: &str, institution: Option<&str>) -> (String, String) {
    let new = json!({ "username": username, "name": username, "role": role, "institution_id": institution });
    let made = by.post(PEOPLE, new).await.expect(StatusCode::CREATED).json();
    (text(&made["reviewer"]["id"]), text(&made["password"]))
}

async fn me(browser: &mut Browser) -> Value {
    browser.get("/api/console/me").await.expect(StatusCode::OK).json()["reviewer"].clone()
}

#[tokio::test]
async fn an_operator_makes_people_whose_password_is_printed_once() {
    let platform = Platform::start().await;
    let mut operator = platform.reviewer().await;
    let guiyun = institution(&platform, "guiyun").await;
    let (id, password) = make(&mut operator, "wei.lead", "lead", Some(&guiyun)).await;
    let list = operator.get(PEOPLE).await.expect(StatusCode::OK);
    assert!(!String::from_utf8_lossy(&list.body).contains(&password), "nowhere else");
    let row = list.json()["items"].as_array().unwrap().iter().find(|row| row["id"] == *id).unwrap().clone();
    assert_eq!((&row["role"], &row["password_temporary"]), (&json!("lead"), &json!(true)));
    let mut lead = log_in(&platform, "wei.lead", &password).await;
    let own = me(&mut lead).await;
    assert_eq!((&own["role"], &own["institution"]["slug"]), (&json!("lead"), &json!("guiyun")));
    assert!(own["acts"].as_array().unwrap().contains(&json!("manage_settings")));
}

#[tokio::test]
async fn people_are_not_made_with_names_roles_or_places_that_do_not_fit() {
    let platform = Platform::start().await;
    let mut operator = platform.reviewer().await;
    let guiyun = institution(&platform, "guiyun").await;
    make(&mut operator, "taken", "reviewer", Some(&guiyun)).await;
    let nobody = "00000000-0000-0000-0000-000000000000";
    for (username, name, role, place, field, code) in [
        ("a b", "x", "reviewer", Some(&*guiyun), "username", "INVALID"),
        ("", "x", "reviewer", Some(&*guiyun), "username", "INVALID"),
        ("taken", "x", "reviewer", Some(&*guiyun), "username", "TAKEN"),
        ("new", " ", "reviewer", Some(&*guiyun), "name", "LENGTH"),
        ("new", "x\ny", "reviewer", Some(&*guiyun), "name", "LENGTH"),
        ("new", "x", "operator", Some(&*guiyun), "role", "SCOPE"),
        ("new", "x", "lead", None, "role", "SCOPE"),
        ("new", "x", "reviewer", Some(nobody), "institution_id", "UNKNOWN"),
    ] {
        let new = json!({ "username": username, "name": name, "role": role, "institution_id": place });
        let refused = operator.post(PEOPLE, new).await;
        refused.refused(422, "FIELDS_INVALID");
        assert_eq!(refused.json()["fields"], json!({ field: code }), "{username} {role}");
    }
    let unknown = json!({ "username": "new", "name": "x", "role": "root", "institution_id": guiyun });
    operator.post(PEOPLE, unknown).await.refused(400, "JSON_INVALID");
}

#[tokio::test]
async fn a_lead_manages_the_reviewers_of_its_own_institution_and_no_leads() {
    let platform = Platform::start().await;
    let mut operator = platform.reviewer().await;
    let (guiyun, lishui) = (institution(&platform, "guiyun").await, institution(&platform, "lishui").await);
    let (other_lead, _) = make(&mut operator, "second.lead", "lead", Some(&guiyun)).await;
    let (elsewhere, _) = make(&mut operator, "elsewhere", "reviewer", Some(&lishui)).await;
    let mut lead = staff(&platform, "lead", Role::Lead, Some("guiyun")).await;
    let (own, _) = make(&mut lead, "own", "reviewer", Some(&guiyun)).await;
    make(&mut lead, "own.auditor", "auditor", Some(&guiyun)).await;
    for (role, place, status, code) in [
        ("lead", Some(&*guiyun), 403, "FORBIDDEN"),
        ("operator", None, 422, "FIELDS_INVALID"),
        ("reviewer", Some(&*lishui), 422, "FIELDS_INVALID"),
        ("reviewer", None, 422, "FIELDS_INVALID"),
    ] {
        let new = json!({ "username": "more", "name": "x", "role": role, "institution_id": place });
        lead.post(PEOPLE, new).await.refused(status, code);
    }
    let list = lead.get(PEOPLE).await.json();
    let names: Vec<_> = list["items"].as_array().unwrap().iter().map(|row| text(&row["username"])).collect();
    assert_eq!(names, ["lead", "own", "own.auditor", "second.lead"]);
    let disable = json!({ "disabled": true });
    lead.patch(&format!("{PEOPLE}/{own}"), disable.clone()).await.expect(StatusCode::OK);
    lead.patch(&format!("{PEOPLE}/{own}"), json!({ "role": "lead" })).await.refused(403, "FORBIDDEN");
    lead.patch(&format!("{PEOPLE}/{other_lead}"), disable.clone()).await.refused(403, "FORBIDDEN");
    lead.patch(&format!("{PEOPLE}/{elsewhere}"), disable).await.refused(404, "NOT_FOUND");
    lead.act(&format!("{PEOPLE}/{elsewhere}/password-reset")).await.refused(404, "NOT_FOUND");
    lead.act(&format!("{PEOPLE}/{other_lead}/password-reset")).await.refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn reviewers_and_auditors_manage_nobody() {
    let platform = Platform::start().await;
    let mut operator = platform.reviewer().await;
    let guiyun = institution(&platform, "guiyun").await;
    let (id, _) = make(&mut operator, "victim", "reviewer", Some(&guiyun)).await;
    let mut reviewer = staff(&platform, "reviewer.1", Role::Reviewer, Some("guiyun")).await;
    let mut auditor = staff(&platform, "auditor.1", Role::Auditor, Some("guiyun")).await;
    reviewer.get(PEOPLE).await.refused(403, "FORBIDDEN");
    auditor.get(PEOPLE).await.expect(StatusCode::OK);
    for browser in [&mut reviewer, &mut auditor] {
        let new = json!({ "username": "more", "name": "x", "role": "reviewer", "institution_id": guiyun });
        browser.post(PEOPLE, new).await.refused(403, "FORBIDDEN");
        browser.patch(&format!("{PEOPLE}/{id}"), json!({ "role": "lead" })).await.refused(403, "FORBIDDEN");
        browser.act(&format!("{PEOPLE}/{id}/password-reset")).await.refused(403, "FORBIDDEN");
        browser.delete(&format!("{PEOPLE}/{id}/account")).await.refused(403, "FORBIDDEN");
    }
}

#[tokio::test]
async fn whoever_is_disabled_is_logged_out_and_stays_out_until_enabled() {
    let platform = Platform::start().await;
    let mut operator = platform.reviewer().await;
    let guiyun = institution(&platform, "guiyun").await;
    let (id, password) = make(&mut operator, "gone", "reviewer", Some(&guiyun)).await;
    let mut gone = log_in(&platform, "gone", &password).await;
    gone.get(QUEUE).await.expect(StatusCode::OK);
    operator.patch(&format!("{PEOPLE}/{id}"), json!({ "disabled": true })).await.expect(StatusCode::OK);
    gone.get(QUEUE).await.refused(401, "NOT_LOGGED_IN");
    let login = json!({ "username": "gone", "password": password });
    platform.browser().post("/api/console/sessions", login.clone()).await.refused(403, "LOGIN_DISABLED");
    let wrong = json!({ "username": "gone", "password": "x" });
    platform.browser().post("/api/console/sessions", wrong).await.refused(401, "LOGIN_WRONG");
    operator.patch(&format!("{PEOPLE}/{id}"), json!({ "disabled": false })).await.expect(StatusCode::OK);
    platform.browser().post("/api/console/sessions", login).await.expect(StatusCode::CREATED);
    gone.get(QUEUE).await.refused(401, "NOT_LOGGED_IN");
}

#[tokio::test]
async fn nobody_disables_themselves_and_one_operator_always_stays() {
    let platform = Platform::start().await;
    let mut first = platform.reviewer().await;
    let own = text(&me(&mut first).await["id"]);
    for change in [json!({ "disabled": true }), json!({ "role": "auditor" })] {
        first.patch(&format!("{PEOPLE}/{own}"), change).await.refused(409, "NOT_YOURSELF");
    }
    first.act(&format!("{PEOPLE}/{own}/password-reset")).await.refused(409, "NOT_YOURSELF");
    let mut second = staff(&platform, "second", Role::Operator, None).await;
    let other = text(&me(&mut second).await["id"]);
    // Two who disable each other at once: one of them stays.
    let (paths, change) = ((format!("{PEOPLE}/{other}"), format!("{PEOPLE}/{own}")), json!({ "disabled": true }));
    let (one, two) = tokio::join!(first.patch(&paths.0, change.clone()), second.patch(&paths.1, change));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert!(statuses[0] == 200 && statuses[1] > 400, "{statuses:?}");
}

#[tokio::test]
async fn a_reset_password_is_printed_once_and_the_old_one_opens_nothing() {
    let platform = Platform::start().await;
    let mut operator = platform.reviewer().await;
    let guiyun = institution(&platform, "guiyun").await;
    let (id, old) = make(&mut operator, "forgetful", "reviewer", Some(&guiyun)).await;
    let mut browser = log_in(&platform, "forgetful", &old).await;
    let reset = operator.act(&format!("{PEOPLE}/{id}/password-reset")).await.expect(StatusCode::OK).json();
    browser.get(QUEUE).await.refused(401, "NOT_LOGGED_IN");
    let login = json!({ "username": "forgetful", "password": old });
    platform.browser().post("/api/console/sessions", login).await.refused(401, "LOGIN_WRONG");
    log_in(&platform, "forgetful", &text(&reset["password"])).await;
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_it_to_one_that_is_strong() {
    let platform = Platform::start().await;
    let mut operator = platform.reviewer().await;
    let guiyun = institution(&platform, "guiyun").await;
    let (_, old) = make(&mut operator, "wei.guihua", "reviewer", Some(&guiyun)).await;
    let mut browser = log_in(&platform, "wei.guihua", &old).await;
    let mut elsewhere = log_in(&platform, "wei.guihua", &old).await;
    const PATH: &str = "/api/console/me/password";
    for (current, new, field, code) in [
        (&*old, "short-1", "password", "LENGTH"),
        (&*old, "xx-wei.guihua-7", "password", "NAME"),
        (&*old, "abcdefghijklm", "password", "KINDS"),
        (&*old, &*old, "password", "SAME"),
        ("wrong", "correct-horse-7", "current", "WRONG"),
    ] {
        let refused = browser.put_json(PATH, json!({ "current": current, "password": new })).await;
        refused.refused(422, "FIELDS_INVALID");
        assert_eq!(refused.json()["fields"], json!({ field: code }), "{new}");
    }
    let change = json!({ "current": old, "password": "correct-horse-7" });
    let changed = browser.put_json(PATH, change).await.expect(StatusCode::OK).json();
    assert_eq!(changed["reviewer"]["password_temporary"], false);
    browser.get(QUEUE).await.expect(StatusCode::OK);
    elsewhere.get(QUEUE).await.refused(401, "NOT_LOGGED_IN");
    log_in(&platform, "wei.guihua", "correct-horse-7").await;
}

#[tokio::test]
async fn an_open_session_is_no_way_to_guess_the_password() {
    let platform = Platform::start().await;
    let mut browser = platform.reviewer().await;
    let guess = json!({ "current": "wrong", "password": "correct-horse-7" });
    for _ in 0..5 {
        browser.put_json("/api/console/me/password", guess.clone()).await.refused(422, "FIELDS_INVALID");
    }
    browser.put_json("/api/console/me/password", guess).await.refused(429, "LOGIN_LOCKED");
}

#[tokio::test]
async fn everybody_sees_and_ends_their_own_sessions_only() {
    let platform = Platform::start().await;
    let (mut here, mut there) = (platform.reviewer().await, platform.reviewer().await);
    let sessions = here.get("/api/console/sessions").await.expect(StatusCode::OK).json();
    let items = sessions["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 2);
    assert_eq!(items.iter().filter(|one| one["current"] == true).count(), 1);
    let other = items.iter().find(|one| one["current"] == false).unwrap();
    let path = format!("/api/console/sessions/{}", text(&other["id"]));
    let mut stranger = staff(&platform, "stranger", Role::Operator, None).await;
    stranger.delete(&path).await.refused(404, "NOT_FOUND");
    here.delete(&path).await.expect(StatusCode::NO_CONTENT);
    here.delete(&path).await.refused(404, "NOT_FOUND");
    there.get(QUEUE).await.refused(401, "NOT_LOGGED_IN");
}

#[tokio::test]
async fn an_auditor_reads_everything_and_decides_nothing() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut auditor = staff(&platform, "auditor", Role::Auditor, Some("guiyun")).await;
    let one = format!("{QUEUE}/{id}");
    let seen = auditor.get(&one).await.expect(StatusCode::OK).json();
    assert_eq!(seen["may_decide"], false);
    auditor.get(&format!("{one}/materials/signature")).await.expect(StatusCode::OK);
    auditor.get(&format!("{one}/identity-number")).await.expect(StatusCode::OK);
    auditor.get("/api/console/audit").await.expect(StatusCode::OK);
    let version = json!({ "version": seen["version"] });
    auditor.post(&format!("{one}/approval"), version).await.refused(403, "FORBIDDEN");
    let refusal = json!({ "version": seen["version"], "reason": "材料不符" });
    auditor.post(&format!("{one}/refusal"), refusal).await.refused(403, "FORBIDDEN");
    auditor.put_json(&format!("{one}/hold"), json!({})).await.refused(403, "FORBIDDEN");
    auditor.get("/api/console/feedback").await.refused(403, "FORBIDDEN");
}
