//! The console: logging in with one's own phone.

use axum::http::StatusCode;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use server::{console::policy::Role, scan};
use uuid::Uuid;

use crate::{
    common::{Answer, Browser, ORIGIN, Platform, text},
    console::{QUEUE, staff},
    phone::{Key, Phone, id_of, journey, transport::InProcess},
};

const SCANS: &str = "/api/console/scans";
const LINK: &str = "/api/console/me/account-scans";

/// A person with a certificate on a phone.
async fn person(platform: &Platform, n: u32) -> (Phone<InProcess>, Key) {
    let http = InProcess::new(platform.router.clone());
    let clock = platform.clock.clone();
    let now = move || {
        use server::clock::Clock as _;
        u64::try_from(clock.now().as_millisecond()).unwrap()
    };
    let (phone, key, _) = journey::enrolled(&http, ORIGIN, platform.folder(), n, now).await;
    (phone, key)
}

/// What the page shows at this moment.
async fn code(platform: &Platform, id: Uuid) -> String {
    let row = scan::entity::Entity::find_by_id(id).one(&*platform.state.db).await.unwrap().unwrap();
    scan::service::code(&platform.state, &row)
}

async fn ask(browser: &mut Browser, path: &str) -> Value {
    browser.act(path).await.expect(StatusCode::CREATED).json()
}

async fn confirm(platform: &Platform, phone: &mut Phone<InProcess>, key: &mut Key, asked: &Value) {
    let request = phone.claim(&code(platform, id_of(&asked["id"])).await).await.ok().json();
    assert_eq!(request["relying_party"]["name"], "桂签审核台");
    assert_eq!(request["check_number"], asked["check_number"]);
    let signature = phone.sign_request(key, &request).await.unwrap();
    phone.confirm(&request, &signature).await.ok();
}

async fn complete(browser: &mut Browser, asked: &Value) -> Answer {
    browser.act(&format!("{SCANS}/{}/completion", text(&asked["id"]))).await
}

