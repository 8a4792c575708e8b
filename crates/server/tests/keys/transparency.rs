//! The transparency log: what was done with a key is there with its proof, and nobody changes it unnoticed.

use std::process::{Command, Output};

use pki::log::{Entry, TreeHead};
use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _, ModelTrait as _,
    QueryOrder as _, Set, Statement,
};
use serde_json::Value;
use server::{
    audit::{self, entity as entries},
    transparency::{
        self,
        check::{Fault, check},
        entity::{head, node},
    },
};

use crate::{
    common::{ORIGIN, Platform},
    phone::{
        Phone, journey, text,
        transport::{InProcess, Transport as _},
        unbase64,
    },
    stage::Stage,
};

/// A head and its public key, as the phone reads them.
fn head_of(value: &Value) -> TreeHead {
    let number = |name: &str| value[name].as_u64().unwrap();
    let head = TreeHead {
        size: number("size"),
        timestamp_ms: number("timestamp_ms"),
        root: unbase64(&value["root"]).try_into().unwrap(),
    };
    head.verify(&unbase64(&value["public_key"]).try_into().unwrap(), &unbase64(&value["signature"])).unwrap();
    head
}

fn hashes(value: &Value) -> Vec<[u8; 32]> {
    value.as_array().unwrap().iter().map(|hash| unbase64(hash).try_into().unwrap()).collect()
}

/// What the app does with an entry.
fn holds(head: &TreeHead, item: &Value) -> bool {
    let id = |name: &str| item.get(name).map(|id| text(id).parse::<uuid::Uuid>().unwrap().into_bytes());
    let seq = item["seq"].as_i64().unwrap();
    let entry = Entry {
        previous: &unbase64(&item["previous"]),
        seq,
        at: item["at"].as_i64().unwrap(),
        actor_kind: item["actor_kind"].as_str().unwrap(),
        actor_id: id("actor_id"),
        action: item["action"].as_str().unwrap(),
        target_kind: item["target_kind"].as_str().unwrap(),
        target_id: id("target_id"),
        detail: item["detail"].as_str().unwrap(),
    };
    head.includes(&entry.digest(), u64::try_from(seq - 1).unwrap(), &hashes(&item["proof"]))
}

struct Owner {
    stage: Stage,
    phone: Phone<InProcess>,
    uses: String,
}

/// Somebody who has logged in once with a certificate.
async fn owner() -> Owner {
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let certificates = phone.http.get("/api/certificates").await.ok().json();
    let uses = format!("/api/certificates/{}/uses", text(&certificates["items"][0]["id"]));
    transparency::integrate(&stage.platform.state).await.unwrap();
    stage.log_in(&mut phone, &mut key).await;
    Owner { stage, phone, uses }
}

impl Owner {
    async fn uses(&mut self) -> Value {
        self.phone.http.get(&self.uses).await.ok().json()
    }

    async fn faults(&self) -> Vec<Fault> {
        check(&*self.stage.platform.state.db, None).await.unwrap().faults
    }

    async fn entry(&self, action: &str) -> entries::Model {
        let rows = entries::Entity::find().order_by_desc(entries::Column::Seq).all(&*self.stage.platform.state.db);
        rows.await.unwrap().into_iter().find(|row| row.action == action).unwrap()
    }

