//! The platform as a whole: what it says about itself, its sandbox, its pages, its description.

use std::path::Path;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use server::{app, config::Mode, openapi};

use crate::common::{Platform, text};

#[tokio::test]
async fn the_platform_says_that_it_is_up_and_what_it_is() {
    let platform = Platform::start().await;
    let mut browser = platform.browser();
    assert_eq!(browser.get("/api/health").await.json()["status"], "ok");
    let about = browser.get("/api/platform").await.json();
    assert_eq!(about["mode"], "sandbox");
    let before = text(&about["envelope_key"]["public_key"]);
    let platform = platform.restart().await;
    let about = platform.browser().get("/api/platform").await.json();
    assert_eq!(text(&about["envelope_key"]["public_key"]), before, "phones pin this key");
}

#[tokio::test]
async fn the_three_institutions_of_the_sandbox_are_marked_as_such() {
    let platform = Platform::start().await;
    let list = platform.browser().get("/api/institutions").await.json();
    let items = list["items"].as_array().unwrap();
    let slugs: Vec<_> = items.iter().map(|one| text(&one["slug"])).collect();
    assert_eq!(slugs, ["guiyun", "yongjiang", "lishui"]);
    for one in items {
        assert_eq!(one["sandbox"], true);
        assert!(text(&one["name"]).contains("演示"));
        assert!(!one["products"].as_array().unwrap().is_empty());
    }
}

#[tokio::test]
async fn in_production_there_is_no_sandbox() {
    let platform = Platform::start_as(Mode::Production).await;
    let mut browser = platform.browser();
    for path in ["/sandbox", "/sandbox/outbox.js", "/api/sandbox/sms", "/sandbox/face/x"] {
        browser.get(path).await.refused(404, "NOT_FOUND");
    }
    assert_eq!(browser.get("/api/platform").await.json()["mode"], "production");
    assert_eq!(browser.get("/api/institutions").await.json()["items"], serde_json::json!([]));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_and_pages_are_pages() {
    let platform = Platform::start().await;
    let mut browser = platform.browser();
    browser.get("/api/nothing").await.refused(404, "NOT_FOUND");
    browser.get("/pki/nothing/at/all").await.refused(404, "NOT_FOUND");
    browser.delete("/api/health").await.refused(405, "METHOD_NOT_ALLOWED");
    browser.octets(Method::POST, "/anything", "text/plain", Vec::new()).await.refused(405, "METHOD_NOT_ALLOWED");
    browser.get("/assets/missing.js").await.refused(404, "NOT_FOUND");
    for page in ["/", "/login", "/console/", "/console/queue"] {
        let answer = browser.get(page).await.expect(StatusCode::OK);
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{page}");
        assert!(answer.headers.contains_key("content-security-policy"));
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    }
    let page = browser.get("/sandbox").await.expect(StatusCode::OK);
    assert!(String::from_utf8_lossy(&page.body).contains("SANDBOX"));
}

#[tokio::test]
async fn requests_may_name_their_encoding() {
    let platform = Platform::start().await;
    let request = Request::builder().uri("/api/openapi.json").header("accept-encoding", "gzip");
    let answer = platform.browser().send(request, Body::empty()).await.expect(StatusCode::OK);
    assert_eq!(answer.headers["content-encoding"], "gzip");
}

/// The front ends' types are generated from this file. `UPDATE_OPENAPI=1 cargo test -p server` writes it anew.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the one switch of this test")]
async fn the_description_that_the_pages_are_built_from_is_current() {
    let rendered = openapi::render(&app::api().1);
    let platform = Platform::start().await;
    let served = platform.browser().get("/api/openapi.json").await.expect(StatusCode::OK);
    assert_eq!(String::from_utf8(served.body.to_vec()).unwrap(), rendered);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/shared/openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&file, &rendered).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == rendered, "web/shared/openapi.json is old: run `UPDATE_OPENAPI=1 cargo test -p server`");
}

#[tokio::test]
async fn the_description_names_every_operation_once_and_points_at_nothing_that_is_not_there() {
    let text = openapi::render(&app::api().1);
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let paths = document["paths"].as_object().unwrap().values();
    let mut names: Vec<_> = paths
        .flat_map(|item| item.as_object().unwrap().values())
        .map(|one| crate::common::text(&one["operationId"]))
        .collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
}
