//! The real providers against stubs of their published protocols, which check signatures as the services do.

#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Query, State},
    http::HeaderMap,
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey},
};
use serde_json::{Value, json};
use server::{
    clock::{ManualClock, SharedClock},
    providers::{
        AlipayFace, AlipayFaceSettings, AliyunSms, AliyunSmsSettings, FaceOutcome, FaceProvider as _, FaceRequest,
        ProviderError, Providers, SmsNotice, SmsProvider as _,
    },
};
use uuid::Uuid;

type Parameters = BTreeMap<String, String>;

fn clock() -> SharedClock {
    ManualClock::at("2026-03-02T16:30:00Z".parse::<Timestamp>().unwrap())
}

/// Serves `router` on a free port.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn aliyun(endpoint: String) -> AliyunSms {
    let settings = AliyunSmsSettings {
        endpoint,
        access_key_id: "test-id".to_owned(),
        access_key_secret: "test-secret".to_owned(),
        sign_name: "桂签".to_owned(),
        template_code: "SMS_1".to_owned(),
        template_invitation: Some("SMS_2".to_owned()),
        template_consent: None,
        template_approval: Some("SMS_4".to_owned()),
    };
    AliyunSms::new(settings, clock())
}

fn hex_sha256(text: &str) -> String {
    ring::digest::digest(&ring::digest::SHA256, text.as_bytes())
        .as_ref()
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect()
}

/// Checks a request as the service documents it, from what arrived.
async fn send_sms(headers: HeaderMap, uri: axum::http::Uri, Query(parameters): Query<Parameters>) -> String {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let authorization = header("authorization");
    let names = authorization.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap();
    let lines: String = names.split(';').map(|name| format!("{name}:{}\n", header(name))).collect();
    let query = uri.query().unwrap();
    let canonical = format!("POST\n/\n{query}\n{lines}\n{names}\n{}", hex_sha256(""));
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"test-secret");
    let tag = ring::hmac::sign(&key, format!("ACS3-HMAC-SHA256\n{}", hex_sha256(&canonical)).as_bytes());
    let tag: String = tag.as_ref().iter().map(|octet| format!("{octet:02x}")).collect();
    if !authorization.ends_with(&format!("Signature={tag}")) {
        return json!({ "Code": "SignatureDoesNotMatch", "Message": "no" }).to_string();
    }
    assert_eq!(header("x-acs-action"), "SendSms");
    assert_eq!(header("x-acs-date"), "2026-03-02T16:30:00Z");
    assert_eq!(parameters["SignName"], "桂签");
    let long = format!(r#"{{"enterprise":"{}"}}"#, "桂".repeat(35));
    let variables = match parameters["TemplateCode"].as_str() {
        "SMS_1" => r#"{"code":"012345"}"#,
        "SMS_2" => &long,
        "SMS_4" => "{}",
        other => panic!("nobody approved {other}"),
    };
    assert_eq!(parameters["TemplateParam"], variables);
    let code = if parameters["PhoneNumbers"] == "13800138000" { "OK" } else { "isv.BUSINESS_LIMIT_CONTROL" };
    json!({ "Code": code, "Message": code, "RequestId": "1" }).to_string()
}

#[tokio::test]
async fn a_code_is_sent_by_sms_and_a_refusal_is_told() {
    let endpoint = serve(Router::new().route("/", post(send_sms))).await;
    aliyun(endpoint.clone()).send_code("13800138000", "012345").await.unwrap();
    let refused = aliyun(endpoint).send_code("13900139000", "012345").await.unwrap_err();
    assert!(matches!(refused, ProviderError::Refused(reason) if reason.contains("isv.BUSINESS_LIMIT_CONTROL")));
}

/// Each with its own template; a name longer than the service takes is cut; without a template nothing is sent.
#[tokio::test]
async fn a_notice_is_sent_by_its_template() {
    let service = aliyun(serve(Router::new().route("/", post(send_sms))).await);
    let enterprise = "桂".repeat(36);
    service.send_notice("13800138000", &SmsNotice::Invitation { enterprise: &enterprise }).await.unwrap();
    service.send_notice("13800138000", &SmsNotice::Approval).await.unwrap();
    let refused = service.send_notice("13900139000", &SmsNotice::Approval).await.unwrap_err();
    assert!(matches!(refused, ProviderError::Refused(_)));
    let unsent = service.send_notice("13800138000", &SmsNotice::Consent).await.unwrap_err();
    assert!(matches!(unsent, ProviderError::Settings(_)));
}

