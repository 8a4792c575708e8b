//! Several nodes on one database, and that the two engines keep the same promises.

use std::time::Duration;

use axum::http::StatusCode;
use futures::future::join_all;
use sea_orm::{EntityTrait as _, Set};
use serde_json::json;
use server::{
    audit::{self, Actor},
    events::Follower,
    rate,
};
use uuid::Uuid;

use crate::{
    common::{ID_NUMBERS, Platform, text},
    messages::{next, stream},
};

/// Whether the follower is woken soon.
async fn woken(follower: &mut Follower, within: Duration) -> bool {
    tokio::time::timeout(within, follower.changed()).await.is_ok_and(|running| running)
}

#[tokio::test]
async fn what_is_committed_at_one_node_wakes_those_who_wait_at_another() {
    let one = Platform::start().await;
    if one.database().address().is_none() {
        // A folder belongs to one process: SQLite tells nobody.
        return;
    }
    let other = one.beside().await;
    let mut follower = other.state.events.follow(Uuid::from_u128(1));
    let mut tx = one.state.db.begin().await.unwrap();
    tx.wake(Uuid::from_u128(1));
    drop(tx);
    assert!(!woken(&mut follower, Duration::from_millis(300)).await, "nothing has happened");
    let mut tx = one.state.db.begin().await.unwrap();
    // More than one notification carries.
    (1..=450).rev().for_each(|topic| tx.wake(Uuid::from_u128(topic)));
    tx.commit().await.unwrap();
    assert!(woken(&mut follower, Duration::from_secs(10)).await);
    // The same through the front doors of both.
    let mut phone = one.verified_phone("13800138000", ID_NUMBERS[0]).await;
    let mut open = stream(&phone.at(&other), None).await;
    let reading = tokio::spawn(async move { next(&mut open).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let created = phone.post("/api/applications", json!({ "kind": "personal_certificate" })).await.json();
    let heard = reading.await.unwrap();
    assert!(heard.contains("event: application") && heard.contains(&text(&created["id"])), "{heard}");
}

#[tokio::test]
async fn a_node_that_lost_the_database_wakes_everybody_when_it_is_back() {
    let one = Platform::start().await;
    let Some(database) = one.database().connect().await else { return };
    let mut follower = one.state.events.follow(Uuid::from_u128(1));
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'guiqian'
               AND datname = current_database()";
    sea_orm::ConnectionTrait::execute_unprepared(&database, cut).await.unwrap();
    assert!(woken(&mut follower, Duration::from_secs(30)).await);
    // Connections that were cut while nobody used them fail once each.
    let mut refusals = 0;
    while one.browser().get("/api/institutions").await.status != StatusCode::OK {
        refusals += 1;
        assert!(refusals < 20, "the database is not found again");
    }
    let other = one.beside().await;
    let mut tx = other.state.db.begin().await.unwrap();
    tx.wake(Uuid::from_u128(1));
    tx.commit().await.unwrap();
    assert!(woken(&mut follower, Duration::from_secs(30)).await, "it listens again");
}

#[tokio::test]
async fn writers_of_all_nodes_take_turns_and_none_decides_on_what_is_no_longer_true() {
    let one = Platform::start().await;
    let nodes = [one.beside().await, one];
    let before = audit::entity::Entity::find().all(&*nodes[0].state.db).await.unwrap().len();
    join_all((0..40).map(|number| {
        let state = nodes[number % 2].state.clone();
        async move {
            let tx = state.db.begin().await.unwrap();
            let entry = audit::Entry {
                actor: Actor::System,
                action: "test.write",
                target_kind: "test",
                target_id: None,
                detail: json!({ "number": number }),
            };
            // Reads the last entry, then writes the next.
            audit::record(&tx, state.now(), entry).await.unwrap();
            tx.commit().await.unwrap();
        }
    }))
    .await;
    assert_eq!(audit::first_broken(&nodes[1].state).await.unwrap(), None);
    let after = audit::entity::Entity::find().all(&*nodes[0].state.db).await.unwrap().len();
    assert_eq!(after, before + 40);
}

#[tokio::test]
async fn outside_of_a_writing_transaction_nothing_is_written() {
    let platform = Platform::start().await;
    let row = rate::entity::ActiveModel {
        what: Set("door".to_owned()),
        whom: Set("203.0.113.7".to_owned()),
        used: Set(1),
        expires_at: Set(1),
    };
    rate::entity::Entity::insert(row.clone()).exec_without_returning(&*platform.state.db).await.unwrap_err();
    let tx = platform.state.db.begin().await.unwrap();
    rate::entity::Entity::insert(row).exec_without_returning(&*tx).await.unwrap();
    drop(tx);
    assert_eq!(rate::entity::Entity::find().all(&*platform.state.db).await.unwrap(), []);
}

#[tokio::test]
async fn two_nodes_that_start_for_the_first_time_at_once_make_everything_once() {
    let Some((one, other)) = Platform::start_two().await else { return };
    for node in [&one, &other] {
        let list = node.browser().get("/api/institutions").await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), 3);
        node.reviewer().await;
    }
    assert_eq!(audit::first_broken(&one.state).await.unwrap(), None);
}

#[tokio::test]
async fn letters_are_found_in_either_case_on_either_engine() {
    let platform = Platform::start().await;
    let mut phone = platform.phone("13800138000").await;
    let id = phone.verify("Anna Weber", ID_NUMBERS[0], "passed").await;
    phone.get(&format!("/api/identity/verifications/{id}")).await.expect(StatusCode::OK);
    phone.submitted_application(&platform).await;
    let mut console = platform.reviewer().await;
    for (words, found) in [("anna", 1), ("ANNA%20w", 1), ("Weber", 1), ("1380013", 1), ("anne", 0)] {
        let list = console.get(&format!("/api/console/applications?q={words}")).await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), found, "{words}");
    }
}
