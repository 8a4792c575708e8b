//! Further certificates of an enterprise, renewals, reapplications and authorisations (manual 1.12.2, 1.12.5.1, 1.13.2).

use jiff::{SignedDuration, Timestamp};
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use server::authorisation::entity as authorisation;

use crate::{
    common::Platform,
    firm::{
        APPLICATIONS, Firm, Person, begin, download, edit, grant, look, phone_number, roles, states, submit, titles,
        upload,
    },
    phone::{PIN, encryption_key, journey::log_in, text, transport::Transport as _},
};

fn end(certificate: &Value) -> Timestamp {
    text(&certificate["not_after"]).parse().unwrap()
}

/// Moves the clock to `before` the end of a certificate; logins do not last that long.
async fn go_to(platform: &Platform, certificate: &Value, before: SignedDuration, people: &mut [(&mut Person, u32)]) {
    let now = platform.state.now();
    platform.clock.advance(end(certificate).duration_since(now) - before);
    for (person, n) in people {
        log_in(&mut person.http, &phone_number(*n)).await;
    }
}

async fn replaced(platform: &Platform, person: &mut Person, kind: &str, old: &Value) -> String {
    let id = begin(person, json!({ "kind": kind, "certificate_id": old["id"] })).await;
    let product_kind = if kind.starts_with("personal") { "personal_certificate" } else { "enterprise_certificate" };
    let (_, product) = platform.offer("guiyun", product_kind).await;
    let draft = edit(person, &id, json!({ "product_id": product })).await.ok().json();
    assert_eq!(draft["institution"]["slug"], "guiyun", "whoever issued the old one suggests itself");
    id
}

#[tokio::test]
async fn the_administrator_adds_a_certificate_with_a_letter_of_their_own() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let id = begin(&mut firm.admin, json!({ "kind": "enterprise_certificate", "enterprise_id": firm.id })).await;
    edit(&mut firm.admin, &id, platform.choice("lishui").await).await.ok();
    let handed_in = submit(&mut firm.admin, &id).await.ok().json();
    assert_eq!((&handed_in["state"], &handed_in["letter_due"]), (&json!("with_admin"), &json!(true)));
    firm.consent(&platform, &id).await;
    platform.approve(&id).await;
    let (_, certificate) = download(&mut firm.admin, &id).await;
    assert_eq!(certificate["institution"]["slug"], "lishui");
    assert_eq!(roles(&platform, &firm.id).await.len(), 1);
}

#[tokio::test]
async fn a_clerks_certificate_needs_the_administrators_consent() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let (mut clerk, ..) = firm.clerk(&platform, 2).await;
    let id = begin(&mut clerk, json!({ "kind": "enterprise_certificate", "enterprise_id": firm.id })).await;
    edit(&mut clerk, &id, platform.choice("guiyun").await).await.ok();
    submit(&mut clerk, &id).await.ok();
    assert_eq!(titles(&mut firm.admin).await[0], "证书授权");
    assert_eq!(look(&mut firm.admin, &id).await["may"], json!(["seal", "refuse"]));
    firm.consent(&platform, &id).await;
    platform.approve(&id).await;
    download(&mut clerk, &id).await;
}

#[tokio::test]
async fn a_renewal_follows_the_end_of_the_old_certificate() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let (mut clerk, _, old) = firm.clerk(&platform, 2).await;
    let too_early = json!({ "kind": "enterprise_renewal", "certificate_id": old["id"] });
    clerk.http.post(APPLICATIONS, too_early).await.refused(409, "CERTIFICATE_NOT_REPLACEABLE");
    let days = SignedDuration::from_hours(24 * 20);
    go_to(&platform, &old, days, &mut [(&mut firm.admin, 1), (&mut clerk, 2)]).await;
    let id = replaced(&platform, &mut clerk, "enterprise_renewal", &old).await;
    // Whoever issued the old one renews it.
    let (other, _) = platform.offer("lishui", "enterprise_certificate").await;
    edit(&mut clerk, &id, json!({ "institution_id": other })).await.refused(422, "FIELDS_INVALID");
    // Renewing and applying again are one matter.
    let second = json!({ "kind": "enterprise_renewal", "certificate_id": old["id"] });
    clerk.http.post(APPLICATIONS, second).await.refused(409, "APPLICATION_OPEN");
    submit(&mut clerk, &id).await.ok();
    assert_eq!(titles(&mut firm.admin).await[0], "证书续期");
    firm.consent(&platform, &id).await;
    platform.approve(&id).await;
    assert_eq!(titles(&mut clerk).await[0], "审核通过，请续期证书");
    let (_, new) = download(&mut clerk, &id).await;
    let months = end(&new).duration_since(end(&old)).as_hours() / 24;
    assert!((365..=366).contains(&months), "{months} days after the old end");
}

#[tokio::test]
async fn without_a_certificate_of_the_administrator_the_stamped_form_stands_in() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let (mut clerk, _, old) = firm.clerk(&platform, 2).await;
    let after = SignedDuration::from_hours(-24);
    go_to(&platform, &old, after, &mut [(&mut firm.admin, 1), (&mut clerk, 2)]).await;
    let late = json!({ "kind": "enterprise_renewal", "certificate_id": old["id"] });
    clerk.http.post(APPLICATIONS, late).await.refused(409, "CERTIFICATE_NOT_REPLACEABLE");
    // The administrator's own acts need a certificate from the start.
    let transfer = json!({ "kind": "admin_transfer", "enterprise_id": firm.id, "holder_id": clerk.account_id });
    let transfer = begin(&mut firm.admin, transfer).await;
    submit(&mut firm.admin, &transfer).await.refused(409, "NO_ENTERPRISE_CERTIFICATE");
    let id = replaced(&platform, &mut clerk, "enterprise_reapplication", &old).await;
    let draft = look(&mut clerk, &id).await;
    assert_eq!((&draft["letter_due"], &draft["missing_materials"]), (&json!(false), &json!(["application_form"])));
    submit(&mut clerk, &id).await.refused(422, "APPLICATION_INCOMPLETE");
    upload(&mut clerk, &id, "application_form").await.ok();
    assert_eq!(submit(&mut clerk, &id).await.ok().json()["state"], "with_reviewer");
    let letter = format!("{APPLICATIONS}/{id}/letter");
    clerk.http.get(&letter).await.refused(404, "NOT_FOUND");
    clerk.http.get(&format!("{letter}-placement")).await.refused(404, "NOT_FOUND");
    platform.approve(&id).await;
    let (_, new) = download(&mut clerk, &id).await;
    assert_eq!(new["state"], "active");
}

