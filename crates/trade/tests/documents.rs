//! Documents: upload, sign by scanning, download, verify.

#![allow(clippy::unwrap_used)] // a panic here is a failed test

mod support;

use axum::http::Method;
use support::{Browser, World, pdf};

const PLACEMENTS: &str = r#"{"placements":[{"page":1,"x_mm":10,"y_mm":20,"width_mm":30,"height_mm":30,"appearance_id":"00000000-0000-0000-0000-000000000003"}]}"#;

async fn uploaded(browser: &mut Browser) -> String {
    let document = browser.upload("投标函", &pdf()).await.created();
    document["id"].as_str().unwrap().to_owned()
}

async fn asked(browser: &mut Browser, document: &str) -> String {
    let scan = browser.post(&format!("/api/documents/{document}/sign-scans"), PLACEMENTS).await.created();
    scan["id"].as_str().unwrap().to_owned()
}

async fn state_of(browser: &mut Browser, document: &str) -> String {
    browser.get(&format!("/api/documents/{document}")).await.ok()["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_document_is_uploaded_signed_by_scanning_downloaded_and_verified() {
    let world = World::start().await;
    let mut browser = world.logged_in("张三").await;
    let id = uploaded(&mut browser).await;
    let document = browser.get(&format!("/api/documents/{id}")).await.ok();
    assert_eq!(document["title"], "投标函");
    assert_eq!(document["state"], "draft");
    assert_eq!(document["size"], pdf().len());
    assert_eq!(document["signatures"], serde_json::json!([]));
    let seals = browser.get("/api/appearances").await.ok();
    assert_eq!(seals["items"][0]["png"], "iVBORw==");

    let scan = asked(&mut browser, &id).await;
    assert_eq!(state_of(&mut browser, &id).await, "signing");
    let question = world.platform.asked(&scan);
    assert_eq!(question["subject"], support::platform::subject("张三").to_string());
    assert_eq!(question["document"]["title"], "投标函");
    assert_eq!(question["placements"][0]["x_mm"], 10.0);
    let early = browser.post(&format!("/api/sign-scans/{scan}/completion"), "{}").await;
    assert_eq!(early.refusal(), (409, "SCAN_NOT_CONFIRMED".into()));

    world.platform.confirm(&scan, "张三");
    let signed = browser.post(&format!("/api/sign-scans/{scan}/completion"), "{}").await.ok();
    assert_eq!(signed["state"], "signed");
    assert_eq!(signed["signatures"], serde_json::json!([{ "name": "张三", "signed_at": "2026-06-01T08:00:00Z" }]));
    assert_eq!(browser.post(&format!("/api/sign-scans/{scan}/completion"), "{}").await.ok(), signed, "asking again");

    let file = browser.get(&format!("/api/documents/{id}/file?download=1")).await;
    assert_eq!(file.headers["content-type"], "application/pdf");
    let name = file.headers["content-disposition"].to_str().unwrap();
    assert!(
        name.starts_with("attachment;") && name.ends_with("filename*=UTF-8''%E6%8A%95%E6%A0%87%E5%87%BD.pdf"),
        "{name}"
    );
    assert!(file.body.starts_with(&pdf()), "what was uploaded is still there");
    assert_eq!(signed["size"], file.body.len());
    let shown = browser.get(&format!("/api/documents/{id}/file")).await;
    assert!(shown.headers["content-disposition"].to_str().unwrap().starts_with("inline;"));

    let headers = [("content-type", "application/pdf")];
    let mut stranger = world.browser();
    let report = stranger.send(Method::POST, "/api/verifications", &headers, file.body).await.ok();
    assert_eq!(report["intact"], true);
    assert_eq!(report["signatures"][0]["verdict"], "valid");

    let again = asked(&mut browser, &id).await;
    world.platform.confirm(&again, "张三");
    let twice = browser.post(&format!("/api/sign-scans/{again}/completion"), "{}").await.ok();
    assert_eq!(twice["signatures"].as_array().unwrap().len(), 2);
    assert_eq!(std::fs::read_dir(world.data.path().join("files")).unwrap().count(), 1, "the revision before is gone");
}

#[tokio::test]
async fn an_already_signed_upload_names_its_signers() {
    let world = World::start().await;
    let mut browser = world.logged_in("张三").await;
    let id = uploaded(&mut browser).await;
    let scan = asked(&mut browser, &id).await;
    world.platform.confirm(&scan, "张三");
    browser.post(&format!("/api/sign-scans/{scan}/completion"), "{}").await.ok();
    let file = browser.get(&format!("/api/documents/{id}/file")).await.body;
    let mut other = world.logged_in("李四").await;
    let document = other.upload("合同", &file).await.created();
    assert_eq!((&document["state"], &document["signatures"][0]["name"]), (&"signed".into(), &"张三".into()));
}

#[tokio::test]
async fn what_belongs_to_somebody_else_does_not_exist() {
    let world = World::start().await;
    let mut owner = world.logged_in("张三").await;
    let id = uploaded(&mut owner).await;
    let scan = asked(&mut owner, &id).await;
    let mut other = world.logged_in("李四").await;
    let mut nobody = world.browser();
    let paths = [
        (Method::GET, format!("/api/documents/{id}")),
        (Method::DELETE, format!("/api/documents/{id}")),
        (Method::GET, format!("/api/documents/{id}/file")),
        (Method::POST, format!("/api/documents/{id}/sign-scans")),
        (Method::POST, format!("/api/sign-scans/{scan}/completion")),
    ];
    for (method, path) in paths {
        let headers = [("content-type", "application/json")];
        let answer = other.send(method.clone(), &path, &headers, PLACEMENTS.into()).await;
        assert_eq!(answer.refusal(), (404, "NOT_FOUND".into()), "{method} {path}");
        let answer = nobody.send(method.clone(), &path, &headers, PLACEMENTS.into()).await;
        assert_eq!(answer.refusal(), (401, "NOT_LOGGED_IN".into()), "{method} {path}");
    }
    assert_eq!(other.get("/api/documents").await.ok()["items"], serde_json::json!([]));
    assert_eq!(owner.get("/api/documents").await.ok()["items"][0]["id"], id.as_str());
    // The same browser, but somebody else has logged in meanwhile.
    let mut changed = owner.clone();
    changed.cookies.retain(|(name, _)| name != "trade_session");
    changed.cookies.extend(other.cookies.iter().filter(|(name, _)| name == "trade_session").cloned());
    world.platform.confirm(&scan, "张三");
    assert_eq!(changed.post(&format!("/api/sign-scans/{scan}/completion"), "{}").await.refusal().0, 404);
}

#[tokio::test]
async fn a_signing_that_came_to_nothing_leaves_the_document_as_it_was() {
    let world = World::start().await;
    let mut browser = world.logged_in("张三").await;
    let id = uploaded(&mut browser).await;
    for (state, code) in [("refused", "SCAN_REFUSED"), ("expired", "SCAN_EXPIRED"), ("failed", "SCAN_FAILED")] {
        let scan = asked(&mut browser, &id).await;
        world.platform.set_state(&scan, state);
        let answer = browser.post(&format!("/api/sign-scans/{scan}/completion"), "{}").await;
        assert_eq!(answer.refusal().1, code);
        assert_eq!(state_of(&mut browser, &id).await, "draft", "{state}");
    }
    // Looking is enough, and so is following.
    for look in ["", "/events"] {
        let scan = asked(&mut browser, &id).await;
        world.platform.set_state(&scan, "refused");
        browser.get(&format!("/api/scan/{scan}{look}")).await;
        assert_eq!(state_of(&mut browser, &id).await, "draft");
    }
    let scan = asked(&mut browser, &id).await;
    browser.delete(&format!("/api/scan/{scan}")).await.nothing();
    assert_eq!(state_of(&mut browser, &id).await, "draft");
    // Nobody looked, and the time is over.
    asked(&mut browser, &id).await;
    world.later(jiff::SignedDuration::from_mins(6));
    assert_eq!(state_of(&mut browser, &id).await, "draft");
}

#[tokio::test]
async fn asking_again_takes_the_first_question_back_unless_the_phone_was_faster() {
    let world = World::start().await;
    let mut browser = world.logged_in("张三").await;
    let id = uploaded(&mut browser).await;
    let first = asked(&mut browser, &id).await;
    let second = asked(&mut browser, &id).await;
    assert_eq!((world.platform.state(&first), world.platform.state(&second)), ("cancelled", "waiting"));
    world.platform.confirm(&second, "张三");
    let answer = browser.post(&format!("/api/documents/{id}/sign-scans"), PLACEMENTS).await;
    assert_eq!(answer.refusal(), (409, "DOCUMENT_CHANGED".into()));
    assert_eq!(state_of(&mut browser, &id).await, "signed", "what the phone has signed is not lost");
    assert_eq!(browser.post(&format!("/api/sign-scans/{second}/completion"), "{}").await.ok()["state"], "signed");
}

#[tokio::test]
async fn a_result_that_is_not_our_document_signed_by_its_owner_is_refused() {
    let world = World::start().await;
    let mut browser = world.logged_in("张三").await;
    let id = uploaded(&mut browser).await;
    let scan = asked(&mut browser, &id).await;
    world.platform.spoil_next();
    world.platform.confirm(&scan, "张三");
    let answer = browser.post(&format!("/api/sign-scans/{scan}/completion"), "{}").await;
    assert_eq!(answer.refusal(), (502, "SIGNED_DOCUMENT_REFUSED".into()));
    let scan = asked_after_failure(&world, &mut browser, &id, &scan).await;
    world.platform.confirm(&scan, "李四");
    let answer = browser.post(&format!("/api/sign-scans/{scan}/completion"), "{}").await;
    assert_eq!(answer.refusal(), (502, "SIGNED_DOCUMENT_REFUSED".into()), "another person's signature");
    assert_eq!(browser.get(&format!("/api/documents/{id}/file")).await.body, pdf());
}

async fn asked_after_failure(world: &World, browser: &mut Browser, id: &str, scan: &str) -> String {
    world.platform.set_state(scan, "failed");
    browser.get(&format!("/api/scan/{scan}")).await.ok();
    asked(browser, id).await
}

#[tokio::test]
async fn everything_is_there_after_a_restart_at_any_moment() {
    let mut world = World::start().await;
    let mut browser = world.logged_in("张三").await;
    let id = uploaded(&mut browser).await;
    let scan = asked(&mut browser, &id).await;
    // Killed while a file was being written, and between a file and its record.
    std::fs::write(world.data.path().join("files").join(format!("{id}-2.pdf")), b"half").unwrap();
    std::fs::write(world.data.path().join("documents").join(format!("{id}.new")), b"{").unwrap();
    world.restart();
    browser.router = world.router.clone();
    assert_eq!(state_of(&mut browser, &id).await, "signing");
    world.platform.confirm(&scan, "张三");
    assert_eq!(browser.post(&format!("/api/sign-scans/{scan}/completion"), "{}").await.ok()["state"], "signed");
    world.restart();
    browser.router = world.router.clone();
    assert_eq!(state_of(&mut browser, &id).await, "signed");
    browser.delete(&format!("/api/documents/{id}")).await.nothing();
    assert_eq!(browser.get(&format!("/api/documents/{id}")).await.refusal().0, 404);
    assert_eq!(std::fs::read_dir(world.data.path().join("files")).unwrap().count(), 0);
}

#[tokio::test]
async fn files_that_cannot_be_used_are_refused_with_a_reason() {
    let world = World::start().await;
    let mut browser = world.logged_in("张三").await;
    let refused = async |title: &str, file: &[u8]| world_refusal(&mut browser.clone(), title, file).await;
    assert_eq!(refused("照片", b"\xff\xd8\xff").await, (422, "PDF_NOT_PDF".into()));
    assert_eq!(refused("空", b"").await, (422, "PDF_NOT_PDF".into()));
    assert_eq!(refused("残", &pdf()[..200]).await, (422, "PDF_DAMAGED".into()));
    assert_eq!(refused("", &pdf()).await, (422, "FIELDS_INVALID".into()));
    assert_eq!(refused(&"长".repeat(201), &pdf()).await, (422, "FIELDS_INVALID".into()));
    let huge = [pdf(), vec![b' '; 20 << 20]].concat();
    assert_eq!(refused("大", &huge).await, (413, "BODY_TOO_LARGE".into()));
    for (kind, body) in [("application/json", "{}"), ("multipart/form-data", ""), ("text/plain", "x")] {
        let answer = browser.send(Method::POST, "/api/documents", &[("content-type", kind)], body.into()).await;
        assert_eq!(answer.refusal(), (415, "UNSUPPORTED_MEDIA_TYPE".into()));
    }
    let broken = [("content-type", "multipart/form-data; boundary=xx")];
    let answer = browser.send(Method::POST, "/api/documents", &broken, b"--xx\r\nnonsense".to_vec()).await;
    assert_eq!(answer.refusal(), (400, "BODY_INVALID".into()));

    let id = uploaded(&mut browser).await;
    let path = format!("/api/documents/{id}/sign-scans");
    assert_eq!(browser.post(&path, "{}").await.refusal(), (400, "BODY_INVALID".into()));
    assert_eq!(browser.post(&path, "[").await.refusal(), (400, "BODY_INVALID".into()));
    assert_eq!(browser.send(Method::POST, &path, &[], Vec::new()).await.refusal().0, 415);
    let beyond = PLACEMENTS.replace("\"page\":1", "\"page\":99");
    assert_eq!(
        browser.post(&path, &beyond).await.refusal(),
        (422, "PDF_NO_SUCH_PAGE".into()),
        "the platform's own words"
    );
    assert_eq!(state_of(&mut browser, &id).await, "draft");

    let verify = |kind: &'static str, body: Vec<u8>| {
        let mut browser = browser.clone();
        async move { browser.send(Method::POST, "/api/verifications", &[("content-type", kind)], body).await.refusal() }
    };
    assert_eq!(verify("application/json", b"{}".to_vec()).await, (415, "UNSUPPORTED_MEDIA_TYPE".into()));
    assert_eq!(verify("application/pdf", b"no".to_vec()).await, (422, "PDF_NOT_PDF".into()));
    assert_eq!(verify("application/pdf", vec![0; (20 << 20) + 1]).await, (413, "BODY_TOO_LARGE".into()));
}

async fn world_refusal(browser: &mut Browser, title: &str, file: &[u8]) -> (u16, String) {
    browser.upload(title, file).await.refusal()
}
