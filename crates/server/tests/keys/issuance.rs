//! The halt switch: while it is on nothing is issued, nothing is lost, and afterwards everything goes on.

use std::process::Command;

use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use serde_json::{Value, json};
use server::{
    certificate::entity::certificate,
    console::{self, policy::Role},
};

use crate::{
    common::{ORIGIN, Platform},
    phone::{
        Key, Phone, journey, text,
        transport::{InProcess, Reply, Transport as _},
    },
    stage::Stage,
};

const ISSUANCE: &str = "/api/console/issuance";
const HALTS: &str = "/api/console/issuance/halts";

/// The first operator, logged in.
pub async fn operator(platform: &Platform) -> InProcess {
    log_in(platform, "reviewer", &journey::reviewer_password(platform.folder())).await
}

async fn log_in(platform: &Platform, username: &str, password: &str) -> InProcess {
    let mut http = InProcess::new(platform.router.clone());
    http.post("/api/console/sessions", json!({ "username": username, "password": password })).await.expect(201);
    http
}

pub async fn staff(platform: &Platform, username: &str, role: Role, institution: Option<&str>) -> InProcess {
    let new = console::NewReviewer { username, name: username, role: Some(role), institution };
    let password = console::add_reviewer(&platform.state.db, platform.state.now(), new).await.unwrap();
    log_in(platform, username, &password).await
}

/// Halts an institution, or everything.
pub async fn halt(operator: &mut InProcess, institution: Option<&str>) -> Value {
    let new = json!({ "institution_id": institution, "reason": "根证书密钥疑似泄露" });
    operator.post(HALTS, new).await.expect(201).json()["halts"][0].clone()
}

/// Asks to go on.
pub async fn resume(operator: &mut InProcess, halt: &Value) -> Reply {
    let path = format!("{HALTS}/{}/resumption", text(&halt["id"]));
    operator.post(&path, json!({ "reason": "已核实，密钥安全" })).await
}

async fn institution(http: &mut InProcess, slug: &str) -> String {
    let list = http.get("/api/institutions").await.ok().json();
    let one = list["items"].as_array().unwrap().iter().find(|one| one["slug"] == slug).unwrap();
    text(&one["id"])
}

/// Somebody who has chosen a PIN, has the key, and lacks the certificate.
async fn downloading(stage: &Stage, n: u32) -> (Phone<InProcess>, Value, Key) {
    let http = InProcess::new(stage.platform.router.clone());
    let (mut phone, application) = journey::approved(&http, ORIGIN, stage.platform.folder(), n, stage.now()).await;
    let enrolment = phone.begin(&application).await;
    let key = phone.generate(&enrolment).await.unwrap();
    (phone, enrolment, key)
}

async fn issued(stage: &Stage) -> u64 {
    let find = certificate::Entity::find().filter(certificate::Column::State.eq("issued"));
    find.count(&*stage.platform.state.db).await.unwrap()
}

#[tokio::test]
async fn a_download_that_began_before_the_halt_is_refused_plainly_and_ends_afterwards() {
    let stage = Stage::open().await;
    let (mut phone, enrolment, mut key) = downloading(&stage, 1).await;
    let mut operator = operator(&stage.platform).await;
    let halted = halt(&mut operator, None).await;
    let refused = phone.complete(&enrolment, &mut key).await;
    refused.refused(409, "ISSUANCE_HALTED");
    assert!(text(&refused.json()["title"]).contains("都已保存"), "{}", refused.json());
    assert_eq!(issued(&stage).await, 0);
    // Whoever has only begun is told before choosing a PIN; the application keeps waiting.
    let path = format!("/api/applications/{}", text(&enrolment["application_id"]));
    let again = json!({ "device_id": phone.device_id });
    phone.http.post(&format!("{path}/enrolments"), again).await.refused(409, "ISSUANCE_HALTED");
    assert_eq!(phone.http.get(&path).await.ok().json()["state"], "ready");
    resume(&mut operator, &halted).await.ok();
    let certificate = phone.complete(&enrolment, &mut key).await.expect(201).json();
    assert_eq!((certificate["state"].as_str(), issued(&stage).await), (Some("active"), 1));
}

#[tokio::test]
async fn once_halting_has_been_answered_nothing_more_is_issued_at_any_node() {
    let stage = Stage::open().await;
    let other = stage.platform.beside().await;
    let mut ready = Vec::new();
    for n in 1..=6 {
        ready.push(downloading(&stage, n).await);
    }
    // The switch is turned at another node.
    let mut operator = operator(&other).await;
    let completing = ready.into_iter().map(|(mut phone, enrolment, mut key)| async move {
        let status = phone.complete(&enrolment, &mut key).await.status;
        (phone, enrolment, key, status)
    });
    let halting = async {
        let halted = halt(&mut operator, None).await;
        (halted, issued(&stage).await)
    };
    let (answered, (halted, then)) = tokio::join!(futures::future::join_all(completing), halting);
    assert_eq!(issued(&stage).await, then);
    assert_eq!(answered.iter().filter(|(.., status)| *status == 201).count() as u64, then);
    resume(&mut operator, &halted).await.ok();
    for (mut phone, enrolment, mut key, status) in answered {
        if status != 201 {
            assert_eq!(status, 409);
            phone.complete(&enrolment, &mut key).await.expect(201);
        }
    }
    assert_eq!(issued(&stage).await, 6);
}

