//! Authorisations (manual 1.12.5): who may do what where with an enterprise's certificate, asked through the front door
//! with real phones, and what is taken back while somebody signs.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use server::{
    authorisation::{
        rules::{Grant, Permission, SealKind},
        service::{self, NewGrant},
    },
    enterprise::membership,
};
use splitkey::codec::Refusal;
use uuid::Uuid;

use crate::{
    common::Platform,
    firm::{Firm, Person},
    phone::{
        Failure, Key, id_of,
        journey::{ask_login, browser},
        text,
        transport::{Reply, Transport as _},
    },
    stage::{Stage, one_page},
};

/// An enterprise, its clerk, and a platform that knows the clerk.
struct Scene {
    stage: Stage,
    firm: Firm,
    clerk: Person,
    key: Key,
    subject: String,
    /// The relying party that asks.
    here: Uuid,
}

impl Scene {
    async fn open() -> Self {
        let stage = Stage::on(Platform::start().await);
        let mut firm = stage.platform.firm(1).await;
        let (mut clerk, mut key, _) = firm.clerk(&stage.platform, 2).await;
        let subject = stage.log_in(&mut clerk, &mut key).await;
        let list = firm.admin.http.get("/api/platforms").await.ok().json();
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "the platform's own party is not offered");
        let here = id_of(&list["items"][0]["id"]);
        Self { stage, firm, clerk, key, subject, here }
    }

    fn enterprise(&self) -> Uuid {
        self.firm.id.parse().unwrap()
    }

    /// Ends what the clerk has and grants this instead.
    async fn grant(&self, grant: &Grant, valid: (Timestamp, Timestamp)) {
        let (state, clerk) = (&self.stage.platform.state, self.clerk.account_id);
        let now = state.now();
        let by = server::audit::Actor::Account(self.firm.admin.account_id);
        let mut tx = state.db.begin().await.unwrap();
        service::end_of(&mut tx, now, self.enterprise(), clerk, "deleted", by).await.unwrap();
        let new = NewGrant {
            enterprise_id: self.enterprise(),
            account_id: clerk,
            granted_by: self.firm.admin.account_id,
            application_id: None,
            valid,
        };
        service::grant(&mut tx, now, &new, grant).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The relying party asks for a signature with these seals of the enterprise.
    async fn ask_sign(&self, seals: &[SealKind], signer: Value) -> Reply {
        let mut placements = Vec::new();
        for (kind, x) in seals.iter().zip([20.0, 80.0, 140.0]) {
            let seal = self.firm.seal(&self.stage.platform, kind.as_str()).await;
            placements.push(json!({ "page": 1, "x_mm": x, "y_mm": 20.0, "width_mm": 40.0, "height_mm": 40.0, "appearance_id": seal }));
        }
        let question = json!({
            "action": "sign",
            "subject": self.subject,
            "document": { "title": "投标函", "pdf": BASE64.encode(one_page()) },
            "placements": placements,
            "signer": signer,
            "browser": browser(),
        });
        self.stage.relying_party.clone().post("/api/rp/scan-requests", question).await
    }

    /// The clerk scans a question.
    async fn claim(&mut self, id: &str) -> Reply {
        let code = self.stage.code(id).await;
        self.clerk.claim(&code).await
    }

    async fn claim_sign(&mut self, seals: &[SealKind]) -> Reply {
        let asked = self.ask_sign(seals, Value::Null).await.expect(201).json();
        self.claim(&text(&asked["id"])).await
    }

    async fn claim_login(&mut self) -> Reply {
        let id = ask_login(&mut self.stage.relying_party.clone()).await;
        self.claim(&id).await
    }

    async fn authorisations(&mut self) -> Vec<Value> {
        let path = format!("/api/enterprises/{}/authorisations", self.firm.id);
        let list = self.firm.admin.http.get(&path).await.ok().json();
        list["items"].as_array().unwrap().clone()
    }
}