    async fn store(&self, row: entries::ActiveModel) {
        let tx = self.stage.platform.state.db.begin().await.unwrap();
        row.reset_all().update(&*tx).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn every_use_of_a_key_is_in_the_log_with_its_proof() {
    let mut owner = owner().await;
    let young = owner.uses().await;
    assert_eq!((&young["items"][0]["action"], young["items"][0].get("proof")), (&"key.sign".into(), None));
    assert!(holds(&head_of(&young["head"]), &young["items"][1]));
    assert!(transparency::integrate(&owner.stage.platform.state).await.unwrap() > 0);
    assert_eq!(transparency::integrate(&owner.stage.platform.state).await.unwrap(), 0);
    let page = owner.uses().await;
    let (head, items) = (head_of(&page["head"]), page["items"].as_array().unwrap());
    assert!(items.iter().all(|item| holds(&head, item)), "{page}");
    let actions: Vec<&str> = items.iter().map(|item| item["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["key.sign", "certificate.issue", "key.sign", "key.generate"]);
    let detail: Value = serde_json::from_str(items[0]["detail"].as_str().unwrap()).unwrap();
    assert_eq!((&detail["for"], &detail["result"]), (&"login".into(), &"ok".into()));
    assert!(detail["relying_party"].is_string() && items[0]["asked_by"].is_string());
    let enrolled: Value = serde_json::from_str(items[2]["detail"].as_str().unwrap()).unwrap();
    assert_eq!(enrolled["for"], "certificate_request");
    let rest = format!("{}?cursor={}", owner.uses, items[1]["seq"]);
    assert_eq!(owner.phone.http.get(&rest).await.ok().json()["items"].as_array().unwrap().len(), 2);
    // Any other word of the entry is found out.
    for name in ["action", "detail", "actor_kind", "target_kind"] {
        let mut changed = items[0].clone();
        changed[name] = "system".into();
        assert!(!holds(&head, &changed), "{name}");
    }
    owner.phone.http.get(&format!("{}?cursor=x", owner.uses)).await.refused(400, "QUERY_INVALID");
}

#[tokio::test]
async fn nobody_sees_the_uses_of_a_key_of_somebody_else() {
    let owner = owner().await;
    let mut nobody = InProcess::new(owner.stage.platform.router.clone());
    nobody.get(&owner.uses).await.refused(401, "NOT_LOGGED_IN");
    let (mut other, _) = owner.stage.person(2).await;
    other.http.get(&owner.uses).await.refused(404, "NOT_FOUND");
    let mut stranger = InProcess::new(owner.stage.platform.router.clone());
    journey::log_in(&mut stranger, "13900000003").await;
    journey::verify(&mut stranger, ORIGIN, "韦桂花", &journey::id_number(3)).await;
    stranger.get(&owner.uses).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_later_head_continues_an_earlier_one_also_over_a_restart() {
    let owner = owner().await;
    let mut anybody = InProcess::new(owner.stage.platform.router.clone());
    let earlier = anybody.get("/api/log/head").await.ok().json();
    transparency::integrate(&owner.stage.platform.state).await.unwrap();
    let nodes = node::Entity::find().all(&*owner.stage.platform.state.db).await.unwrap();
    let platform: Platform = owner.stage.platform.restart().await;
    let kept = node::Entity::find().all(&*platform.state.db).await.unwrap();
    assert!(nodes.iter().all(|node| kept.contains(node)));
    let mut anybody = InProcess::new(platform.router.clone());
    let later = anybody.get("/api/log/head").await.ok().json();
    assert_eq!(later["public_key"], earlier["public_key"]);
    let (from, to) = (head_of(&earlier), head_of(&later));
    assert!(from.size < to.size);
    let path = |from: u64, to: u64| format!("/api/log/consistency?from={from}&to={to}");
    let proof = anybody.get(&path(from.size, to.size)).await.ok().json();
    assert!(to.continues(&from, &hashes(&proof["proof"])));
    let other = TreeHead { root: [1; 32], ..from.clone() };
    assert!(!to.continues(&other, &hashes(&proof["proof"])));
    for (from, to) in [(0, 1), (2, 1), (1, to.size + 1), (u64::MAX, u64::MAX)] {
        anybody.get(&path(from, to)).await.refused(400, "QUERY_INVALID");
    }
    anybody.get("/api/log/consistency?from=-1&to=1").await.refused(400, "QUERY_INVALID");
    assert_eq!(check(&*platform.state.db, None).await.unwrap().faults, []);
}

#[tokio::test]
async fn a_changed_entry_is_found_by_the_check_and_by_the_app() {
    let mut owner = owner().await;
    transparency::integrate(&owner.stage.platform.state).await.unwrap();
    assert_eq!(owner.faults().await, []);
    let row = owner.entry("key.sign").await;
    let seq = row.seq;
    let mut changed = row.into_active_model();
    changed.detail = Set(r#"{"result":"ok"}"#.to_owned());
    owner.store(changed).await;
    assert_eq!(owner.faults().await[0], Fault::Entry(seq));
    let page = owner.uses().await;
    assert!(!holds(&head_of(&page["head"]), &page["items"][0]));
}

#[tokio::test]
async fn a_chain_that_was_computed_anew_does_not_fit_what_was_signed() {
    let mut owner = owner().await;
    transparency::integrate(&owner.stage.platform.state).await.unwrap();
    let db = &owner.stage.platform.state.db;
    let mut rows = entries::Entity::find().order_by_asc(entries::Column::Seq).all(&**db).await.unwrap();
    let at = rows.iter().rposition(|row| row.action == "key.sign").unwrap();
    "{}".clone_into(&mut rows[at].detail);
    for index in at..rows.len() {
        if index > at {
            rows[index].previous = rows[index - 1].digest.clone();
        }
        rows[index].digest = audit::digest(&rows[index]).to_vec();
    }
    for row in rows.split_off(at) {
        owner.store(row.into_active_model()).await;
    }
    assert_eq!(audit::first_broken(&owner.stage.platform.state).await.unwrap(), None);
    let faults = owner.faults().await;
    assert!(faults.iter().any(|fault| matches!(fault, Fault::Root(_))), "{faults:?}");
    let page = owner.uses().await;
    assert!(!holds(&head_of(&page["head"]), &page["items"][0]));
}

#[tokio::test]
async fn a_removed_or_inserted_entry_is_found_and_nothing_more_is_signed() {
    let owner = owner().await;
    let state = &owner.stage.platform.state;
    transparency::integrate(state).await.unwrap();
    let last = entries::Entity::find().order_by_desc(entries::Column::Seq).one(&*state.db).await.unwrap().unwrap();
    let heads = head::Entity::find().all(&*state.db).await.unwrap().len();
    let tx = state.db.begin().await.unwrap();
    last.clone().delete(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    let size = u64::try_from(last.seq).unwrap();
    assert_eq!(owner.faults().await, [Fault::EntriesMissing(size)]);
    // Two others in its place, chained as it should be.
    let tx = state.db.begin().await.unwrap();
    for action in ["key.forged", "key.forged"] {
        let (actor, target_kind) = (audit::Actor::System, "key");
        let detail = serde_json::json!({});
        let entry = audit::Entry { actor, action, target_kind, target_id: None, detail };
        audit::record(&tx, state.now(), entry).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(audit::first_broken(state).await.unwrap(), None);
    assert!(owner.faults().await.contains(&Fault::Root(size)));
    assert!(transparency::integrate(state).await.is_err());
    assert_eq!(head::Entity::find().all(&*state.db).await.unwrap().len(), heads);
}

fn verify(platform: &Platform, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guiqian"));
    command.args(["audit", "verify", "--data"]).arg(platform.folder()).args(platform.database().arguments());
    command.args(more).output().unwrap()
}

#[tokio::test]
async fn the_log_is_checked_off_line_also_against_a_kept_head() {
    let owner = owner().await;
    let platform = &owner.stage.platform;
    let mut anybody = InProcess::new(platform.router.clone());
    let kept = anybody.get("/api/log/head").await.ok().json();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("head.json");
    std::fs::write(&file, kept.to_string()).unwrap();
    let file = file.to_str().unwrap();
    transparency::integrate(&platform.state).await.unwrap();
    let good = verify(platform, &["--head", file]);
    let said = String::from_utf8_lossy(&good.stdout).into_owned();
    assert!(good.status.success() && said.contains("the log is whole"), "{said}");
    let mut other = kept.clone();
    other["root"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into();
    std::fs::write(file, other.to_string()).unwrap();
    let bad = verify(platform, &["--head", file]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&bad.stdout).contains("another root"));
    let row = entries::Entity::find_by_id(3).one(&*platform.state.db).await.unwrap().unwrap();
    let mut changed = row.into_active_model();
    changed.at = Set(0);
    owner.store(changed).await;
    let bad = verify(platform, &[]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&bad.stdout).contains("WRONG: entry 3 "));
}

#[tokio::test]
async fn checking_the_log_leaves_a_database_of_an_earlier_version_as_it_is() {
    let owner = owner().await;
    let platform = &owner.stage.platform;
    let steps = async || {
        let all =
            Statement::from_string(platform.state.db.get_database_backend(), "SELECT version FROM seaql_migrations");
        platform.state.db.query_all_raw(all).await.unwrap().len()
    };
    let newest = steps().await;
    let tx = platform.state.db.begin().await.unwrap();
    tx.execute_unprepared("DELETE FROM seaql_migrations WHERE version = 'm0025_search_order'").await.unwrap();
    tx.commit().await.unwrap();
    let refused = verify(platform, &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("an earlier version"));
    assert_eq!(steps().await, newest - 1);
}

/// What the phone's own tests check with the WebAssembly module: an earlier head, a page of uses, and the way between.
/// `UPDATE_VECTOR=1` makes them anew.
const VECTOR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/shared/src/device/log.vector.json");

#[tokio::test]
async fn the_answers_that_the_app_is_tested_with_are_right() {
    #[expect(clippy::disallowed_methods, reason = "the switch that writes the answers anew")]
    let update = std::env::var_os("UPDATE_VECTOR").is_some();
    if update {
        let mut owner = owner().await;
        let earlier = owner.phone.http.get("/api/log/head").await.ok().json();
        transparency::integrate(&owner.stage.platform.state).await.unwrap();
        let page = owner.uses().await;
        let path = format!("/api/log/consistency?from={}&to={}", earlier["size"], page["head"]["size"]);
        let consistency = owner.phone.http.get(&path).await.ok().json();
        let vector = serde_json::json!({ "earlier": earlier, "page": page, "consistency": consistency });
        std::fs::write(VECTOR, serde_json::to_string_pretty(&vector).unwrap() + "\n").unwrap();
    }
    let vector: Value = serde_json::from_slice(&std::fs::read(VECTOR).unwrap()).unwrap();
    let (earlier, head) = (head_of(&vector["earlier"]), head_of(&vector["page"]["head"]));
    assert!(earlier.size < head.size && head.continues(&earlier, &hashes(&vector["consistency"]["proof"])));
    assert!(vector["page"]["items"].as_array().unwrap().iter().all(|item| holds(&head, item)));
}
