//! Every endpoint of the description refuses garbage: with a problem, a stable code and 4xx, never 5xx.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use serde_json::{Value, json};
use server::app;

use crate::common::{Answer, Browser, ID_NUMBERS, Platform};

/// An operation of the description.
struct Operation {
    method: Method,
    path: String,
    parameters: Vec<(String, String)>,
    body: Option<String>,
}

fn operations() -> Vec<Operation> {
    let document: Value = serde_json::to_value(app::api().1).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let parameters = parameters.map(|one| (text(&one["in"]), text(&one["name"]))).collect();
            let body =
                operation["requestBody"]["content"].as_object().and_then(|content| content.keys().next().cloned());
            all.push(Operation { method, path: path.clone(), parameters, body });
        }
    }
    assert!(all.len() > 25, "the description is there");
    all
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path with every parameter replaced.
    fn path_with(&self, value: &str) -> String {
        self.parameters.iter().fold(self.path.clone(), |path, (_, name)| path.replace(&format!("{{{name}}}"), value))
    }

    fn has_path_parameter(&self) -> bool {
        self.path.contains('{')
    }

    async fn send(&self, who: &mut Browser, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        who.octets(self.method.clone(), path, content_type, body).await
    }
}

/// Neither garbage nor strangers may make the platform fail, and a refusal is a problem.
#[track_caller]
fn check(operation: &Operation, what: &str, answer: &Answer) {
    let name = operation.name();
    assert!(!answer.status.is_server_error(), "{name}: {what}: {}", answer.status);
    if answer.status.is_client_error() {
        let code = answer.problem();
        assert!(
            code.chars().all(|one| one.is_ascii_uppercase() || one == '_' || one.is_ascii_digit()),
            "{name}: {code}"
        );
    }
}

#[track_caller]
fn check_refused(operation: &Operation, what: &str, answer: &Answer) {
    check(operation, what, answer);
    assert!(answer.status.is_client_error(), "{}: {what}: {}", operation.name(), answer.status);
}

/// A stranger's ids and things that are no ids.
const IDS: [&str; 7] = [
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "1",
    "%00",
    "%ff%fe",
    "..%2f..%2fetc%2fpasswd",
    "%F0%9F%98%80%27%3B%20DROP%20TABLE%20account%3B--",
];

/// What is JSON and still no request.
fn wrong_json() -> Vec<Value> {
    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(1e308),
        json!("text"),
        json!([]),
        json!({}),
        json!({ "": null }),
        json!({ "__proto__": { "admin": true } }),
        deep,
    ]
}

#[tokio::test]
async fn every_endpoint_refuses_garbage() {
    let platform = Platform::start().await;
    let phone = platform.verified_phone("13800138000", ID_NUMBERS[0]).await;
    let console = platform.reviewer().await;
    let callers = [platform.browser(), phone, console];
    for operation in operations() {
        for caller in &callers {
            malformed_bodies(&operation, &mut caller.clone()).await;
            foreign_ids(&operation, &mut caller.clone()).await;
            wrong_queries(&operation, &mut caller.clone()).await;
        }
        // What was refused once is refused again, and in the same way.
        let mut stranger = platform.browser();
        let path = operation.path_with(IDS[0]);
        let first = operation.send(&mut stranger, &path, "application/json", b"{".to_vec()).await;
        let second = operation.send(&mut stranger, &path, "application/json", b"{".to_vec()).await;
        assert_eq!(first.status, second.status, "{}", operation.name());
    }
}

async fn malformed_bodies(operation: &Operation, caller: &mut Browser) {
    let path = operation.path_with(IDS[0]);
    let Some(kind) = operation.body.as_deref() else { return };
    let nothing = operation.send(caller, &path, kind, Vec::new()).await;
    check_refused(operation, "nothing", &nothing);
    let noise: Vec<u8> = (0..=255).collect();
    let noisy = operation.send(caller, &path, kind, noise.clone()).await;
    // A verification page takes any file and says that it is not signed.
    check(operation, "noise", &noisy);
    let foreign = operation.send(caller, &path, "application/x-strange", noise).await;
    check_refused(operation, "a foreign media type", &foreign);
    if kind == "application/json" {
        for text in ["{", "{\"a\":", "\u{feff}{}", "nul", "{}{}"] {
            let answer = operation.send(caller, &path, kind, text.as_bytes().to_vec()).await;
            check_refused(operation, text, &answer);
        }
        for value in wrong_json() {
            let answer = operation.send(caller, &path, kind, value.to_string().into_bytes()).await;
            if value == json!({}) && operation.method == Method::PATCH {
                check(operation, "an empty change", &answer);
            } else {
                check_refused(operation, &value.to_string().chars().take(40).collect::<String>(), &answer);
            }
        }
    }
    let huge = vec![b' '; 33 * 1024 * 1024];
    let answer = operation.send(caller, &path, kind, huge).await;
    check_refused(operation, "33 MiB", &answer);
}

async fn foreign_ids(operation: &Operation, caller: &mut Browser) {
    if !operation.has_path_parameter() {
        return;
    }
    for id in IDS {
        let path = operation.path_with(id);
        let kind = operation.body.as_deref().unwrap_or("application/json");
        let answer = operation.send(caller, &path, kind, b"{}".to_vec()).await;
        check_refused(operation, id, &answer);
    }
}

async fn wrong_queries(operation: &Operation, caller: &mut Browser) {
    if operation.method != Method::GET {
        return;
    }
    let path = operation.path_with(IDS[0]);
    for value in ["", "%00", "%ff", "9999999999999999999999", "-1", "'%20OR%201=1", "%F0%9F%98%80"] {
        let names = operation.parameters.iter().filter(|(place, _)| place == "query");
        let query: Vec<String> = names.map(|(_, name)| format!("{name}={value}")).collect();
        let answer = caller.get(&format!("{path}?{}", query.join("&"))).await;
        check(operation, value, &answer);
        let answer = caller.get(&format!("{path}?unknown={value}&&=&")).await;
        check(operation, value, &answer);
    }
}

#[tokio::test]
async fn every_endpoint_behind_a_login_wants_one() {
    /// What anyone may ask for.
    const OPEN: [&str; 10] = [
        "/api/health",
        "/api/platform",
        "/api/institutions",
        "/api/login-codes",
        "/api/sessions",
        "/api/password-resets",
        "/api/console/sessions",
        "/api/verifications",
        "/api/log/head",
        "/api/log/consistency",
    ];
    let platform = Platform::start().await;
    let mut stranger = platform.browser();
    let mut seen = BTreeMap::new();
    for operation in operations() {
        let path = &operation.path;
        let open = OPEN.contains(&path.as_str())
            || ["/sandbox", "/api/sandbox/", "/pki/", "/api/help/", "/api/console/scans"]
                .iter()
                .any(|one| path.starts_with(one));
        // Phones prove themselves to the door by what is inside of the envelope.
        if open || path == "/api/key-operations" {
            continue;
        }
        let request = Request::builder().method(operation.method.clone()).uri(operation.path_with(IDS[0]));
        let request = request.header("content-type", operation.body.as_deref().unwrap_or("application/json"));
        let answer = stranger.send(request, Body::from("{}")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", operation.name());
        *seen.entry(answer.problem()).or_insert(0) += 1;
    }
    assert!(seen.values().sum::<i32>() > 20, "{seen:?}");
}