#[tokio::test]
async fn a_service_that_is_down_or_talks_nonsense_is_unavailable() {
    let down = aliyun("http://127.0.0.1:1".to_owned()).send_code("13800138000", "012345").await.unwrap_err();
    assert!(matches!(down, ProviderError::Unavailable(_)));
    let endpoint = serve(Router::new().route("/", post(async || "<html>"))).await;
    let nonsense = aliyun(endpoint).send_code("13800138000", "012345").await.unwrap_err();
    assert!(matches!(nonsense, ProviderError::Unavailable(_)));
}

const MERCHANT_KEY: &str = include_str!("merchant.test-key.pem");
const MERCHANT_PUBLIC: &str = include_str!("merchant.test-public.pem");
const PROVIDER_KEY: &str = include_str!("provider.test-key.pem");
const PROVIDER_PUBLIC: &str = include_str!("provider.test-public.pem");

fn der(pem: &str) -> Vec<u8> {
    STANDARD.decode(pem.lines().filter(|line| !line.starts_with('-')).collect::<String>()).unwrap()
}

/// What the stub answers to a query, and whether it signs with its own key.
#[derive(Clone)]
struct Gateway {
    answer: Value,
    honest: bool,
    seen: Arc<Mutex<Vec<Parameters>>>,
}

impl Gateway {
    fn new(answer: Value) -> Self {
        Self { answer, honest: true, seen: Arc::default() }
    }

    async fn serve(&self) -> String {
        serve(Router::new().route("/gateway.do", post(gateway)).with_state(self.clone())).await + "/gateway.do"
    }
}

/// Splits and decodes a form, and checks its signature as the gateway does.
fn checked_form(form: &str) -> Parameters {
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let pairs = form.split('&').map(|pair| pair.split_once('=').unwrap());
    let mut parameters: Parameters = pairs.map(|(name, value)| (decode(name), decode(value))).collect();
    let signature = STANDARD.decode(parameters.remove("sign").unwrap()).unwrap();
    let text: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let public = der(MERCHANT_PUBLIC);
    // A 2048-bit RSAPublicKey lies at the end of its SubjectPublicKeyInfo.
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &public[24..]);
    key.verify(text.join("&").as_bytes(), &signature).expect("the request's signature");
    parameters
}