fn grant(here: Option<Uuid>, permissions: &[Permission], seals: &[SealKind]) -> Grant {
    Grant { relying_party_ids: here.into_iter().collect(), permissions: permissions.to_vec(), seals: seals.to_vec() }
}

/// Granted where, what, with which seals, from when (days) → asked for login or with these seals → answer.
type Row<'a> = (Option<Uuid>, &'a [Permission], &'a [SealKind], i64, Option<&'a [SealKind]>, &'a str);

#[tokio::test]
async fn every_use_is_decided_as_the_matrix_says_through_the_front_door() {
    use {Permission as P, SealKind as S};
    const NO: &str = "NOT_AUTHORISED";
    const SEAL: &str = "SEAL_NOT_AUTHORISED";
    let mut scene = Scene::open().await;
    let (here, elsewhere) = (Some(scene.here), Some(Uuid::from_u128(7)));
    let table: [Row<'_>; 12] = [
        (here, &[P::Login], &[], 0, None, "ok"),
        (None, &[P::Login], &[], 0, None, "ok"),
        (elsewhere, &[P::Login], &[], 0, None, NO),
        (here, &[P::Sign, P::Decrypt, P::Generate], &[S::Company], 0, None, NO),
        (here, &[P::Login], &[], 1, None, NO),
        (here, &[P::Login], &[], -3, None, NO),
        (here, &[P::Sign], &[S::Company], 0, Some(&[S::Company]), "ok"),
        (here, &[P::Sign], &[S::Company], 0, Some(&[]), "ok"),
        (here, &[P::Sign], &[S::Company], 0, Some(&[S::LegalPerson]), SEAL),
        (here, &[P::Sign], &[S::Company], 0, Some(&[S::Company, S::LegalPerson]), SEAL),
        (here, &[P::Login], &[S::Company], 0, Some(&[S::Company]), NO),
        (elsewhere, &[P::Sign], &[S::Company], 0, Some(&[S::Company]), NO),
    ];
    for (row, (place, permissions, seals, from, asked, expected)) in table.into_iter().enumerate() {
        let begin = scene.stage.platform.state.now() + SignedDuration::from_hours(24 * from);
        let granted = grant(place, permissions, seals);
        scene.grant(&granted, (begin, begin + SignedDuration::from_hours(48))).await;
        let answer = match asked {
            None => scene.claim_login().await,
            Some(seals) => scene.claim_sign(seals).await,
        };
        match expected {
            "ok" => {
                let request = answer.ok().json();
                assert_eq!(request["certificates"].as_array().unwrap().len(), 1, "row {row}");
            }
            code => assert_eq!((answer.status, answer.code().as_str()), (403, code), "row {row}"),
        }
        scene.stage.platform.clock.advance(SignedDuration::from_secs(5));
    }
    // The administrator needs no authorisation, and two seals are no hindrance.
    let (mut admin, mut key) = (scene.firm.admin, scene.firm.key);
    key.commitments.clear();
    scene.stage.log_in(&mut admin, &mut key).await;
}

#[tokio::test]
async fn a_deleted_authorisation_ends_a_signing_that_is_under_way() {
    let mut scene = Scene::open().await;
    let request = scene.claim_login().await.ok().json();
    let (signed, unsigned) = (request.clone(), scene.claim_login().await.ok().json());
    let signature = scene.clerk.sign_request(&mut scene.key, &signed).await.unwrap();
    let id = text(&scene.authorisations().await[0]["id"]);
    scene.firm.admin.http.delete(&format!("/api/authorisations/{id}"), json!({})).await.expect(204);
    // A signature that was made before is no answer any more.
    scene.clerk.confirm(&signed, &signature).await.refused(403, "NOT_AUTHORISED");
    // No nonce is handed out and no partial signature computed.
    let refused = scene.clerk.sign_request(&mut scene.key, &unsigned).await;
    assert_eq!(refused.err(), Some(Failure::Refused(Refusal::Refused)));
    scene.key.commitments.clear();
    let refused = scene.clerk.prepare(&mut scene.key, id_of(&unsigned["id"])).await;
    assert_eq!(refused.err(), Some(Failure::Refused(Refusal::Refused)));
    let seen = scene.clerk.http.get(&format!("/api/scan-requests/{}", text(&unsigned["id"]))).await.ok().json();
    assert_eq!(seen["certificates"], json!([]), "nothing can answer it any more");
    scene.claim_login().await.refused(403, "NOT_AUTHORISED");
    assert_eq!(scene.stage.look(&text(&signed["id"])).await["state"], "claimed");
}

