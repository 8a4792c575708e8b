//! 认领企业 (manual 1.8): three steps, the review, the download that makes the claimant the administrator.

use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use server::enterprise::entity::{enterprise, membership};

use crate::{
    common::Platform,
    firm::{
        APPLICATIONS, act, approve_at, begin, credit_code, download, edit, facts, look, person_name, phone_number,
        states, submit, titles, upload,
    },
    phone::{journey::log_in, text, transport::Transport as _},
};

async fn enterprises(platform: &Platform) -> Vec<enterprise::Model> {
    enterprise::Entity::find().all(&*platform.state.db).await.unwrap()
}

#[tokio::test]
async fn a_claim_goes_from_draft_to_an_enterprise_with_its_administrator() {
    let platform = Platform::start().await;
    let mut person = platform.person(1).await;
    let id = platform.claim(&mut person, &facts(1)).await;
    let waiting = look(&mut person, &id).await;
    assert_eq!(waiting["may"], json!(["withdraw"]));
    assert_eq!(waiting["subject_name"], facts(1)["name"]);
    platform.approve(&id).await;
    assert_eq!(titles(&mut person).await[0], "认领企业，请下载证书");
    let me = person.http.get("/api/me").await.ok().json();
    assert_eq!((&me["guide"], text(&me["guide_application_id"])), (&json!("download"), id.clone()));
    // Approved is not yet an enterprise: the manual makes it with the download (1.8.3).
    assert_eq!(enterprises(&platform).await, []);
    let (_, certificate) = download(&mut person, &id).await;
    assert_eq!(certificate["kind"], "enterprise");
    assert_eq!(certificate["subject_name"], facts(1)["name"]);
    let done = look(&mut person, &id).await;
    assert_eq!(states(&done), ["draft", "with_reviewer", "approved", "ready", "done"]);
    assert_eq!(done["enterprise"]["credit_code"], facts(1)["credit_code"]);
    let members = membership::Entity::find().all(&*platform.state.db).await.unwrap();
    assert_eq!(members.len(), 1);
    assert_eq!((members[0].account_id, members[0].role.as_str()), (person.account_id, "admin"));
    assert_eq!(person.http.get("/api/me").await.ok().json()["guide"], "done");
}

#[tokio::test]
async fn the_certificate_names_the_enterprise_and_its_credit_code_and_not_the_person() {
    let platform = Platform::start().await;
    let firm = platform.firm(1).await;
    let der = pki::pem::decode(pki::pem::CERTIFICATE, &text(&firm.certificate["certificate_pem"])).unwrap();
    let certificate = pki::Certificate::read(&der).unwrap();
    let name = pki::name::Attributes::read(&certificate.tbs.subject).unwrap().to_string();
    assert!(
        name.starts_with(&format!("C=CN, O={0}, OU={1}, CN={0}", "桂林漓江1号工程有限公司", credit_code(1))),
        "{name}"
    );
    assert!(!name.contains(&person_name(1)));
}

#[tokio::test]
async fn a_claim_that_lacks_something_is_told_everything_that_is_missing() {
    let platform = Platform::start().await;
    let mut person = platform.person(1).await;
    let id = begin(&mut person, json!({ "kind": "enterprise_claim" })).await;
    let refused = submit(&mut person, &id).await;
    refused.refused(422, "APPLICATION_INCOMPLETE");
    let everything = json!({
        "facts": "REQUIRED",
        "institution_id": "REQUIRED",
        "product_id": "REQUIRED",
        "materials.licence": "REQUIRED",
        "materials.application_form": "REQUIRED",
    });
    assert_eq!(refused.json()["fields"], everything);
    // One institution wants more than licence and form (manual 1.8.1, the note).
    let mut choice = platform.choice("yongjiang").await;
    choice["facts"] = facts(1);
    choice["facts"]["legal_person_id_number"] = json!("");
    let draft = edit(&mut person, &id, choice).await.ok().json();
    let required = json!([
        { "kind": "licence", "required": true },
        { "kind": "application_form", "required": true },
        { "kind": "other_proof", "required": false },
        { "kind": "legal_person_id", "required": true },
        { "kind": "agent_letter", "required": true },
        { "kind": "account_permit", "required": false },
    ]);
    assert_eq!(draft["required_materials"], required);
    for material in ["licence", "application_form", "legal_person_id"] {
        upload(&mut person, &id, material).await.ok();
    }
    let refused = submit(&mut person, &id).await;
    let rest = json!({ "facts.legal_person_id_number": "REQUIRED", "materials.agent_letter": "REQUIRED" });
    assert_eq!(refused.json()["fields"], rest);
    upload(&mut person, &id, "agent_letter").await.ok();
    edit(&mut person, &id, json!({ "facts": facts(1) })).await.ok();
    assert_eq!(submit(&mut person, &id).await.ok().json()["state"], "with_reviewer");
}