#[tokio::test]
async fn a_personal_certificate_is_renewed_without_a_new_signature() {
    let platform = Platform::start().await;
    let mut person = platform.person(1).await;
    let first = crate::phone::journey::apply(&mut person.http).await;
    platform.approve(&first).await;
    let (_, old) = download(&mut person, &first).await;
    let old_key = encryption_key(&old);
    let bid = gm::sm2::encrypt(&old_key, b"sealed before the renewal").unwrap();
    go_to(&platform, &old, SignedDuration::from_hours(24 * 29), &mut [(&mut person, 1)]).await;
    let id = replaced(&platform, &mut person, "personal_renewal", &old).await;
    let enterprise = json!({ "kind": "enterprise_renewal", "certificate_id": old["id"] });
    person.http.post(APPLICATIONS, enterprise).await.refused(409, "CERTIFICATE_NOT_REPLACEABLE");
    assert_eq!(submit(&mut person, &id).await.ok().json()["state"], "with_reviewer");
    platform.approve(&id).await;
    let (mut key, new) = download(&mut person, &id).await;
    assert!(end(&new) > end(&old));
    assert_eq!((&new["kind"], &new["subject_name"]), (&json!("personal"), &old["subject_name"]));
    // The new key opens what was encrypted to the old certificate.
    assert_ne!(encryption_key(&new), old_key);
    let opened = person.decrypt(&mut key, PIN, &text(&new["id"]), &old_key, &bid).await.unwrap();
    assert_eq!(opened, b"sealed before the renewal");
}

/// An authorisation of this clerk, ready to be handed in.
async fn authorising(platform: &Platform, firm: &mut Firm, clerk: &Person, what: Value) -> String {
    let new = json!({ "kind": "authorisation", "enterprise_id": firm.id, "holder_id": clerk.account_id });
    let id = begin(&mut firm.admin, new).await;
    let mut change = platform.choice("guiyun").await;
    change["grant"] = what;
    edit(&mut firm.admin, &id, change).await.ok();
    id
}

#[tokio::test]
async fn an_authorisation_is_sealed_reviewed_and_downloaded_by_the_clerk() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let (mut clerk, ..) = firm.clerk(&platform, 2).await;
    let demo = server::relying::entity::relying_party::Entity::find().all(&*platform.state.db).await.unwrap();
    let demo = demo.into_iter().find(|one| one.client_id == "demo-trade").unwrap();
    let what = json!({ "relying_party_ids": [demo.id], "permissions": ["decrypt"], "seals": [] });
    let id = authorising(&platform, &mut firm, &clerk, what).await;
    clerk.http.get(&format!("{APPLICATIONS}/{id}")).await.refused(404, "NOT_FOUND");
    let handed_in = submit(&mut firm.admin, &id).await.ok().json();
    assert_eq!(handed_in["grant"]["platforms"][0]["name"], json!(demo.name));
    firm.consent(&platform, &id).await;
    platform.approve(&id).await;
    assert_eq!(titles(&mut clerk).await[0], "审核通过，请下载证书");
    // It is the clerk's to download, not the administrator's.
    assert_eq!(look(&mut clerk, &id).await["may"], json!(["download"]));
    assert_eq!(look(&mut firm.admin, &id).await["may"], json!([]));
    let device = json!({ "device_id": firm.admin.device_id });
    let path = format!("{APPLICATIONS}/{id}/enrolments");
    firm.admin.http.post(&path, device).await.refused(409, "APPLICATION_NOT_READY");
    let (_, certificate) = download(&mut clerk, &id).await;
    let granted = authorisation::Entity::find().all(&*platform.state.db).await.unwrap();
    let new = granted.iter().find(|one| one.application_id == Some(id.parse().unwrap())).unwrap();
    assert_eq!((new.account_id, new.relying_party_id), (clerk.account_id, Some(demo.id)));
    assert_eq!((new.permissions.as_str(), new.granted_by), ("decrypt", firm.admin.account_id));
    assert_eq!(new.valid_to, end(&certificate).as_millisecond());
    let done = look(&mut clerk, &id).await;
    assert_eq!(states(&done), ["draft", "with_admin", "with_reviewer", "approved", "ready", "done"]);
}

#[tokio::test]
async fn one_authorisation_of_a_person_is_under_way_at_a_time() {
    let platform = Platform::start().await;
    let mut firm = platform.firm(1).await;
    let (one, ..) = firm.clerk(&platform, 2).await;
    let (two, ..) = firm.clerk(&platform, 3).await;
    authorising(&platform, &mut firm, &one, grant()).await;
    let again = json!({ "kind": "authorisation", "enterprise_id": firm.id, "holder_id": one.account_id });
    firm.admin.http.post(APPLICATIONS, again).await.refused(409, "APPLICATION_OPEN");
    authorising(&platform, &mut firm, &two, grant()).await;
}
