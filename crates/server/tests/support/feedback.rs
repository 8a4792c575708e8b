//! Users write, the platform's people answer, and nobody else reads it.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::common::{Browser, Platform, form_jpeg, text};

async fn upload(phone: &mut Browser) -> String {
    let answer = phone.octets(Method::POST, "/api/feedback-pictures", "image/jpeg", form_jpeg()).await;
    text(&answer.expect(StatusCode::CREATED).json()["id"])
}

#[tokio::test]
async fn feedback_with_a_picture_is_answered_and_a_message_says_so() {
    let platform = Platform::start().await;
    let mut phone = platform.phone("13800138000").await;
    let picture = upload(&mut phone).await;
    let new = json!({ "text": "扫码页面很慢", "contact": "a@example.com", "picture_ids": [picture] });
    let made = phone.post("/api/feedback", new).await.expect(StatusCode::CREATED).json();
    let id = text(&made["id"]);

    let mut console = platform.reviewer().await;
    let list = console.get("/api/console/feedback?state=waiting").await.json();
    assert_eq!((&list["waiting"], &list["items"][0]["text"]), (&json!(1), &json!("扫码页面很慢")));
    assert_eq!(list["items"][0]["phone_masked"], "138****8000");
    let seen = console.get(&format!("/api/console/feedback-pictures/{picture}")).await;
    assert_eq!(seen.status, StatusCode::OK);
    let path = format!("/api/console/feedback/{id}/replies");
    console.post(&path, json!({ "text": "已在新版本中改进" })).await.expect(StatusCode::CREATED);
    assert_eq!(console.get("/api/console/feedback?state=waiting").await.json()["waiting"], 0);

    let mine = phone.get(&format!("/api/feedback/{id}")).await.json();
    assert_eq!(mine["replies"][0]["text"], "已在新版本中改进");
    assert_eq!(phone.get("/api/feedback").await.json()["items"].as_array().unwrap().len(), 1);
    let messages = phone.get("/api/messages").await.json();
    assert_eq!(messages["items"][0]["kind"], "feedback_replied");
    assert_eq!(messages["items"][0]["action"], json!({ "kind": "open_feedback", "target_id": id }));
}

#[tokio::test]
async fn nobody_reads_or_uses_what_another_wrote() {
    let platform = Platform::start().await;
    let mut phone = platform.phone("13800138000").await;
    let mut other = platform.phone("13900139000").await;
    let picture = upload(&mut phone).await;
    let made = phone.post("/api/feedback", json!({ "text": "扫码页面很慢" })).await.json();
    let id = text(&made["id"]);
    assert_eq!(other.get(&format!("/api/feedback/{id}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.get(&format!("/api/feedback-pictures/{picture}")).await.status, StatusCode::NOT_FOUND);
    let stolen = other.post("/api/feedback", json!({ "text": "扫码页面很慢", "picture_ids": [picture] })).await;
    assert_eq!(stolen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.get("/api/feedback").await.json()["items"], json!([]));
    let mut console = platform.reviewer().await;
    // Not handed in: not for the platform's eyes.
    assert_eq!(console.get(&format!("/api/console/feedback-pictures/{picture}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(phone.get("/api/console/feedback").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn too_short_too_many_pictures_and_the_same_picture_twice_are_refused() {
    let platform = Platform::start().await;
    let mut phone = platform.phone("13800138000").await;
    let picture = upload(&mut phone).await;
    for new in [
        json!({ "text": "慢" }),
        json!({ "text": "长".repeat(1001) }),
        json!({ "text": "扫码页面很慢", "contact": "x".repeat(101) }),
        json!({ "text": "扫码页面很慢", "picture_ids": [picture, picture] }),
        json!({ "text": "扫码页面很慢", "picture_ids": [picture, picture, picture, picture, picture] }),
        json!({ "text": "扫码页面很慢", "picture_ids": ["00000000-0000-0000-0000-000000000000"] }),
    ] {
        let answer = phone.post("/api/feedback", new).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(phone.get("/api/feedback").await.json()["items"], json!([]), "a refused one leaves nothing");
    let noise = phone.octets(Method::POST, "/api/feedback-pictures", "image/png", b"no picture".to_vec()).await;
    assert_eq!(noise.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_picture_handed_in_twice_at_once_belongs_to_one_feedback() {
    let platform = Platform::start().await;
    let mut phone = platform.phone("13800138000").await;
    let picture = upload(&mut phone).await;
    let mut again = phone.clone();
    let new = json!({ "text": "扫码页面很慢", "picture_ids": [picture] });
    let (one, other) =
        futures::future::join(phone.post("/api/feedback", new.clone()), again.post("/api/feedback", new)).await;
    let mut statuses = [one.status, other.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::CREATED, StatusCode::UNPROCESSABLE_ENTITY]);
}

#[tokio::test]
async fn a_picture_never_handed_in_goes_after_a_day_and_one_in_use_stays() {
    let platform = Platform::start().await;
    let mut phone = platform.phone("13800138000").await;
    // The same octets: one object, named twice.
    let (kept, left) = (upload(&mut phone).await, upload(&mut phone).await);
    phone
        .post("/api/feedback", json!({ "text": "扫码页面很慢", "picture_ids": [kept] }))
        .await
        .expect(StatusCode::CREATED);
    platform.clock.advance(jiff::SignedDuration::from_hours(25));
    assert_eq!(server::feedback::sweep(&platform.state).await.unwrap(), 1);
    assert_eq!(phone.get(&format!("/api/feedback-pictures/{left}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(phone.get(&format!("/api/feedback-pictures/{kept}")).await.status, StatusCode::OK);
}
