//! 授权书 (manual 1.9.2): a letter that the administrator's phone seals like every document, and what it may not be.

use serde_json::{Value, json};

use crate::{
    common::Platform,
    firm::{APPLICATIONS, Firm, Person, act, look, states},
    phone::{PIN, id_of, text, transport::Transport as _},
};

async fn joining(platform: &Platform) -> (Firm, Person, String) {
    let firm = platform.firm(1).await;
    let mut person = platform.person(2).await;
    let id = firm.join(platform, &mut person).await;
    (firm, person, id)
}

#[tokio::test]
async fn the_letter_is_sealed_by_the_administrators_phone_and_anybody_can_check_it() {
    let platform = Platform::start().await;
    let (mut firm, mut person, id) = joining(&platform).await;
    let path = format!("{APPLICATIONS}/{id}/letter");
    let before = firm.admin.http.get(&path).await.ok();
    assert_eq!(before.media_type, "application/pdf");
    assert!(document::pdf::page_sizes_mm(&before.body).is_ok());
    let request = firm.letter(&platform, &id).await;
    assert_eq!((&request["action"], &request["state"]), (&json!("sign"), &json!("claimed")));
    assert_eq!(request["relying_party"]["name"], "桂签平台");
    assert_eq!(request["certificates"].as_array().unwrap().len(), 1);
    // The phone signs what it computes itself from the very letter that it shows.
    let signature = firm.admin.sign_request(&mut firm.key, &request).await.unwrap();
    firm.admin.confirm(&request, &signature).await.ok();
    let after = look(&mut person, &id).await;
    assert_eq!(states(&after), ["draft", "with_admin", "with_reviewer"]);
    assert_eq!(after["letter_request_id"], request["id"]);
    let signed = person.http.get(&path).await.ok().body;
    let report = person.http.call("POST", "/api/verifications", Some("application/pdf"), signed).await.ok().json();
    let found = report["signatures"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{report}");
    assert_eq!((&found[0]["verdict"], &found[0]["signer_name"]), (&json!("valid"), &firm.facts["name"]), "{report}");
}

#[tokio::test]
async fn only_the_administrator_seals_and_only_with_what_is_the_enterprises() {
    let platform = Platform::start().await;
    let (mut firm, mut person, id) = joining(&platform).await;
    let mut other = platform.firm(5).await;
    let path = format!("{APPLICATIONS}/{id}/letter");
    let sealing = firm.sealing(&platform, &id).await;
    let with = |name: &str, value: Value| {
        let mut changed = sealing.clone();
        changed[name] = value;
        changed
    };
    person.http.post(&path, sealing.clone()).await.refused(403, "NOT_THE_ADMIN");
    other.admin.http.post(&path, sealing.clone()).await.refused(404, "NOT_FOUND");
    other.admin.http.get(&path).await.refused(404, "NOT_FOUND");
    let foreign = other.seal(&platform, "company").await;
    for (wrong, field, code) in [
        (with("certificate_id", other.certificate["id"].clone()), "certificate_id", "NOT_USABLE"),
        (with("certificate_id", json!(id)), "certificate_id", "NOT_USABLE"),
        (with("appearance_id", json!(foreign)), "appearance_id", "UNKNOWN"),
        (with("appearance_id", json!(id)), "appearance_id", "UNKNOWN"),
    ] {
        let refused = firm.admin.http.post(&path, wrong).await;
        refused.refused(422, "FIELDS_INVALID");
        assert_eq!(refused.json()["fields"], json!({ field: code }));
    }
    for place in [
        json!({ "page": 9, "x_mm": 10.0, "y_mm": 10.0, "width_mm": 40.0, "height_mm": 40.0 }),
        json!({ "page": 1, "x_mm": 1000.0, "y_mm": 10.0, "width_mm": 40.0, "height_mm": 40.0 }),
        json!({ "page": 1, "x_mm": 10.0, "y_mm": 10.0, "width_mm": -4.0, "height_mm": 40.0 }),
    ] {
        let refused = firm.admin.http.post(&path, with("placement", place)).await;
        assert_eq!(refused.status, 422, "{}", refused.code());
    }
    assert_eq!(look(&mut person, &id).await["letter_request_id"], Value::Null);
}

#[tokio::test]
async fn the_last_of_two_letters_counts_and_the_first_is_taken_back() {
    let platform = Platform::start().await;
    let (mut firm, mut person, id) = joining(&platform).await;
    let first = firm.letter(&platform, &id).await;
    let message = firm.admin.message(&first).await;
    let second = firm.letter(&platform, &id).await;
    let old = format!("/api/scan-requests/{}", text(&first["id"]));
    assert_eq!(firm.admin.http.get(&old).await.ok().json()["state"], "cancelled");
    assert!(firm.admin.sign(&mut firm.key, PIN, id_of(&first["id"]), &message).await.is_err());
    let signature = firm.admin.sign_request(&mut firm.key, &second).await.unwrap();
    firm.admin.confirm(&first, &signature).await.refused(409, "SCAN_CANCELLED");
    firm.admin.confirm(&second, &signature).await.ok();
    assert_eq!(look(&mut person, &id).await["state"], "with_reviewer");
}

#[tokio::test]
async fn of_two_letters_at_once_one_can_be_sealed_and_the_application_moves_once() {
    let platform = Platform::start().await;
    let (mut firm, mut person, id) = joining(&platform).await;
    let sealing = firm.sealing(&platform, &id).await;
    let path = format!("{APPLICATIONS}/{id}/letter");
    let (mut one, mut two) = (firm.admin.http.clone(), firm.admin.http.clone());
    let (first, second) = tokio::join!(one.post(&path, sealing.clone()), two.post(&path, sealing));
    let requests = [first.expect(201).json(), second.expect(201).json()];
    let mut open = Vec::new();
    for request in &requests {
        let now = firm.admin.http.get(&format!("/api/scan-requests/{}", text(&request["id"]))).await.ok().json();
        if now["state"] == "claimed" {
            open.push(request.clone());
        }
    }
    assert_eq!(open.len(), 1);
    let signature = firm.admin.sign_request(&mut firm.key, &open[0]).await.unwrap();
    // An impatient phone confirms twice at once.
    let answer = json!({
        "decision": "confirm",
        "certificate_id": firm.certificate["id"],
        "signature": base64::Engine::encode(&base64::engine::general_purpose::STANDARD, signature.to_der()),
    });
    let path = format!("/api/scan-requests/{}/answer", text(&open[0]["id"]));
    let (first, second) = tokio::join!(one.post(&path, answer.clone()), two.post(&path, answer));
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(states(&look(&mut person, &id).await), ["draft", "with_admin", "with_reviewer"]);
}

#[tokio::test]
async fn refusing_to_seal_leaves_the_application_waiting() {
    let platform = Platform::start().await;
    let (mut firm, mut person, id) = joining(&platform).await;
    let request = firm.letter(&platform, &id).await;
    let no = json!({ "decision": "refuse", "reason": "other" });
    firm.admin.http.post(&format!("/api/scan-requests/{}/answer", text(&request["id"])), no).await.ok();
    assert_eq!(look(&mut person, &id).await["state"], "with_admin");
    firm.consent(&platform, &id).await;
    assert_eq!(look(&mut person, &id).await["state"], "with_reviewer");
}

#[tokio::test]
async fn what_was_withdrawn_is_not_sealed_any_more() {
    let platform = Platform::start().await;
    let (mut firm, mut person, id) = joining(&platform).await;
    let request = firm.letter(&platform, &id).await;
    let signature = firm.admin.sign_request(&mut firm.key, &request).await.unwrap();
    act(&mut person, &id, "withdrawal").await.ok();
    firm.admin.confirm(&request, &signature).await.refused(409, "SCAN_CANCELLED");
    assert_eq!(look(&mut person, &id).await["state"], "withdrawn");
    let path = format!("{APPLICATIONS}/{id}/letter");
    let sealing = json!({
        "certificate_id": firm.certificate["id"],
        "appearance_id": firm.seal(&platform, "company").await,
        "placement": { "page": 1, "x_mm": 10.0, "y_mm": 10.0, "width_mm": 40.0, "height_mm": 40.0 },
    });
    firm.admin.http.post(&path, sealing).await.refused(409, "APPLICATION_WRONG_STATE");
}

#[tokio::test]
async fn the_personal_certificate_of_the_administrator_seals_no_letter() {
    let platform = Platform::start().await;
    let (mut firm, mut person, id) = joining(&platform).await;
    let own = crate::phone::journey::apply(&mut firm.admin.http).await;
    platform.approve(&own).await;
    let (_, personal) = crate::firm::download(&mut firm.admin, &own).await;
    let request = firm.letter(&platform, &id).await;
    assert_eq!(request["certificates"].as_array().unwrap().len(), 1, "only the one that was chosen");
    let signature = firm.admin.sign_request(&mut firm.key, &request).await.unwrap();
    let answer = json!({
        "decision": "confirm",
        "certificate_id": personal["id"],
        "signature": base64::Engine::encode(&base64::engine::general_purpose::STANDARD, signature.to_der()),
    });
    let path = format!("/api/scan-requests/{}/answer", text(&request["id"]));
    firm.admin.http.post(&path, answer).await.refused(422, "FIELDS_INVALID");
    assert_eq!(look(&mut person, &id).await["state"], "with_admin");
}

#[tokio::test]
async fn nobody_calls_under_the_platforms_own_name() {
    let platform = Platform::start().await;
    let http = crate::phone::transport::InProcess::new(platform.router.clone());
    for secret in ["", "guiqian"] {
        let mut client = http.clone().with_basic("guiqian", secret);
        let login = json!({ "action": "login", "browser": crate::phone::journey::browser() });
        client.post("/api/rp/scan-requests", login).await.refused(401, "CLIENT_UNKNOWN");
    }
}
