//! Logging in by scanning.

#![allow(clippy::unwrap_used)] // a panic here is a failed test

mod support;

use axum::http::Method;
use jiff::SignedDuration;
use support::World;

#[tokio::test]
async fn a_person_logs_in_by_scanning_and_logs_out() {
    let world = World::start().await;
    let mut browser = world.browser();
    let nobody = browser.get("/api/session").await.ok();
    assert_eq!(nobody, serde_json::json!({ "user": null, "platform_name": "示范公共资源交易平台" }));

    let scan = browser.post("/api/login-scans", "{}").await.created();
    let id = scan["id"].as_str().unwrap();
    assert_eq!(scan["check_number"], "0417");
    let asked = world.platform.asked(id);
    assert_eq!(asked["action"], "login");
    assert_eq!(asked["browser"]["browser_id"].as_str().unwrap().len(), 64);
    assert_eq!(browser.get(&format!("/api/scan/{id}")).await.ok()["state"], "waiting");
    let early = browser.post(&format!("/api/login-scans/{id}/completion"), "{}").await;
    assert_eq!(early.refusal(), (409, "SCAN_NOT_CONFIRMED".into()));

    world.platform.confirm(id, "张三");
    let events = browser.get(&format!("/api/scan/{id}/events")).await;
    let text = String::from_utf8(events.body).unwrap();
    assert_eq!(events.headers["content-type"], "text/event-stream");
    assert!(text.contains("event: code\ndata: {\"code\":\"https://ca.test/s#"), "{text}");
    assert!(text.ends_with("event: state\ndata: {\"state\":\"confirmed\"}\n\n"), "{text}");

    let done = browser.post(&format!("/api/login-scans/{id}/completion"), "{}").await.ok();
    assert_eq!(done["user"]["name"], "张三");
    assert_eq!(browser.get("/api/session").await.ok()["user"], done["user"]);
    // The answer was lost and the page asks again.
    assert_eq!(browser.post(&format!("/api/login-scans/{id}/completion"), "{}").await.ok(), done);

    let old = browser.clone();
    browser.delete("/api/session").await.nothing();
    for mut browser in [browser, old] {
        assert!(browser.get("/api/session").await.ok()["user"].is_null(), "the session is over everywhere");
        assert_eq!(browser.get("/api/documents").await.refusal(), (401, "NOT_LOGGED_IN".into()));
        let again = browser.post(&format!("/api/login-scans/{id}/completion"), "{}").await;
        assert_eq!(again.refusal(), (409, "SCAN_USED".into()), "a login is used once");
    }
}

#[tokio::test]
async fn a_scan_exists_only_for_the_browser_that_asked() {
    let world = World::start().await;
    let scan = world.browser().post("/api/login-scans", "{}").await.created();
    let id = scan["id"].as_str().unwrap();
    world.platform.confirm(id, "张三");
    let mut other = world.browser();
    other.post("/api/login-scans", "{}").await.created();
    for browser in [&mut world.browser(), &mut other] {
        assert_eq!(browser.get(&format!("/api/scan/{id}")).await.refusal(), (404, "NOT_FOUND".into()));
        assert_eq!(browser.get(&format!("/api/scan/{id}/events")).await.refusal().0, 404);
        assert_eq!(browser.delete(&format!("/api/scan/{id}")).await.refusal().0, 404);
        assert_eq!(browser.post(&format!("/api/login-scans/{id}/completion"), "{}").await.refusal().0, 404);
    }
    assert_eq!(other.get("/api/scan/not-an-id").await.refusal(), (404, "NOT_FOUND".into()));
}

#[tokio::test]
async fn a_login_that_came_to_nothing_says_why() {
    let world = World::start().await;
    for (state, status, code) in [
        ("refused", 409, "SCAN_REFUSED"),
        ("expired", 410, "SCAN_EXPIRED"),
        ("failed", 409, "SCAN_FAILED"),
        ("claimed", 409, "SCAN_NOT_CONFIRMED"),
    ] {
        let mut browser = world.browser();
        let scan = browser.post("/api/login-scans", "{}").await.created();
        let id = scan["id"].as_str().unwrap();
        world.platform.set_state(id, state);
        let answer = browser.post(&format!("/api/login-scans/{id}/completion"), "{}").await;
        assert_eq!(answer.refusal(), (status, code.to_owned()));
    }
    let mut browser = world.browser();
    let scan = browser.post("/api/login-scans", "{}").await.created();
    let id = scan["id"].as_str().unwrap();
    browser.delete(&format!("/api/scan/{id}")).await.nothing();
    assert_eq!(world.platform.state(id), "cancelled");
    let answer = browser.post(&format!("/api/login-scans/{id}/completion"), "{}").await;
    assert_eq!(answer.refusal(), (409, "SCAN_CANCELLED".into()));
}

#[tokio::test]
async fn a_confirmation_that_is_claimed_too_late_does_not_log_in() {
    let world = World::start().await;
    let mut browser = world.browser();
    let scan = browser.post("/api/login-scans", "{}").await.created();
    let id = scan["id"].as_str().unwrap();
    world.platform.confirm(id, "张三");
    world.later(SignedDuration::from_mins(10));
    let answer = browser.post(&format!("/api/login-scans/{id}/completion"), "{}").await;
    assert_eq!(answer.refusal(), (403, "LOGIN_NOT_VERIFIED".into()));
}

#[tokio::test]
async fn a_session_survives_a_restart_and_ends_after_twelve_hours() {
    let mut world = World::start().await;
    let mut browser = world.logged_in("张三").await;
    world.restart();
    browser.router = world.router.clone();
    assert_eq!(browser.get("/api/session").await.ok()["user"]["name"], "张三");
    world.later(SignedDuration::from_hours(12));
    assert!(browser.get("/api/session").await.ok()["user"].is_null());
    world.restart();
    assert_eq!(std::fs::read_dir(world.data.path().join("sessions")).unwrap().count(), 0, "what is over is forgotten");
}

#[tokio::test]
async fn foreign_pages_and_endless_asking_are_refused() {
    let world = World::start().await;
    let mut browser = world.browser();
    for origin in ["https://evil.example", "null", "http://trade.test.evil.example", "http://"] {
        let headers = [("content-type", "application/json"), ("origin", origin)];
        let answer = browser.send(Method::POST, "/api/login-scans", &headers, b"{}".to_vec()).await;
        assert_eq!(answer.refusal(), (403, "FOREIGN_ORIGIN".into()), "{origin}");
    }
    let headers = [("content-type", "application/json"), ("origin", "http://trade.test")];
    browser.send(Method::POST, "/api/login-scans", &headers, b"{}".to_vec()).await.created();
    for _ in 1..30 {
        browser.post("/api/login-scans", "{}").await.created();
    }
    assert_eq!(browser.post("/api/login-scans", "{}").await.refusal(), (429, "TOO_MANY_REQUESTS".into()));
    world.later(SignedDuration::from_mins(6));
    browser.post("/api/login-scans", "{}").await.created();
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_and_pages_are_pages() {
    let world = World::start().await;
    let mut browser = world.browser();
    assert_eq!(browser.get("/api/nothing").await.refusal(), (404, "NOT_FOUND".into()));
    assert_eq!(browser.send(Method::PUT, "/api/session", &[], Vec::new()).await.refusal().0, 405);
    assert_eq!(browser.get("/assets/missing.js").await.refusal().0, 404);
    let page = browser.get("/documents/some-view").await;
    assert_eq!(page.status, 200);
    assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert_eq!(page.headers["x-frame-options"], "DENY");
}