#[tokio::test]
async fn wrong_facts_are_refused_by_name_and_nothing_is_kept_of_them() {
    let platform = Platform::start().await;
    let mut person = platform.person(1).await;
    let id = begin(&mut person, json!({ "kind": "enterprise_claim" })).await;
    let with = |name: &str, value: &str| {
        let mut wrong = facts(1);
        wrong[name] = json!(value);
        json!({ "facts": wrong })
    };
    let mut other = credit_code(1);
    let last = if other.pop() == Some('0') { '1' } else { '0' };
    other.push(last);
    for (name, value, code) in [
        ("name", "桂", "NAME_INVALID"),
        ("name", &"长".repeat(41), "NAME_TOO_LONG"),
        ("credit_code", &other, "CREDIT_CODE_INVALID"),
        ("credit_code", "12345", "CREDIT_CODE_INVALID"),
        ("legal_person_name", "<b>罗秀英</b>", "NAME_INVALID"),
        ("legal_person_id_number", "110105194912310021", "ID_NUMBER_INVALID"),
    ] {
        let refused = edit(&mut person, &id, with(name, value)).await;
        refused.refused(422, "FIELDS_INVALID");
        assert_eq!(refused.json()["fields"], json!({ format!("facts.{name}"): code }), "{value}");
    }
    assert_eq!(look(&mut person, &id).await["facts"], Value::Null);
    edit(&mut person, &id, json!({ "facts": { "name": "x" } })).await.refused(400, "JSON_INVALID");
    edit(&mut person, &id, json!({ "grant": grant() })).await.refused(422, "FIELDS_INVALID");
    edit(&mut person, &id, json!({ "certificate_ids": [] })).await.refused(422, "FIELDS_INVALID");
    let admin = json!({ "admin": { "name": "韦甲", "phone": "13900000001" } });
    edit(&mut person, &id, admin).await.refused(422, "FIELDS_INVALID");
    upload(&mut person, &id, "signature").await.refused(422, "FIELDS_INVALID");
}

fn grant() -> Value {
    json!({ "relying_party_ids": [], "permissions": ["login"], "seals": [] })
}

#[tokio::test]
async fn a_registered_enterprise_is_joined_not_claimed() {
    let platform = Platform::start().await;
    let mut late = platform.person(2).await;
    let other = platform.claim_draft(&mut late, &facts(1)).await;
    let firm = platform.firm(1).await;
    // Written before, handed in after.
    let refused = submit(&mut late, &other).await;
    refused.refused(409, "ENTERPRISE_REGISTERED");
    assert_eq!(refused.json()["enterprise_id"], json!(firm.id));
    act(&mut late, &other, "withdrawal").await.ok();
    let id = begin(&mut late, json!({ "kind": "enterprise_claim" })).await;
    edit(&mut late, &id, json!({ "facts": facts(1) })).await.refused(409, "ENTERPRISE_REGISTERED");
}

#[tokio::test]
async fn of_two_claims_the_first_approved_wins_and_the_other_is_told() {
    let platform = Platform::start().await;
    let (mut one, mut two) = (platform.person(1).await, platform.person(2).await);
    let first = platform.claim(&mut one, &facts(7)).await;
    let second = platform.claim(&mut two, &facts(7)).await;
    let mut third = platform.person(3).await;
    let written = platform.claim_draft(&mut third, &facts(7)).await;
    platform.approve(&second).await;
    let lost = look(&mut one, &first).await;
    assert_eq!(lost["state"], "refused");
    let last = &lost["history"][2];
    assert_eq!(last["by"], "system");
    assert!(text(&last["reason"]).contains("加入企业"));
    assert_eq!(titles(&mut one).await[0], "证书申领失败");
    // Whoever comes while the winner has not downloaded yet is told as well.
    submit(&mut third, &written).await.refused(409, "ENTERPRISE_CLAIMED");
    download(&mut two, &second).await;
    submit(&mut third, &written).await.refused(409, "ENTERPRISE_REGISTERED");
    assert_eq!(enterprises(&platform).await.len(), 1);
}

