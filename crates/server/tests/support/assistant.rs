//! The assistant finds the right article for how users really ask, and says when it does not know.

use axum::http::StatusCode;
use serde_json::json;
use server::help::{Language, Library};

use crate::common::Platform;

#[path = "questions.rs"]
mod questions;

use questions::{Question, all, top3_pct};

#[test]
fn there_are_enough_questions_and_their_articles_exist() {
    let questions = all();
    assert!(questions.len() >= 60);
    for slug in questions.iter().filter_map(|question| question.expected) {
        assert!(Library::of(Language::Chinese).article(slug).is_some(), "{slug}");
    }
    // Somebody asks about every article that stands in the list of tasks.
    let tuned = questions.iter().filter(|question| question.tune).count();
    assert!(tuned.abs_diff(questions.len() - tuned) <= 1);
}

#[test]
fn real_questions_find_their_article_among_the_first_three() {
    let questions = all();
    let (tune, held): (Vec<&Question>, Vec<&Question>) = questions.iter().partition(|question| question.tune);
    for question in tune.iter().filter(|question| question.expected.is_some() && !question.is_hit()) {
        println!("missed: {} -> {:?}, expected {:?}", question.text, question.ask(), question.expected);
    }
    let (tune, held) = (top3_pct(&tune), top3_pct(&held));
    println!("tuned half {tune:.1} %, held half {held:.1} %");
    assert!(tune >= 90.0, "{tune}");
    assert!(held >= 80.0, "{held}");
}

#[test]
fn what_nobody_can_know_is_not_answered() {
    let questions = all();
    let unknown: Vec<_> = questions.iter().filter(|question| question.expected.is_none()).collect();
    let answered: Vec<_> = unknown.iter().filter(|question| question.ask().0).map(|question| question.text).collect();
    assert!(answered.is_empty(), "{answered:?}");
}

#[tokio::test]
async fn articles_are_listed_by_topic_and_read_without_logging_in() {
    let platform = Platform::start().await;
    let mut browser = platform.browser();
    let list = browser.get("/api/help/articles?topic=scan").await.json();
    let items = list["items"].as_array().unwrap();
    assert!(items.len() >= 4 && items.iter().all(|item| item["topic"] == "scan"), "{list}");
    let article = browser.get("/api/help/articles/scan-login").await.json();
    assert_eq!(article["title"], "扫码登录交易系统");
    assert!(article["blocks"].as_array().unwrap().len() >= 4);
    assert_eq!(article["blocks"].as_array().unwrap().len(), article["blocks_en"].as_array().unwrap().len());
    assert_eq!(browser.get("/api/help/articles?topic=cooking").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.get("/api/help/articles/cooking").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_question_finds_the_passage_and_an_unknown_one_a_person() {
    let platform = Platform::start().await;
    let mut browser = platform.browser();
    let found = browser.post("/api/help/questions", json!({ "text": "收不到验证码" })).await.json();
    assert_eq!(found["known"], true);
    assert_eq!(found["answers"][0]["slug"], "login");
    assert_eq!(found["answers"][0]["passage"][0]["text"], "收不到验证码");
    let lost = browser.post("/api/help/questions", json!({ "text": "今天天气怎么样" })).await.json();
    assert_eq!(lost["known"], false);
    assert!(lost["hotline"].is_null());
}

#[tokio::test]
async fn an_empty_an_endless_and_the_hundredth_question_are_refused() {
    let platform = Platform::start().await;
    let mut browser = platform.browser();
    for text in [String::new(), "   ".to_owned(), "长".repeat(201)] {
        let answer = browser.post("/api/help/questions", json!({ "text": text })).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    for _ in 0..60 {
        browser.post("/api/help/questions", json!({ "text": "登录" })).await.expect(StatusCode::OK);
    }
    let answer = browser.post("/api/help/questions", json!({ "text": "登录" })).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}
