//! 申请书 (manual 1.8.1, 1.10.1, 1.12.4.3): the form that is printed and stamped is a PDF filled with what was entered.

use serde_json::json;

use crate::{
    common::Platform,
    firm::{APPLICATIONS, Person, begin, edit, facts},
    phone::{text, transport::Transport as _},
};

async fn form(person: &mut Person, id: &str) -> crate::phone::transport::Reply {
    person.http.get(&format!("{APPLICATIONS}/{id}/form")).await
}

#[tokio::test]
async fn the_form_of_a_claim_is_filled_with_what_was_entered() {
    let platform = Platform::start().await;
    let mut person = platform.person(1).await;
    let id = begin(&mut person, json!({ "kind": "enterprise_claim" })).await;
    let early = form(&mut person, &id).await;
    early.refused(422, "APPLICATION_INCOMPLETE");
    edit(&mut person, &id, json!({ "facts": facts(1) })).await.ok();
    form(&mut person, &id).await.refused(422, "APPLICATION_INCOMPLETE");
    edit(&mut person, &id, platform.choice("guiyun").await).await.ok();
    let first = form(&mut person, &id).await.ok();
    assert_eq!(first.media_type, "application/pdf");
    assert!(!document::pdf::page_sizes_mm(&first.body).unwrap().is_empty());
    assert_eq!(form(&mut person, &id).await.ok().body, first.body, "the same again");
    edit(&mut person, &id, json!({ "facts": facts(2) })).await.ok();
    assert_ne!(form(&mut person, &id).await.ok().body, first.body, "another enterprise, another form");
    let mut stranger = platform.person(2).await;
    form(&mut stranger, &id).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn every_kind_that_wants_a_form_has_one_and_the_others_do_not() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let (clerk, ..) = firm.clerk(&platform, 2).await;
    let own = json!(firm.id);
    for (new, choice) in [
        (json!({ "kind": "personal_certificate" }), Some("personal_certificate")),
        (json!({ "kind": "enterprise_certificate", "enterprise_id": own }), Some("enterprise_certificate")),
        (json!({ "kind": "enterprise_change", "enterprise_id": own }), None),
        (json!({ "kind": "admin_transfer_by_form", "enterprise_id": own, "holder_id": clerk.account_id }), None),
    ] {
        let id = begin(&mut firm.admin, new.clone()).await;
        if let Some(kind) = choice {
            let (institution, product) = platform.offer("guiyun", kind).await;
            edit(&mut firm.admin, &id, json!({ "institution_id": institution, "product_id": product })).await.ok();
        }
        let file = form(&mut firm.admin, &id).await.ok();
        assert!(file.body.starts_with(b"%PDF"), "{new}");
    }
    let new = json!({ "kind": "authorisation", "enterprise_id": own, "holder_id": clerk.account_id });
    let id = text(&firm.admin.http.post(APPLICATIONS, new).await.expect(201).json()["id"]);
    form(&mut firm.admin, &id).await.refused(404, "NOT_FOUND");
}