async fn gateway(State(stub): State<Gateway>, form: String) -> String {
    let parameters = checked_form(&form);
    assert_eq!(parameters["timestamp"], "2026-03-03 00:30:00", "the platform lives in China's time");
    assert_eq!((parameters["sign_type"].as_str(), parameters["app_id"].as_str()), ("RSA2", "2021000000000001"));
    let method = parameters["method"].clone();
    stub.seen.lock().unwrap().push(parameters);
    let answer = match method.as_str() {
        "alipay.user.certify.open.initialize" => json!({ "code": "10000", "msg": "Success", "certify_id": "c0ffee" }),
        _ => stub.answer,
    };
    let text = answer.to_string();
    let key = RsaKeyPair::from_pkcs8(&der(if stub.honest { PROVIDER_KEY } else { MERCHANT_KEY })).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    format!(r#"{{"{}_response":{text},"sign":"{}"}}"#, method.replace('.', "_"), STANDARD.encode(signature))
}

fn alipay(gateway: String) -> AlipayFace {
    let settings = AlipayFaceSettings {
        gateway,
        app_id: "2021000000000001".to_owned(),
        private_key: MERCHANT_KEY.to_owned(),
        alipay_public_key: PROVIDER_PUBLIC.to_owned(),
        biz_code: "FACE".to_owned(),
    };
    AlipayFace::new(settings, clock()).unwrap()
}

fn request() -> FaceRequest {
    FaceRequest {
        id: Uuid::nil(),
        name: "韦桂花".to_owned(),
        id_number: "11010519491231002X".to_owned(),
        return_url: "https://ca.example/verify/done?verification=1".to_owned(),
    }
}

#[tokio::test]
async fn a_verification_is_initialised_and_the_browser_carries_a_signed_page_call() {
    let stub = Gateway::new(json!({ "code": "10000", "msg": "Success", "passed": "T" }));
    let gateway = stub.serve().await;
    let alipay = alipay(gateway.clone());
    let started = alipay.begin(&request()).await.unwrap();
    assert_eq!(started.reference, "c0ffee");
    let page = checked_form(started.redirect_url.strip_prefix(&format!("{gateway}?")).unwrap());
    assert_eq!(page["method"], "alipay.user.certify.open.certify");
    assert_eq!(page["biz_content"], r#"{"certify_id":"c0ffee"}"#);
    assert_eq!(alipay.outcome("c0ffee").await.unwrap(), FaceOutcome::Passed);
    let seen = stub.seen.lock().unwrap();
    let content: Value = serde_json::from_str(&seen[0]["biz_content"]).unwrap();
    assert_eq!(content["outer_order_no"], "0".repeat(32));
    assert_eq!(content["identity_param"]["cert_name"], "韦桂花");
    assert_eq!(content["merchant_config"]["return_url"], "https://ca.example/verify/done?verification=1");
}

#[tokio::test]
async fn a_person_who_has_not_finished_is_pending_and_one_who_was_refused_has_failed() {
    let pending = Gateway::new(json!({ "code": "10000", "passed": "F" }));
    assert_eq!(alipay(pending.serve().await).outcome("c0ffee").await.unwrap(), FaceOutcome::Pending);
    let failed = Gateway::new(json!({ "code": "10000", "passed": "F", "fail_reason": "Z1147" }));
    let outcome = alipay(failed.serve().await).outcome("c0ffee").await.unwrap();
    assert_eq!(outcome, FaceOutcome::Failed("FACE_NOT_PASSED".to_owned()));
}

#[tokio::test]
async fn an_answer_that_the_gateway_did_not_sign_is_not_believed() {
    let mut stub = Gateway::new(json!({ "code": "10000", "passed": "T" }));
    stub.honest = false;
    let refused = alipay(stub.serve().await).outcome("c0ffee").await.unwrap_err();
    assert!(matches!(refused, ProviderError::Unavailable(reason) if reason.contains("signature")));
}

#[tokio::test]
async fn a_refusal_of_the_gateway_is_told() {
    let stub = Gateway::new(json!({ "code": "40004", "msg": "Business Failed", "sub_code": "CERTIFY_ID_EXPIRED" }));
    let refused = alipay(stub.serve().await).outcome("c0ffee").await.unwrap_err();
    assert!(matches!(refused, ProviderError::Refused(reason) if reason.contains("CERTIFY_ID_EXPIRED")));
}

#[test]
fn settings_are_read_from_a_file_and_wrong_ones_say_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("providers.json");
    let read = |settings: Value| {
        std::fs::write(&file, settings.to_string()).unwrap();
        Providers::from_file(&file, &clock())
    };
    let sms =
        json!({ "aliyun": { "access_key_id": "a", "access_key_secret": "b", "sign_name": "c", "template_code": "d" } });
    let face =
        json!({ "alipay": { "app_id": "1", "private_key": MERCHANT_KEY, "alipay_public_key": PROVIDER_PUBLIC } });
    assert!(read(json!({ "sms": sms, "face": face })).is_ok());
    for wrong in [
        json!({}),
        json!({ "sms": sms }),
        json!({ "sms": sms, "face": { "alipay": { "app_id": "1", "private_key": "x", "alipay_public_key": "y" } } }),
        json!({ "sms": sms, "face": { "alipay": { "app_id": "1", "private_key": MERCHANT_KEY, "alipay_public_key": "eA==" } } }),
        json!({ "sms": { "pigeon": {} }, "face": face }),
    ] {
        assert!(matches!(read(wrong), Err(ProviderError::Settings(_))));
    }
}
