//! Applications, from draft to the end, by their applicant.

use axum::http::StatusCode;
use serde_json::{Value, json};
use server::application;
use uuid::Uuid;

use crate::common::{Browser, ID_NUMBERS, Platform, form_jpeg, signature_png, text};

const NEW: &str = "/api/applications";

fn kind() -> Value {
    json!({ "kind": "personal_certificate" })
}

async fn applicant(platform: &Platform) -> Browser {
    platform.verified_phone("13800138000", ID_NUMBERS[0]).await
}

fn states(application: &Value) -> Vec<String> {
    application["history"].as_array().unwrap().iter().map(|step| text(&step["state"])).collect()
}

#[tokio::test]
async fn an_application_goes_from_draft_to_done() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let me = phone.get("/api/me").await.json();
    assert_eq!((&me["guide"], text(&me["guide_application_id"])), (&json!("wait"), id.clone()));
    let mut console = platform.reviewer().await;
    let seen = console.get(&format!("/api/console/applications/{id}")).await.json();
    let decision = json!({ "version": seen["version"] });
    console.post(&format!("/api/console/applications/{id}/approval"), decision).await.expect(StatusCode::OK);
    assert_eq!(phone.get("/api/me").await.json()["guide"], "download");
    let application_id = Uuid::parse_str(&id).unwrap();
    let account = Uuid::parse_str(&text(&me["id"])).unwrap();
    let ready =
        application::require_ready(&platform.state, &*platform.state.db, application_id, account).await.unwrap();
    assert_eq!((ready.institution.slug.as_str(), ready.product.validity_months), ("guiyun", 12));
    let certificate = platform.state.new_id();
    for _ in 0..2 {
        let mut tx = platform.state.db.begin().await.unwrap();
        application::mark_done(&platform.state, &mut tx, application_id, certificate).await.unwrap();
        tx.commit().await.unwrap();
    }
    let done = phone.get(&format!("{NEW}/{id}")).await.json();
    assert_eq!(states(&done), ["draft", "with_reviewer", "approved", "ready", "done"]);
    assert_eq!(done["certificate_id"], certificate.to_string());
    assert_eq!(phone.get("/api/me").await.json()["guide"], "done");
    let refused =
        application::require_ready(&platform.state, &*platform.state.db, application_id, account).await.unwrap_err();
    assert_eq!(refused.kind().code, "APPLICATION_NOT_READY");
}

#[tokio::test]
async fn an_incomplete_application_is_told_what_is_missing() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = text(&phone.post(NEW, kind()).await.expect(StatusCode::CREATED).json()["id"]);
    let submission = format!("{NEW}/{id}/submission");
    let refused = phone.act(&submission).await;
    refused.refused(422, "APPLICATION_INCOMPLETE");
    assert_eq!(refused.json()["fields"], json!({ "institution_id": "REQUIRED", "product_id": "REQUIRED" }));
    let (institution, product) = platform.institution("yongjiang").await;
    let choice = json!({ "institution_id": institution, "product_id": product });
    let draft = phone.patch(&format!("{NEW}/{id}"), choice).await.expect(StatusCode::OK).json();
    assert_eq!(draft["missing_materials"], json!(["signature", "application_form"]));
    phone.put(&format!("{NEW}/{id}/materials/signature"), "image/png", signature_png()).await.expect(StatusCode::OK);
    let refused = phone.act(&submission).await;
    refused.refused(422, "APPLICATION_INCOMPLETE");
    assert_eq!(refused.json()["missing_materials"], json!(["application_form"]));
    let form = format!("{NEW}/{id}/materials/application_form");
    phone.put(&form, "image/jpeg", form_jpeg()).await.expect(StatusCode::OK);
    let submitted = phone.act(&submission).await.expect(StatusCode::OK).json();
    assert_eq!(submitted["state"], "with_reviewer");
}

