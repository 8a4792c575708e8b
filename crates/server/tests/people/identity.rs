//! Real names through the face verification provider's pages.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::common::{ID_NUMBERS, ORIGIN, Platform, text};

#[tokio::test]
async fn a_person_who_passes_at_the_provider_comes_back_verified() {
    let platform = Platform::start().await;
    let mut phone = platform.phone("13800138000").await;
    let id = phone.verify("韦桂花", ID_NUMBERS[0], "passed").await;
    let verification = phone.get(&format!("/api/identity/verifications/{id}")).await.json();
    assert_eq!(verification, json!({ "id": id, "status": "passed" }));
    let me = phone.get("/api/me").await.json();
    assert_eq!((&me["name"], &me["verified"], &me["guide"]), (&json!("韦桂花"), &json!(true), &json!("apply")));
    assert_eq!(me["unread"], 1);
    phone
        .post(
            "/api/identity/verifications",
            json!({ "name": "韦桂花", "id_number": ID_NUMBERS[0], "return_url_path": "/" }),
        )
        .await
        .refused(409, "ALREADY_VERIFIED");
}

#[tokio::test]
async fn a_person_who_does_not_pass_may_try_again() {
    let platform = Platform::start().await;
    let mut phone = platform.phone("13800138000").await;
    let id = phone.verify("韦桂花", ID_NUMBERS[0], "failed").await;
    let verification = phone.get(&format!("/api/identity/verifications/{id}")).await.json();
    assert_eq!(verification, json!({ "id": id, "status": "failed", "reason_code": "FACE_NOT_PASSED" }));
    assert_eq!(phone.get("/api/me").await.json()["verified"], false);
    let id = phone.verify("韦桂花", ID_NUMBERS[0], "passed").await;
    assert_eq!(phone.get(&format!("/api/identity/verifications/{id}")).await.json()["status"], "passed");
}

#[tokio::test]
async fn the_first_button_pressed_at_the_provider_counts() {
    let platform = Platform::start().await;
    let mut phone = platform.phone("13800138000").await;
    let claim = json!({ "name": "韦桂花", "id_number": ID_NUMBERS[0], "return_url_path": "/verify/done?from=home" });
    let started = phone.post("/api/identity/verifications", claim).await.expect(StatusCode::CREATED).json();
    let (id, page) = (text(&started["id"]), text(&started["redirect_url"]));
    let page = page.strip_prefix(ORIGIN).unwrap();
    let look = format!("/api/identity/verifications/{id}");
    assert_eq!(phone.get(&look).await.json()["status"], "pending");
    for outcome in ["failed", "passed"] {
        let form = format!("outcome={outcome}").into_bytes();
        let back = phone.octets(Method::POST, page, "application/x-www-form-urlencoded", form).await;
        let address = format!("{ORIGIN}/verify/done?from=home&verification={id}");
        back.expect(StatusCode::SEE_OTHER).header("location", &address);
    }
    assert_eq!(phone.get(&look).await.json()["status"], "failed");
}

#[tokio::test]
async fn one_person_has_one_account() {
    let platform = Platform::start().await;
    platform.verified_phone("13800138000", ID_NUMBERS[0]).await;
    let mut second = platform.phone("13900139000").await;
    let id = second.verify("韦桂花", ID_NUMBERS[0], "passed").await;
    let verification = second.get(&format!("/api/identity/verifications/{id}")).await.json();
    assert_eq!((&verification["status"], &verification["reason_code"]), (&json!("failed"), &json!("IDENTITY_TAKEN")));
    assert_eq!(second.get("/api/me").await.json()["verified"], false);
}

#[tokio::test]
async fn another_persons_verification_does_not_exist() {
    let platform = Platform::start().await;
    let mut phone = platform.phone("13800138000").await;
    let id = phone.verify("韦桂花", ID_NUMBERS[0], "passed").await;
    let mut stranger = platform.phone("13900139000").await;
    stranger.get(&format!("/api/identity/verifications/{id}")).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn wrong_names_numbers_and_return_addresses_are_refused_by_field() {
    let platform = Platform::start().await;
    let mut phone = platform.phone("13800138000").await;
    for (name, number, path, field, code) in [
        ("<b>", ID_NUMBERS[0], "/", "name", "NAME_INVALID"),
        ("韦桂花", "110105194912310021", "/", "id_number", "ID_NUMBER_INVALID"),
        ("韦桂花", ID_NUMBERS[0], "//evil.example", "return_url_path", "PATH_INVALID"),
        ("韦桂花", ID_NUMBERS[0], "https://evil.example", "return_url_path", "PATH_INVALID"),
    ] {
        let claim = json!({ "name": name, "id_number": number, "return_url_path": path });
        let refused = phone.post("/api/identity/verifications", claim).await;
        refused.refused(422, "FIELDS_INVALID");
        assert_eq!(refused.json()["fields"], json!({ field: code }));
    }
}

#[tokio::test]
async fn identity_numbers_lie_encrypted_in_the_database() {
    let platform = Platform::start().await;
    platform.verified_phone("13800138000", ID_NUMBERS[0]).await;
    let number = ID_NUMBERS[0].as_bytes();
    for entry in std::fs::read_dir(platform.folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let octets = std::fs::read(&path).unwrap();
            assert!(!octets.windows(number.len()).any(|window| window == number), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn nothing_can_be_applied_for_before_the_name_is_verified() {
    let platform = Platform::start().await;
    let mut phone = platform.phone("13800138000").await;
    phone.post("/api/applications", json!({ "kind": "personal_certificate" })).await.refused(403, "NOT_VERIFIED");
}
