//! 转授管理员 (manual 1.12.4.4): by sealed letter at once, by stamped form after the review; always exactly one
//! administrator.

use serde_json::{Value, json};

use crate::{
    common::Platform,
    firm::{APPLICATIONS, Firm, Person, act, begin, look, roles, states, submit, titles, upload},
    phone::{text, transport::Transport as _},
};

fn transfer(kind: &str, firm: &Firm, to: &Person) -> Value {
    json!({ "kind": kind, "enterprise_id": firm.id, "holder_id": to.account_id })
}

async fn admins(platform: &Platform, firm: &Firm) -> Vec<uuid::Uuid> {
    let roles = roles(platform, &firm.id).await;
    roles.into_iter().filter(|(_, role)| role == "admin").map(|(id, _)| id).collect()
}

#[tokio::test]
async fn the_sealed_letter_swaps_the_roles_at_once() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let (mut clerk, ..) = firm.clerk(&platform, 2).await;
    let new = transfer("admin_transfer", &firm, &clerk);
    let id = begin(&mut firm.admin, new).await;
    let handed_in = submit(&mut firm.admin, &id).await.ok().json();
    assert_eq!((&handed_in["state"], &handed_in["may"]), (&json!("with_admin"), &json!(["withdraw", "seal"])));
    assert_eq!(admins(&platform, &firm).await, [firm.admin.account_id]);
    firm.consent(&platform, &id).await;
    assert_eq!(admins(&platform, &firm).await, [clerk.account_id]);
    assert_eq!(roles(&platform, &firm.id).await.len(), 2, "the old one is a clerk");
    let done = look(&mut firm.admin, &id).await;
    assert_eq!(states(&done), ["draft", "with_admin", "approved", "done"]);
    assert_eq!(titles(&mut clerk).await[0], "您已成为企业管理员");
    // What only the administrator may do is the new one's now.
    let change = json!({ "kind": "enterprise_change", "enterprise_id": firm.id });
    firm.admin.http.post(APPLICATIONS, change.clone()).await.refused(403, "NOT_THE_ADMIN");
    clerk.http.post(APPLICATIONS, change).await.expect(201);
}

#[tokio::test]
async fn what_the_old_administrator_had_begun_as_such_ends_with_the_role() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let (mut clerk, ..) = firm.clerk(&platform, 2).await;
    let change = begin(&mut firm.admin, json!({ "kind": "enterprise_change", "enterprise_id": firm.id })).await;
    let own = begin(&mut firm.admin, json!({ "kind": "enterprise_certificate", "enterprise_id": firm.id })).await;
    let new = transfer("admin_transfer", &firm, &clerk);
    let id = begin(&mut firm.admin, new).await;
    submit(&mut firm.admin, &id).await.ok();
    firm.consent(&platform, &id).await;
    assert_eq!(look(&mut firm.admin, &change).await["state"], "expired");
    assert_eq!(look(&mut firm.admin, &own).await["state"], "draft", "a clerk may apply for certificates");
    begin(&mut clerk, json!({ "kind": "enterprise_change", "enterprise_id": firm.id })).await;
}

#[tokio::test]
async fn the_stamped_form_swaps_the_roles_after_the_review() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let (mut clerk, ..) = firm.clerk(&platform, 2).await;
    let new = transfer("admin_transfer_by_form", &firm, &clerk);
    let id = begin(&mut firm.admin, new).await;
    let refused = submit(&mut firm.admin, &id).await;
    refused.refused(422, "APPLICATION_INCOMPLETE");
    assert_eq!(refused.json()["missing_materials"], json!(["application_form"]));
    upload(&mut firm.admin, &id, "application_form").await.ok();
    assert_eq!(submit(&mut firm.admin, &id).await.ok().json()["state"], "with_reviewer");
    clerk.http.get(&format!("{APPLICATIONS}/{id}")).await.ok();
    assert_eq!(admins(&platform, &firm).await, [firm.admin.account_id]);
    platform.approve(&id).await;
    assert_eq!(admins(&platform, &firm).await, [clerk.account_id]);
}

#[tokio::test]
async fn one_transfer_is_under_way_whichever_way_it_goes() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let (one, ..) = firm.clerk(&platform, 2).await;
    let (two, ..) = firm.clerk(&platform, 3).await;
    let (letter, form) = (transfer("admin_transfer", &firm, &one), transfer("admin_transfer_by_form", &firm, &two));
    let mut second = firm.admin.http.clone();
    let (a, b) = tokio::join!(firm.admin.http.post(APPLICATIONS, letter), second.post(APPLICATIONS, form));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn a_transfer_that_has_been_overtaken_is_not_sealed() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let (mut clerk, ..) = firm.clerk(&platform, 2).await;
    let new = transfer("admin_transfer", &firm, &clerk);
    let id = begin(&mut firm.admin, new).await;
    submit(&mut firm.admin, &id).await.ok();
    let request = firm.letter(&platform, &id).await;
    // The clerk leaves while the letter is on the screen.
    let mut tx = platform.state.db.begin().await.unwrap();
    let enterprise = firm.id.parse().unwrap();
    let now = platform.state.now();
    server::application::end_in_enterprise(&mut tx, now, enterprise, clerk.account_id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(look(&mut firm.admin, &id).await["state"], "refused");
    let path = format!("/api/scan-requests/{}", text(&request["id"]));
    assert_eq!(firm.admin.http.get(&path).await.ok().json()["state"], "cancelled");
    assert_eq!(admins(&platform, &firm).await, [firm.admin.account_id]);
    clerk.http.get(&format!("{APPLICATIONS}/{id}")).await.ok();
    act(&mut clerk, &id, "resubmission").await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn nobody_hands_the_role_to_themselves_or_to_a_stranger() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let stranger = platform.person(2).await;
    for to in [firm.admin.account_id, stranger.account_id, uuid::Uuid::nil()] {
        let new = json!({ "kind": "admin_transfer", "enterprise_id": firm.id, "holder_id": to });
        let refused = firm.admin.http.post(APPLICATIONS, new).await;
        refused.refused(422, "FIELDS_INVALID");
        assert_eq!(refused.json()["fields"], json!({ "holder_id": "NOT_A_CLERK" }));
    }
}
