//! Account and security: passwords, sessions, another number, the end of the account.

use axum::http::{Method, StatusCode};
use jiff::SignedDuration;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use server::account::entity::account;

use crate::common::{Answer, Browser, ID_NUMBERS, Platform, text};

const PHONE: &str = "13800138000";
const OTHER: &str = "13900139000";
const PASSWORD: &str = "guihua-2026";

fn with_password(phone: &str, password: &str) -> Value {
    json!({ "phone": phone, "password": password, "agreed": true })
}

async fn put(browser: &mut Browser, path: &str, body: Value) -> Answer {
    browser.octets(Method::PUT, path, "application/json", body.to_string().into_bytes()).await
}

async fn delete(browser: &mut Browser, body: Value) -> Answer {
    browser.octets(Method::DELETE, "/api/me", "application/json", body.to_string().into_bytes()).await
}

/// Waits until a code may be asked for, asks one's own number for one, reads it.
async fn own_code(platform: &Platform, browser: &mut Browser, number: &str, purpose: &str) -> String {
    platform.clock.advance(SignedDuration::from_secs(61));
    browser.post("/api/me/codes", json!({ "purpose": purpose })).await.expect(StatusCode::ACCEPTED);
    platform.code(number).await
}

/// A phone whose account has a password.
async fn with_account(platform: &Platform, number: &str) -> Browser {
    let mut phone = platform.phone(number).await;
    put(&mut phone, "/api/me/password", json!({ "password": PASSWORD })).await.expect(StatusCode::NO_CONTENT);
    phone
}

#[tokio::test]
async fn after_logging_in_by_code_a_password_may_be_set_and_logs_in() {
    let platform = Platform::start().await;
    let mut phone = platform.phone(PHONE).await;
    assert_eq!(phone.get("/api/me").await.json()["has_password"], false);
    put(&mut phone, "/api/me/password", json!({ "password": PASSWORD })).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(phone.get("/api/me").await.json()["has_password"], true);
    let mut second = platform.browser();
    let me = second.post("/api/sessions", with_password(PHONE, PASSWORD)).await.expect(StatusCode::CREATED).json();
    assert_eq!(me["id"], phone.get("/api/me").await.json()["id"]);
    second.get("/api/me").await.expect(StatusCode::OK);
    let told = phone.get("/api/messages").await.json();
    assert_eq!(told["items"][0]["kind"], "password_changed");
}

#[tokio::test]
async fn the_agreement_is_asked_for_with_a_password_too() {
    let platform = Platform::start().await;
    with_account(&platform, PHONE).await;
    let login = json!({ "phone": PHONE, "password": PASSWORD, "agreed": false });
    let refused = platform.browser().post("/api/sessions", login).await;
    assert_eq!(refused.json()["fields"], json!({ "agreed": "AGREEMENT_REQUIRED" }));
    for both in [json!({ "phone": PHONE, "agreed": true }), {
        json!({ "phone": PHONE, "code": "123456", "password": PASSWORD, "agreed": true })
    }] {
        let refused = platform.browser().post("/api/sessions", both).await;
        assert_eq!(refused.json()["fields"], json!({ "code": "CODE_OR_PASSWORD" }));
    }
}

#[tokio::test]
async fn a_weak_password_is_refused_by_its_weakness() {
    let platform = Platform::start().await;
    let mut phone = platform.phone(PHONE).await;
    for (weak, why) in
        [("a1b2", "LENGTH"), ("abcdefghij", "KINDS"), ("wei13800138000", "PHONE"), ("Password1", "POPULAR")]
    {
        let refused = put(&mut phone, "/api/me/password", json!({ "password": weak })).await;
        refused.refused(422, "FIELDS_INVALID");
        assert_eq!(refused.json()["fields"], json!({ "password": why }), "{weak}");
    }
    assert_eq!(phone.get("/api/me").await.json()["has_password"], false);
}

