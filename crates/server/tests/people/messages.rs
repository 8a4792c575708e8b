//! The message centre and the stream of events.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::{Request, StatusCode},
};
use futures::StreamExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use crate::common::{Browser, ID_NUMBERS, Platform, text};

#[tokio::test]
async fn messages_are_listed_newest_first_and_read_one_by_one() {
    let platform = Platform::start().await;
    let mut phone = platform.verified_phone("13800138000", ID_NUMBERS[0]).await;
    platform.clock.advance(jiff::SignedDuration::from_secs(5));
    phone.submitted_application(&platform).await;
    let list = phone.get("/api/messages").await.expect(StatusCode::OK).json();
    let kinds: Vec<_> = list["items"].as_array().unwrap().iter().map(|one| text(&one["kind"])).collect();
    assert_eq!(kinds, ["application_submitted", "identity_verified"]);
    assert_eq!(list["unread"], 2);
    let id = text(&list["items"][0]["id"]);
    for _ in 0..2 {
        phone.act(&format!("/api/messages/{id}/read")).await.expect(StatusCode::NO_CONTENT);
    }
    let list = phone.get("/api/messages").await.json();
    assert_eq!((&list["unread"], &list["items"][0]["read"]), (&json!(1), &json!(true)));
    assert_eq!(phone.get("/api/me").await.json()["unread"], 1);
    let mut stranger = platform.phone("13900139000").await;
    stranger.act(&format!("/api/messages/{id}/read")).await.refused(404, "NOT_FOUND");
    assert_eq!(stranger.get("/api/messages").await.json()["items"], json!([]));
}

#[tokio::test]
async fn long_lists_come_in_pages_that_neither_repeat_nor_skip() {
    let platform = Platform::start().await;
    let mut phone = platform.phone("13800138000").await;
    let account = text(&phone.get("/api/me").await.json()["id"]).parse().unwrap();
    for number in 0..70 {
        let mut tx = platform.state.db.begin().await.unwrap();
        let draft = server::message::Draft {
            kind: "test",
            title: ("题", "title"),
            body: (format!("{number}"), String::new()),
            action: None,
        };
        server::message::post(&mut tx, platform.state.now(), account, draft).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut seen = Vec::new();
    let mut path = "/api/messages".to_owned();
    loop {
        let page = phone.get(&path).await.expect(StatusCode::OK).json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|one| text(&one["id"])));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/messages?cursor={cursor}");
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((count, seen.len()), (70, 70));
    phone.get("/api/messages?cursor=nonsense").await.refused(400, "QUERY_INVALID");
}

/// Opens the stream.
pub async fn stream(phone: &Browser, last_event_id: Option<&str>) -> BodyDataStream {
    let mut request = Request::builder().uri("/api/events").header("cookie", phone.cookie_line());
    if let Some(id) = last_event_id {
        request = request.header("last-event-id", id);
    }
    let response = phone.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response.into_body().into_data_stream()
}

/// The next piece of the stream.
pub async fn next(stream: &mut BodyDataStream) -> String {
    let piece = tokio::time::timeout(Duration::from_secs(10), stream.next()).await.expect("an event in time");
    String::from_utf8(piece.unwrap().unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn the_stream_tells_at_once_and_resumes_where_it_broke_off() {
    let platform = Platform::start().await;
    let mut phone = platform.verified_phone("13800138000", ID_NUMBERS[0]).await;
    let mut open = stream(&phone, None).await;
    let reading = tokio::spawn(async move { (next(&mut open).await, open) });
    // The stream begins with what happens after it was opened.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let created = phone.post("/api/applications", json!({ "kind": "personal_certificate" })).await.json();
    let (first, open) = reading.await.unwrap();
    assert!(first.contains("event: application") && first.contains(&text(&created["id"])), "{first}");
    drop(open);
    let id = first.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
    phone.act(&format!("/api/applications/{}/withdrawal", text(&created["id"]))).await.expect(StatusCode::OK);
    let mut resumed = stream(&phone, Some(&id)).await;
    let second = next(&mut resumed).await;
    assert!(second.contains("event: application") && !second.contains(&format!("id: {id}\n")), "{second}");
}

#[tokio::test]
async fn the_stream_ends_for_a_phone_that_has_logged_out() {
    let platform = Platform::start().await;
    let phone = platform.verified_phone("13800138000", ID_NUMBERS[0]).await;
    let mut open = stream(&phone, None).await;
    let reading = tokio::spawn(async move {
        let mut heard = String::new();
        while let Some(piece) = open.next().await {
            heard.push_str(&String::from_utf8_lossy(&piece.unwrap()));
        }
        heard
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    platform.clock.advance(jiff::SignedDuration::from_secs(61));
    let mut other = platform.phone("13800138000").await;
    phone.clone().delete("/api/sessions/current").await.expect(StatusCode::NO_CONTENT);
    other.post("/api/applications", json!({ "kind": "personal_certificate" })).await.expect(StatusCode::CREATED);
    let heard = tokio::time::timeout(Duration::from_secs(10), reading).await.expect("the stream ends").unwrap();
    assert!(!heard.contains("event: application"), "{heard}");
}

#[tokio::test]
async fn what_nobody_needs_any_more_is_forgotten_and_messages_stay() {
    let platform = Platform::start().await;
    let mut phone = platform.verified_phone("13800138000", ID_NUMBERS[0]).await;
    phone.submitted_application(&platform).await;
    let state = &platform.state;
    assert_eq!(server::account::sweep(state).await.unwrap() + server::message::sweep(state).await.unwrap(), 0);
    platform.clock.advance(jiff::SignedDuration::from_hours(24 * 61));
    assert!(server::account::sweep(state).await.unwrap() >= 2, "a code and a session");
    assert!(server::message::sweep(state).await.unwrap() >= 2, "events");
    let mut phone = platform.phone("13800138000").await;
    assert_eq!(phone.get("/api/messages").await.json()["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_stream_wants_a_session() {
    let platform = Platform::start().await;
    platform.browser().get("/api/events").await.refused(401, "NOT_LOGGED_IN");
}
