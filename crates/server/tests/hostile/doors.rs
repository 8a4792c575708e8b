//! Doors that others try: the console's login, and what caches and broken transactions leave behind.

use axum::http::StatusCode;
use futures::future::join_all;
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::{
    common::{Platform, signature_png, text},
    phone::journey::reviewer_password,
};

#[tokio::test]
async fn an_unknown_name_at_the_console_is_answered_like_a_known_one_the_lock_included() {
    let platform = Platform::start().await;
    let mut answers = Vec::new();
    for username in ["reviewer", "nobody-here"] {
        let mut console = platform.browser();
        let mut codes = Vec::new();
        for _ in 0..7 {
            let login = json!({ "username": username, "password": "not the password" });
            codes.push(console.post("/api/console/sessions", login).await.problem());
        }
        answers.push(codes);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0][6], "LOGIN_LOCKED");
}

#[tokio::test]
async fn a_lock_also_holds_for_those_who_knocked_before_it_closed() {
    let platform = Platform::start().await;
    let right = reviewer_password(platform.folder());
    let tries =
        (0..16).map(|n| {
            let mut console = platform.browser();
            let password = if n == 15 { right.clone() } else { format!("guess {n}") };
            async move {
                console.post("/api/console/sessions", json!({ "username": "reviewer", "password": password })).await
            }
        });
    let answers = join_all(tries).await;
    let wrong = answers.iter().filter(|answer| answer.problem() == "LOGIN_WRONG").count();
    assert_eq!(wrong, 4, "the fifth wrong password locks, whatever else is under way");
    assert!(answers.iter().all(|answer| answer.status != StatusCode::CREATED));
}

/// Lets every change of a row in this table fail, or no longer.
async fn spoil(platform: &Platform, table: Option<&str>) {
    let statements = match (platform.database().address(), table) {
        (None, Some(table)) => {
            format!("CREATE TRIGGER broken BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        }
        (None, None) => "DROP TRIGGER broken".to_owned(),
        (Some(_), Some(table)) => format!(
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$; \
             CREATE TRIGGER broken BEFORE UPDATE ON {table} EXECUTE FUNCTION broken()"
        ),
        (Some(_), None) => "DROP FUNCTION broken CASCADE".to_owned(),
    };
    let tx = platform.state.db.begin().await.unwrap();
    tx.execute_unprepared(&statements).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_picture_survives_when_its_replacement_breaks_off() {
    let platform = Platform::start().await;
    let mut phone = platform.verified_phone("13800138000", crate::common::ID_NUMBERS[0]).await;
    let id = phone.complete_draft(&platform).await;
    let path = format!("/api/applications/{id}/materials/signature");
    let before = phone.get(&path).await.expect(StatusCode::OK).body;
    spoil(&platform, Some("application")).await;
    let ink = |x: u32, y: u32| if x.abs_diff(y) < 9 { image::Rgba([9, 9, 9, 255]) } else { image::Rgba([0; 4]) };
    let mut other = std::io::Cursor::new(Vec::new());
    image::RgbaImage::from_fn(200, 100, ink).write_to(&mut other, image::ImageFormat::Png).unwrap();
    phone.put(&path, "image/png", other.into_inner()).await.refused(500, "INTERNAL");
    phone.delete(&path).await.refused(500, "INTERNAL");
    assert_eq!(phone.get(&path).await.expect(StatusCode::OK).body, before);
    spoil(&platform, None).await;
    phone.put(&path, "image/png", signature_png()).await.expect(StatusCode::OK);
    assert_eq!(phone.get(&path).await.expect(StatusCode::OK).body, before);
    phone.delete(&path).await.expect(StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn what_the_api_says_about_a_person_is_kept_by_no_cache() {
    let platform = Platform::start().await;
    let mut phone = platform.verified_phone("13800138000", crate::common::ID_NUMBERS[0]).await;
    let id = phone.submitted_application(&platform).await;
    for path in ["/api/me", "/api/applications", "/api/certificates", "/api/messages", "/api/devices"] {
        phone.get(path).await.expect(StatusCode::OK).header("cache-control", "no-store");
    }
    let mut console = platform.reviewer().await;
    console.get("/api/console/applications").await.expect(StatusCode::OK).header("cache-control", "no-store");
    let picture = phone.get(&format!("/api/applications/{id}/materials/signature")).await;
    assert!(text(&json!(picture.headers["cache-control"].to_str().unwrap())).contains("no-store"));
}

#[tokio::test]
async fn neither_cookie_opens_the_other_door() {
    let platform = Platform::start().await;
    let phone = platform.phone("13800138000").await.cookie_line();
    let console = platform.reviewer().await.cookie_line();
    let (phone, console) = (phone.split_once('=').unwrap().1, console.split_once('=').unwrap().1);
    for (cookie, path) in [
        (format!("gq_console={phone}"), "/api/console/me"),
        (format!("gq_session={phone}"), "/api/console/me"),
        (format!("gq_session={console}"), "/api/me"),
        (format!("gq_console={console}"), "/api/me"),
    ] {
        let request = axum::http::Request::builder().uri(path).header("cookie", cookie);
        platform.browser().send(request, axum::body::Body::empty()).await.refused(401, "NOT_LOGGED_IN");
    }
}
