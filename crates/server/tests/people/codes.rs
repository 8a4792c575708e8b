//! Login codes and sessions.

use axum::http::{Request, StatusCode};
use jiff::SignedDuration;
use serde_json::json;

use crate::common::Platform;

const PHONE: &str = "13800138000";

fn login(code: &str) -> serde_json::Value {
    json!({ "phone": PHONE, "code": code, "agreed": true })
}

/// A code that is not `code`.
fn other(code: &str) -> String {
    let digits = code.parse::<u32>().unwrap();
    format!("{:06}", (digits + 1) % 1_000_000)
}

#[tokio::test]
async fn a_phone_number_and_its_code_log_in_and_make_the_account() {
    let platform = Platform::start().await;
    let mut phone = platform.browser();
    phone.get("/api/me").await.refused(401, "NOT_LOGGED_IN");
    let sent = phone.post("/api/login-codes", json!({ "phone": PHONE })).await.expect(StatusCode::ACCEPTED).json();
    assert_eq!(sent, json!({ "expires_in": 300, "resend_after": 60 }));
    let code = platform.code(PHONE).await;
    let answer = phone.post("/api/sessions", login(&code)).await.expect(StatusCode::CREATED);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let me = phone.get("/api/me").await.expect(StatusCode::OK).json();
    assert_eq!(me["phone_masked"], "138****8000");
    assert_eq!(me["verified"], false);
    assert_eq!(me["guide"], "verify");
    assert_eq!(me["id"], answer.json()["id"]);
}

#[tokio::test]
async fn the_same_number_comes_back_to_the_same_account() {
    let platform = Platform::start().await;
    let first = platform.phone(PHONE).await.get("/api/me").await.json();
    platform.clock.advance(SignedDuration::from_secs(61));
    let second = platform.phone(PHONE).await.get("/api/me").await.json();
    assert_eq!(first["id"], second["id"]);
}

#[tokio::test]
async fn another_code_may_be_asked_for_after_a_minute_and_replaces_the_first() {
    let platform = Platform::start().await;
    let mut phone = platform.browser();
    phone.post("/api/login-codes", json!({ "phone": PHONE })).await.expect(StatusCode::ACCEPTED);
    let first = platform.code(PHONE).await;
    platform.clock.advance(SignedDuration::from_secs(59));
    let refused = phone.post("/api/login-codes", json!({ "phone": PHONE })).await;
    refused.refused(429, "CODE_TOO_SOON");
    assert_eq!(refused.json()["retry_after"], 1);
    assert_eq!(refused.headers["retry-after"], "1");
    platform.clock.advance(SignedDuration::from_secs(1));
    phone.post("/api/login-codes", json!({ "phone": PHONE })).await.expect(StatusCode::ACCEPTED);
    let second = platform.code(PHONE).await;
    if first != second {
        phone.post("/api/sessions", login(&first)).await.refused(422, "CODE_WRONG");
    }
    phone.post("/api/sessions", login(&second)).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn a_code_works_once() {
    let platform = Platform::start().await;
    let mut phone = platform.browser();
    phone.post("/api/login-codes", json!({ "phone": PHONE })).await.expect(StatusCode::ACCEPTED);
    let code = platform.code(PHONE).await;
    phone.post("/api/sessions", login(&code)).await.expect(StatusCode::CREATED);
    phone.post("/api/sessions", login(&code)).await.refused(422, "CODE_EXPIRED");
}

#[tokio::test]
async fn two_simultaneous_logins_with_one_code_make_one_session() {
    let platform = Platform::start().await;
    let mut one = platform.browser();
    let mut two = platform.browser();
    one.post("/api/login-codes", json!({ "phone": PHONE })).await.expect(StatusCode::ACCEPTED);
    let code = platform.code(PHONE).await;
    let (first, second) =
        tokio::join!(one.post("/api/sessions", login(&code)), two.post("/api/sessions", login(&code)));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422]);
}

#[tokio::test]
async fn a_code_is_good_for_five_minutes() {
    let platform = Platform::start().await;
    let mut phone = platform.browser();
    phone.post("/api/login-codes", json!({ "phone": PHONE })).await.expect(StatusCode::ACCEPTED);
    let code = platform.code(PHONE).await;
    platform.clock.advance(SignedDuration::from_secs(300));
    phone.post("/api/sessions", login(&code)).await.refused(422, "CODE_EXPIRED");
}