#[tokio::test]
async fn of_two_claims_approved_at_once_one_wins() {
    let platform = Platform::start().await;
    let (mut one, mut two) = (platform.person(1).await, platform.person(2).await);
    let ids = [platform.claim(&mut one, &facts(7)).await, platform.claim(&mut two, &facts(7)).await];
    let mut desks = [platform.desk().await, platform.desk().await];
    let mut versions = Vec::new();
    for id in &ids {
        versions.push(desks[0].get(&format!("/api/console/applications/{id}")).await.ok().json()["version"].clone());
    }
    let [a, b] = &mut desks;
    let paths = ids.clone().map(|id| format!("/api/console/applications/{id}/approval"));
    let (first, second) = tokio::join!(
        a.post(&paths[0], json!({ "version": versions[0] })),
        b.post(&paths[1], json!({ "version": versions[1] })),
    );
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let mut stages = [text(&look(&mut one, &ids[0]).await["state"]), text(&look(&mut two, &ids[1]).await["state"])];
    stages.sort();
    assert_eq!(stages, ["ready", "refused"]);
}

#[tokio::test]
async fn an_approved_claim_that_nobody_downloads_frees_the_enterprise() {
    let platform = Platform::start().await;
    let (mut one, mut two) = (platform.person(1).await, platform.person(2).await);
    let first = platform.claim(&mut one, &facts(7)).await;
    platform.approve(&first).await;
    platform.clock.advance(jiff::SignedDuration::from_hours(24 * 91));
    assert_eq!(server::application::expire_left_alone(&platform.state).await.unwrap(), 1);
    // Logins do not last that long.
    log_in(&mut two.http, &phone_number(2)).await;
    let second = platform.claim(&mut two, &facts(7)).await;
    platform.approve(&second).await;
    download(&mut two, &second).await;
    assert_eq!(enterprises(&platform).await.len(), 1);
}

#[tokio::test]
async fn two_submissions_at_once_hand_in_once() {
    let platform = Platform::start().await;
    let mut person = platform.person(1).await;
    let id = platform.claim_draft(&mut person, &facts(1)).await;
    let mut again = person.http.clone();
    let path = format!("{APPLICATIONS}/{id}/submission");
    let (first, second) =
        tokio::join!(person.http.call("POST", &path, None, Vec::new()), again.call("POST", &path, None, Vec::new()),);
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(states(&look(&mut person, &id).await), ["draft", "with_reviewer"]);
}

#[tokio::test]
async fn a_refused_claim_is_repeated_with_everything_filled_in() {
    let platform = Platform::start().await;
    let mut person = platform.person(1).await;
    let id = platform.claim(&mut person, &facts(1)).await;
    let mut desk = platform.desk().await;
    let path = format!("/api/console/applications/{id}");
    let seen = desk.get(&path).await.ok().json();
    assert_eq!(seen["facts"]["legal_person_id_number"], facts(1)["legal_person_id_number"]);
    let decision = json!({ "version": seen["version"], "reason": "营业执照不清晰" });
    desk.post(&format!("{path}/refusal"), decision).await.ok();
    assert_eq!(titles(&mut person).await[0], "证书申领失败");
    let again = act(&mut person, &id, "resubmission").await.expect(201).json();
    assert_eq!(again["previous_id"], json!(id));
    assert_eq!(again["facts"], facts(1));
    assert_eq!(again["missing_materials"], json!([]));
    assert_eq!(again["may"], json!(["edit", "submit", "withdraw"]));
    let new = text(&again["id"]);
    submit(&mut person, &new).await.ok();
    approve_at(&mut desk, &new).await.ok();
    download(&mut person, &new).await;
    let old = look(&mut person, &id).await;
    assert_eq!(states(&old), ["draft", "with_reviewer", "refused"]);
    assert_eq!(old["history"][2]["reason"], "营业执照不清晰");
}

#[tokio::test]
async fn a_claim_is_nobody_elses_business() {
    let platform = Platform::start().await;
    let (mut person, mut stranger) = (platform.person(1).await, platform.person(2).await);
    let id = platform.claim(&mut person, &facts(1)).await;
    platform.approve(&id).await;
    stranger.http.get(&format!("{APPLICATIONS}/{id}")).await.refused(404, "NOT_FOUND");
    stranger.http.get(&format!("{APPLICATIONS}/{id}/materials/licence")).await.refused(404, "NOT_FOUND");
    for what in ["submission", "withdrawal", "resubmission"] {
        act(&mut stranger, &id, what).await.refused(404, "NOT_FOUND");
    }
    let reason = json!({ "reason": "不认识" });
    stranger.http.post(&format!("{APPLICATIONS}/{id}/consent-refusal"), reason).await.refused(404, "NOT_FOUND");
    let device = json!({ "device_id": stranger.device_id });
    stranger.http.post(&format!("{APPLICATIONS}/{id}/enrolments"), device).await.refused(404, "NOT_FOUND");
}
