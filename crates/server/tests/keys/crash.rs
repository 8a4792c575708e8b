//! The server is killed at every step of a signature and of a change of the PIN, and started again: no nonce answers
//! twice, the request is finished with fresh nonces, and of the old PIN and the new one exactly one is good.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use gm::sm2;
use serde_json::Value;
use splitkey::codec::Refusal;

use crate::{
    common::database::TestDatabase,
    phone::{
        Failure, Key, PIN, Phone, id_of,
        journey::{self, ask_login},
        text,
        transport::{Http, client},
    },
};

/// The program itself, as an operator runs it.
pub struct Server {
    process: Child,
    pub origin: String,
}

impl Server {
    pub fn start(data: &Path, database: &TestDatabase, fail_point: Option<&str>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guiqian"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).args(database.arguments());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        if let Some(fail_point) = fail_point {
            command.env("GUIQIAN_FAIL_POINT", fail_point);
        }
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        Self { process, origin: text(&said["listening"]).trim_end_matches('/').to_owned() }
    }

    /// SIGKILL: no goodbye, nothing written.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn now() -> u64 {
    #[allow(clippy::disallowed_methods)] // The program under test reads the same clock.
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap()
}

/// The code that a PC would show: the first one on the relying party's event stream.
async fn code(server: &Server, data: &Path, id: &str) -> String {
    let (client_id, secret) = journey::credentials(data);
    let address = format!("{}/api/rp/scan-requests/{id}/events", server.origin);
    let mut stream = client().get(address).basic_auth(client_id, Some(secret)).send().await.unwrap();
    let mut heard = String::new();
    loop {
        heard += std::str::from_utf8(&stream.chunk().await.unwrap().expect("events")).unwrap();
        let data = heard.lines().filter_map(|line| line.strip_prefix("data:"));
        let found =
            data.filter_map(|data| serde_json::from_str::<Value>(data).ok()).find(|event| event["code"].is_string());
        if let Some(event) = found {
            return text(&event["code"]);
        }
    }
}

async fn claimed_login(server: &Server, data: &Path, phone: &mut Phone<Http>) -> Value {
    let (client_id, secret) = journey::credentials(data);
    let mut relying_party = Http::new(&server.origin).with_basic(&client_id, &secret);
    let id = ask_login(&mut relying_party).await;
    phone.claim(&code(server, data, &id).await).await.ok().json()
}

/// Signs for a fresh request and confirms it.
pub async fn log_in(server: &Server, data: &Path, phone: &mut Phone<Http>, key: &mut Key) {
    let request = claimed_login(server, data, phone).await;
    let signature = sign(phone, key, &request).await;
    assert_eq!(phone.confirm(&request, &signature).await.ok().json()["state"], "confirmed");
}

/// As the app does it: when the nonce is gone, once more with a fresh one.
async fn sign(phone: &mut Phone<Http>, key: &mut Key, request: &Value) -> sm2::Signature {
    match phone.sign_request(key, request).await {
        Err(Failure::Refused(Refusal::NonceGone)) => {
            key.commitments.clear();
            phone.sign_request(key, request).await.unwrap()
        }
        result => result.unwrap(),
    }
}

