//! Mass re-issue: 10,000 certificates of as many people, on a durable SQLite database, with messages and audit entries, as
//! one job. Prints one JSON line.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{path::Path, sync::Arc, time::Instant};

use pki::Serial;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _,
};
use server::{
    app::{AppState, router},
    certificate::entity::certificate,
    clock::SystemClock,
    config::Config,
    fault::{
        reissue,
        rules::FaultCriteria,
        service::{self, New},
    },
    providers::Providers,
};
use uuid::Uuid;

#[path = "../tests/phone/mod.rs"]
mod phone;

use phone::{journey, transport::Http};

const CERTIFICATES: u64 = 10_000;

fn now() -> u64 {
    #[allow(clippy::disallowed_methods)] // The platform of this bench reads the same clock.
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap()
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let state = open(folder.path(), &origin).await;
    let app = router(state.clone()).into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    journey::enrolled(&Http::new(&origin), &origin, folder.path(), 1, now).await;
    multiply(&state).await;

    let criteria = FaultCriteria {
        institution_id: certificate::Entity::find().one(&*state.db).await.unwrap().map(|row| row.institution_id),
        ..FaultCriteria::default()
    };
    let new = New { name: "bench".to_owned(), note: String::new(), criteria };
    let by = Uuid::new_v4();
    let fault = service::open(&state, by, new).await.unwrap();
    let begun = Instant::now();
    service::start(&state, by, fault.id).await.unwrap();
    assert_eq!(reissue::work(&state).await.unwrap(), CERTIFICATES);
    let value = begun.elapsed().as_secs_f64();
    let superseded = certificate::Entity::find()
        .filter(certificate::Column::RevocationReason.eq("superseded"))
        .filter(certificate::Column::State.eq("revoked"));
    assert_eq!(superseded.count(&*state.db).await.unwrap(), CERTIFICATES);
    println!("{}", serde_json::json!({ "name": "reissue_10k_s", "value": value, "unit": "s" }));
}

/// The one certificate that there is, for ten thousand people.
async fn multiply(state: &AppState) {
    let like = certificate::Entity::find().one(&*state.db).await.unwrap().unwrap();
    let tx = state.db.begin().await.unwrap();
    let row = |_| {
        let row = certificate::Model {
            id: Uuid::new_v4(),
            account_id: Uuid::new_v4(),
            enrolment_id: Uuid::new_v4(),
            key_id: Uuid::new_v4(),
            serial: Serial::random().unwrap().to_string(),
            ..like.clone()
        };
        row.into_active_model().reset_all()
    };
    let rows: Vec<_> = (1..CERTIFICATES).map(row).collect();
    for some in rows.chunks(500) {
        certificate::Entity::insert_many(some.to_vec()).exec(&*tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn open(data: &Path, origin: &str) -> AppState {
    let config = Config::sandbox(data, origin);
    AppState::open(config, Arc::new(SystemClock), Providers::sandbox()).await.unwrap()
}