#[tokio::test]
async fn wrong_passwords_unknown_numbers_and_accounts_without_password_are_answered_alike_the_lock_included() {
    let platform = Platform::start().await;
    with_account(&platform, PHONE).await;
    platform.phone(OTHER).await;
    let mut answers = Vec::new();
    for number in [PHONE, OTHER, "13700137000"] {
        let mut stranger = platform.browser();
        let mut all = Vec::new();
        for _ in 0..7 {
            let answer = stranger.post("/api/sessions", with_password(number, "not the password 1")).await;
            all.push((answer.status, answer.body));
        }
        answers.push(all);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    let codes: Vec<String> =
        answers[0].iter().map(|(_, body)| text(&serde_json::from_slice::<Value>(body).unwrap()["code"])).collect();
    assert_eq!(codes[..4], ["PASSWORD_LOGIN_WRONG"; 4]);
    assert_eq!(codes[4..], ["PASSWORD_LOCKED"; 3]);
}

#[tokio::test]
async fn a_locked_number_takes_no_password_but_a_code_and_opens_after_a_quarter_of_an_hour() {
    let platform = Platform::start().await;
    with_account(&platform, PHONE).await;
    let mut stranger = platform.browser();
    for _ in 0..5 {
        stranger.post("/api/sessions", with_password(PHONE, "not the password 1")).await;
    }
    let locked = stranger.post("/api/sessions", with_password(PHONE, PASSWORD)).await;
    locked.refused(429, "PASSWORD_LOCKED");
    assert_eq!(locked.json()["retry_after"], 900);
    platform.clock.advance(SignedDuration::from_secs(61));
    platform.phone(PHONE).await.get("/api/me").await.expect(StatusCode::OK);
    platform.clock.advance(SignedDuration::from_secs(840));
    stranger.post("/api/sessions", with_password(PHONE, PASSWORD)).await.expect(StatusCode::CREATED);
    // A success forgets the tries before it.
    for _ in 0..4 {
        stranger.post("/api/sessions", with_password(PHONE, "not the password 1")).await;
    }
    stranger.post("/api/sessions", with_password(PHONE, PASSWORD)).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn an_unknown_number_takes_as_long_as_a_wrong_password() {
    let platform = Platform::start().await;
    with_account(&platform, PHONE).await;
    let mut quickest = [u128::MAX; 2];
    for round in 0..3 {
        for (place, number) in [PHONE, "13700137000"].into_iter().enumerate() {
            let begun = std::time::Instant::now();
            platform.browser().post("/api/sessions", with_password(number, &format!("guess number {round}"))).await;
            quickest[place] = quickest[place].min(begun.elapsed().as_micros());
        }
    }
    let [known, unknown] = quickest;
    assert!(unknown * 2 > known && known * 2 > unknown, "{quickest:?} µs");
}

#[tokio::test]
async fn of_many_passwords_at_once_no_more_are_looked_at_than_may_be() {
    let platform = Platform::start().await;
    with_account(&platform, PHONE).await;
    let tries = (0..16).map(|n| {
        let mut stranger = platform.browser();
        let password = if n == 15 { PASSWORD.to_owned() } else { format!("guess number {n}") };
        async move { stranger.post("/api/sessions", with_password(PHONE, &password)).await }
    });
    let answers = futures::future::join_all(tries).await;
    let looked_at = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::CREATED || answer.problem() == "PASSWORD_LOGIN_WRONG")
        .count();
    assert!(looked_at <= 5, "{looked_at}");
}

#[tokio::test]
async fn a_password_is_changed_with_the_present_one_or_a_code_and_ends_the_other_logins() {
    let platform = Platform::start().await;
    let mut phone = with_account(&platform, PHONE).await;
    let mut other = platform.browser();
    other.post("/api/sessions", with_password(PHONE, PASSWORD)).await.expect(StatusCode::CREATED);
    let wrong = json!({ "password": "osmanthus 77", "current_password": "not the password 1" });
    let refused = put(&mut phone, "/api/me/password", wrong).await;
    assert_eq!(refused.json()["fields"], json!({ "current_password": "WRONG" }));
    put(&mut phone, "/api/me/password", json!({ "password": "osmanthus 77" }))
        .await
        .refused(403, "PASSWORD_PROOF_REQUIRED");
    let right = json!({ "password": "osmanthus 77", "current_password": PASSWORD });
    put(&mut phone, "/api/me/password", right).await.expect(StatusCode::NO_CONTENT);
    other.get("/api/me").await.refused(401, "NOT_LOGGED_IN");
    phone.get("/api/me").await.expect(StatusCode::OK);
    other.post("/api/sessions", with_password(PHONE, PASSWORD)).await.refused(401, "PASSWORD_LOGIN_WRONG");
    let code = own_code(&platform, &mut phone, PHONE, "password").await;
    let by_code = json!({ "password": "osmanthus 88", "code": code });
    put(&mut phone, "/api/me/password", by_code.clone()).await.expect(StatusCode::NO_CONTENT);
    put(&mut phone, "/api/me/password", by_code).await.refused(422, "CODE_EXPIRED");
    other.post("/api/sessions", with_password(PHONE, "osmanthus 88")).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn an_old_session_alone_sets_no_first_password() {
    let platform = Platform::start().await;
    let mut phone = platform.phone(PHONE).await;
    platform.clock.advance(SignedDuration::from_mins(11));
    put(&mut phone, "/api/me/password", json!({ "password": PASSWORD })).await.refused(403, "PASSWORD_PROOF_REQUIRED");
}

#[tokio::test]
async fn a_forgotten_password_is_reset_by_a_code_that_is_for_nothing_else() {
    let platform = Platform::start().await;
    let mut phone = with_account(&platform, PHONE).await;
    for _ in 0..5 {
        platform.browser().post("/api/sessions", with_password(PHONE, "not the password 1")).await;
    }
    let mut browser = platform.browser();
    platform.clock.advance(SignedDuration::from_secs(61));
    let ask = json!({ "phone": PHONE, "purpose": "password_reset" });
    browser.post("/api/login-codes", ask).await.expect(StatusCode::ACCEPTED);
    let code = platform.code(PHONE).await;
    // Neither does it log in, nor does a code for logging in reset.
    let login = json!({ "phone": PHONE, "code": code, "agreed": true });
    browser.post("/api/sessions", login).await.refused(422, "CODE_EXPIRED");
    let reset = json!({ "phone": PHONE, "code": code, "password": "osmanthus 77" });
    browser.post("/api/password-resets", reset.clone()).await.expect(StatusCode::NO_CONTENT);
    browser.post("/api/password-resets", reset).await.refused(422, "CODE_EXPIRED");
    phone.get("/api/me").await.refused(401, "NOT_LOGGED_IN");
    // The lock is gone too.
    browser.post("/api/sessions", with_password(PHONE, "osmanthus 77")).await.expect(StatusCode::CREATED);
    platform.clock.advance(SignedDuration::from_secs(61));
    browser.post("/api/login-codes", json!({ "phone": PHONE })).await.expect(StatusCode::ACCEPTED);
    let reset = json!({ "phone": PHONE, "code": platform.code(PHONE).await, "password": "osmanthus 99" });
    browser.post("/api/password-resets", reset).await.refused(422, "CODE_EXPIRED");
}

#[tokio::test]
async fn whether_a_number_has_an_account_is_told_only_to_who_reads_its_messages() {
    let platform = Platform::start().await;
    platform.phone(PHONE).await;
    platform.clock.advance(SignedDuration::from_secs(61));
    let mut browser = platform.browser();
    let mut answers = Vec::new();
    for number in [PHONE, OTHER] {
        let ask = json!({ "phone": number, "purpose": "password_reset" });
        let sent = browser.post("/api/login-codes", ask).await.expect(StatusCode::ACCEPTED);
        let sent_code = platform.code(number).await;
        let wrong = format!("{:06}", (sent_code.parse::<u32>().unwrap() + 1) % 1_000_000);
        let guess = json!({ "phone": number, "code": wrong, "password": PASSWORD });
        let guessed = browser.post("/api/password-resets", guess).await;
        answers.push((sent.body, guessed.status, guessed.body));
    }
    assert_eq!(answers[0], answers[1]);
    let own = json!({ "phone": OTHER, "code": platform.code(OTHER).await, "password": PASSWORD });
    browser.post("/api/password-resets", own).await.refused(409, "PHONE_NOT_REGISTERED");
}

#[tokio::test]
async fn logins_are_listed_and_ended_one_by_one_or_all_but_this() {
    let platform = Platform::start().await;
    let mut phone = with_account(&platform, PHONE).await;
    let mut others = Vec::new();
    for _ in 0..3 {
        platform.clock.advance(SignedDuration::from_secs(1));
        let mut other = platform.browser();
        other.post("/api/sessions", with_password(PHONE, PASSWORD)).await.expect(StatusCode::CREATED);
        others.push(other);
    }
    let list = phone.get("/api/me/sessions").await.expect(StatusCode::OK).json();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 4);
    assert_eq!(items.iter().filter(|item| item["current"] == true).count(), 1);
    assert_eq!(items[3]["current"], true, "newest first, and this one is the oldest");
    let newest = format!("/api/me/sessions/{}", text(&items[0]["id"]));
    phone.delete(&newest).await.expect(StatusCode::NO_CONTENT);
    phone.delete(&newest).await.refused(404, "NOT_FOUND");
    others[2].get("/api/me").await.refused(401, "NOT_LOGGED_IN");
    others[1].get("/api/me").await.expect(StatusCode::OK);
    assert_eq!(phone.act("/api/me/sessions/end-others").await.json()["ended"], 2);
    assert_eq!(phone.act("/api/me/sessions/end-others").await.json()["ended"], 0);
    for other in &mut others {
        other.get("/api/me").await.refused(401, "NOT_LOGGED_IN");
    }
    phone.get("/api/me").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn nobody_ends_the_login_of_another() {
    let platform = Platform::start().await;
    let mut phone = platform.phone(PHONE).await;
    let mut stranger = platform.phone(OTHER).await;
    let list = phone.get("/api/me/sessions").await.json();
    let path = format!("/api/me/sessions/{}", text(&list["items"][0]["id"]));
    stranger.delete(&path).await.refused(404, "NOT_FOUND");
    phone.get("/api/me").await.expect(StatusCode::OK);
}

/// Begins a change to [`OTHER`]; returns its path and the code on the new number.
async fn begun(platform: &Platform, phone: &mut Browser) -> (String, String) {
    let change =
        phone.post("/api/me/phone-changes", json!({ "phone": OTHER })).await.expect(StatusCode::CREATED).json();
    (format!("/api/me/phone-changes/{}/completion", text(&change["id"])), platform.code(OTHER).await)
}

#[tokio::test]
async fn the_number_is_changed_by_codes_on_both_numbers() {
    let platform = Platform::start().await;
    let mut phone = with_account(&platform, PHONE).await;
    let mut elsewhere = platform.browser();
    elsewhere.post("/api/sessions", with_password(PHONE, PASSWORD)).await.expect(StatusCode::CREATED);
    let id = phone.get("/api/me").await.json()["id"].clone();
    let (path, code) = begun(&platform, &mut phone).await;
    let old_code = own_code(&platform, &mut phone, PHONE, "phone_change").await;
    let completion = json!({ "code": code, "old_code": old_code });
    let me = phone.post(&path, completion.clone()).await.expect(StatusCode::OK).json();
    assert_eq!((&me["id"], &me["phone_masked"]), (&id, &json!("139****9000")));
    phone.post(&path, completion).await.refused(409, "PHONE_CHANGE_OVER");
    elsewhere.get("/api/me").await.refused(401, "NOT_LOGGED_IN");
    elsewhere.post("/api/sessions", with_password(PHONE, PASSWORD)).await.refused(401, "PASSWORD_LOGIN_WRONG");
    elsewhere.post("/api/sessions", with_password(OTHER, PASSWORD)).await.expect(StatusCode::CREATED);
    // The old number is free for a new account.
    platform.clock.advance(SignedDuration::from_secs(61));
    assert_ne!(platform.phone(PHONE).await.get("/api/me").await.json()["id"], id);
}

#[tokio::test]
async fn neither_code_alone_changes_the_number() {
    let platform = Platform::start().await;
    let mut phone = platform.phone(PHONE).await;
    let (path, code) = begun(&platform, &mut phone).await;
    let refused = phone.post(&path, json!({ "code": code })).await;
    assert_eq!(refused.json()["fields"], json!({ "old_code": "CODE_OR_SIGNATURE" }));
    phone.post(&path, json!({ "code": code, "old_code": code })).await.refused(422, "CODE_EXPIRED");
    let old_code = own_code(&platform, &mut phone, PHONE, "phone_change").await;
    let swapped = json!({ "code": old_code, "old_code": code });
    if code != old_code {
        phone.post(&path, swapped).await.refused(422, "CODE_WRONG");
    }
    assert_eq!(phone.get("/api/me").await.json()["phone_masked"], "138****8000");
    phone.post(&path, json!({ "code": code, "old_code": old_code })).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_number_with_an_account_is_not_taken_and_only_its_owner_hears_of_it() {
    let platform = Platform::start().await;
    let mut phone = platform.phone(PHONE).await;
    platform.phone(OTHER).await;
    platform.clock.advance(SignedDuration::from_secs(61));
    let (path, code) = begun(&platform, &mut phone).await;
    let old_code = own_code(&platform, &mut phone, PHONE, "phone_change").await;
    phone.post(&path, json!({ "code": code, "old_code": old_code })).await.refused(409, "PHONE_TAKEN");
    let refused = phone.post("/api/me/phone-changes", json!({ "phone": PHONE })).await;
    assert_eq!(refused.json()["fields"], json!({ "phone": "UNCHANGED" }));
}

#[tokio::test]
async fn a_change_belongs_to_its_account_and_ends_after_a_quarter_of_an_hour() {
    let platform = Platform::start().await;
    let mut phone = platform.phone(PHONE).await;
    let mut stranger = platform.phone("13700137000").await;
    let (path, code) = begun(&platform, &mut phone).await;
    let completion = json!({ "code": code, "old_code": "123456" });
    stranger.post(&path, completion.clone()).await.refused(404, "NOT_FOUND");
    platform.clock.advance(SignedDuration::from_mins(15));
    phone.post(&path, completion).await.refused(409, "PHONE_CHANGE_OVER");
}

#[tokio::test]
async fn two_completions_at_once_change_the_number_once() {
    let platform = Platform::start().await;
    let mut phone = platform.phone(PHONE).await;
    let (path, code) = begun(&platform, &mut phone).await;
    let old_code = own_code(&platform, &mut phone, PHONE, "phone_change").await;
    let completion = json!({ "code": code, "old_code": old_code });
    let mut again = phone.clone();
    let (one, two) = tokio::join!(phone.post(&path, completion.clone()), again.post(&path, completion));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn an_account_is_closed_by_a_code_and_nothing_tells_who_it_was() {
    let platform = Platform::start().await;
    let mut phone = platform.verified_phone(PHONE, ID_NUMBERS[0]).await;
    let id = text(&phone.get("/api/me").await.json()["id"]);
    let ends = phone.get("/api/me/deletion").await.expect(StatusCode::OK).json();
    assert_eq!(ends, json!({ "open_applications": 0, "active_certificates": 0 }));
    delete(&mut phone, json!({ "code": "000000" })).await.refused(422, "CODE_EXPIRED");
    let code = own_code(&platform, &mut phone, PHONE, "deletion").await;
    delete(&mut phone, json!({ "code": code })).await.expect(StatusCode::NO_CONTENT);
    phone.get("/api/me").await.refused(401, "NOT_LOGGED_IN");
    let row = account::Entity::find_by_id(id.parse::<uuid::Uuid>().unwrap()).one(&*platform.state.db).await;
    let row = row.unwrap().expect("the records that name the account find it");
    assert_eq!((row.name, row.id_number, row.id_number_mac), (None, None, None));
    assert!(!row.phone.contains(PHONE) && row.deleted_at.is_some());
    // The number and the person are free for a new account.
    platform.clock.advance(SignedDuration::from_secs(61));
    let mut anew = platform.verified_phone(PHONE, ID_NUMBERS[0]).await;
    let me = anew.get("/api/me").await.json();
    assert!(text(&me["id"]) != id && me["verified"] == true);
    assert_eq!(anew.get("/api/applications").await.json()["items"], json!([]));
    assert_eq!(server::audit::first_broken(&platform.state).await.unwrap(), None);
}

#[tokio::test]
async fn an_open_application_ends_with_the_account_only_after_a_second_yes() {
    let platform = Platform::start().await;
    let mut phone = platform.verified_phone(PHONE, ID_NUMBERS[0]).await;
    let application = phone.submitted_application(&platform).await;
    let code = own_code(&platform, &mut phone, PHONE, "deletion").await;
    let refused = delete(&mut phone, json!({ "code": code })).await;
    refused.refused(409, "ACCOUNT_IN_USE");
    assert_eq!(refused.json()["open_applications"], 1);
    delete(&mut phone, json!({ "code": code, "confirmed": true })).await.expect(StatusCode::NO_CONTENT);
    let mut console = platform.reviewer().await;
    let seen = console.get(&format!("/api/console/applications/{application}")).await.expect(StatusCode::OK).json();
    assert_eq!(seen["state"], "withdrawn");
    let approval = json!({ "version": seen["version"] });
    let path = format!("/api/console/applications/{application}/approval");
    assert!(console.post(&path, approval).await.status.is_client_error());
}

#[tokio::test]
async fn a_draft_that_nobody_has_seen_loses_its_pictures() {
    let platform = Platform::start().await;
    let mut phone = platform.verified_phone(PHONE, ID_NUMBERS[0]).await;
    phone.complete_draft(&platform).await;
    let objects = || walk(&platform.folder().join("objects"));
    assert_eq!(objects(), 1);
    let code = own_code(&platform, &mut phone, PHONE, "deletion").await;
    delete(&mut phone, json!({ "code": code, "confirmed": true })).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(objects(), 0);
}

/// Files below a folder.
fn walk(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { walk(&path) } else { 1 }).sum()
}

#[tokio::test]
async fn a_code_is_good_for_one_thing_only() {
    let platform = Platform::start().await;
    let mut phone = platform.phone(PHONE).await;
    let code = own_code(&platform, &mut phone, PHONE, "password").await;
    delete(&mut phone, json!({ "code": code })).await.refused(422, "CODE_EXPIRED");
    let login = json!({ "phone": PHONE, "code": code, "agreed": true });
    platform.browser().post("/api/sessions", login).await.refused(422, "CODE_EXPIRED");
    let (path, new_code) = begun(&platform, &mut phone).await;
    phone.post(&path, json!({ "code": new_code, "old_code": code })).await.refused(422, "CODE_EXPIRED");
    let login = json!({ "phone": OTHER, "code": new_code, "agreed": true });
    platform.browser().post("/api/sessions", login).await.refused(422, "CODE_EXPIRED");
}
