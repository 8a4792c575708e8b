//! How much memory the running program holds with a million certificates in its database, about every tenth of them revoked:
//! the empty PostgreSQL database that `GUIQIAN_BENCH_DATABASE` names, and the program that `GUIQIAN_BENCH_PROGRAM` names.
//! Strangers ask about certificates and fetch lists meanwhile. Prints one JSON line. `bench_memory COUNT` takes fewer.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, clippy::disallowed_methods)]

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Instant,
};

use pki::{
    Certificate, Crl, Serial,
    hash::Hash,
    ocsp::{CertId, Request, Response, Status},
};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use serde_json::{Value, json};
use server::{
    certificate::entity::certificate,
    events::Hub,
    storage::{Place, PostgresAddress, Storage},
};

#[path = "../tests/phone/mod.rs"]
mod phone;

use phone::{
    journey,
    transport::{Http, client},
};

const CERTIFICATES: u64 = 1_000_000;
const QUESTIONS: usize = 20_000;
const CLIENTS: usize = 8;
const SLUG: &str = "guiyun";

/// The platform; ended when dropped.
struct Running(Child);

impl Running {
    fn start(program: &Path, data: &Path, database: &str) -> (Self, String) {
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--database", database, "--data"]).arg(data);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        (Self(child), said["listening"].as_str().unwrap().to_owned())
    }

    /// A line of its status, in mebibytes (proc(5)).
    fn status(&self, name: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_matches([':', ' ', '\t', 'k', 'B']).parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn now() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap()
}

#[tokio::main]
async fn main() {
    let count = std::env::args().nth(1).map_or(CERTIFICATES, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let address = std::env::var("GUIQIAN_BENCH_DATABASE").unwrap();
    let program = std::env::var("GUIQIAN_BENCH_PROGRAM").unwrap();
    let (running, origin) = Running::start(program.as_ref(), folder.path(), &address);
    journey::enrolled(&Http::new(&origin), &origin, folder.path(), 1, now).await;
    eprintln!("with one certificate {:.1} MB", running.status("VmRSS"));

    let address: PostgresAddress = address.parse().unwrap();
    let db = Storage::open(Place::Postgres(&address), Hub::default()).await.unwrap();
    let begun = Instant::now();
    multiply(&db, count).await;
    eprintln!("{count} certificates in {:.0} s", begun.elapsed().as_secs_f64());
    let serials: Vec<(String, String)> = certificate::Entity::find()
        .select_only()
        .columns([certificate::Column::Serial, certificate::Column::State])
        .filter(certificate::Column::State.ne("issuing"))
        .limit(QUESTIONS as u64)
        .into_tuple()
        .all(&*db)
        .await
        .unwrap();

    let der = client().get(format!("{origin}/pki/{SLUG}/ca.cer")).send().await.unwrap().bytes().await.unwrap();
    let ca = Certificate::read(&der).unwrap();
    let asking = serials.chunks(serials.len().div_ceil(CLIENTS)).map(|some| ask(&origin, &ca, some));
    futures::future::join_all(asking).await;
    for _ in 0..CLIENTS {
        let list = client().get(format!("{origin}/pki/{SLUG}/ca.crl")).send().await.unwrap().bytes().await.unwrap();
        let revoked = Crl::read(&list).unwrap().tbs.revoked.len() as u64;
        assert!(revoked > count / 11, "{revoked} in the list");
    }
    eprintln!("at most {:.1} MB", running.status("VmHWM"));
    println!("{}", json!({ "name": "server_rss_mb_1m_certs", "value": running.status("VmRSS"), "unit": "MB" }));
}

/// Copies of the certificate that is there, each with ids and a serial number of its own, in the form of real ones.
async fn multiply(db: &Storage, count: u64) {
    let tx = db.begin().await.unwrap();
    for statement in [
        format!("CREATE UNLOGGED TABLE growing AS SELECT one.* FROM certificate one, generate_series(1, {count})"),
        "UPDATE growing SET id = gen_random_uuid(), enrolment_id = gen_random_uuid(), key_id = gen_random_uuid(), \
         account_id = gen_random_uuid(), serial = '4' || substr(replace(gen_random_uuid()::text, '-', ''), 2)"
            .to_owned(),
        "UPDATE growing SET state = 'revoked', revoked_at = created_at, revocation_reason = 'superseded' \
         WHERE get_byte(uuid_send(id), 0) < 26"
            .to_owned(),
        "INSERT INTO certificate SELECT * FROM growing".to_owned(),
        "DROP TABLE growing".to_owned(),
        "UPDATE authority SET crl = NULL".to_owned(),
    ] {
        tx.execute_unprepared(&statement).await.unwrap();
    }
    tx.commit().await.unwrap();
    // A running database does this by itself.
    let tx = db.begin().await.unwrap();
    tx.execute_unprepared("ANALYZE").await.unwrap();
    tx.commit().await.unwrap();
}

/// Asks about each once with a nonce and once without.
async fn ask(origin: &str, ca: &Certificate, some: &[(String, String)]) {
    let http = client();
    for (serial, state) in some {
        for nonce in [None, Some(gm::random::bytes::<16>().unwrap().to_vec())] {
            let ids = vec![CertId::new(Hash::Sha1, ca, Serial::from_hex(serial).unwrap())];
            let request = http.post(format!("{origin}/pki/{SLUG}/ocsp")).body(Request { ids, nonce }.to_der());
            let request = request.header("content-type", "application/ocsp-request");
            let body = request.send().await.unwrap().bytes().await.unwrap();
            let Ok(Response::Basic(answer)) = Response::read(&body) else { panic!("an answer") };
            assert_eq!(answer.answers[0].status == Status::Good, state == "issued");
        }
    }
}
