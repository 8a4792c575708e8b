//! The console: filters and ageing of the queue, work in hand, four eyes, hints.

use axum::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::console::policy::Role;

use crate::{
    common::{Browser, ID_NUMBERS, Platform, text},
    console::{QUEUE, applicant, staff},
};

async fn ids(console: &mut Browser, query: &str) -> Vec<String> {
    let page = console.get(&format!("{QUEUE}?{query}")).await.expect(StatusCode::OK).json();
    page["items"].as_array().unwrap().iter().map(|item| text(&item["id"])).collect()
}

async fn version(console: &mut Browser, id: &str) -> Value {
    console.get(&format!("{QUEUE}/{id}")).await.expect(StatusCode::OK).json()["version"].clone()
}

async fn approve(console: &mut Browser, id: &str) -> crate::common::Answer {
    let version = version(console, id).await;
    console.post(&format!("{QUEUE}/{id}/approval"), json!({ "version": version })).await
}

async fn switch_four_eyes(platform: &Platform, slug: &str, on: bool) {
    let (institution, _) = platform.institution(slug).await;
    let mut operator = platform.reviewer().await;
    let path = format!("/api/console/institutions/{institution}");
    operator.patch(&path, json!({ "four_eyes": on })).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn the_queue_shows_what_is_asked_for_and_counts_the_rest() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let first = phone.submitted_application(&platform).await;
    platform.clock.advance(SignedDuration::from_hours(1));
    let mut other = platform.verified_phone("13900139000", ID_NUMBERS[1]).await;
    let second = other.submitted_application(&platform).await;
    let mut console = platform.reviewer().await;
    let (guiyun, _) = platform.institution("guiyun").await;
    let (lishui, _) = platform.institution("lishui").await;
    let both = [first.clone(), second.clone()];
    let backwards = [second.clone(), first.clone()];
    assert_eq!(ids(&mut console, "state=with_reviewer").await, both);
    assert_eq!(ids(&mut console, "state=with_reviewer&sort=newest").await, backwards);
    assert_eq!(ids(&mut console, "").await, backwards);
    assert_eq!(ids(&mut console, "sort=oldest").await, both);
    assert_eq!(ids(&mut console, &format!("institution_id={guiyun}")).await, backwards);
    assert_eq!(ids(&mut console, &format!("institution_id={lishui}")).await, [""; 0]);
    assert_eq!(ids(&mut console, "kind=personal_certificate").await, backwards);
    assert_eq!(ids(&mut console, "kind=enterprise_claim").await, [""; 0]);
    assert_eq!(ids(&mut console, "q=9000").await, std::slice::from_ref(&second));
    assert_eq!(ids(&mut console, "hand=mine").await, [""; 0]);
    console.put_json(&format!("{QUEUE}/{first}/hold"), json!({})).await.expect(StatusCode::OK);
    assert_eq!(ids(&mut console, "hand=mine").await, std::slice::from_ref(&first));
    assert_eq!(ids(&mut console, "hand=unassigned").await, [second]);
    for wrong in
        ["state=gone", "kind=gone", "age=old", "hand=yours", "sort=up", "institution_id=1", "q=%25", "cursor=x"]
    {
        console.get(&format!("{QUEUE}?{wrong}")).await.refused(400, "QUERY_INVALID");
    }
}

#[tokio::test]
async fn an_application_ages_by_what_its_institution_promises() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    for (hours, age) in [(0, "fresh"), (11, "fresh"), (1, "due"), (11, "due"), (1, "late"), (100, "late")] {
        platform.clock.advance(SignedDuration::from_hours(hours));
        let mut console = platform.reviewer().await;
        for other in ["fresh", "due", "late"] {
            let expected = if other == age { vec![id.clone()] } else { Vec::new() };
            assert_eq!(ids(&mut console, &format!("age={other}")).await, expected, "{age} {other}");
        }
        let page = console.get(QUEUE).await.json();
        assert_eq!((&page["items"][0]["age"], &page["ages"][age]), (&json!(age), &json!(1)));
    }
    // The same wait is fresh where more is promised.
    let (institution, _) = platform.institution("guiyun").await;
    let mut console = platform.reviewer().await;
    let promise = json!({ "service_hours": 720 });
    console.patch(&format!("/api/console/institutions/{institution}"), promise).await.expect(StatusCode::OK);
    assert_eq!(ids(&mut console, "age=fresh").await, [id]);
}

