//! Whole signatures over HTTP against a durable database, SQLite or the empty one of PostgreSQL that
//! `GUIQIAN_BENCH_DATABASE` names: eight phones, each in its own connection, sign as fast as they
//! are answered. Prints one JSON line. The phones' half is computed in the same process and on the same cores.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use server::{
    app::{AppState, router},
    clock::SystemClock,
    config::Config,
    providers::Providers,
    scan::{entity as scan_request, service},
    storage::PostgresAddress,
};

#[path = "../tests/phone/mod.rs"]
mod phone;

use phone::{
    PIN, id_of,
    journey::{self, ask_login},
    transport::Http,
};
use sea_orm::EntityTrait as _;

const PHONES: u32 = 8;
const SPAN: Duration = Duration::from_secs(5);

fn now() -> u64 {
    #[allow(clippy::disallowed_methods)] // The platform of this bench reads the same clock.
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap()
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    // In the environment, because the address holds a password.
    #[allow(clippy::disallowed_methods)]
    let database = std::env::var("GUIQIAN_BENCH_DATABASE").ok();
    let name = format!("split_sign_http_{}_per_s", if database.is_some() { "postgres" } else { "sqlite" });
    let state = open(folder.path(), database.map(|address| address.parse().unwrap()), &origin).await;
    let app = router(state.clone()).into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    let mut phones = Vec::new();
    for n in 0..PHONES {
        let (mut phone, key, _) = journey::enrolled(&Http::new(&origin), &origin, folder.path(), n, now).await;
        let request = claimed(&state, &origin, folder.path(), &mut phone).await;
        let message = phone.message(&request).await;
        phones.push((phone, key, id_of(&request["id"]), message));
    }
    let begun = std::time::Instant::now();
    let signing = phones.into_iter().map(|(mut phone, mut key, task, message)| {
        tokio::spawn(async move {
            let mut count = 0u32;
            while begun.elapsed() < SPAN {
                phone.sign(&mut key, PIN, task, &message).await.unwrap();
                count += 1;
            }
            count
        })
    });
    let counts = futures::future::join_all(signing).await;
    let signatures: u32 = counts.into_iter().map(Result::unwrap).sum();
    let per_second = f64::from(signatures) / begun.elapsed().as_secs_f64();
    println!("{}", json!({ "name": name, "value": per_second, "unit": "1/s" }));
}

async fn claimed(state: &AppState, origin: &str, data: &std::path::Path, phone: &mut phone::Phone<Http>) -> Value {
    let (client_id, secret) = journey::credentials(data);
    let id = ask_login(&mut Http::new(origin).with_basic(&client_id, &secret)).await;
    let row = scan_request::Entity::find_by_id(id_of(&json!(id))).one(&*state.db).await.unwrap().unwrap();
    phone.claim(&service::code(state, &row)).await.ok().json()
}

async fn open(data: &std::path::Path, database: Option<PostgresAddress>, origin: &str) -> AppState {
    let config = Config { database, ..Config::sandbox(data, origin) };
    AppState::open(config, Arc::new(SystemClock), Providers::sandbox()).await.unwrap()
}
