//! The program itself, told to say all that it can, is stopped in the middle of a signature and ended by an abort; then it
//! is started on damaged secrets. What it said is searched for what must not be there.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use server::{
    events::Hub,
    keys::{
        entity::split_key,
        vault::{MasterKeyVault, SealedShare, ShareContext, open_share},
    },
    storage::{Place, Secrets, Storage},
};

use crate::{
    common::database::TestDatabase,
    leaks::{master_key, refuse, shares, stands_in},
    phone::{
        PIN, journey, text,
        transport::{Http, Transport as _, client},
        uuid,
    },
};

const NUMBER: &str = "13900000001";

/// The program; ended when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `guiqian serve`, whose words go to a file.
fn start(data: &Path, database: &TestDatabase, words: &Path, stop: Option<&Path>) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guiqian"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).args(database.arguments());
    command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
    if let Some(marker) = stop {
        command.env("GUIQIAN_FAIL_POINT", format!("after_computation@{}", marker.display()));
    }
    Running(command.stdout(Stdio::piped()).stderr(File::create(words).unwrap()).spawn().unwrap())
}

fn listening(process: &mut Running) -> String {
    let mut line = String::new();
    BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    text(&serde_json::from_str::<Value>(&line).unwrap()["listening"])
}

/// Ends it as a failed assertion of the C library would.
fn abort(mut process: Running) -> ExitStatus {
    let id = process.0.id().to_string();
    assert!(Command::new("kill").args(["-ABRT", &id]).status().unwrap().success());
    process.0.wait().unwrap()
}

fn now() -> u64 {
    #[allow(clippy::disallowed_methods)] // The program under test reads the same clock.
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap()
}

/// Logs in once more; returns the code and the session's token.
async fn session(origin: &str) -> (String, String) {
    let mut anybody = Http::new(origin);
    // A code every minute for one number.
    while anybody.post("/api/login-codes", json!({ "phone": NUMBER })).await.status == 429 {
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let code = journey::sent_code(&mut anybody, NUMBER).await;
    let login = json!({ "phone": NUMBER, "code": code, "agreed": true });
    let request = client().post(format!("{origin}/api/sessions")).header("content-type", "application/json");
    let answer = request.body(login.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    let token = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    (code, token)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_a_crash_nor_a_start_on_damaged_secrets_says_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let (data, words) = (folder.path().join("data"), folder.path().join("words"));
    let database = TestDatabase::fresh().await;
    let armed = folder.path().join("armed");
    let marker = armed.join("reached");
    let mut process = start(&data, &database, &words, Some(&marker));
    let origin = listening(&mut process);
    let (mut phone, application_id) = journey::approved(&Http::new(&origin), &origin, &data, 1, now).await;
    let enrolment = phone.begin(&application_id).await;
    let mut key = phone.generate(&enrolment).await.unwrap();
    let (code, token) = session(&origin).await;
    let (_, secret) = journey::credentials(&data);

    // The request for the certificate is signed; the share is open when the process ends.
    std::fs::create_dir(&armed).unwrap();
    let status = {
        let sending = phone.complete(&enrolment, &mut key);
        let stopping = async {
            for _ in 0..500 {
                if marker.exists() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            reply = sending => panic!("answered {}", reply.status),
            () = stopping => assert!(marker.exists(), "the server never came to this point"),
        }
        abort(process)
    };
    assert!(!status.success());

    let mut secrets: Vec<(&str, Vec<u8>)> = vec![
        ("PIN", PIN.into()),
        ("SMS code", code.into()),
        ("session token", token.into()),
        ("relying party's secret", secret.into()),
        ("identity number", journey::id_number(1).into()),
    ];
    secrets.extend(master_key(&data));
    let address = database.address();
    let place = address.as_ref().map_or(Place::Folder(&data), Place::Postgres);
    let db = Storage::open(place, Hub::default()).await.unwrap();
    let row = split_key::Entity::find_by_id(uuid(key.sealed.key_id())).one(&*db).await.unwrap().unwrap();
    let device_key = phone.device_key.verifying_key().to_sec1_point(false);
    let context =
        ShareContext { key_id: row.id, epoch: 1, public_key: &row.public_key, device_key: device_key.as_bytes() };
    let sealed = SealedShare { wrapped_key: row.wrapped_key.unwrap(), wrapped_share: row.wrapped_share.unwrap() };
    let kept = Secrets::open(&data.join("secrets")).unwrap();
    let vault = MasterKeyVault::new(&kept, "key-operations/shares");
    secrets.extend(shares(&open_share(&vault, &context, &sealed).unwrap()[..], &row.public_key));
    drop(db);
    let said = std::fs::read(&words).unwrap();
    assert!(stands_in(&said, b"/api/key-operations"), "the program said what it did");
    refuse(&secrets, &[("what the crashed program said".to_owned(), said)]);

    // A key that is too short, and one that opens nothing.
    let file = data.join("secrets/master.key");
    let whole = std::fs::read(&file).unwrap();
    let mut other = whole.clone();
    other[31] ^= 1;
    for damaged in [&whole[..31], &other[..]] {
        std::fs::write(&file, damaged).unwrap();
        secrets.extend(master_key(&data));
        let mut process = start(&data, &database, &words, None);
        assert!(!process.0.wait().unwrap().success(), "it does not start on it");
        let said = std::fs::read(&words).unwrap();
        assert!(stands_in(&said, b"Error"), "{}", String::from_utf8_lossy(&said));
        refuse(&secrets, &[("what the program said at its start".to_owned(), said)]);
    }
}
