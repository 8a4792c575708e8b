//! 变更企业信息 (manual 1.12.4.3): other facts, the chosen certificates replaced, the seals drawn anew.

use serde_json::{Value, json};

use crate::{
    common::Platform,
    firm::{APPLICATIONS, Firm, act, approve_at, begin, download, edit, facts, look, states, submit, titles, upload},
    phone::{text, transport::Transport as _},
};

/// A change of name and legal person, with these certificates; returns its id.
async fn changing(platform: &Platform, firm: &mut Firm, certificates: &[&Value]) -> String {
    changing_at("guiyun", platform, firm, certificates).await
}

async fn changing_at(slug: &str, platform: &Platform, firm: &mut Firm, certificates: &[&Value]) -> String {
    let id = begin(&mut firm.admin, json!({ "kind": "enterprise_change", "enterprise_id": firm.id })).await;
    let (institution, _) = platform.offer(slug, "enterprise_certificate").await;
    let mut new = firm.facts.clone();
    new["name"] = json!("桂林漓江集团有限公司");
    new["legal_person_name"] = json!("莫文蔚");
    let change = json!({ "institution_id": institution, "facts": new, "certificate_ids": certificates });
    edit(&mut firm.admin, &id, change).await.ok();
    for material in ["licence", "application_form"] {
        upload(&mut firm.admin, &id, material).await.ok();
    }
    id
}

async fn state_of(person: &mut crate::firm::Person, certificate: &Value) -> String {
    let path = format!("/api/certificates/{}", text(&certificate["id"]));
    text(&person.http.get(&path).await.ok().json()["state"])
}

#[tokio::test]
async fn a_change_replaces_the_chosen_certificates_and_leaves_the_others() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let (mut clerk, _, of_clerk) = firm.clerk(&platform, 2).await;
    let (mut other, _, of_other) = firm.clerk(&platform, 3).await;
    let seal = firm.seal(&platform, "company").await;
    let (own, theirs) = (firm.certificate["id"].clone(), of_clerk["id"].clone());
    let id = changing(&platform, &mut firm, &[&own, &theirs]).await;
    submit(&mut firm.admin, &id).await.ok();
    assert_eq!(state_of(&mut clerk, &of_clerk).await, "active", "nothing happens before the review");
    platform.approve(&id).await;
    let done = look(&mut firm.admin, &id).await;
    assert_eq!(states(&done), ["draft", "with_reviewer", "approved", "done"]);
    assert_eq!(done["enterprise"]["name"], "桂林漓江集团有限公司");
    assert_eq!(done["enterprise"]["credit_code"], firm.facts["credit_code"]);
    assert_eq!(state_of(&mut clerk, &of_clerk).await, "revoked");
    assert_eq!(state_of(&mut firm.admin, &firm.certificate.clone()).await, "revoked");
    assert_eq!(state_of(&mut other, &of_other).await, "active");
    // The one that was left says so: it still bears the old name.
    let path = format!("/api/certificates/{}", text(&of_other["id"]));
    let left = other.http.get(&path).await.ok().json();
    assert_eq!((&left["outdated"], &left["enterprise"]["name"]), (&json!(true), &json!("桂林漓江集团有限公司")));
    assert_ne!(left["subject_name"], left["enterprise"]["name"]);
    assert_ne!(firm.seal(&platform, "company").await, seal, "the seals are drawn anew");
    // The new certificate is there to be downloaded, bears the new name, and ends when the old one would have.
    assert_eq!(titles(&mut clerk).await[0], "审核通过，请下载证书");
    let list = clerk.http.get(APPLICATIONS).await.ok().json();
    let new = &list["items"][0];
    assert_eq!((&new["kind"], &new["state"]), (&json!("enterprise_reapplication"), &json!("ready")));
    assert_eq!((&new["old_certificate_id"], &new["may"]), (&theirs, &json!(["download"])));
    assert_eq!(states(new), ["draft", "with_reviewer", "approved", "ready"]);
    let (_, certificate) = download(&mut clerk, &text(&new["id"])).await;
    assert_eq!(certificate["subject_name"], "桂林漓江集团有限公司");
    assert_eq!(certificate["not_after"], of_clerk["not_after"]);
    assert_eq!(certificate["outdated"], json!(false));
    assert_eq!(other.http.get(APPLICATIONS).await.ok().json()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_institution_issues_nothing_on_the_word_of_another() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let (mut clerk, _, of_clerk) = firm.clerk(&platform, 2).await;
    let theirs = of_clerk["id"].clone();
    let id = changing_at("yongjiang", &platform, &mut firm, &[&theirs]).await;
    for material in ["legal_person_id", "agent_letter"] {
        upload(&mut firm.admin, &id, material).await.ok();
    }
    submit(&mut firm.admin, &id).await.ok();
    platform.approve(&id).await;
    assert_eq!(state_of(&mut clerk, &of_clerk).await, "revoked");
    let new = clerk.http.get(APPLICATIONS).await.ok().json()["items"][0].clone();
    assert_eq!((&new["institution"]["slug"], &new["state"]), (&json!("guiyun"), &json!("with_reviewer")));
    let new = text(&new["id"]);
    platform.approve(&new).await;
    let (_, certificate) = download(&mut clerk, &new).await;
    assert_eq!(certificate["subject_name"], "桂林漓江集团有限公司");
}

