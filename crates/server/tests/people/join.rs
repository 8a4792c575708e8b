//! 加入企业 (manual 1.9): who knows the administrator asks, the administrator seals, the institution reviews, the download
//! makes a clerk.

use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use server::authorisation::entity as authorisation;

use crate::{
    common::Platform,
    firm::{
        APPLICATIONS, act, begin, download, edit, grant, look, person_name, phone_number, roles, states, submit, titles,
    },
    phone::{text, transport::Transport as _},
};

#[tokio::test]
async fn whoever_joins_goes_from_draft_to_clerk_with_what_was_granted() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let mut person = platform.person(2).await;
    let id = firm.join(&platform, &mut person).await;
    assert_eq!(look(&mut person, &id).await["may"], json!(["withdraw"]));
    assert_eq!(person.http.get("/api/me").await.ok().json()["guide"], "wait");
    // The administrator is asked under the manual's name for it.
    assert_eq!(titles(&mut firm.admin).await[0], "加入企业申领");
    let waiting = format!("/api/enterprises/{}/applications?state=with_admin", firm.id);
    let list = firm.admin.http.get(&waiting).await.ok().json();
    assert_eq!(list["items"][0]["id"], json!(id));
    assert_eq!(list["items"][0]["may"], json!(["seal", "refuse"]));
    assert_eq!(list["items"][0]["holder"]["name"], json!(person_name(2)));
    firm.consent(&platform, &id).await;
    assert_eq!(firm.admin.http.get(&waiting).await.ok().json()["items"], json!([]));
    platform.approve(&id).await;
    assert_eq!(titles(&mut person).await[0], "加入成功，请下载证书");
    // Not before the download (1.9.3).
    assert_eq!(roles(&platform, &firm.id).await.len(), 1);
    let (_, certificate) = download(&mut person, &id).await;
    assert_eq!(certificate["subject_name"], firm.facts["name"]);
    let done = look(&mut person, &id).await;
    assert_eq!(states(&done), ["draft", "with_admin", "with_reviewer", "approved", "ready", "done"]);
    let by: Vec<_> = done["history"].as_array().unwrap().iter().map(|step| text(&step["by"])).collect();
    assert_eq!(by, ["applicant", "applicant", "admin", "reviewer", "system", "system"]);
    let clerk = (person.account_id, "clerk".to_owned());
    assert!(roles(&platform, &firm.id).await.contains(&clerk));
    let granted = authorisation::Entity::find().all(&*platform.state.db).await.unwrap();
    assert_eq!(granted.len(), 1);
    assert_eq!((granted[0].permissions.as_str(), granted[0].seals.as_str()), ("login sign", "company"));
    assert_eq!((granted[0].account_id, granted[0].relying_party_id), (person.account_id, None));
    assert_eq!(granted[0].granted_by, firm.admin.account_id);
}

