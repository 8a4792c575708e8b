//! After a whole journey, everything that the platform has written — database with its log, objects, tracing — is
//! searched for what must not be there (`docs/protocol.md`, clause 10: values that turn a copied phone into a search).

use std::{
    collections::BTreeMap,
    io,
    path::Path,
    sync::{Arc, Mutex},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use gm::curve::{Point, Scalar};
use sea_orm::EntityTrait as _;
use serde_json::json;
use server::{
    keys::{
        entity::split_key,
        vault::{MasterKeyVault, SealedShare, ShareContext, open_share},
    },
    providers::{ProviderError, Providers, SmsNotice, SmsProvider},
};

use crate::{
    common::{ORIGIN, Platform},
    phone::{
        PIN, Phone, WRONG_PIN, id_of,
        journey::{self, id_number},
        text,
        transport::{InProcess, Transport as _},
        uuid,
    },
    stage::Stage,
};

/// Remembers what was sent, in memory only: the sandbox's outbox shows codes on purpose.
#[derive(Clone, Default)]
struct Pocket(Arc<Mutex<BTreeMap<String, String>>>);

#[async_trait::async_trait]
impl SmsProvider for Pocket {
    async fn send_code(&self, phone: &str, code: &str) -> Result<(), ProviderError> {
        self.0.lock().unwrap().insert(phone.to_owned(), code.to_owned());
        Ok(())
    }

    async fn send_notice(&self, _: &str, _: &SmsNotice<'_>) -> Result<(), ProviderError> {
        Ok(())
    }
}

/// What the log says.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every file below the folder, but those that are made to hold secrets.
fn written(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "secrets" {
            found.extend(written(&path));
        } else if path.is_file() && name != "bootstrap.txt" && name != "relying-party.json" {
            found.push((name, std::fs::read(&path).unwrap()));
        }
    }
    found
}

/// Whether `needle` stands in `hay`, and not by chance within a longer hexadecimal number.
fn stands_in(hay: &[u8], needle: &[u8]) -> bool {
    let hex = |octet: Option<&u8>| octet.is_some_and(u8::is_ascii_hexdigit);
    hay.windows(needle.len()).enumerate().any(|(at, window)| {
        window == needle
            && (needle.len() > 8
                || !hex(at.checked_sub(1).and_then(|at| hay.get(at))) && !hex(hay.get(at + needle.len())))
    })
}

/// A value in the forms in which it might have been written.
fn forms(octets: &[u8]) -> Vec<Vec<u8>> {
    let list: Vec<String> = octets.iter().map(u8::to_string).collect();
    // Where base64 begins within a longer value shifts it: each of the three ways has a middle that is always the same.
    let shifted = (0..3).map(|skip| {
        let text = STANDARD.encode([&vec![0; skip], octets].concat());
        text.as_bytes()[4..octets.len() / 3 * 4 - 4].to_vec()
    });
    let url = URL_SAFE_NO_PAD.encode(octets).into_bytes();
    let texts = [hex::encode(octets), hex::encode_upper(octets), list.join(", "), list.join(",")];
    [octets.to_vec(), url].into_iter().chain(texts.map(String::into_bytes)).chain(shifted).collect()
}

