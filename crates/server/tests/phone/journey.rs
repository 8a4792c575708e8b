//! From a phone number to a certificate, as a person goes.

use std::{io::Cursor, path::Path};

use serde_json::{Value, json};

use super::{Key, Phone, text, transport::Transport};

/// Names and identity numbers of nobody: area 450103, made for tests, check character after GB 11643.
pub fn id_number(n: u32) -> String {
    let seventeen = format!("4501031990{:02}{:02}{:03}", n / 28 % 12 + 1, n % 28 + 1, n / 336 % 1000);
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = seventeen.chars().zip(WEIGHTS).map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
    format!("{seventeen}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][(sum % 11) as usize])
}

/// A signature on a transparent ground.
pub fn signature_png() -> Vec<u8> {
    let ink = |x: u32, y: u32| if x.abs_diff(y * 2) < 6 { image::Rgba([20, 20, 20, 255]) } else { image::Rgba([0; 4]) };
    let mut out = Cursor::new(Vec::new());
    image::RgbaImage::from_fn(240, 120, ink).write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

/// The code last sent to a number, from the sandbox's outbox. Notices go to the same number and carry none.
pub async fn sent_code<T: Transport>(http: &mut T, number: &str) -> String {
    let outbox = http.get("/api/sandbox/sms").await.ok().json();
    let mut items = outbox["items"].as_array().unwrap().iter();
    let newest = items.find(|item| item["phone"] == number && item["code"].is_string());
    text(&newest.expect("a code for this number")["code"])
}

/// Logs in with a code.
pub async fn log_in<T: Transport>(http: &mut T, number: &str) {
    http.post("/api/login-codes", json!({ "phone": number })).await.expect(202);
    let login = json!({ "phone": number, "code": sent_code(http, number).await, "agreed": true });
    http.post("/api/sessions", login).await.expect(201);
}

/// Proves a real name at the sandbox's face provider.
pub async fn verify<T: Transport>(http: &mut T, origin: &str, name: &str, id_number: &str) {
    let claim = json!({ "name": name, "id_number": id_number, "return_url_path": "/verify/done" });
    let started = http.post("/api/identity/verifications", claim).await.expect(201).json();
    let page = text(&started["redirect_url"]).strip_prefix(origin).expect("a page of this platform").to_owned();
    http.call("POST", &page, Some("application/x-www-form-urlencoded"), b"outcome=passed".to_vec()).await.expect(303);
    let verification = http.get(&format!("/api/identity/verifications/{}", text(&started["id"]))).await.ok().json();
    assert_eq!(verification["status"], "passed");
}

/// Hands in an application at an institution that wants a signature only; returns its id.
pub async fn apply<T: Transport>(http: &mut T) -> String {
    let list = http.get("/api/institutions").await.ok().json();
    let institution = list["items"].as_array().unwrap().iter().find(|one| one["slug"] == "guiyun").cloned().unwrap();
    let application = http.post("/api/applications", json!({ "kind": "personal_certificate" })).await.expect(201);
    let id = text(&application.json()["id"]);
    let choice = json!({ "institution_id": institution["id"], "product_id": institution["products"][0]["id"] });
    http.patch(&format!("/api/applications/{id}"), choice).await.ok();
    let material = format!("/api/applications/{id}/materials/signature");
    http.call("PUT", &material, Some("image/png"), signature_png()).await.ok();
    http.call("POST", &format!("/api/applications/{id}/submission"), None, Vec::new()).await.ok();
    id
}

/// The bootstrap reviewer's password.
pub fn reviewer_password(data: &Path) -> String {
    let file = std::fs::read_to_string(data.join("bootstrap.txt")).unwrap();
    file.lines().find_map(|line| line.strip_prefix("password: ")).unwrap().to_owned()
}

/// Approves an application.
pub async fn approve<T: Transport>(mut console: T, data: &Path, application_id: &str) {
    let login = json!({ "username": "reviewer", "password": reviewer_password(data) });
    console.post("/api/console/sessions", login).await.expect(201);
    let path = format!("/api/console/applications/{application_id}");
    let application = console.get(&path).await.ok().json();
    let version = application["version"].clone();
    console.post(&format!("{path}/approval"), json!({ "version": version })).await.ok();
}

/// A relying party's credentials.
pub fn credentials(data: &Path) -> (String, String) {
    let file = std::fs::read(data.join("relying-party.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    (text(&file["client_id"]), text(&file["client_secret"]))
}

/// A person with a certificate on a phone.
pub async fn enrolled<T: Transport + Clone>(
    http: &T,
    origin: &str,
    data: &Path,
    n: u32,
    now: impl Fn() -> u64 + Send + Sync + 'static,
) -> (Phone<T>, Key, Value) {
    let (mut phone, application_id) = approved(http, origin, data, n, now).await;
    let enrolment = phone.begin(&application_id).await;
    let mut key = phone.generate(&enrolment).await.unwrap();
    let certificate = phone.complete(&enrolment, &mut key).await.expect(201).json();
    (phone, key, certificate)
}

/// A person with an approved application and a registered phone.
pub async fn approved<T: Transport + Clone>(
    http: &T,
    origin: &str,
    data: &Path,
    n: u32,
    now: impl Fn() -> u64 + Send + Sync + 'static,
) -> (Phone<T>, String) {
    let mut own = http.clone();
    log_in(&mut own, &format!("139{n:08}")).await;
    verify(&mut own, origin, "韦桂花", &id_number(n)).await;
    let application_id = apply(&mut own).await;
    approve(http.clone(), data, &application_id).await;
    (Phone::register(own, now).await, application_id)
}

/// What a browser tells about itself.
pub fn browser() -> Value {
    json!({ "address": "203.0.113.7", "user_agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/141.0", "browser_id": "b-1" })
}

/// Asks for a login; returns the question's id.
pub async fn ask_login<T: Transport>(relying_party: &mut T) -> String {
    let question = json!({ "action": "login", "browser": browser() });
    text(&relying_party.post("/api/rp/scan-requests", question).await.expect(201).json()["id"])
}

/// Prepares a recovery of a certificate on a new phone: the form's photograph, and the face of `outcome`.
pub async fn recover<T: Transport>(phone: &mut Phone<T>, origin: &str, certificate: &str, outcome: &str) -> String {
    let new = json!({ "kind": "personal_recovery", "certificate_id": certificate });
    let draft = phone.http.post("/api/applications", new).await.expect(201).json();
    let id = text(&draft["id"]);
    assert_eq!((&draft["face"], draft["product"].is_null()), (&json!("needed"), false));
    let path = format!("/api/applications/{id}");
    let submission = format!("{path}/submission");
    let refused = phone.http.call("POST", &submission, None, Vec::new()).await;
    refused.refused(422, "APPLICATION_INCOMPLETE");
    let missing = json!({ "face": "REQUIRED", "materials.application_form": "REQUIRED" });
    assert_eq!(refused.json()["fields"], missing);
    let form = format!("{path}/materials/application_form");
    phone.http.call("PUT", &form, Some("image/png"), signature_png()).await.ok();
    show_face(phone, origin, &path, outcome).await;
    id
}

/// Shows the face for an application.
pub async fn show_face<T: Transport>(phone: &mut Phone<T>, origin: &str, path: &str, outcome: &str) {
    let to = json!({ "return_url_path": "/applications" });
    let started = phone.http.post(&format!("{path}/face"), to).await.expect(201).json();
    let page = text(&started["redirect_url"]).strip_prefix(origin).unwrap().to_owned();
    let form = format!("outcome={outcome}").into_bytes();
    phone.http.call("POST", &page, Some("application/x-www-form-urlencoded"), form).await.expect(303);
}