#[tokio::test]
async fn two_reviewers_do_not_work_on_the_same_application() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut one = staff(&platform, "one", Role::Reviewer, Some("guiyun")).await;
    let mut two = staff(&platform, "two", Role::Reviewer, Some("guiyun")).await;
    let hold = format!("{QUEUE}/{id}/hold");
    let taken = one.put_json(&hold, json!({})).await.expect(StatusCode::OK).json();
    assert_eq!((&taken["name"], &taken["mine"]), (&json!("one"), &json!(true)));
    assert_eq!(two.get(QUEUE).await.json()["items"][0]["hold"]["name"], "one");
    let held = two.put_json(&hold, json!({})).await;
    held.refused(409, "APPLICATION_HELD");
    approve(&mut two, &id).await.refused(409, "APPLICATION_HELD");
    // Letting go what is not one's own lets nothing go.
    two.delete(&hold).await.expect(StatusCode::NO_CONTENT);
    approve(&mut two, &id).await.refused(409, "APPLICATION_HELD");
    one.delete(&hold).await.expect(StatusCode::NO_CONTENT);
    two.put_json(&hold, json!({})).await.expect(StatusCode::OK);
    one.put_json(&hold, json!({})).await.refused(409, "APPLICATION_HELD");
}

#[tokio::test]
async fn of_two_who_take_an_application_at_once_one_has_it() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut one = staff(&platform, "one", Role::Reviewer, Some("guiyun")).await;
    let mut two = staff(&platform, "two", Role::Reviewer, Some("guiyun")).await;
    let hold = format!("{QUEUE}/{id}/hold");
    let (first, second) = tokio::join!(one.put_json(&hold, json!({})), two.put_json(&hold, json!({})));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn work_in_hand_runs_out_unless_it_is_renewed_and_can_be_taken_over() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut one = staff(&platform, "one", Role::Reviewer, Some("guiyun")).await;
    let mut two = staff(&platform, "two", Role::Reviewer, Some("guiyun")).await;
    let hold = format!("{QUEUE}/{id}/hold");
    one.put_json(&hold, json!({})).await.expect(StatusCode::OK);
    platform.clock.advance(SignedDuration::from_mins(4));
    one.put_json(&hold, json!({})).await.expect(StatusCode::OK);
    platform.clock.advance(SignedDuration::from_mins(4));
    two.put_json(&hold, json!({})).await.refused(409, "APPLICATION_HELD");
    platform.clock.advance(SignedDuration::from_mins(1));
    two.put_json(&hold, json!({})).await.expect(StatusCode::OK);
    one.put_json(&hold, json!({ "take_over": true })).await.expect(StatusCode::OK);
    let log = platform.reviewer().await.get("/api/console/audit?action=application.take_over").await.json();
    assert_eq!(log["items"].as_array().unwrap().len(), 1);
    approve(&mut one, &id).await.expect(StatusCode::OK);
    one.put_json(&hold, json!({})).await.refused(409, "APPLICATION_WRONG_STATE");
    let elsewhere = staff(&platform, "three", Role::Reviewer, Some("lishui")).await.put_json(&hold, json!({})).await;
    elsewhere.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn where_four_eyes_are_wanted_the_second_reviewer_is_another_person() {
    let platform = Platform::start().await;
    switch_four_eyes(&platform, "guiyun", true).await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut one = staff(&platform, "one", Role::Reviewer, Some("guiyun")).await;
    let mut two = staff(&platform, "two", Role::Lead, Some("guiyun")).await;
    let first = approve(&mut one, &id).await.expect(StatusCode::OK).json();
    assert_eq!((&first["state"], &first["may_decide"]), (&json!("with_second_reviewer"), &json!(false)));
    assert_eq!(first["first_reviewer"]["mine"], true);
    approve(&mut one, &id).await.refused(403, "SECOND_REVIEWER_NEEDED");
    let seen = two.get(&format!("{QUEUE}/{id}")).await.json();
    assert_eq!((&seen["first_reviewer"]["name"], &seen["may_decide"]), (&json!("one"), &json!(true)));
    let second = approve(&mut two, &id).await.expect(StatusCode::OK).json();
    assert_eq!(second["state"], "ready");
}

#[tokio::test]
async fn the_second_reviewer_may_refuse_what_the_first_approved() {
    let platform = Platform::start().await;
    switch_four_eyes(&platform, "guiyun", true).await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut one = staff(&platform, "one", Role::Reviewer, Some("guiyun")).await;
    let mut two = staff(&platform, "two", Role::Reviewer, Some("guiyun")).await;
    approve(&mut one, &id).await.expect(StatusCode::OK);
    let refusal = json!({ "version": version(&mut two, &id).await, "reason": "签名与姓名不符" });
    let refused = two.post(&format!("{QUEUE}/{id}/refusal"), refusal).await.expect(StatusCode::OK).json();
    assert_eq!(refused["state"], "refused");
}

