//! The console: institutions, their promises, products and wanted materials.

use axum::http::StatusCode;
use serde_json::{Value, json};
use server::console::policy::Role;

use crate::{
    common::{Browser, Platform, text},
    console::{applicant, staff},
};

const INSTITUTIONS: &str = "/api/console/institutions";

async fn settings(browser: &mut Browser, id: &str) -> Value {
    browser.get(&format!("{INSTITUTIONS}/{id}")).await.expect(StatusCode::OK).json()
}

fn product(settings: &Value, kind: &str, months: i64) -> Option<Value> {
    let products = settings["products"].as_array().unwrap();
    products.iter().find(|one| one["kind"] == kind && one["validity_months"] == months).cloned()
}

#[tokio::test]
async fn a_lead_changes_the_settings_of_its_institution_and_each_change_is_audited() {
    let platform = Platform::start().await;
    let (id, _) = platform.institution("guiyun").await;
    let (other, _) = platform.institution("lishui").await;
    let mut lead = staff(&platform, "lead", Role::Lead, Some("guiyun")).await;
    let change = json!({ "service_hours": 8, "contact_phone": "0771-5550100", "contact_email": "ca@example.cn",
        "contact_address": "南宁市良庆区", "four_eyes": true });
    let changed = lead.patch(&format!("{INSTITUTIONS}/{id}"), change).await.expect(StatusCode::OK).json();
    assert_eq!((&changed["service_hours"], &changed["four_eyes"]), (&json!(8), &json!(true)));
    let public = platform.browser().get("/api/institutions").await.json();
    let public = public["items"].as_array().unwrap().iter().find(|one| one["slug"] == "guiyun").unwrap().clone();
    assert_eq!((&public["contact_phone"], &public["service_hours"]), (&json!("0771-5550100"), &json!(8)));
    let log = platform.reviewer().await.get("/api/console/audit?action=institution.change").await.json();
    assert_eq!(log["items"][0]["detail"]["service_hours"], json!({ "from": 24, "to": 8 }));
    assert!(log["items"][0]["detail"].get("name").is_none(), "only what changed");
    lead.patch(&format!("{INSTITUTIONS}/{other}"), json!({ "service_hours": 1 })).await.refused(404, "NOT_FOUND");
    lead.get(&format!("{INSTITUTIONS}/{other}")).await.refused(404, "NOT_FOUND");
    assert_eq!(lead.get(INSTITUTIONS).await.json()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    let platform = Platform::start().await;
    let (id, _) = platform.institution("guiyun").await;
    let mut operator = platform.reviewer().await;
    for (field, value, code) in [
        ("service_hours", json!(0), "RANGE"),
        ("service_hours", json!(721), "RANGE"),
        ("name", json!("桂"), "INVALID"),
        ("name_en", json!("x\ny"), "INVALID"),
        ("description", json!("长".repeat(201)), "INVALID"),
        ("contact_phone", json!("call me"), "INVALID"),
        ("contact_email", json!("ca"), "INVALID"),
        ("contact_address", json!("长".repeat(201)), "INVALID"),
        ("policy_oid", json!("1.2.x"), "INVALID"),
        ("policy_oid", json!("3.1"), "INVALID"),
        ("form_heading", json!("长".repeat(51)), "INVALID"),
    ] {
        let refused = operator.patch(&format!("{INSTITUTIONS}/{id}"), json!({ field: value })).await;
        refused.refused(422, "FIELDS_INVALID");
        assert_eq!(refused.json()["fields"], json!({ field: code }));
    }
    operator.patch(&format!("{INSTITUTIONS}/{id}"), json!({ "slug": "x" })).await.refused(400, "JSON_INVALID");
    assert_eq!(settings(&mut operator, &id).await["service_hours"], 24);
}

#[tokio::test]
async fn reviewers_and_auditors_see_settings_and_change_none() {
    let platform = Platform::start().await;
    let (id, product_id) = platform.institution("guiyun").await;
    for role in [Role::Reviewer, Role::Auditor] {
        let mut browser = staff(&platform, &format!("a.{}", role.as_str()), role, Some("guiyun")).await;
        assert_eq!(settings(&mut browser, &id).await["may_change"], false);
        let path = format!("{INSTITUTIONS}/{id}");
        browser.patch(&path, json!({ "four_eyes": true })).await.refused(403, "FORBIDDEN");
        let new = json!({ "kind": "personal_certificate", "validity_months": 48, "fee_fen": 0 });
        browser.post(&format!("{path}/products"), new).await.refused(403, "FORBIDDEN");
        browser.delete(&format!("{path}/products/{product_id}")).await.refused(403, "FORBIDDEN");
        let wanted = json!({ "items": [] });
        browser.put_json(&format!("{path}/materials/personal_certificate"), wanted).await.refused(403, "FORBIDDEN");
        let made = json!({ "slug": "more", "name": "更多CA", "name_en": "More CA" });
        browser.post(INSTITUTIONS, made).await.refused(403, "FORBIDDEN");
    }
}

#[tokio::test]
async fn a_product_that_somebody_chose_is_withdrawn_and_another_is_removed() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    phone.complete_draft(&platform).await;
    let (id, chosen) = platform.institution("guiyun").await;
    let mut operator = platform.reviewer().await;
    let path = format!("{INSTITUTIONS}/{id}/products");
    let new = json!({ "kind": "personal_certificate", "validity_months": 48, "fee_fen": 9_900 });
    let offered = operator.post(&path, new.clone()).await.expect(StatusCode::CREATED).json();
    let unused = product(&offered, "personal_certificate", 48).expect("the new product");
    assert_eq!((&unused["fee_fen"], &unused["used"]), (&json!(9_900), &json!(0)));
    let again = operator.post(&path, new).await;
    again.refused(422, "FIELDS_INVALID");
    assert_eq!(again.json()["fields"], json!({ "validity_months": "OFFERED" }));
    let after = operator.delete(&format!("{path}/{}", text(&unused["id"]))).await.expect(StatusCode::OK).json();
    assert_eq!(product(&after, "personal_certificate", 48), None);
    let after = operator.delete(&format!("{path}/{chosen}")).await.expect(StatusCode::OK).json();
    let kept = after["products"].as_array().unwrap().iter().find(|one| one["id"] == *chosen).cloned().unwrap();
    assert_eq!((&kept["offered"], &kept["used"]), (&json!(false), &json!(1)));
    // Whoever chose it before hands in as if nothing had happened; nobody can choose it any more.
    let mine = phone.get("/api/applications").await.json()["items"][0].clone();
    let own = format!("/api/applications/{}", text(&mine["id"]));
    phone.act(&format!("{own}/submission")).await.expect(StatusCode::OK);
    let public = platform.browser().get("/api/institutions").await.json();
    assert!(!public.to_string().contains(&chosen));
    operator.delete(&format!("{path}/{chosen}")).await.expect(StatusCode::OK);
    operator.delete(&format!("{path}/{id}")).await.refused(404, "NOT_FOUND");
    let (lishui, _) = platform.institution("lishui").await;
    operator.delete(&format!("{INSTITUTIONS}/{lishui}/products/{chosen}")).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn products_of_no_kind_no_time_or_an_absurd_price_are_refused() {
    let platform = Platform::start().await;
    let (id, _) = platform.institution("guiyun").await;
    let mut operator = platform.reviewer().await;
    for (kind, months, fee, field) in [
        ("enterprise_claim", 12, 0, "kind"),
        ("gold", 12, 0, "kind"),
        ("personal_certificate", 0, 0, "validity_months"),
        ("personal_certificate", 61, 0, "validity_months"),
        ("personal_certificate", 48, -1, "fee_fen"),
        ("personal_certificate", 48, 1_000_001, "fee_fen"),
    ] {
        let new = json!({ "kind": kind, "validity_months": months, "fee_fen": fee });
        let refused = operator.post(&format!("{INSTITUTIONS}/{id}/products"), new).await;
        refused.refused(422, "FIELDS_INVALID");
        assert!(refused.json()["fields"].get(field).is_some(), "{kind} {months} {fee}");
    }
}

#[tokio::test]
async fn what_an_institution_wants_to_see_is_wanted_from_the_next_draft_on() {
    let platform = Platform::start().await;
    let (id, _) = platform.institution("guiyun").await;
    let mut operator = platform.reviewer().await;
    let path = format!("{INSTITUTIONS}/{id}/materials/personal_certificate");
    let items = json!([{ "kind": "signature", "required": true }, { "kind": "application_form", "required": true }]);
    let changed = operator.put_json(&path, json!({ "items": items })).await.expect(StatusCode::OK).json();
    let kinds = changed["kinds"].as_array().unwrap();
    let personal = kinds.iter().find(|one| one["kind"] == "personal_certificate").unwrap();
    assert_eq!(personal["wanted"], items);
    let mut phone = applicant(&platform).await;
    let draft = phone.complete_draft(&platform).await;
    let refused = phone.act(&format!("/api/applications/{draft}/submission")).await;
    refused.refused(422, "APPLICATION_INCOMPLETE");
    let twice = json!([{ "kind": "signature", "required": true }, { "kind": "signature", "required": false }]);
    let foreign = json!([{ "kind": "licence", "required": true }]);
    for (items, code) in [(twice, "REPEATED"), (foreign, "NOT_OF_THIS_KIND")] {
        let refused = operator.put_json(&path, json!({ "items": items })).await;
        refused.refused(422, "FIELDS_INVALID");
        assert_eq!(refused.json()["fields"], json!({ "items": code }));
    }
    let unknown = format!("{INSTITUTIONS}/{id}/materials/gold");
    operator.put_json(&unknown, json!({ "items": [] })).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn the_operator_makes_an_institution_with_its_ca_and_it_issues() {
    let platform = Platform::start().await;
    let mut operator = platform.reviewer().await;
    let new = json!({ "slug": "liujiang", "name": "柳江CA", "name_en": "Liujiang CA", "description": "新机构" });
    let made = operator.post(INSTITUTIONS, new.clone()).await.expect(StatusCode::CREATED).json();
    let id = text(&made["id"]);
    let root = operator.get(&text(&made["authority"]["root_path"])).await.expect(StatusCode::OK);
    assert!(pki::Certificate::read(&root.body).is_ok());
    let product = json!({ "kind": "personal_certificate", "validity_months": 12, "fee_fen": 0 });
    operator.post(&format!("{INSTITUTIONS}/{id}/products"), product).await.expect(StatusCode::CREATED);
    let (found, _) = platform.institution("liujiang").await;
    assert_eq!(found, id);
    for (slug, name, field, code) in [
        ("liujiang", "柳江二", "slug", "TAKEN"),
        ("new", "柳江CA", "name", "TAKEN"),
        ("New", "柳江二", "slug", "INVALID"),
        ("../x", "柳江二", "slug", "INVALID"),
        ("new", " ", "name", "INVALID"),
    ] {
        let refused = operator.post(INSTITUTIONS, json!({ "slug": slug, "name": name, "name_en": "X CA" })).await;
        refused.refused(422, "FIELDS_INVALID");
        assert_eq!(refused.json()["fields"], json!({ field: code }), "{slug} {name}");
    }
    let platform = platform.restart().await;
    let mut operator = platform.reviewer().await;
    assert_eq!(settings(&mut operator, &id).await["authority"]["root_path"], "/pki/liujiang/root.cer");
    let mut lead = staff(&platform, "lead", Role::Lead, Some("guiyun")).await;
    lead.post(INSTITUTIONS, new).await.refused(403, "FORBIDDEN");
}