#[tokio::test]
async fn whoever_does_not_know_the_administrator_is_refused_without_learning_what_was_wrong() {
    let platform = Platform::start().await;
    let firm = platform.firm(1).await;
    let mut person = platform.person(2).await;
    let id = begin(&mut person, json!({ "kind": "enterprise_join", "enterprise_id": firm.id })).await;
    let guess = |name: String, phone: String| json!({ "admin": { "name": name, "phone": phone } });
    let mut answers = Vec::new();
    for wrong in [
        guess(person_name(9), firm.admin_phone.clone()),
        guess(firm.admin_name.clone(), phone_number(9)),
        guess(String::new(), String::new()),
    ] {
        let refused = edit(&mut person, &id, wrong).await;
        refused.refused(422, "ADMIN_MISMATCH");
        answers.push(refused.json());
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(look(&mut person, &id).await["admin_known"], false);
    let right = guess(firm.admin_name.clone(), firm.admin_phone.clone());
    assert_eq!(edit(&mut person, &id, right.clone()).await.ok().json()["admin_known"], true);
    // Five an hour, right ones counted too.
    edit(&mut person, &id, right.clone()).await.ok();
    edit(&mut person, &id, right).await.refused(429, "TOO_MANY_REQUESTS");
}

#[tokio::test]
async fn a_join_that_lacks_something_is_told_everything_that_is_missing() {
    let platform = Platform::start().await;
    let firm = platform.firm(1).await;
    let mut person = platform.person(2).await;
    let id = begin(&mut person, json!({ "kind": "enterprise_join", "enterprise_id": firm.id })).await;
    let refused = submit(&mut person, &id).await;
    refused.refused(422, "APPLICATION_INCOMPLETE");
    let everything =
        json!({ "institution_id": "REQUIRED", "product_id": "REQUIRED", "grant": "REQUIRED", "admin": "REQUIRED" });
    assert_eq!(refused.json()["fields"], everything);
    for (wrong, field, code) in [
        (json!({ "relying_party_ids": [], "permissions": [], "seals": [] }), "grant.permissions", "REQUIRED"),
        (
            json!({ "relying_party_ids": [], "permissions": ["login", "login"], "seals": [] }),
            "grant.permissions",
            "TWICE",
        ),
        (
            json!({ "relying_party_ids": [], "permissions": ["sign"], "seals": ["company", "company"] }),
            "grant.seals",
            "TWICE",
        ),
        (
            json!({ "relying_party_ids": [firm.id], "permissions": ["sign"], "seals": [] }),
            "grant.relying_party_ids",
            "UNKNOWN",
        ),
    ] {
        let refused = edit(&mut person, &id, json!({ "grant": wrong })).await;
        refused.refused(422, "FIELDS_INVALID");
        assert_eq!(refused.json()["fields"], json!({ field: code }));
    }
    let unknown = json!({ "grant": { "relying_party_ids": [], "permissions": ["rule"], "seals": [] } });
    edit(&mut person, &id, unknown).await.refused(400, "JSON_INVALID");
}

#[tokio::test]
async fn what_may_be_applied_for_depends_on_who_applies_where() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let mut stranger = platform.person(2).await;
    let nowhere = uuid::Uuid::nil().to_string();
    let new = |kind: &str, enterprise: &Value| json!({ "kind": kind, "enterprise_id": enterprise });
    let own = json!(firm.id);
    let join = new("enterprise_join", &own);
    firm.admin.http.post(APPLICATIONS, join).await.refused(409, "ALREADY_A_MEMBER");
    stranger.http.post(APPLICATIONS, new("enterprise_join", &json!(nowhere))).await.refused(404, "NOT_FOUND");
    for kind in ["enterprise_certificate", "enterprise_change"] {
        stranger.http.post(APPLICATIONS, new(kind, &own)).await.refused(403, "NOT_A_MEMBER");
    }
    for (wrong, field, code) in [
        (json!({ "kind": "enterprise_join" }), "enterprise_id", "REQUIRED"),
        (json!({ "kind": "enterprise_claim", "enterprise_id": firm.id }), "enterprise_id", "UNEXPECTED"),
        (json!({ "kind": "personal_certificate", "holder_id": firm.admin.account_id }), "holder_id", "UNEXPECTED"),
        (json!({ "kind": "personal_certificate", "certificate_id": nowhere }), "certificate_id", "UNEXPECTED"),
        (json!({ "kind": "personal_renewal" }), "certificate_id", "REQUIRED"),
    ] {
        let refused = stranger.http.post(APPLICATIONS, wrong).await;
        refused.refused(422, "FIELDS_INVALID");
        assert_eq!(refused.json()["fields"], json!({ field: code }));
    }
    // Another person's certificate does not exist.
    let theirs = json!({ "kind": "enterprise_renewal", "certificate_id": firm.certificate["id"] });
    stranger.http.post(APPLICATIONS, theirs.clone()).await.refused(404, "NOT_FOUND");
    // Their own is good for almost a year.
    firm.admin.http.post(APPLICATIONS, theirs).await.refused(409, "CERTIFICATE_NOT_REPLACEABLE");
    let foreign = json!({ "kind": "authorisation", "enterprise_id": firm.id, "holder_id": stranger.account_id });
    let refused = firm.admin.http.post(APPLICATIONS, foreign).await;
    assert_eq!(refused.json()["fields"], json!({ "holder_id": "NOT_A_CLERK" }));
    let (mut clerk, ..) = firm.clerk(&platform, 3).await;
    clerk.http.post(APPLICATIONS, new("enterprise_change", &own)).await.refused(403, "NOT_THE_ADMIN");
    let transfer = json!({ "kind": "admin_transfer", "enterprise_id": firm.id, "holder_id": clerk.account_id });
    clerk.http.post(APPLICATIONS, transfer).await.refused(403, "NOT_THE_ADMIN");
    clerk.http.get(&format!("/api/enterprises/{}/applications", firm.id)).await.refused(403, "NOT_THE_ADMIN");
    stranger.http.get(&format!("/api/enterprises/{}/applications", firm.id)).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn the_administrator_refuses_with_a_reason_and_the_person_may_try_again() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let mut person = platform.person(2).await;
    let id = firm.join(&platform, &mut person).await;
    let path = format!("{APPLICATIONS}/{id}/consent-refusal");
    for wrong in ["", " 否 ", &"长".repeat(501)] {
        firm.admin.http.post(&path, json!({ "reason": wrong })).await.refused(422, "FIELDS_INVALID");
    }
    let mut stranger = platform.person(3).await;
    stranger.http.post(&path, json!({ "reason": "不认识" })).await.refused(404, "NOT_FOUND");
    person.http.post(&path, json!({ "reason": "不认识" })).await.refused(403, "NOT_THE_ADMIN");
    firm.admin.http.post(&path, json!({ "reason": "非本公司人员" })).await.ok();
    firm.admin.http.post(&path, json!({ "reason": "非本公司人员" })).await.refused(409, "APPLICATION_WRONG_STATE");
    let refused = look(&mut person, &id).await;
    assert_eq!((&refused["state"], &refused["history"][2]["by"]), (&json!("refused"), &json!("admin")));
    assert_eq!(titles(&mut person).await[0], "证书申领失败");
    let again = act(&mut person, &id, "resubmission").await.expect(201).json();
    assert_eq!((&again["grant"]["permissions"], &again["admin_known"]), (&grant()["permissions"], &json!(true)));
    let new = text(&again["id"]);
    submit(&mut person, &new).await.ok();
    firm.consent(&platform, &new).await;
    assert_eq!(look(&mut person, &new).await["state"], "with_reviewer");
}

#[tokio::test]
async fn an_application_that_the_administrator_leaves_alone_is_closed_after_thirty_days() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let mut person = platform.person(2).await;
    let id = firm.join(&platform, &mut person).await;
    let request = firm.letter(&platform, &id).await;
    platform.clock.advance(jiff::SignedDuration::from_hours(24 * 31));
    assert_eq!(server::application::expire_left_alone(&platform.state).await.unwrap(), 1);
    crate::phone::journey::log_in(&mut person.http, &phone_number(2)).await;
    assert_eq!(look(&mut person, &id).await["state"], "expired");
    assert_eq!(titles(&mut person).await[0], "证书申请已过期");
    crate::phone::journey::log_in(&mut firm.admin.http, &phone_number(1)).await;
    let path = format!("/api/scan-requests/{}", text(&request["id"]));
    assert_eq!(firm.admin.http.get(&path).await.ok().json()["state"], "cancelled");
}