#[tokio::test]
async fn one_application_of_a_kind_may_be_open() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = text(&phone.post(NEW, kind()).await.expect(StatusCode::CREATED).json()["id"]);
    let refused = phone.post(NEW, kind()).await;
    refused.refused(409, "APPLICATION_OPEN");
    assert_eq!(refused.json()["application_id"], id);
    phone.act(&format!("{NEW}/{id}/withdrawal")).await.expect(StatusCode::OK);
    phone.post(NEW, kind()).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn of_two_simultaneous_drafts_one_wins() {
    let platform = Platform::start().await;
    let mut one = applicant(&platform).await;
    let mut two = one.clone();
    let (first, second) = tokio::join!(one.post(NEW, kind()), two.post(NEW, kind()));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn of_two_simultaneous_submissions_one_wins_and_one_message_is_sent() {
    let platform = Platform::start().await;
    let mut one = applicant(&platform).await;
    let id = one.complete_draft(&platform).await;
    let mut two = one.clone();
    let path = format!("{NEW}/{id}/submission");
    let (first, second) = tokio::join!(one.act(&path), two.act(&path));
    let mut codes = [first.status.as_u16(), second.status.as_u16()];
    codes.sort_unstable();
    assert_eq!(codes, [200, 409]);
    let messages = one.get("/api/messages").await.json();
    let submitted = messages["items"].as_array().unwrap().iter().filter(|one| one["kind"] == "application_submitted");
    assert_eq!(submitted.count(), 1);
}

#[tokio::test]
async fn a_submitted_application_cannot_be_changed() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let (institution, _) = platform.institution("lishui").await;
    let choice = json!({ "institution_id": institution });
    phone.patch(&format!("{NEW}/{id}"), choice).await.refused(409, "APPLICATION_WRONG_STATE");
    let signature = format!("{NEW}/{id}/materials/signature");
    phone.put(&signature, "image/png", signature_png()).await.refused(409, "APPLICATION_WRONG_STATE");
    phone.delete(&signature).await.refused(409, "APPLICATION_WRONG_STATE");
    phone.act(&format!("{NEW}/{id}/submission")).await.refused(409, "APPLICATION_WRONG_STATE");
    phone.act(&format!("{NEW}/{id}/resubmission")).await.refused(409, "APPLICATION_WRONG_STATE");
}

