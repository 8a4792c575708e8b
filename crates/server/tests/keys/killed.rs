//! The server is killed at every step of a download, a renewal and a recovery, and started again. The phone goes on with
//! what it has stored, as the app does: it comes to one certificate that signs and decrypts, nothing that nobody holds is
//! left, and what was good before is good until then.

use std::{path::Path, process::Command};

use gm::sm2;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, Set,
    sea_query::Expr,
};
use serde_json::{Value, json};
use server::{
    certificate::entity::{certificate, encryption_certificate, enrolment},
    events::Hub,
    keys::entity::split_key,
    kmc,
    storage::{Place, Storage},
};
use splitkey::codec::Refusal;

use crate::{
    common::database::TestDatabase,
    crash::{Server, log_in, now, reached},
    phone::{
        Failure, Key, PIN, Phone, encryption_key, id_of,
        journey::{self, id_number},
        text,
        transport::{Http, Transport as _},
    },
};

/// In the order in which a download comes by.
const POINTS: [&str; 14] = [
    "enrolment_begun",
    "generation_begun",
    "generation_before_commit",
    "generation_after_commit",
    "after_burn",
    "after_conclusion",
    "issue_intended",
    "issue_signed",
    "issue_before_commit",
    "issue_after_commit",
    "delivery_before_commit",
    "delivery_after_commit",
    "receipt_before_commit",
    "receipt_after_commit",
];

/// What a phone has on its storage while it downloads.
#[derive(Default)]
struct Stored {
    enrolment: Option<Value>,
    key: Option<Key>,
    receipt: Option<Receipt>,
}

/// The halves of the encryption keys have been stored, and the server has not heard of it.
struct Receipt {
    one_time: sm2::SecretKey,
    /// With these halves.
    key: Key,
    certificate: Value,
}

/// The server is gone, or has forgotten what was under way.
#[derive(Debug)]
struct Broken;

impl Stored {
    /// Goes on with a download, from wherever it was.
    async fn go_on(&mut self, phone: &mut Phone<Http>, application: &str) -> Result<Value, Broken> {
        let (enrolment, mut key) = match (&self.enrolment, self.key.clone()) {
            (Some(enrolment), Some(key)) => (enrolment.clone(), key),
            _ => {
                let device = json!({ "device_id": phone.device_id });
                let begun = phone.http.post(&format!("/api/applications/{application}/enrolments"), device).await;
                if begun.status != 201 {
                    return Err(Broken);
                }
                let enrolment = begun.json();
                let key = phone.generate(&enrolment).await.map_err(|_| Broken)?;
                (self.enrolment, self.key) = (Some(enrolment.clone()), Some(key.clone()));
                (enrolment, key)
            }
        };
        if self.receipt.is_some() {
            return self.acknowledge(phone, &enrolment).await;
        }
        // The one-time key lives in memory until something was sealed to it: a new one at every try.
        let one_time = sm2::SecretKey::generate().unwrap();
        if phone.name_transport(&enrolment, &one_time).await.status != 204 {
            return Err(Broken);
        }
        let info = phone.request_info(&enrolment, &key, &one_time);
        let signature = match phone.sign(&mut key, PIN, id_of(&enrolment["id"]), &info).await {
            // The nonce went with the process that made it.
            Err(Failure::Refused(Refusal::NonceGone)) => {
                key.commitments.clear();
                phone.sign(&mut key, PIN, id_of(&enrolment["id"]), &info).await
            }
            other => other,
        };
        self.key = Some(key.clone());
        let issued = phone.hand_in(&enrolment, &key, &signature.map_err(|_| Broken)?).await;
        if issued.status != 201 {
            return Err(Broken);
        }
        let issued = issued.json();
        key.sealed = phone.with_delivery(&key, &one_time, &issued["delivery"]);
        self.receipt = Some(Receipt { one_time, key, certificate: issued["certificate"].clone() });
        self.acknowledge(phone, &enrolment).await
    }
}

