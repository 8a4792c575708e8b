//! A platform with its relying party and persons with certificates.

use std::sync::Arc;

use jiff::Timestamp;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use server::{
    clock::Clock as _,
    scan::{entity as scan_request, service},
};

use crate::{
    common::{ORIGIN, Platform},
    phone::{
        Key, Phone,
        journey::{self, browser},
        text,
        transport::{InProcess, Transport as _},
    },
};

/// A platform and its demonstration relying party.
pub struct Stage {
    pub platform: Platform,
    pub relying_party: InProcess,
}

impl Stage {
    pub async fn open() -> Self {
        Self::on(Platform::start().await)
    }

    pub fn on(platform: Platform) -> Self {
        let (client_id, secret) = journey::credentials(platform.folder());
        let relying_party = InProcess::new(platform.router.clone()).with_basic(&client_id, &secret);
        Self { platform, relying_party }
    }

    /// Milliseconds by the platform's clock.
    pub fn now(&self) -> impl Fn() -> u64 + Send + Sync + 'static {
        let clock = Arc::clone(&self.platform.clock);
        move || u64::try_from(Timestamp::as_millisecond(clock.now())).unwrap()
    }

    /// The `n`th person, with a certificate on a phone.
    pub async fn person(&self, n: u32) -> (Phone<InProcess>, Key) {
        let (mut phone, enrolment, mut key) = self.downloading(n).await;
        phone.complete(&enrolment, &mut key).await.expect(201);
        (phone, key)
    }

    /// The `n`th person with a key on a phone, whose certificate is about to be asked for, and the download.
    pub async fn downloading(&self, n: u32) -> (Phone<InProcess>, Value, Key) {
        let http = InProcess::new(self.platform.router.clone());
        let (mut phone, id) = journey::approved(&http, ORIGIN, self.platform.folder(), n, self.now()).await;
        let enrolment = phone.begin(&id).await;
        let key = phone.generate(&enrolment).await.unwrap();
        (phone, enrolment, key)
    }

    /// The code that the PC shows for a question at this moment.
    pub async fn code(&self, id: &str) -> String {
        let row = scan_request::Entity::find_by_id(id.parse::<uuid::Uuid>().unwrap());
        let row = row.one(&*self.platform.state.db).await.unwrap().unwrap();
        service::code(&self.platform.state, &row)
    }

    /// A login that this phone has claimed.
    pub async fn claimed_login(&self, phone: &mut Phone<InProcess>) -> Value {
        let id = journey::ask_login(&mut self.relying_party.clone()).await;
        phone.claim(&self.code(&id).await).await.ok().json()
    }

    /// Logs in; returns the name under which the relying party knows the person.
    pub async fn log_in(&self, phone: &mut Phone<InProcess>, key: &mut Key) -> String {
        let request = self.claimed_login(phone).await;
        let signature = phone.sign_request(key, &request).await.unwrap();
        phone.confirm(&request, &signature).await.ok();
        let found = self.look(&text(&request["id"])).await;
        assert_eq!(found["state"], "confirmed");
        text(&found["result"]["subject"])
    }

    /// A PDF that this phone has been asked to sign and has claimed.
    pub async fn claimed_document(&self, phone: &mut Phone<InProcess>, subject: &str) -> Value {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let question = json!({
            "action": "sign",
            "subject": subject,
            "document": { "title": "投标函", "pdf": STANDARD.encode(one_page()) },
            "placements": [],
            "browser": browser(),
        });
        let asked = self.relying_party.clone().post("/api/rp/scan-requests", question).await.expect(201).json();
        phone.claim(&self.code(&text(&asked["id"])).await).await.ok().json()
    }

    /// A question as its relying party sees it.
    pub async fn look(&self, id: &str) -> Value {
        self.relying_party.clone().get(&format!("/api/rp/scan-requests/{id}")).await.ok().json()
    }
}

/// An empty page of A4.
pub fn one_page() -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    ];
    let (mut file, mut offsets) = (String::from("%PDF-1.7\n"), Vec::new());
    for (index, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let start = file.len();
    file += "xref\n0 4\n0000000000 65535 f \n";
    for offset in offsets {
        file += &format!("{offset:010} 00000 n \n");
    }
    file += &format!("trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    file.into_bytes()
}