/// Links this phone to whoever is logged in.
async fn link(platform: &Platform, browser: &mut Browser, phone: &mut Phone<InProcess>, key: &mut Key) {
    let asked = ask(browser, LINK).await;
    confirm(platform, phone, key, &asked).await;
    complete(browser, &asked).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn a_reviewer_links_the_phone_once_and_then_logs_in_by_scanning() {
    let platform = Platform::start().await;
    let (mut phone, mut key) = person(&platform, 1).await;
    let mut desk = staff(&platform, "wei", Role::Reviewer, Some("guiyun")).await;
    link(&platform, &mut desk, &mut phone, &mut key).await;
    assert_eq!(desk.get("/api/console/me").await.json()["reviewer"]["linked"], true);
    let mut browser = platform.browser();
    let asked = ask(&mut browser, SCANS).await;
    complete(&mut browser, &asked).await.refused(409, "SCAN_NOT_CONFIRMED");
    confirm(&platform, &mut phone, &mut key, &asked).await;
    let session = complete(&mut browser, &asked).await.expect(StatusCode::CREATED).json();
    assert_eq!(session["reviewer"]["username"], "wei");
    browser.get(QUEUE).await.expect(StatusCode::OK);
    let sessions = browser.get("/api/console/sessions").await.json();
    let here = sessions["items"].as_array().unwrap().iter().find(|one| one["current"] == true).unwrap();
    assert_eq!(here["method"], "scan");
    // An answer counts once.
    complete(&mut browser, &asked).await.refused(409, "SCAN_NOT_CONFIRMED");
}

#[tokio::test]
async fn a_phone_that_nobody_linked_opens_nothing() {
    let platform = Platform::start().await;
    let (mut phone, mut key) = person(&platform, 1).await;
    let mut browser = platform.browser();
    let asked = ask(&mut browser, SCANS).await;
    confirm(&platform, &mut phone, &mut key, &asked).await;
    complete(&mut browser, &asked).await.refused(403, "ACCOUNT_NOT_LINKED");
    browser.get(QUEUE).await.refused(401, "NOT_LOGGED_IN");
}

#[tokio::test]
async fn the_answer_logs_in_the_browser_that_asked_and_no_other() {
    let platform = Platform::start().await;
    let (mut phone, mut key) = person(&platform, 1).await;
    let mut desk = staff(&platform, "wei", Role::Reviewer, Some("guiyun")).await;
    link(&platform, &mut desk, &mut phone, &mut key).await;
    let mut browser = platform.browser();
    let asked = ask(&mut browser, SCANS).await;
    let mut thief = platform.browser();
    ask(&mut thief, SCANS).await;
    confirm(&platform, &mut phone, &mut key, &asked).await;
    let own = format!("{SCANS}/{}", text(&asked["id"]));
    for mut other in [thief, platform.browser(), desk] {
        complete(&mut other, &asked).await.refused(404, "NOT_FOUND");
        other.get(&own).await.refused(404, "NOT_FOUND");
        other.get(&format!("{own}/events")).await.refused(404, "NOT_FOUND");
        other.delete(&own).await.refused(404, "NOT_FOUND");
    }
    assert_eq!(browser.get(&own).await.expect(StatusCode::OK).json()["state"], "confirmed");
    complete(&mut browser, &asked).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn one_phone_belongs_to_one_login_at_the_console() {
    let platform = Platform::start().await;
    let (mut phone, mut key) = person(&platform, 1).await;
    let mut one = staff(&platform, "one", Role::Reviewer, Some("guiyun")).await;
    let mut two = staff(&platform, "two", Role::Reviewer, Some("guiyun")).await;
    link(&platform, &mut one, &mut phone, &mut key).await;
    let asked = ask(&mut two, LINK).await;
    confirm(&platform, &mut phone, &mut key, &asked).await;
    complete(&mut two, &asked).await.refused(409, "ACCOUNT_LINKED");
    one.delete("/api/console/me/account").await.expect(StatusCode::OK);
    complete(&mut two, &asked).await.expect(StatusCode::CREATED);
    platform.browser().act(LINK).await.refused(401, "NOT_LOGGED_IN");
}

#[tokio::test]
async fn whoever_is_disabled_does_not_get_in_by_phone_either() {
    let platform = Platform::start().await;
    let (mut phone, mut key) = person(&platform, 1).await;
    let mut desk = staff(&platform, "wei", Role::Reviewer, Some("guiyun")).await;
    link(&platform, &mut desk, &mut phone, &mut key).await;
    let id = text(&desk.get("/api/console/me").await.json()["reviewer"]["id"]);
    let mut operator = platform.reviewer().await;
    operator.patch(&format!("/api/console/reviewers/{id}"), json!({ "disabled": true })).await.expect(StatusCode::OK);
    let mut browser = platform.browser();
    let asked = ask(&mut browser, SCANS).await;
    confirm(&platform, &mut phone, &mut key, &asked).await;
    complete(&mut browser, &asked).await.refused(403, "LOGIN_DISABLED");
}

#[tokio::test]
async fn the_password_is_switched_off_once_the_phone_is_linked_but_never_the_emergency_logins() {
    let platform = Platform::start().await;
    let (mut phone, mut key) = person(&platform, 1).await;
    let mut operator = platform.reviewer().await;
    let new = json!({ "username": "wei", "name": "韦桂花", "role": "operator" });
    let made = operator.post("/api/console/reviewers", new).await.expect(StatusCode::CREATED).json();
    let (path, login) = (
        format!("/api/console/reviewers/{}", text(&made["reviewer"]["id"])),
        json!({ "username": "wei", "password": made["password"] }),
    );
    let off = json!({ "password_login": false });
    operator.patch(&path, off.clone()).await.refused(409, "LINK_FIRST");
    let mut desk = platform.browser();
    desk.post("/api/console/sessions", login.clone()).await.expect(StatusCode::CREATED);
    link(&platform, &mut desk, &mut phone, &mut key).await;
    operator.patch(&path, off.clone()).await.expect(StatusCode::OK);
    platform.browser().post("/api/console/sessions", login).await.refused(403, "PASSWORD_LOGIN_OFF");
    let mut browser = platform.browser();
    let asked = ask(&mut browser, SCANS).await;
    confirm(&platform, &mut phone, &mut key, &asked).await;
    complete(&mut browser, &asked).await.expect(StatusCode::CREATED);
    // The way in that stays: its use is told by an entry of its own once its owner has a phone.
    let me = text(&operator.get("/api/console/me").await.json()["reviewer"]["id"]);
    let mut second = browser;
    second.patch(&format!("/api/console/reviewers/{me}"), off).await.refused(409, "BREAK_GLASS");
    let unlinked = operator.delete(&format!("{path}/account")).await.expect(StatusCode::OK).json();
    assert_eq!((&unlinked["linked"], &unlinked["password_login"]), (&json!(false), &json!(true)));
    link(&platform, &mut operator, &mut phone, &mut key).await;
    let mut emergency = platform.reviewer().await;
    let log = emergency.get("/api/console/audit?action=console_session.break_glass").await.json();
    assert_eq!(log["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_scan_that_is_taken_back_or_runs_out_opens_nothing() {
    let platform = Platform::start().await;
    let (mut phone, _) = person(&platform, 1).await;
    let mut browser = platform.browser();
    let asked = ask(&mut browser, SCANS).await;
    let own = format!("{SCANS}/{}", text(&asked["id"]));
    browser.delete(&own).await.expect(StatusCode::NO_CONTENT);
    phone.claim(&code(&platform, id_of(&asked["id"])).await).await.refused(409, "SCAN_CANCELLED");
    complete(&mut browser, &asked).await.refused(409, "SCAN_NOT_CONFIRMED");
}