#[tokio::test]
async fn a_change_must_change_something_that_may_be_changed() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let second = platform.firm(2).await;
    let id = begin(&mut firm.admin, json!({ "kind": "enterprise_change", "enterprise_id": firm.id })).await;
    let suggested = look(&mut firm.admin, &id).await;
    assert_eq!(suggested["institution"]["slug"], "guiyun", "the institution that vetted the enterprise");
    assert_eq!(suggested["facts"], firm.facts, "what is known is filled in");
    let refused = edit(&mut firm.admin, &id, json!({ "facts": facts(2) })).await;
    refused.refused(409, "ENTERPRISE_REGISTERED");
    for (wrong, code) in [
        (json!([second.certificate["id"]]), "UNKNOWN"),
        (json!([firm.certificate["id"], firm.certificate["id"]]), "TWICE"),
    ] {
        let refused = edit(&mut firm.admin, &id, json!({ "certificate_ids": wrong })).await;
        refused.refused(422, "FIELDS_INVALID");
        assert_eq!(refused.json()["fields"], json!({ "certificate_ids": code }));
    }
    for material in ["licence", "application_form"] {
        upload(&mut firm.admin, &id, material).await.ok();
    }
    submit(&mut firm.admin, &id).await.refused(422, "NOTHING_CHANGED");
    let product = json!({ "product_id": platform.choice("guiyun").await["product_id"] });
    edit(&mut firm.admin, &id, product).await.refused(422, "FIELDS_INVALID");
    // One change at a time.
    let again = json!({ "kind": "enterprise_change", "enterprise_id": firm.id });
    let refused = firm.admin.http.post(APPLICATIONS, again).await;
    refused.refused(409, "APPLICATION_OPEN");
    assert_eq!(refused.json()["application_id"], json!(id));
    act(&mut firm.admin, &id, "withdrawal").await.ok();
    changing(&platform, &mut firm, &[]).await;
}

#[tokio::test]
async fn a_change_without_certificates_changes_the_facts_alone() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let id = changing(&platform, &mut firm, &[]).await;
    submit(&mut firm.admin, &id).await.ok();
    platform.approve(&id).await;
    assert_eq!(state_of(&mut firm.admin, &firm.certificate.clone()).await, "active");
    let next = begin(&mut firm.admin, json!({ "kind": "enterprise_certificate", "enterprise_id": firm.id })).await;
    assert_eq!(look(&mut firm.admin, &next).await["subject_name"], "桂林漓江集团有限公司");
}

#[tokio::test]
async fn a_download_that_was_begun_before_the_change_starts_again_with_the_new_name() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let mut person = platform.person(2).await;
    let join = firm.join(&platform, &mut person).await;
    firm.consent(&platform, &join).await;
    platform.approve(&join).await;
    let enrolment = person.begin(&join).await;
    let mut key = person.generate(&enrolment).await.unwrap();
    let id = changing(&platform, &mut firm, &[]).await;
    submit(&mut firm.admin, &id).await.ok();
    platform.approve(&id).await;
    person.complete(&enrolment, &mut key).await.refused(409, "ENROLMENT_EXPIRED");
    let (_, certificate) = download(&mut person, &join).await;
    assert_eq!(certificate["subject_name"], "桂林漓江集团有限公司");
}

#[tokio::test]
async fn an_institution_with_four_eyes_wants_two_reviewers() {
    use sea_orm::{EntityTrait as _, sea_query::Expr};
    use server::institution::entity::institution::{Column, Entity};
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let tx = platform.state.db.begin().await.unwrap();
    Entity::update_many().col_expr(Column::FourEyes, Expr::value(true)).exec(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    let certificate = firm.certificate["id"].clone();
    let id = changing(&platform, &mut firm, &[&certificate]).await;
    submit(&mut firm.admin, &id).await.ok();
    let mut desk = platform.desk().await;
    approve_at(&mut desk, &id).await.ok();
    assert_eq!(look(&mut firm.admin, &id).await["state"], "with_second_reviewer");
    // Not twice, not even from another desk.
    approve_at(&mut desk, &id).await.refused(403, "SECOND_REVIEWER_NEEDED");
    approve_at(&mut platform.desk().await, &id).await.refused(403, "SECOND_REVIEWER_NEEDED");
    assert_eq!(state_of(&mut firm.admin, &firm.certificate.clone()).await, "active");
    let new =
        server::console::NewReviewer { username: "second", name: "复核员", role: None, institution: Some("guiyun") };
    let password = server::console::add_reviewer(&platform.state.db, platform.state.now(), new);
    let password = password.await.unwrap();
    let mut second = crate::phone::transport::InProcess::new(platform.router.clone());
    let login = json!({ "username": "second", "password": password });
    second.post("/api/console/sessions", login).await.expect(201);
    approve_at(&mut second, &id).await.ok();
    assert_eq!(
        states(&look(&mut firm.admin, &id).await),
        ["draft", "with_reviewer", "with_second_reviewer", "approved", "done"]
    );
    // What replaces the certificate has been seen by both with the change.
    let list = firm.admin.http.get(APPLICATIONS).await.ok().json();
    let steps = ["draft", "with_reviewer", "with_second_reviewer", "approved", "ready"];
    assert_eq!(states(&list["items"][0]), steps);
}