pub async fn reached(marker: PathBuf) {
    for _ in 0..500 {
        if marker.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the server never came to this point");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_step_of_a_signature_no_nonce_answers_twice_and_the_request_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let database = TestDatabase::fresh().await;
    let server = Server::start(&data, &database, None);
    let (mut phone, mut key, _) = journey::enrolled(&Http::new(&server.origin), &server.origin, &data, 1, now).await;
    server.kill();

    let points =
        ["before_burn", "after_burn", "after_computation", "before_conclusion", "after_conclusion", "before_send"];
    for point in points {
        // The point stops the server only once the marker's folder is there: what comes before passes through it.
        let armed = folder.path().join(point);
        let marker = armed.join("reached");
        let server = Server::start(&data, &database, Some(&format!("{point}@{}", marker.display())));
        phone.http = phone.http.moved(&server.origin);
        let request = claimed_login(&server, &data, &mut phone).await;
        let message = phone.message(&request).await;
        key.commitments.clear();
        phone.prepare(&mut key, id_of(&request["id"])).await.unwrap();
        let used = key.commitments[0];
        let prepared = phone.build(&mut key, PIN, id_of(&request["id"]), &message);
        std::fs::create_dir(&armed).unwrap();
        let (lost, ()) = tokio::join!(phone.send(&prepared.octets), async {
            reached(marker).await;
            server.kill();
        });
        assert_eq!(lost.status, 0, "{point}: the server answered");

        let server = Server::start(&data, &database, None);
        phone.http = phone.http.moved(&server.origin);
        let again = phone.send(&prepared.octets).await;
        let again = phone.finish(&mut key, prepared, &again);
        assert_eq!(again.unwrap_err(), Failure::Refused(Refusal::NonceGone), "{point}: the same request once more");

        let other = claimed_login(&server, &data, &mut phone).await;
        key.commitments = vec![used];
        let twice = phone.sign_request(&mut key, &other).await;
        assert_eq!(
            twice.unwrap_err(),
            Failure::Refused(Refusal::NonceGone),
            "{point}: another message, the same nonce"
        );

        let signature = sign(&mut phone, &mut key, &request).await;
        let confirmed = phone.confirm(&request, &signature).await.ok().json();
        assert_eq!(confirmed["state"], "confirmed", "{point}: the request cannot be finished");
        log_in(&server, &data, &mut phone, &mut key).await;
        server.kill();
    }
}

/// What is sent when the server dies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Half {
    First,
    Second,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_step_of_a_change_of_the_pin_one_of_both_pins_is_good_and_the_phone_finds_out_which() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let database = TestDatabase::fresh().await;
    let server = Server::start(&data, &database, None);
    let (mut phone, mut key, _) = journey::enrolled(&Http::new(&server.origin), &server.origin, &data, 1, now).await;
    server.kill();

    let mut pin = PIN;
    for (point, half) in [
        ("refresh_reserved", Half::First),
        ("refresh_computed", Half::First),
        ("refresh_begun", Half::First),
        ("before_send", Half::First),
        ("refresh_before_commit", Half::Second),
        ("refresh_after_commit", Half::Second),
        ("before_send", Half::Second),
    ] {
        let armed = folder.path().join(format!("{point}-{half:?}"));
        let marker = armed.join("reached");
        let server = Server::start(&data, &database, Some(&format!("{point}@{}", marker.display())));
        phone.http = phone.http.moved(&server.origin);
        let other = if pin == PIN { "517203" } else { PIN };
        let before = key.clone();
        let shares = phone.shares(&key, pin);
        // What the phone has on its storage when the server is gone: one key or two.
        let stored = match half {
            Half::First => {
                std::fs::create_dir(&armed).unwrap();
                tokio::join!(async { phone.begin_refresh(&mut key, shares, other).await.err() }, async {
                    reached(marker).await;
                    server.kill();
                });
                let mut old = before;
                old.sealed.pending = Some(phone.last_request);
                vec![old.sealed]
            }
            Half::Second => {
                let begun = phone.begin_refresh(&mut key, shares, other).await.unwrap();
                std::fs::create_dir(&armed).unwrap();
                let (lost, ()) = tokio::join!(phone.send(&begun.octets), async {
                    reached(marker).await;
                    server.kill();
                });
                assert_eq!(lost.status, 0, "{point}: the server answered");
                vec![key.sealed.clone(), begun.next]
            }
        };

        let server = Server::start(&data, &database, None);
        phone.http = phone.http.moved(&server.origin);
        key.sealed = stored[0].clone();
        let epoch = phone.epoch(&key).await.unwrap();
        let committed = half == Half::Second && point != "refresh_before_commit";
        assert_eq!(epoch, stored[0].epoch() + u64::from(committed), "{point} {half:?}");
        key.sealed = stored.into_iter().find(|sealed| sealed.epoch() == epoch).unwrap();
        key.commitments.clear();
        if committed {
            pin = other;
        }
        let request = claimed_login(&server, &data, &mut phone).await;
        let signature = {
            let message = phone.message(&request).await;
            phone.sign(&mut key, pin, id_of(&request["id"]), &message).await
        };
        let signature = signature.unwrap_or_else(|error| panic!("{point} {half:?}: {error:?}"));
        phone.confirm(&request, &signature).await.ok();
        server.kill();
    }
}