#[tokio::test]
async fn of_two_second_looks_at_once_one_counts() {
    let platform = Platform::start().await;
    switch_four_eyes(&platform, "guiyun", true).await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut one = staff(&platform, "one", Role::Reviewer, Some("guiyun")).await;
    approve(&mut one, &id).await.expect(StatusCode::OK);
    let mut two = staff(&platform, "two", Role::Reviewer, Some("guiyun")).await;
    let mut three = staff(&platform, "three", Role::Reviewer, Some("guiyun")).await;
    let (path, body) = (format!("{QUEUE}/{id}/approval"), json!({ "version": version(&mut two, &id).await }));
    let (second, third) = tokio::join!(two.post(&path, body.clone()), three.post(&path, body));
    let mut statuses = [second.status.as_u16(), third.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn without_four_eyes_one_reviewer_is_enough() {
    let platform = Platform::start().await;
    switch_four_eyes(&platform, "guiyun", true).await;
    switch_four_eyes(&platform, "guiyun", false).await;
    let mut phone = applicant(&platform).await;
    let id = phone.submitted_application(&platform).await;
    let mut one = staff(&platform, "one", Role::Reviewer, Some("guiyun")).await;
    assert_eq!(approve(&mut one, &id).await.expect(StatusCode::OK).json()["state"], "ready");
}

#[tokio::test]
async fn a_repeated_application_shows_why_the_earlier_one_was_refused() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let first = phone.submitted_application(&platform).await;
    let mut console = platform.reviewer().await;
    let refusal = json!({ "version": version(&mut console, &first).await, "reason": "签名不清晰" });
    console.post(&format!("{QUEUE}/{first}/refusal"), refusal).await.expect(StatusCode::OK);
    let again = phone.act(&format!("/api/applications/{first}/resubmission")).await.json();
    let second = text(&again["id"]);
    phone.act(&format!("/api/applications/{second}/submission")).await.expect(StatusCode::OK);
    let seen = console.get(&format!("{QUEUE}/{second}")).await.expect(StatusCode::OK).json();
    let before = &seen["refused_before"][0];
    assert_eq!(
        (&before["id"], &before["reason"], &before["by"]),
        (&json!(first), &json!("签名不清晰"), &json!("reviewer"))
    );
    assert_eq!(seen["duplicates"], json!([]));
    console.get(&format!("{QUEUE}/{second}/letter")).await.refused(404, "NOT_FOUND");
    console.get(&format!("{QUEUE}/{second}/letter-verification")).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn figures_count_decisions_reasons_and_waiting_within_the_scope() {
    let platform = Platform::start().await;
    let mut phone = applicant(&platform).await;
    let first = phone.submitted_application(&platform).await;
    let mut other = platform.verified_phone("13900139000", ID_NUMBERS[1]).await;
    let second = other.submitted_application(&platform).await;
    let mut third = platform.verified_phone("13700137000", ID_NUMBERS[2]).await;
    third.submitted_application(&platform).await;
    platform.clock.advance(SignedDuration::from_hours(30));
    let mut console = platform.reviewer().await;
    approve(&mut console, &first).await.expect(StatusCode::OK);
    let refusal = json!({ "version": version(&mut console, &second).await, "reason": "签名不清晰" });
    console.post(&format!("{QUEUE}/{second}/refusal"), refusal).await.expect(StatusCode::OK);
    let figures = console.get("/api/console/statistics?days=7").await.expect(StatusCode::OK).json();
    let days = figures["days"].as_array().unwrap();
    assert_eq!(days.len(), 7);
    assert_eq!(days[6], json!({ "day": "2026-03-03", "approved": 1, "refused": 1 }));
    assert_eq!(figures["refusal_reasons"], json!([{ "reason": "签名不清晰", "count": 1 }]));
    assert_eq!((&figures["median_hours"], &figures["in_time"]), (&json!(30.0), &json!(0.0)));
    let guiyun = &figures["institutions"][0];
    assert_eq!((&guiyun["institution"]["slug"], &guiyun["late"]), (&json!("guiyun"), &json!(1)));
    let mut elsewhere = staff(&platform, "lishui", Role::Reviewer, Some("lishui")).await;
    let own = elsewhere.get("/api/console/statistics").await.expect(StatusCode::OK).json();
    assert_eq!(own["refusal_reasons"], json!([]));
    assert_eq!(own["institutions"].as_array().unwrap().len(), 1);
    let (guiyun, _) = platform.institution("guiyun").await;
    elsewhere.get(&format!("/api/console/statistics?institution_id={guiyun}")).await.refused(404, "NOT_FOUND");
    for wrong in ["days=0", "days=91", "days=x"] {
        console.get(&format!("/api/console/statistics?{wrong}")).await.refused(400, "QUERY_INVALID");
    }
}
