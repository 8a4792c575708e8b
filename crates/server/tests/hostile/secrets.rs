//! After a whole journey, everything that the platform has written — database with its log, objects, tracing, the bodies
//! of its refusals — is searched for what must not be there (`docs/protocol.md`, clause 10: values that turn a copied
//! phone into a search). Then the database fails under the same requests, and the search is made again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

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
    leaks::{Log, forms, master_key, refuse, shares, stands_in, take_away, written},
    phone::{
        Failure, PIN, Phone, WRONG_PIN, id_of,
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

#[tokio::test]
async fn nothing_that_is_written_holds_a_pin_a_code_a_token_or_a_value_that_tests_pins() {
    let (log, pocket) = (Log::default(), Pocket::default());
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    tracing::subscriber::set_global_default(subscriber.with_writer(move || writer.clone()).finish()).unwrap();
    let providers = Providers { sms: Some(Arc::new(pocket.clone())), ..Providers::sandbox() };
    let refusals = Log::default();
    let mut platform = Platform::start_with(providers).await;
    platform.router = refusals.of_refusals(platform.router);
    let stage = Stage::on(platform);
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
    let (_, client_secret) = journey::credentials(platform.folder());
    let mut secrets: Vec<(&str, Vec<u8>)> = vec![
        ("PIN", PIN.into()),
        ("wrong PIN", WRONG_PIN.into()),
        ("SMS code", code.clone().into()),
        ("second SMS code", second_code.into()),
        ("session token", token(second.cookie_line()).into()),
        ("console token", token(console.cookie_line()).into()),
        ("identity number", id_number(1).into()),
        ("relying party's secret", client_secret.into()),
    ];
    // In places where they do not belong: what is wrong with a request is told without it.
    for (_, secret) in &secrets {
        misplace(&mut phone.http, std::str::from_utf8(secret).unwrap()).await;
    }
    secrets.extend(shares(&y2[..], &row.public_key));
    secrets.extend(master_key(platform.folder()));
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
    // The sandbox says the first reviewer's password in the log on purpose; nothing else.
    places.extend([("the log".to_owned(), log.octets()), ("a refusal".to_owned(), refusals.octets())]);
    refuse(&secrets, &places);
    // The search finds what is there.
    let public = forms(&row.public_key);
    assert!(
        places.iter().any(|(_, octets)| public.iter().any(|form| stands_in(octets, form))),
        "the public key is there"
    );
    assert!(text(&request["id"]).len() == 36 && stands_in(&log.octets(), b"first start"), "the log was captured");
    assert!(stands_in(&refusals.octets(), b"CODE_WRONG") && stands_in(&refusals.octets(), b"JSON_INVALID"));

    // Now the database fails, at whatever point of a request.
    let request = stage.claimed_login(&mut phone).await;
    let (task, message) = (id_of(&request["id"]), phone.message(&request).await);
    let begun = log.octets().len();
    take_away(platform, &["split_key", "login_code"]).await;
    let failed = phone.sign(&mut key, PIN, task, &message).await.unwrap_err();
    assert_eq!(failed, Failure::Problem(500, "INTERNAL".to_owned()));
    let login = json!({ "phone": number, "code": code, "agreed": true });
    second.post("/api/sessions", login).await.refused(500, "INTERNAL");
    let log = log.octets();
    assert!(stands_in(&log[begun..], b"split_key") && stands_in(&log[begun..], b"login_code"), "the log says why");
    refuse(&secrets, &[("the log".to_owned(), log), ("a refusal".to_owned(), refusals.octets())]);
}

/// Puts a value where other values belong.
async fn misplace(http: &mut InProcess, value: &str) {
    let wrong = json!({ "phone": value, "code": value, "password": value, "agreed": value, value: value });
    for path in ["/api/login-codes", "/api/sessions", "/api/console/sessions", "/api/scan-claims", "/api/applications"]
    {
        let reply = http.post(path, wrong.clone()).await;
        assert!((400..500).contains(&reply.status), "{path} {}", reply.status);
        let broken = format!("{{\"phone\": {value}, \"code\": \"{value}\"").into_bytes();
        http.call("POST", path, Some("application/json"), broken).await.refused(400, "JSON_INVALID");
    }
}