#[tokio::test]
async fn nothing_that_is_written_holds_a_pin_a_code_a_token_or_a_value_that_tests_pins() {
    let (log, pocket) = (Log::default(), Pocket::default());
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    tracing::subscriber::set_global_default(subscriber.with_writer(move || writer.clone()).finish()).unwrap();
    let providers = Providers { sms: Some(Arc::new(pocket.clone())), face: None };
    let stage = Stage::on(Platform::start_with(providers).await);
    let platform = &stage.platform;

    // The journey: login, real name, application, key, certificate, a wrong PIN, a login and a signature by scanning.
    let (number, mut http) = ("13900000001", InProcess::new(platform.router.clone()));
    http.post("/api/login-codes", json!({ "phone": number })).await.expect(202);
    let code = pocket.0.lock().unwrap()[number].clone();
    let mut second = platform.browser();
    let wrong_code = if code == "739105" { "739106" } else { "739105" };
    let login = json!({ "phone": number, "code": wrong_code, "agreed": true });
    http.post("/api/sessions", login).await.refused(422, "CODE_WRONG");
    let login = json!({ "phone": number, "code": code, "agreed": true });
    http.post("/api/sessions", login).await.expect(201);
    journey::verify(&mut http, ORIGIN, "韦桂花", &id_number(1)).await;
    let application_id = journey::apply(&mut http).await;
    journey::approve(InProcess::new(platform.router.clone()), platform.folder(), &application_id).await;
    let mut phone = Phone::register(http, stage.now()).await;
    let enrolment = phone.begin(&application_id).await;
    let mut key = phone.generate(&enrolment).await.unwrap();
    phone.complete(&enrolment, &mut key).await.expect(201);
    let request = stage.claimed_login(&mut phone).await;
    let (task, message) = (id_of(&request["id"]), phone.message(&request).await);
    phone.sign(&mut key, WRONG_PIN, task, &message).await.unwrap_err();
    let subject = stage.log_in(&mut phone, &mut key).await;
    let request = stage.claimed_document(&mut phone, &subject).await;
    let signature = phone.sign_request(&mut key, &request).await.unwrap();
    phone.confirm(&request, &signature).await.ok();

    // Two more sessions, whose tokens this test can see.
    platform.clock.advance(jiff::SignedDuration::from_secs(61));
    second.post("/api/login-codes", json!({ "phone": number })).await.expect(axum::http::StatusCode::ACCEPTED);
    let second_code = pocket.0.lock().unwrap()[number].clone();
    let login = json!({ "phone": number, "code": second_code, "agreed": true });
    second.post("/api/sessions", login).await.expect(axum::http::StatusCode::CREATED);
    second.get("/api/me").await.expect(axum::http::StatusCode::OK);
    let console = platform.reviewer().await;
    let token = |line: String| line.split_once('=').unwrap().1.to_owned();

    // The server's share and the phone's point, as only the server's own key can find them again.
    let row = split_key::Entity::find_by_id(uuid(key.sealed.key_id())).one(&*platform.state.db).await.unwrap().unwrap();
    let device_key = phone.device_key.verifying_key().to_sec1_point(false);
    let context =
        ShareContext { key_id: row.id, epoch: 1, public_key: &row.public_key, device_key: device_key.as_bytes() };
    let sealed = SealedShare { wrapped_key: row.wrapped_key.unwrap(), wrapped_share: row.wrapped_share.unwrap() };
    let vault = MasterKeyVault::new(&platform.state.secrets, "key-operations/shares");
    let y2 = open_share(&vault, &context, &sealed).unwrap();
    let inverse = Scalar::from_slice(&*y2).unwrap().invert().unwrap();
    let public = Point::from_slice(&row.public_key).unwrap();
    let x1 = public.mul_add_base_vartime(&inverse, &inverse).normalize().unwrap().to_bytes();

    let (_, client_secret) = journey::credentials(platform.folder());
    let mut secrets: Vec<(&str, Vec<u8>)> = vec![
        ("PIN", PIN.into()),
        ("wrong PIN", WRONG_PIN.into()),
        ("SMS code", code.into()),
        ("second SMS code", second_code.into()),
        ("session token", token(second.cookie_line()).into()),
        ("console token", token(console.cookie_line()).into()),
        ("identity number", id_number(1).into()),
        ("relying party's secret", client_secret.into()),
    ];
    for (name, value) in [("y2", &y2[..]), ("x of X1", &x1[1..33]), ("y of X1", &x1[33..])] {
        secrets.extend(forms(value).into_iter().map(|form| (name, form)));
    }
    let mut places = written(platform.folder());
    match platform.database().dump().await {
        Some(tables) => {
            assert!(tables.iter().filter(|(_, rows)| !rows.is_empty()).count() > 20, "tables with rows");
            places.extend(tables);
        }
        None => {
            let database = places.iter().filter(|(name, _)| name.starts_with("guiqian.db"));
            assert!(database.map(|(_, octets)| octets.len()).sum::<usize>() > 100_000, "a database with its log");
        }
    }
    let log = log.0.lock().unwrap().clone();
    for (name, secret) in &secrets {
        for (place, octets) in &places {
            assert!(!stands_in(octets, secret), "{name} stands in {place}");
        }
        // The sandbox says the first reviewer's password in the log on purpose; nothing else.
        assert!(!stands_in(&log, secret), "{name} stands in the log");
    }
    // The search finds what is there.
    let public = forms(&row.public_key);
    assert!(
        places.iter().any(|(_, octets)| public.iter().any(|form| stands_in(octets, form))),
        "the public key is there"
    );
    assert!(text(&request["id"]).len() == 36 && stands_in(&log, b"first start"), "the log was captured");
}
