//! Counters that slow down guessing: they survive a restart, hold across nodes, and let no more through at once.

use axum::http::StatusCode;
use jiff::SignedDuration;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, EntityTrait as _, Set};
use sea_orm_migration::MigratorTrait as _;
use serde_json::json;
use server::{
    account::entity::{account, login_code},
    config,
    events::Hub,
    rate::{self, EVERYBODY, Limit, RateLimits},
    storage::{Storage, migrations::Migrator},
};

use crate::common::{Platform, database::TestDatabase};

const TWICE: Limit = Limit { times: 2, window: SignedDuration::from_mins(1) };

async fn take(platform: &Platform, whom: &str) -> Option<String> {
    let taken = platform.state.rates.take("door", whom, TWICE, platform.state.now()).await;
    taken.err().map(|problem| problem.kind().code.to_owned())
}

async fn sweep(platform: &Platform) -> u64 {
    let tx = platform.state.db.begin().await.unwrap();
    let gone = rate::sweep(&*tx, platform.state.now()).await.unwrap();
    tx.commit().await.unwrap();
    gone
}

#[tokio::test]
async fn what_was_counted_is_remembered_after_a_restart_and_forgotten_after_its_time() {
    let platform = Platform::start().await;
    for expected in [None, None, Some("TOO_MANY_REQUESTS".to_owned())] {
        assert_eq!(take(&platform, "203.0.113.7").await, expected);
    }
    assert_eq!(take(&platform, "203.0.113.8").await, None);
    let platform = platform.restart().await;
    assert!(take(&platform, "203.0.113.7").await.is_some());
    platform.clock.advance(TWICE.window);
    assert_eq!(sweep(&platform).await, 2);
    assert_eq!(take(&platform, "203.0.113.7").await, None);
    assert_eq!(sweep(&platform).await, 0);
    platform.clock.advance(TWICE.window);
    for expected in [None, None, Some("TOO_MANY_REQUESTS".to_owned())] {
        assert_eq!(take(&platform, "203.0.113.7").await, expected, "a new window without a sweep between");
    }
}

#[tokio::test]
async fn two_nodes_count_together_and_of_many_at_once_no_more_get_through() {
    let platform = Platform::start().await;
    let nodes = [platform.state.rates.clone(), RateLimits::new(platform.state.db.clone())];
    let limit = Limit { times: 10, ..TWICE };
    let now = platform.state.now();
    let tries = (0..40).map(|n| nodes[n % 2].take("door", "13800138000", limit, now));
    let taken = futures::future::join_all(tries).await;
    assert_eq!(taken.iter().filter(|one| one.is_ok()).count(), 10);
}

#[tokio::test]
async fn a_network_of_the_new_internet_counts_as_one_caller() {
    let platform = Platform::start().await;
    assert_eq!(take(&platform, "2001:db8::1").await, None);
    assert_eq!(take(&platform, "2001:db8::aaaa:2").await, None);
    assert!(take(&platform, "2001:db8::3").await.is_some());
    assert_eq!(take(&platform, "2001:db8:0:1::3").await, None);
}

#[tokio::test]
async fn when_passwords_are_guessed_everywhere_only_codes_log_in() {
    let platform = Platform::start().await;
    let guessed = rate::entity::ActiveModel {
        what: Set("password-failure".to_owned()),
        whom: Set(EVERYBODY.to_owned()),
        used: Set(1_000),
        expires_at: Set((platform.state.now() + SignedDuration::from_mins(10)).as_millisecond()),
    };
    let tx = platform.state.db.begin().await.unwrap();
    rate::entity::Entity::insert(guessed).exec_without_returning(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    let login = json!({ "phone": "13800138000", "password": "guihua-2026", "agreed": true });
    platform.browser().post("/api/sessions", login.clone()).await.refused(429, "PASSWORD_LOGIN_PAUSED");
    platform.phone("13800138000").await.get("/api/me").await.expect(StatusCode::OK);
    platform.clock.advance(SignedDuration::from_mins(10));
    platform.browser().post("/api/sessions", login).await.refused(401, "PASSWORD_LOGIN_WRONG");
}

#[tokio::test]
async fn a_database_from_before_passwords_is_brought_forward_with_what_is_in_it() {
    let (folder, database) = (tempfile::tempdir().unwrap(), TestDatabase::empty().await);
    let before = match database.connect().await {
        Some(connection) => connection,
        None => {
            let address = format!("sqlite://{}?mode=rwc", folder.path().join("guiqian.db").display());
            Database::connect(ConnectOptions::new(address)).await.unwrap()
        }
    };
    Migrator::up(&before, Some(2)).await.unwrap();
    // Each engine's way to write the same sixteen octets, and one.
    let (id, octet) = match database.address() {
        Some(_) => ("'0191a0b0-c0d0-7000-8000-00000000000a'", "'\\x00'"),
        None => ("x'0191a0b0c0d07000800000000000000a'", "x'00'"),
    };
    for statement in [
        format!("INSERT INTO account (id, phone, created_at) VALUES ({id}, '13800138000', 1)"),
        format!(
            "INSERT INTO login_code (id, phone, address, code_mac, tries, created_at) \
             VALUES ({id}, '13800138000', '203.0.113.7', {octet}, 0, 1)"
        ),
    ] {
        before.execute_unprepared(&statement).await.unwrap();
    }
    before.close().await.unwrap();
    let address = database.address();
    let db = Storage::open(config::place(folder.path(), address.as_ref()), Hub::default()).await.unwrap();
    let account = account::Entity::find().one(&*db).await.unwrap().unwrap();
    assert_eq!((account.phone.as_str(), account.deleted_at), ("13800138000", None));
    let code = login_code::Entity::find().one(&*db).await.unwrap().unwrap();
    assert_eq!((code.purpose.as_str(), code.account_id), ("login", None));
}