#[tokio::test]
async fn a_refused_application_is_repeated_with_everything_filled_in() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut console = platform.reviewer().await;
    let seen = console.get(&format!("/api/console/applications/{id}")).await.json();
    let decision = json!({ "version": seen["version"], "reason": "签名不清晰，请重新书写" });
    console.post(&format!("/api/console/applications/{id}/refusal"), decision).await.expect(StatusCode::OK);
    let messages = phone.get("/api/messages").await.json();
    assert_eq!(messages["items"][0]["title"], "证书申领失败");
    assert!(text(&messages["items"][0]["body"]).contains("签名不清晰，请重新书写"));
    assert_eq!(messages["items"][0]["action"], json!({ "kind": "open_application", "target_id": id }));
    assert_eq!(phone.get("/api/me").await.json()["guide"], "apply");

    let again = phone.act(&format!("{NEW}/{id}/resubmission")).await.expect(StatusCode::CREATED).json();
    assert_eq!((&again["state"], &again["previous_id"]), (&json!("draft"), &json!(id)));
    assert_eq!(again["institution"]["slug"], "guiyun");
    assert_eq!(again["materials"][0]["kind"], "signature");
    let new_id = text(&again["id"]);
    // Changing the copy leaves what was refused as it was.
    phone.delete(&format!("{NEW}/{new_id}/materials/signature")).await.expect(StatusCode::NO_CONTENT);
    phone.get(&format!("{NEW}/{id}/materials/signature")).await.expect(StatusCode::OK);
    phone
        .put(&format!("{NEW}/{new_id}/materials/signature"), "image/png", signature_png())
        .await
        .expect(StatusCode::OK);
    phone.act(&format!("{NEW}/{new_id}/submission")).await.expect(StatusCode::OK);
    let old = phone.get(&format!("{NEW}/{id}")).await.json();
    assert_eq!(states(&old), ["draft", "with_reviewer", "refused"]);
    assert_eq!(old["history"][2]["reason"], "签名不清晰，请重新书写");
    assert_eq!(phone.get(NEW).await.json()["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn another_persons_application_does_not_exist() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.complete_draft(&platform).await;
    let mut stranger = platform.verified_phone("13900139000", ID_NUMBERS[1]).await;
    let one = format!("{NEW}/{id}");
    let signature = format!("{one}/materials/signature");
    stranger.get(&one).await.refused(404, "NOT_FOUND");
    stranger.patch(&one, json!({})).await.refused(404, "NOT_FOUND");
    stranger.get(&signature).await.refused(404, "NOT_FOUND");
    stranger.put(&signature, "image/png", signature_png()).await.refused(404, "NOT_FOUND");
    stranger.delete(&signature).await.refused(404, "NOT_FOUND");
    for action in ["submission", "withdrawal", "resubmission"] {
        stranger.act(&format!("{one}/{action}")).await.refused(404, "NOT_FOUND");
    }
    assert_eq!(stranger.get(NEW).await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_product_belongs_to_its_institution() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = text(&phone.post(NEW, kind()).await.expect(StatusCode::CREATED).json()["id"]);
    let one = format!("{NEW}/{id}");
    let (guiyun, guiyun_product) = platform.institution("guiyun").await;
    let (lishui, lishui_product) = platform.institution("lishui").await;
    let refused = phone.patch(&one, json!({ "product_id": guiyun_product })).await;
    assert_eq!(refused.json()["fields"], json!({ "product_id": "UNKNOWN" }));
    let mixed = json!({ "institution_id": guiyun, "product_id": lishui_product });
    phone.patch(&one, mixed).await.refused(422, "FIELDS_INVALID");
    let unknown = json!({ "institution_id": Uuid::nil() });
    phone.patch(&one, unknown).await.refused(422, "FIELDS_INVALID");
    let right = json!({ "institution_id": guiyun, "product_id": guiyun_product });
    phone.patch(&one, right).await.expect(StatusCode::OK);
    let other = phone.patch(&one, json!({ "institution_id": lishui })).await.expect(StatusCode::OK).json();
    assert!(other.get("product").is_none(), "another institution than before forgets the product");
}

#[tokio::test]
async fn pictures_that_are_none_or_too_large_are_refused() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = text(&phone.post(NEW, kind()).await.expect(StatusCode::CREATED).json()["id"]);
    let signature = format!("{NEW}/{id}/materials/signature");
    phone.put(&signature, "image/png", b"hello".to_vec()).await.refused(422, "PICTURE_UNREADABLE");
    phone.put(&signature, "image/jpeg", form_jpeg()).await.refused(422, "SIGNATURE_NOT_TRANSPARENT");
    phone.put(&signature, "image/svg+xml", b"<svg/>".to_vec()).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    phone.put(&signature, "image/png", vec![0; 8 * 1024 * 1024 + 1]).await.refused(413, "BODY_TOO_LARGE");
    phone.put(&format!("{NEW}/{id}/materials/passport"), "image/png", signature_png()).await.refused(404, "NOT_FOUND");
    phone.delete(&signature).await.refused(404, "NOT_FOUND");
    phone.get(&signature).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn what_is_left_alone_for_ninety_days_is_closed() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    phone.complete_draft(&platform).await;
    assert_eq!(application::expire_left_alone(&platform.state).await.unwrap(), 0);
    platform.clock.advance(jiff::SignedDuration::from_hours(24 * 91));
    assert_eq!(application::expire_left_alone(&platform.state).await.unwrap(), 1);
    assert_eq!(application::expire_left_alone(&platform.state).await.unwrap(), 0);
    let mut again = platform.phone("13800138000").await;
    let list = again.get(NEW).await.json();
    assert_eq!(list["items"][0]["state"], "expired");
    assert_eq!(again.get("/api/messages").await.json()["items"][0]["kind"], "application_expired");
}

#[tokio::test]
async fn a_draft_survives_a_restart() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.complete_draft(&platform).await;
    let before = phone.get(&format!("{NEW}/{id}")).await.json();
    let platform = platform.restart().await;
    let mut phone = {
        platform.clock.advance(jiff::SignedDuration::from_secs(61));
        platform.phone("13800138000").await
    };
    let after = phone.get(&format!("{NEW}/{id}")).await.json();
    assert_eq!(before, after);
    phone.get(&format!("{NEW}/{id}/materials/signature")).await.expect(StatusCode::OK);
    phone.act(&format!("{NEW}/{id}/submission")).await.expect(StatusCode::OK);
}