impl Stored {
    /// Says that the halves are stored, until the server has heard it.
    async fn acknowledge(&mut self, phone: &mut Phone<Http>, enrolment: &Value) -> Result<Value, Broken> {
        let Some(receipt) = &self.receipt else { return Err(Broken) };
        match phone.acknowledge(enrolment, &receipt.key, &receipt.one_time).await.status {
            204 => {
                self.key = Some(receipt.key.clone());
                Ok(receipt.certificate.clone())
            }
            0 => Err(Broken),
            other => panic!("a receipt is refused: {other}"),
        }
    }
}

/// Two reviewers of the console, logged in.
struct Desk([Http; 2]);

impl Desk {
    /// The second one is made on the command line.
    async fn open(server: &Server, data: &Path, database: &TestDatabase) -> Self {
        let mut make = Command::new(env!("CARGO_BIN_EXE_guiqian"));
        make.args(["add-reviewer", "--username", "second", "--role", "reviewer", "--institution", "guiyun", "--data"]);
        let made = make.arg(data).args(database.arguments()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        let logins = [
            json!({ "username": "reviewer", "password": journey::reviewer_password(data) }),
            json!({ "username": "second", "password": made["password"] }),
        ];
        let mut desk = Vec::new();
        for login in logins {
            let mut http = Http::new(&server.origin);
            http.post("/api/console/sessions", login).await.expect(201);
            desk.push(http);
        }
        Self(desk.try_into().unwrap_or_else(|_| unreachable!()))
    }

    /// As many approvals as it takes.
    async fn approve(&mut self, server: &Server, id: &str) {
        let path = format!("/api/console/applications/{id}");
        for http in &mut self.0 {
            *http = http.moved(&server.origin);
            let application = http.get(&path).await.ok().json();
            if application["state"].as_str().is_some_and(|state| state.contains("reviewer")) {
                let decision = json!({ "version": application["version"] });
                http.post(&format!("{path}/approval"), decision).await.ok();
            }
        }
    }
}

/// One database, opened beside the platform or without it.
async fn storage(data: &Path, database: &TestDatabase) -> Storage {
    let address = database.address();
    let place = address.as_ref().map_or(Place::Folder(data), Place::Postgres);
    Storage::open(place, Hub::default()).await.unwrap()
}

/// A stage whose server can be killed and started again.
struct Ground {
    folder: tempfile::TempDir,
    database: TestDatabase,
    server: Option<Server>,
    desk: Desk,
}

impl Ground {
    async fn open() -> Self {
        let (folder, database) = (tempfile::tempdir().unwrap(), TestDatabase::fresh().await);
        let data = folder.path().join("data");
        let server = Server::start(&data, &database, None);
        let desk = Desk::open(&server, &data, &database).await;
        Self { folder, database, server: Some(server), desk }
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    fn restart(&mut self, fail_point: Option<&str>) {
        if let Some(server) = self.server.take() {
            server.kill();
        }
        self.server = Some(Server::start(&self.data(), &self.database, fail_point));
    }

    /// Somebody who is logged in and verified, with a phone.
    async fn person(&self, n: u32) -> Phone<Http> {
        let mut http = Http::new(&self.server().origin);
        journey::log_in(&mut http, &format!("139{n:08}")).await;
        journey::verify(&mut http, &self.server().origin, "韦桂花", &id_number(n)).await;
        Phone::register(http, now).await
    }

    async fn approve(&mut self, application: &str) {
        let server = self.server.take().unwrap();
        self.desk.approve(&server, application).await;
        self.server = Some(server);
    }

    /// Somebody with a certificate on a phone.
    async fn enrolled(&mut self, n: u32) -> (Phone<Http>, Key, Value) {
        let mut phone = self.person(n).await;
        let application = journey::apply(&mut phone.http).await;
        self.approve(&application).await;
        let enrolment = phone.begin(&application).await;
        let mut key = phone.generate(&enrolment).await.unwrap();
        let certificate = phone.complete(&enrolment, &mut key).await.expect(201).json();
        (phone, key, certificate)
    }

    /// The download of an approved application, with the server killed at `point` and started again.
    async fn download(&mut self, phone: &mut Phone<Http>, application: &str, point: &str, round: &str) -> (Value, Key) {
        let armed = self.folder.path().join(format!("{round}-{point}"));
        let marker = armed.join("reached");
        self.restart(Some(&format!("{point}@{}", marker.display())));
        phone.http = phone.http.moved(&self.server().origin);
        std::fs::create_dir(&armed).unwrap();
        let mut stored = Stored::default();
        let server = self.server.take().unwrap();
        let (broken, ()) = tokio::join!(stored.go_on(phone, application), async {
            reached(marker).await;
            server.kill();
        });
        assert!(broken.is_err(), "{round} {point}: the server answered");
        self.server = Some(Server::start(&self.data(), &self.database, None));
        phone.http = phone.http.moved(&self.server().origin);
        let certificate = stored.go_on(phone, application).await;
        (certificate.unwrap_or_else(|_| panic!("{round} {point}: cannot be finished")), stored.key.unwrap())
    }

    /// The certificate signs and decrypts on this phone, with its own key and earlier ones.
    async fn works(&self, phone: &mut Phone<Http>, key: &mut Key, certificate: &Value, earlier: &[sm2::PublicKey]) {
        log_in(self.server(), &self.data(), phone, key).await;
        let id = text(&certificate["id"]);
        for public in [&[encryption_key(certificate)], earlier].concat() {
            let secret = sm2::encrypt(&public, b"bid").unwrap();
            assert_eq!(phone.decrypt(key, PIN, &id, &public, &secret).await.unwrap(), b"bid");
        }
    }

    /// Lets the time of unfinished downloads run out: whatever they left behind goes at the next start, and nothing else.
    async fn nothing_is_left(&mut self) {
        self.server.take().unwrap().kill();
        let db = storage(&self.data(), &self.database).await;
        let tx = db.begin().await.unwrap();
        enrolment::Entity::update_many()
            .col_expr(enrolment::Column::ExpiresAt, Expr::value(1))
            .exec(&*tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        drop(db);
        self.restart(None);
        let mut left = Vec::new();
        for _ in 0..100 {
            left = self.left_behind().await;
            if left.is_empty() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("{left:?}");
    }

    /// Certificates that are not issued, living keys without a certificate and escrowed keys without one.
    async fn left_behind(&self) -> Vec<String> {
        let db = storage(&self.data(), &self.database).await;
        let certificates = certificate::Entity::find().all(&*db).await.unwrap();
        let beside = encryption_certificate::Entity::find().all(&*db).await.unwrap();
        let keys = split_key::Entity::find().filter(split_key::Column::State.eq("active")).all(&*db).await.unwrap();
        let escrowed = kmc::entity::Entity::find().all(&*db).await.unwrap();
        let issued = |id| certificates.iter().any(|one| one.id == id && one.der.is_some());
        let unissued = certificates.iter().filter(|one| one.der.is_none()).map(|one| format!("certificate {}", one.id));
        let alone = keys.iter().filter(|key| !certificates.iter().any(|one| one.key_id == key.id && one.der.is_some()));
        let unheld = escrowed.iter().filter(|key| !issued(key.certificate_id)).map(|key| format!("escrow {}", key.id));
        let halves = beside.iter().filter(|one| !issued(one.certificate_id) || one.der.is_none());
        unissued
            .chain(alone.map(|key| format!("key {}", key.id)))
            .chain(unheld)
            .chain(halves.map(|one| format!("encryption certificate of {}", one.certificate_id)))
            .collect()
    }
}

async fn certificates(phone: &mut Phone<Http>) -> Vec<Value> {
    phone.http.get("/api/certificates").await.ok().json()["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_step_of_a_download_the_phone_comes_to_one_certificate() {
    let mut ground = Ground::open().await;
    for (n, point) in (1..).zip(POINTS) {
        let mut phone = ground.person(n).await;
        let application = journey::apply(&mut phone.http).await;
        ground.approve(&application).await;
        let (certificate, mut key) = ground.download(&mut phone, &application, point, "download").await;
        let held = certificates(&mut phone).await;
        assert_eq!((held.len(), &held[0]["id"]), (1, &certificate["id"]), "{point}");
        ground.works(&mut phone, &mut key, &certificate, &[]).await;
    }
    ground.nothing_is_left().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_step_of_a_renewal_the_old_certificate_is_good_until_the_new_one_is_there() {
    let mut ground = Ground::open().await;
    let (mut phone, mut key, mut old) = ground.enrolled(1).await;
    let mut earlier = Vec::new();
    for point in POINTS {
        ground.expires_soon(&old).await;
        phone.http = phone.http.moved(&ground.server().origin);
        let new = json!({ "kind": "personal_renewal", "certificate_id": old["id"] });
        let draft = phone.http.post("/api/applications", new).await.expect(201).json();
        let application = text(&draft["id"]);
        let institutions = phone.http.get("/api/institutions").await.ok().json();
        let guiyun = institutions["items"].as_array().unwrap().iter().find(|one| one["slug"] == "guiyun").unwrap();
        let choice = json!({ "product_id": guiyun["products"][0]["id"] });
        phone.http.patch(&format!("/api/applications/{application}"), choice).await.ok();
        phone.http.call("POST", &format!("/api/applications/{application}/submission"), None, Vec::new()).await.ok();
        ground.approve(&application).await;
        earlier.push(encryption_key(&old));
        ground.works(&mut phone, &mut key, &old, &earlier[..earlier.len() - 1]).await;
        let (new, new_key) = ground.download(&mut phone, &application, point, "renewal").await;
        let of_application =
            certificates(&mut phone).await.into_iter().filter(|one| one["not_after"] == new["not_after"]);
        assert_eq!(of_application.count(), 1, "{point}");
        (old, key) = (new, new_key);
        ground.works(&mut phone, &mut key, &old, &earlier).await;
    }
    ground.nothing_is_left().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_step_of_a_recovery_one_phone_holds_the_certificate_and_everything_opens() {
    let mut ground = Ground::open().await;
    for (n, point) in (1..).zip(POINTS) {
        let (mut phone, mut key, old) = ground.enrolled(n).await;
        let mut next = Phone::register(phone.http.clone(), now).await;
        let origin = ground.server().origin.clone();
        let application = journey::recover(&mut next, &origin, &text(&old["id"]), "passed").await;
        next.http.call("POST", &format!("/api/applications/{application}/submission"), None, Vec::new()).await.ok();
        ground.approve(&application).await;
        // Until the download the old phone is good.
        ground.works(&mut phone, &mut key, &old, &[]).await;
        let (new, mut new_key) = ground.download(&mut next, &application, point, "recovery").await;
        let states: Vec<_> = certificates(&mut next).await.iter().map(|one| text(&one["state"])).collect();
        assert_eq!(states.iter().filter(|state| *state == "active").count(), 1, "{point}: {states:?}");
        ground.works(&mut next, &mut new_key, &new, &[encryption_key(&old)]).await;
        phone.http = phone.http.moved(&ground.server().origin);
        let dead = phone.prepare(&mut key, uuid::Uuid::new_v4()).await.unwrap_err();
        assert_eq!(dead, Failure::Refused(Refusal::Revoked), "{point}: the old phone");
    }
    ground.nothing_is_left().await;
}

impl Ground {
    /// As if most of a certificate's time had passed: only the row says so, which is all that the platform asks.
    async fn expires_soon(&mut self, old: &Value) {
        self.server.take().unwrap().kill();
        let db = storage(&self.data(), &self.database).await;
        let row = certificate::Entity::find_by_id(id_of(&old["id"])).one(&*db).await.unwrap().unwrap();
        let mut row = row.into_active_model();
        row.not_after = Set(i64::try_from(now()).unwrap() + 20 * 24 * 3_600_000);
        let tx = db.begin().await.unwrap();
        row.update(&*tx).await.unwrap();
        tx.commit().await.unwrap();
        drop(db);
        self.restart(None);
    }
}