#[tokio::test]
async fn an_institution_is_halted_by_itself_and_its_people_see_why() {
    let stage = Stage::open().await;
    let (mut phone, enrolment, mut key) = downloading(&stage, 1).await;
    let mut operator = operator(&stage.platform).await;
    let lishui = institution(&mut operator, "lishui").await;
    halt(&mut operator, Some(&lishui)).await;
    operator
        .post(HALTS, json!({ "institution_id": lishui, "reason": "再停一次" }))
        .await
        .refused(409, "HALTED_ALREADY");
    phone.complete(&enrolment, &mut key).await.expect(201);
    let mut of_lishui = staff(&stage.platform, "li", Role::Reviewer, Some("lishui")).await;
    let seen = of_lishui.get(ISSUANCE).await.ok().json();
    assert_eq!(seen["halts"][0]["reason"], "根证书密钥疑似泄露");
    assert_eq!(seen["halts"][0]["institution"]["slug"], "lishui");
    let mut of_guiyun = staff(&stage.platform, "gui", Role::Lead, Some("guiyun")).await;
    assert_eq!(of_guiyun.get(ISSUANCE).await.ok().json()["halts"], json!([]));
    let new = json!({ "reason": "本机构暂停" });
    of_guiyun.post(HALTS, new).await.refused(403, "FORBIDDEN");
    for bad in [json!({ "reason": "" }), json!({ "reason": "好的", "institution_id": uuid::Uuid::nil() })] {
        operator.post(HALTS, bad).await.refused(422, "FIELDS_INVALID");
    }
    let log = operator.get("/api/console/audit?action=issuance.halt").await.ok().json();
    assert_eq!(log["items"][0]["detail"]["reason"], "根证书密钥疑似泄露");
    assert_eq!(log["items"][0]["target_name"], seen["halts"][0]["institution"]["name"]);
}

#[tokio::test]
async fn where_four_eyes_are_wanted_a_second_person_lets_issuance_go_on() {
    let stage = Stage::open().await;
    let mut one = operator(&stage.platform).await;
    let mut other = staff(&stage.platform, "second", Role::Operator, None).await;
    let guiyun = institution(&mut one, "guiyun").await;
    one.patch(&format!("/api/console/institutions/{guiyun}"), json!({ "four_eyes": true })).await.ok();
    for scope in [None, Some(&*guiyun)] {
        let halted = halt(&mut one, scope).await;
        assert_eq!(halted["four_eyes"], true);
        let asked = resume(&mut one, &halted).await.ok().json();
        assert_eq!(asked["halts"][0]["wish"]["mine"], true);
        resume(&mut one, &halted).await.refused(409, "SECOND_PERSON_NEEDED");
        assert_eq!(other.get(ISSUANCE).await.ok().json()["halts"][0]["wish"]["mine"], false);
        assert_eq!(resume(&mut other, &halted).await.ok().json()["halts"], json!([]));
        resume(&mut one, &halted).await.refused(409, "HALT_OVER");
    }
    let log = one.get("/api/console/audit?action=issuance").await.ok().json();
    let actions: Vec<String> = log["items"].as_array().unwrap().iter().map(|item| text(&item["action"])).collect();
    let round = ["issuance.resume", "issuance.resume_asked", "issuance.halt"];
    assert_eq!(actions, [round, round].concat());
}

/// What the command line says.
fn command(platform: &Platform, arguments: &[&str]) -> Result<Value, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guiqian"));
    command.args(["issuance", arguments[0], "--data"]).arg(platform.folder());
    let done = command.args(platform.database().arguments()).args(&arguments[1..]).output().unwrap();
    if done.status.success() {
        Ok(serde_json::from_slice(&done.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&done.stderr).into_owned())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_halts_a_platform_that_runs_and_is_one_voice_of_two() {
    let stage = Stage::open().await;
    let (mut phone, enrolment, mut key) = downloading(&stage, 1).await;
    let mut operator = operator(&stage.platform).await;
    assert_eq!(command(&stage.platform, &["status"]).unwrap(), json!({ "halts": [] }));
    let halted = command(&stage.platform, &["halt", "--institution", "guiyun", "--reason", "夜间演练"]).unwrap();
    assert_eq!(halted["halts"][0]["institution"], "guiyun");
    phone.complete(&enrolment, &mut key).await.refused(409, "ISSUANCE_HALTED");
    let seen = operator.get(ISSUANCE).await.ok().json()["halts"][0].clone();
    assert!(seen.get("halted_by").is_none(), "nobody of the console");
    let guiyun = institution(&mut operator, "guiyun").await;
    operator.patch(&format!("/api/console/institutions/{guiyun}"), json!({ "four_eyes": true })).await.ok();
    let end = ["resume", "--institution", "guiyun", "--reason", "演练结束"];
    assert_eq!(command(&stage.platform, &end).unwrap()["halts"][0]["resumption_asked"], true);
    assert!(command(&stage.platform, &end).unwrap_err().contains("SECOND_PERSON_NEEDED"));
    phone.complete(&enrolment, &mut key).await.refused(409, "ISSUANCE_HALTED");
    resume(&mut operator, &seen).await.ok();
    phone.complete(&enrolment, &mut key).await.expect(201);
    assert!(command(&stage.platform, &["resume", "--reason", "没有停"]).is_err());
    assert!(command(&stage.platform, &["halt", "--institution", "nowhere", "--reason", "不存在"]).is_err());
}