#[tokio::test]
async fn a_deleted_person_signs_no_more_whatever_was_open() {
    let mut scene = Scene::open().await;
    let signed = scene.claim_login().await.ok().json();
    let signature = scene.clerk.sign_request(&mut scene.key, &signed).await.unwrap();
    let path = format!("/api/enterprises/{}/members/{}", scene.firm.id, scene.clerk.account_id);
    scene.firm.admin.http.delete(&path, json!({})).await.expect(204);
    scene.clerk.confirm(&signed, &signature).await.refused(422, "FIELDS_INVALID");
    scene.key.commitments.clear();
    let refused = scene.clerk.prepare(&mut scene.key, id_of(&signed["id"])).await;
    assert_eq!(refused.err(), Some(Failure::Refused(Refusal::Revoked)));
    let certificates = scene.clerk.http.get("/api/certificates").await.ok().json();
    assert_eq!(certificates["items"][0]["state"], "revoked");
    let row = &scene.authorisations().await[0];
    assert_eq!((&row["state"], &row["end_reason"]), (&json!("ended"), &json!("deleted")));
}

#[tokio::test]
async fn what_is_taken_back_and_answered_at_once_is_one_or_the_other() {
    let mut scene = Scene::open().await;
    let request = scene.claim_login().await.ok().json();
    let signature = scene.clerk.sign_request(&mut scene.key, &request).await.unwrap();
    let id = text(&scene.authorisations().await[0]["id"]);
    let path = format!("/api/authorisations/{id}");
    let (confirmed, deleted) =
        tokio::join!(scene.clerk.confirm(&request, &signature), scene.firm.admin.http.delete(&path, json!({})));
    deleted.expect(204);
    let stands = text(&scene.stage.look(&text(&request["id"])).await["state"]);
    match confirmed.status {
        200 => assert_eq!(stands, "confirmed"),
        _ => {
            confirmed.refused(403, "NOT_AUTHORISED");
            assert_eq!(stands, "claimed");
        }
    }
    scene.claim_login().await.refused(403, "NOT_AUTHORISED");
}

#[tokio::test]
async fn only_the_administrator_of_the_enterprise_takes_an_authorisation_back_and_the_history_stays() {
    let mut scene = Scene::open().await;
    let row = scene.authorisations().await.remove(0);
    assert_eq!((&row["state"], &row["platform"]), (&json!("active"), &Value::Null));
    assert_eq!(row["permissions"], json!(["login", "sign"]));
    assert!(row["certificate_id"].is_string());
    let path = format!("/api/authorisations/{}", text(&row["id"]));
    let mut other = scene.stage.platform.firm(3).await;
    other.admin.http.delete(&path, json!({})).await.refused(404, "NOT_FOUND");
    scene.clerk.http.delete(&path, json!({})).await.refused(404, "NOT_FOUND");
    scene
        .firm
        .admin
        .http
        .delete("/api/authorisations/00000000-0000-0000-0000-000000000000", json!({}))
        .await
        .expect(404);
    for _ in 0..2 {
        scene.firm.admin.http.delete(&path, json!({})).await.expect(204);
    }
    let ended = scene.authorisations().await.remove(0);
    assert_eq!((&ended["state"], &ended["end_reason"]), (&json!("ended"), &json!("deleted")));
    let mine = scene.clerk.http.get("/api/authorisations").await.ok().json();
    assert_eq!(mine["items"][0]["state"], "ended");
    let messages = scene.clerk.http.get("/api/messages").await.ok().json();
    assert_eq!(messages["items"][0]["kind"], "authorisation_deleted");
}