#[tokio::test]
async fn the_fifth_wrong_try_wears_a_code_out() {
    let platform = Platform::start().await;
    let mut phone = platform.browser();
    phone.post("/api/login-codes", json!({ "phone": PHONE })).await.expect(StatusCode::ACCEPTED);
    let code = platform.code(PHONE).await;
    for _ in 0..4 {
        phone.post("/api/sessions", login(&other(&code))).await.refused(422, "CODE_WRONG");
    }
    phone.post("/api/sessions", login(&other(&code))).await.refused(422, "CODE_EXPIRED");
    phone.post("/api/sessions", login(&code)).await.refused(422, "CODE_EXPIRED");
}

#[tokio::test]
async fn the_answer_is_the_same_for_known_and_unknown_numbers() {
    let platform = Platform::start().await;
    platform.phone(PHONE).await;
    platform.clock.advance(SignedDuration::from_secs(61));
    let mut browser = platform.browser();
    let known = browser.post("/api/login-codes", json!({ "phone": PHONE })).await;
    let unknown = browser.post("/api/login-codes", json!({ "phone": "13900139000" })).await;
    assert_eq!((known.status, known.body), (unknown.status, unknown.body));
    for phone in [PHONE, "13900139000"] {
        let wrong = json!({ "phone": phone, "code": other(&platform.code(phone).await), "agreed": true });
        browser.post("/api/sessions", wrong).await.refused(422, "CODE_WRONG");
    }
}

#[tokio::test]
async fn a_number_gets_ten_codes_a_day() {
    let platform = Platform::start().await;
    let mut phone = platform.browser();
    for _ in 0..10 {
        phone.post("/api/login-codes", json!({ "phone": PHONE })).await.expect(StatusCode::ACCEPTED);
        platform.clock.advance(SignedDuration::from_secs(60));
    }
    phone.post("/api/login-codes", json!({ "phone": PHONE })).await.refused(429, "CODE_DAILY_LIMIT");
    let another = json!({ "phone": "13900139000" });
    phone.post("/api/login-codes", another).await.expect(StatusCode::ACCEPTED);
    platform.clock.advance(SignedDuration::from_hours(24));
    phone.post("/api/login-codes", json!({ "phone": PHONE })).await.expect(StatusCode::ACCEPTED);
}

#[tokio::test]
async fn what_is_no_phone_number_no_code_or_not_agreed_is_refused_by_field() {
    let platform = Platform::start().await;
    let mut phone = platform.browser();
    let refused = phone.post("/api/login-codes", json!({ "phone": "12345" })).await;
    refused.refused(422, "FIELDS_INVALID");
    assert_eq!(refused.json()["fields"], json!({ "phone": "PHONE_INVALID" }));
    let refused = phone.post("/api/sessions", json!({ "phone": PHONE, "code": "12a", "agreed": true })).await;
    assert_eq!(refused.json()["fields"], json!({ "code": "CODE_INVALID" }));
    let refused = phone.post("/api/sessions", json!({ "phone": PHONE, "code": "123456", "agreed": false })).await;
    assert_eq!(refused.json()["fields"], json!({ "agreed": "AGREEMENT_REQUIRED" }));
}

#[tokio::test]
async fn logging_out_ends_the_session_for_every_copy_of_the_cookie() {
    let platform = Platform::start().await;
    let mut phone = platform.phone(PHONE).await;
    let mut copy = phone.clone();
    phone.delete("/api/sessions/current").await.expect(StatusCode::NO_CONTENT);
    phone.get("/api/me").await.refused(401, "NOT_LOGGED_IN");
    copy.get("/api/me").await.refused(401, "NOT_LOGGED_IN");
}

#[tokio::test]
async fn a_session_ends_after_thirty_days() {
    let platform = Platform::start().await;
    let mut phone = platform.phone(PHONE).await;
    platform.clock.advance(SignedDuration::from_hours(24 * 30 - 1));
    phone.get("/api/me").await.expect(StatusCode::OK);
    platform.clock.advance(SignedDuration::from_hours(1));
    phone.get("/api/me").await.refused(401, "NOT_LOGGED_IN");
}

#[tokio::test]
async fn a_foreign_page_cannot_act_for_the_user() {
    let platform = Platform::start().await;
    let mut phone = platform.phone(PHONE).await;
    for origin in ["https://evil.example", "null", "http://platform.test.evil.example"] {
        let request = Request::builder().method("DELETE").uri("/api/sessions/current").header("origin", origin);
        phone.send(request, axum::body::Body::empty()).await.refused(403, "FOREIGN_ORIGIN");
    }
    phone.get("/api/me").await.expect(StatusCode::OK);
    let request =
        Request::builder().method("DELETE").uri("/api/sessions/current").header("origin", "http://platform.test");
    phone.send(request, axum::body::Body::empty()).await.expect(StatusCode::NO_CONTENT);
}