#[tokio::test]
async fn a_relying_party_is_told_the_enterprise_and_offers_only_the_seals_that_may_be_used() {
    let mut scene = Scene::open().await;
    let request = scene.claim_login().await.ok().json();
    let signature = scene.clerk.sign_request(&mut scene.key, &request).await.unwrap();
    scene.clerk.confirm(&request, &signature).await.ok();
    let result = scene.stage.look(&text(&request["id"])).await["result"].clone();
    let named = json!({ "name": scene.firm.facts["name"], "credit_code": scene.firm.facts["credit_code"] });
    assert_eq!(result["enterprise"], named);
    assert_eq!(result["name"], scene.firm.facts["name"]);
    assert_eq!(result["person_name"], "韦丙");
    let path = format!("/api/rp/subjects/{}/appearances", scene.subject);
    let offered = scene.stage.relying_party.clone().get(&path).await.ok().json();
    let seals: Vec<_> = offered["items"].as_array().unwrap().iter().map(|one| text(&one["kind"])).collect();
    assert_eq!(seals, ["company"]);
    assert_eq!(offered["items"][0]["enterprise"], named);

    let asked =
        scene.ask_sign(&[SealKind::Company], json!({ "kind": "enterprise", "credit_code": named["credit_code"] }));
    let asked = asked.await.expect(201).json();
    let request = scene.claim(&text(&asked["id"])).await.ok().json();
    scene.key.commitments.clear();
    let signature = scene.clerk.sign_request(&mut scene.key, &request).await.unwrap();
    scene.clerk.confirm(&request, &signature).await.ok();
    let done = scene.stage.look(&text(&asked["id"])).await;
    assert_eq!((&done["state"], &done["result"]["enterprise"]), (&json!("confirmed"), &named));
}

#[tokio::test]
async fn who_is_wanted_as_a_person_does_not_answer_for_an_enterprise() {
    let mut scene = Scene::open().await;
    let asked = scene.ask_sign(&[], json!({ "kind": "person" })).await.expect(201).json();
    scene.claim(&text(&asked["id"])).await.refused(403, "SIGNER_FOREIGN");
    let other = scene.stage.platform.firm(3).await;
    for code in [text(&other.facts["credit_code"]), "91350100M000100Y43".to_owned(), "1".to_owned()] {
        let asked = scene.ask_sign(&[], json!({ "kind": "enterprise", "credit_code": code })).await;
        asked.refused(422, "FIELDS_INVALID");
    }
    // Another enterprise's seal is nothing that this person could place.
    let seal = other.seal(&scene.stage.platform, "company").await;
    let question = json!({
        "action": "sign", "subject": scene.subject, "browser": browser(),
        "document": { "title": "投标函", "pdf": BASE64.encode(one_page()) },
        "placements": [{ "page": 1, "x_mm": 1.0, "y_mm": 1.0, "width_mm": 40.0, "height_mm": 40.0, "appearance_id": seal }],
    });
    scene.stage.relying_party.clone().post("/api/rp/scan-requests", question).await.refused(422, "FIELDS_INVALID");
}

#[tokio::test]
async fn whoever_hands_the_role_over_needs_an_authorisation_from_then_on() {
    let mut scene = Scene::open().await;
    let (admin, clerk) = (scene.firm.admin.account_id, scene.clerk.account_id);
    let state = &scene.stage.platform.state;
    let mut tx = state.db.begin().await.unwrap();
    membership::swap_admin(&mut tx, state.now(), scene.enterprise(), admin, clerk).await.unwrap();
    tx.commit().await.unwrap();
    let id = ask_login(&mut scene.stage.relying_party.clone()).await;
    let code = scene.stage.code(&id).await;
    scene.firm.admin.claim(&code).await.refused(403, "NOT_AUTHORISED");
    scene.claim_login().await.ok();
}
