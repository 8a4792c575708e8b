//! What the callers ask about: enterprises A and B with their people, institution X, and one of each thing.

use std::collections::BTreeMap;

use axum::Router;
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _, Set};
use serde_json::{Value, json};
use server::{
    application::entity::application,
    authorisation::entity as authorisation,
    enterprise::entity::{enterprise, invitation, membership},
};
use uuid::Uuid;

use crate::{
    common::{ORIGIN, Platform},
    phone::{
        Phone,
        journey::{self, browser, signature_png},
        text,
        transport::{InProcess, Transport as _},
    },
    stage::{Stage, one_page},
};

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caller {
    /// Nobody who is logged in.
    Anonymous,
    /// A phone number without a real name.
    Unverified,
    /// A natural person.
    Person,
    /// A clerk of enterprise A; owns what is asked about.
    ClerkA,
    /// The administrator of enterprise A.
    AdminA,
    /// A clerk of enterprise B.
    ClerkB,
    /// The administrator of enterprise B.
    AdminB,
    /// A reviewer of institution X.
    ReviewerX,
    /// A reviewer of institution Y.
    ReviewerY,
    /// Who leads the reviewers of institution X.
    LeadX,
    /// Who reads everything at the platform.
    Auditor,
    /// Who runs the platform.
    Operator,
    /// A trading platform.
    RelyingParty,
}

/// Everybody.
pub const CALLERS: [Caller; 13] = [
    Caller::Anonymous,
    Caller::Unverified,
    Caller::Person,
    Caller::ClerkB,
    Caller::AdminB,
    Caller::ClerkA,
    Caller::AdminA,
    Caller::ReviewerY,
    Caller::ReviewerX,
    Caller::LeadX,
    Caller::Auditor,
    Caller::Operator,
    Caller::RelyingParty,
];

impl Caller {
    /// The heading of its column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "nobody",
            Self::Unverified => "phone number",
            Self::Person => "person",
            Self::ClerkA => "clerk of A",
            Self::AdminA => "admin of A",
            Self::ClerkB => "clerk of B",
            Self::AdminB => "admin of B",
            Self::ReviewerX => "reviewer of X",
            Self::ReviewerY => "reviewer of Y",
            Self::LeadX => "lead of X",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
            Self::RelyingParty => "trading platform",
        }
    }
}

/// The things.
pub struct World {
    pub stage: Stage,
    clients: BTreeMap<Caller, InProcess>,
    ids: BTreeMap<&'static str, String>,
}

const NAMES: [(&str, &str); 2] =
    [("桂林漓江工程有限公司", "91350100M000100Y43"), ("南宁邕江建设有限公司", "91450100MA5K000019")];

impl World {
    /// Builds it; `None` where a platform cannot be copied.
    pub async fn build() -> Option<Self> {
        let stage = Stage::open().await;
        stage.platform.twin().await?;
        let mut world = Self { stage, clients: BTreeMap::new(), ids: BTreeMap::new() };
        world.people().await;
        world.enterprises().await;
        world.applications().await;
        world.desk().await;
        world.questions().await;
        Some(world)
    }

    fn http(&self) -> InProcess {
        InProcess::new(self.stage.platform.router.clone())
    }

    fn platform(&self) -> &Platform {
        &self.stage.platform
    }

    fn keep(&mut self, name: &'static str, id: impl Into<String>) {
        self.ids.insert(name, id.into());
    }

    fn id(&self, name: &str) -> String {
        self.ids.get(name).unwrap_or_else(|| panic!("nothing is called {name}")).clone()
    }

    fn uuid(&self, name: &str) -> Uuid {
        self.id(name).parse().unwrap()
    }

    /// This caller before a platform.
    pub fn client(&self, caller: Caller, router: &Router) -> InProcess {
        self.clients[&caller].moved(router.clone())
    }

    async fn people(&mut self) {
        self.clients.insert(Caller::Anonymous, self.http());
        let mut unverified = self.http();
        journey::log_in(&mut unverified, "13700000000").await;
        self.clients.insert(Caller::Unverified, unverified);
        let people = [
            (Caller::Person, "person"),
            (Caller::AdminA, "admin_a"),
            (Caller::AdminB, "admin_b"),
            (Caller::ClerkB, "clerk_b"),
        ];
        for (n, (caller, name)) in (1..).zip(people) {
            let mut http = self.http();
            journey::log_in(&mut http, &format!("139{n:08}")).await;
            journey::verify(&mut http, ORIGIN, "韦桂花", &journey::id_number(n)).await;
            let phone = Phone::register(http, self.stage.now()).await;
            self.keep(name, phone.account_id);
            self.clients.insert(caller, phone.http);
        }
        let (mut phone, key) = self.stage.person(9).await;
        self.platform().clock.advance(jiff::SignedDuration::from_mins(2));
        let recovery = phone.recover(&key, "pin_reset").await.expect(201).json();
        self.keep("recovery", text(&recovery["id"]));
        let mut http = phone.http.clone();
        self.keep("clerk_a", phone.account_id);
        self.keep("device", phone.device_id);
        let certificates = http.get("/api/certificates").await.ok().json();
        self.keep("certificate", text(&certificates["items"][0]["id"]));
        let path = format!("/api/certificates/{}/revocations", self.id("certificate"));
        let revocation = http.call("POST", &path, None, Vec::new()).await.expect(201).json();
        self.keep("revocation", text(&revocation["id"]));
        let messages = http.get("/api/messages").await.ok().json();
        self.keep("message", text(&messages["items"][0]["id"]));
        let sessions = http.get("/api/me/sessions").await.ok().json();
        self.keep("session", text(&sessions["items"][0]["id"]));
        let feedback =
            http.post("/api/feedback", json!({ "text": "登录后看不到证书，请协助。" })).await.expect(201).json();
        self.keep("feedback", text(&feedback["id"]));
        let picture = http.call("POST", "/api/feedback-pictures", Some("image/png"), signature_png()).await.expect(201);
        self.keep("picture", text(&picture.json()["id"]));
        let change = http.post("/api/me/phone-changes", json!({ "phone": "13600000001" })).await.expect(201).json();
        self.keep("phone_change", text(&change["id"]));
        self.clients.insert(Caller::ClerkA, http);
        self.clients.insert(Caller::RelyingParty, self.stage.relying_party.clone());
    }

    async fn enterprises(&mut self) {
        let (state, now) = (&self.platform().state, self.platform().state.now().as_millisecond());
        let tx = state.db.begin().await.unwrap();
        let mut ids = Vec::new();
        for ((name, credit_code), (admin, clerk)) in
            NAMES.into_iter().zip([("admin_a", "clerk_a"), ("admin_b", "clerk_b")])
        {
            let id = state.new_id();
            ids.push(id);
            let row = enterprise::ActiveModel {
                id: Set(id),
                name: Set(name.to_owned()),
                credit_code: Set(credit_code.to_owned()),
                legal_person_name: Set("韦江".to_owned()),
                legal_person_id_type: Set("resident_id".to_owned()),
                legal_person_id_number: Set(None),
                created_at: Set(now),
                updated_at: Set(now),
            };
            row.insert(&*tx).await.unwrap();
            for (who, role) in [(admin, "admin"), (clerk, "clerk")] {
                let account = self.uuid(who);
                let row = membership::ActiveModel {
                    id: Set(state.new_id()),
                    enterprise_id: Set(id),
                    account_id: Set(account),
                    role: Set(role.to_owned()),
                    joined_at: Set(now),
                    ended_at: Set(None),
                    active_slot: Set(Some(format!("{id}:{account}"))),
                    admin_slot: Set((role == "admin").then_some(id)),
                };
                row.insert(&*tx).await.unwrap();
            }
        }
        let (authorisation, invitation) = (state.new_id(), state.new_id());
        let row = authorisation::ActiveModel {
            id: Set(authorisation),
            enterprise_id: Set(ids[0]),
            account_id: Set(self.uuid("clerk_a")),
            relying_party_id: Set(None),
            permissions: Set("login sign".to_owned()),
            seals: Set("company".to_owned()),
            valid_from: Set(now),
            valid_to: Set(now + 86_400_000),
            granted_by: Set(self.uuid("admin_a")),
            application_id: Set(None),
            created_at: Set(now),
            ended_at: Set(None),
            ended_by: Set(None),
            end_reason: Set(None),
        };
        row.insert(&*tx).await.unwrap();
        // To the natural person.
        let row = invitation::ActiveModel {
            id: Set(invitation),
            enterprise_id: Set(ids[0]),
            invited_by: Set(self.uuid("admin_a")),
            name: Set("韦桂花".to_owned()),
            phone: Set("13900000001".to_owned()),
            state: Set("waiting".to_owned()),
            account_id: Set(None),
            created_at: Set(now),
            expires_at: Set(now + 86_400_000),
            answered_at: Set(None),
            open_slot: Set(Some(format!("{}:13900000001", ids[0]))),
        };
        row.insert(&*tx).await.unwrap();
        tx.commit().await.unwrap();
        self.keep("enterprise", ids[0]);
        self.keep("authorisation", authorisation);
        self.keep("invitation", invitation);
    }

    /// One that the clerk of A still writes, one that waits for the administrator of A, one that institution X reviews.
    async fn applications(&mut self) {
        let mut clerk = self.clients[&Caller::ClerkA].clone();
        let (institution, product) = self.platform().institution("guiyun").await;
        self.keep("institution", &institution);
        self.keep("product", &product);
        let new = json!({ "kind": "enterprise_certificate", "enterprise_id": self.id("enterprise") });
        let asked = clerk.post("/api/applications", new).await.expect(201).json();
        self.keep("asked", text(&asked["id"]));
        let mut row = self.application("asked").await;
        row.state = Set("with_admin".to_owned());
        row.letter_due = Set(true);
        row.submitted_at = Set(Some(self.platform().state.now().as_millisecond()));
        row.open_slot = Set(None);
        self.update(row).await;
        let reviewed = journey::apply(&mut clerk).await;
        self.keep("reviewed", reviewed);
        let mut row = self.application("reviewed").await;
        row.open_slot = Set(None);
        self.update(row).await;
        let draft = clerk.post("/api/applications", json!({ "kind": "personal_certificate" })).await.expect(201).json();
        let draft = text(&draft["id"]);
        let choice = json!({ "institution_id": institution, "product_id": product });
        clerk.patch(&format!("/api/applications/{draft}"), choice).await.ok();
        let signature = format!("/api/applications/{draft}/materials/signature");
        clerk.call("PUT", &signature, Some("image/png"), signature_png()).await.ok();
        self.keep("draft", draft);
    }

    async fn application(&self, name: &str) -> application::ActiveModel {
        use sea_orm::EntityTrait as _;
        let row = application::Entity::find_by_id(self.uuid(name)).one(&*self.platform().state.db).await;
        row.unwrap().unwrap().into_active_model()
    }

    async fn update(&self, row: application::ActiveModel) {
        let tx = self.platform().state.db.begin().await.unwrap();
        row.update(&*tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Those who work at the console.
    async fn desk(&mut self) {
        let mut operator = self.http();
        let login = json!({ "username": "reviewer", "password": journey::reviewer_password(self.platform().folder()) });
        operator.post("/api/console/sessions", login).await.expect(201);
        for (caller, username, role, institution) in [
            (Caller::ReviewerX, "xia", "reviewer", Some("guiyun")),
            (Caller::ReviewerY, "ye", "reviewer", Some("yongjiang")),
            (Caller::LeadX, "lin", "lead", Some("guiyun")),
            (Caller::Auditor, "shen", "auditor", None),
        ] {
            let institution = match institution {
                Some(slug) => Some(self.platform().institution(slug).await.0),
                None => None,
            };
            let new = json!({ "username": username, "name": "桂审", "role": role, "institution_id": institution });
            let made = operator.post("/api/console/reviewers", new).await.expect(201).json();
            let mut http = self.http();
            let login = json!({ "username": username, "password": text(&made["password"]) });
            http.post("/api/console/sessions", login).await.expect(201);
            if caller == Caller::ReviewerX {
                let scan = http.call("POST", "/api/console/scans", None, Vec::new()).await.expect(201).json();
                self.keep("console_scan", text(&scan["id"]));
                let sessions = http.get("/api/console/sessions").await.ok().json();
                self.keep("console_session", text(&sessions["items"][0]["id"]));
            }
            self.clients.insert(caller, http);
        }
        let guiyun = self.platform().institution("guiyun").await.0;
        let new = json!({ "username": "xie", "name": "桂审", "role": "reviewer", "institution_id": guiyun });
        let colleague = operator.post("/api/console/reviewers", new).await.expect(201).json();
        self.keep("reviewer", text(&colleague["reviewer"]["id"]));
        let fault = json!({ "name": "序列号生成错误", "criteria": { "kind": "personal" } });
        let fault = operator.post("/api/console/faults", fault).await.expect(201).json();
        self.keep("fault", text(&fault["id"]));
        // At an institution that nobody here asks for anything.
        let lishui = self.platform().institution("lishui").await.0;
        let halt = json!({ "institution_id": lishui, "reason": "演练" });
        let halted = operator.post("/api/console/issuance/halts", halt).await.expect(201).json();
        self.keep("halt", text(&halted["halts"][0]["id"]));
        self.clients.insert(Caller::Operator, operator);
    }

    /// What the trading platform asks.
    async fn questions(&mut self) {
        let mut relying_party = self.stage.relying_party.clone();
        let question = journey::ask_login(&mut relying_party).await;
        self.keep("asked_login", &question);
        let code = self.stage.code(&question).await;
        self.keep("code", code);
        let mut clerk = self.clients[&Caller::ClerkA].clone();
        let claimed = journey::ask_login(&mut relying_party).await;
        let code = self.stage.code(&claimed).await;
        clerk.post("/api/scan-claims", json!({ "code": code })).await.ok();
        self.keep("claimed_login", claimed);
    }

    /// What stands for a parameter of a path. A new parameter needs a thing to stand for it.
    pub fn parameter(&self, path: &str, name: &str, caller: Caller) -> String {
        let thing = match (path, name) {
            (path, "kind") if path.starts_with("/api/console/institutions/") => return "undertaking".to_owned(),
            (_, "kind") => return "signature".to_owned(),
            (path, "slug") if path.starts_with("/pki/") => return "guiyun".to_owned(),
            (_, "slug") => return "login".to_owned(),
            (_, "name") => return "01-login".to_owned(),
            (_, "token") => return "0000".to_owned(),
            (path, "request") if path.starts_with("/pki/") => return "MEIwQDA%2BMDwwOjAJBgUrDgMCGgUABBQ".to_owned(),
            (_, "subject") => "asked_login",
            (_, "product_id") => "product",
            (_, "account_id") => "clerk_a",
            (_, "invitation_id" | "iid") => "invitation",
            (path, "id") if path.starts_with("/api/applications/{id}/letter") => "asked",
            (path, "id") if path.starts_with("/api/applications/{id}/consent") => "asked",
            (path, "id") if path.starts_with("/api/applications/{id}/withdrawal") => "reviewed",
            (path, "id") if path.starts_with("/api/applications/{id}") => "draft",
            (path, "id") if path.starts_with("/api/certificate-revocations/{id}") => "revocation",
            (path, "id") if path.starts_with("/api/certificates/{id}") => "certificate",
            (path, "id") if path.starts_with("/api/console/applications/{id}/letter") => "asked",
            (path, "id") if path.starts_with("/api/console/applications/{id}") => "reviewed",
            (path, "id") if path.starts_with("/api/console/certificates/{id}") => "certificate",
            (path, "id") if path.starts_with("/api/console/faults/{id}") => "fault",
            (path, "id") if path.starts_with("/api/console/issuance/halts/{id}") => "halt",
            (path, "id") if path.starts_with("/api/console/feedback-pictures/{id}") => "picture",
            (path, "id") if path.starts_with("/api/console/feedback/{id}") => "feedback",
            (path, "id") if path.starts_with("/api/console/institutions/{id}") => "institution",
            (path, "id") if path.starts_with("/api/console/reviewers/{id}") => "reviewer",
            (path, "id") if path.starts_with("/api/console/scans/{id}") => "console_scan",
            (path, "id") if path.starts_with("/api/console/sessions/{id}") => "console_session",
            (path, "id") if path.starts_with("/api/devices/{id}") => "device",
            (path, "id") if path.starts_with("/api/enterprises/{id}") => "enterprise",
            (path, "id") if path.starts_with("/api/feedback-pictures/{id}") => "picture",
            (path, "id") if path.starts_with("/api/feedback/{id}") => "feedback",
            (path, "id") if path.starts_with("/api/invitations/{id}") => "invitation",
            (path, "id") if path.starts_with("/api/authorisations/{id}") => "authorisation",
            (path, "id") if path.starts_with("/api/key-recoveries/{id}") => "recovery",
            (path, "id") if path.starts_with("/api/me/phone-changes/{id}") => "phone_change",
            (path, "id") if path.starts_with("/api/me/sessions/{id}") => "session",
            (path, "id") if path.starts_with("/api/messages/{id}") => "message",
            (path, "id") if path.starts_with("/api/rp/scan-requests/{id}") => "asked_login",
            (path, "id") if path.starts_with("/api/scan-requests/{id}") => "claimed_login",
            // Begun by nobody: what these name exists for a moment only.
            (path, "id") if path.starts_with("/api/enrolments/{id}") => return Uuid::nil().to_string(),
            (path, "id") if path.starts_with("/api/identity/verifications/{id}") => return Uuid::nil().to_string(),
            _ => panic!("nothing stands for {{{name}}} of {path}: give the access test something to ask about"),
        };
        let _ = caller;
        self.id(thing)
    }

    /// The query of endpoints that want one.
    pub fn query(&self, operation: &str) -> Option<&'static str> {
        match operation {
            "GET /api/enterprises" => Some("q=91350100M000100Y43"),
            "GET /api/log/consistency" => Some("from=1&to=1"),
            _ => None,
        }
    }

    /// The body, where the schema's example says nothing of use.
    pub fn body(&self, operation: &str, caller: Caller) -> Option<Value> {
        let _ = caller;
        Some(match operation {
            "POST /api/applications" => {
                json!({ "kind": "enterprise_certificate", "enterprise_id": self.id("enterprise") })
            }
            "PATCH /api/applications/{id}" => json!({ "product_id": self.id("product") }),
            "POST /api/applications/{id}/consent-refusal" => json!({ "reason": "本企业不需要此证书" }),
            "POST /api/applications/{id}/enrolments" => json!({ "device_id": self.id("device") }),
            "POST /api/enterprises/{id}/invitations" => json!({ "name": "莫山水", "phone": "13500000001" }),
            "POST /api/console/applications/{id}/approval" => json!({ "version": 0 }),
            "POST /api/console/applications/{id}/refusal" => json!({ "version": 0, "reason": "签名不清晰" }),
            "POST /api/console/faults" => json!({ "name": "序列号重复", "criteria": { "kind": "enterprise" } }),
            "POST /api/scan-claims" => json!({ "code": self.id("code") }),
            "POST /api/scan-requests/{id}/answer" => json!({ "decision": "refuse" }),
            "POST /api/rp/scan-requests" => json!({ "action": "login", "browser": browser() }),
            "POST /api/feedback" => json!({ "text": "希望支持更多机构。" }),
            "POST /api/console/feedback/{id}/replies" => json!({ "text": "已收到，谢谢。" }),
            "POST /api/help/questions" => json!({ "text": "忘记证书密码怎么办" }),
            "POST /api/key-recoveries/{id}/code" => json!({ "code": "123456" }),
            "POST /api/certificate-revocations/{id}/completion" => json!({ "signature": "MAYCAQECAQE=" }),
            "POST /api/login-codes" => json!({ "phone": "13500000002" }),
            "POST /api/me/phone-changes" => json!({ "phone": "13500000003" }),
            _ => return None,
        })
    }

    /// Octets of that media type.
    pub fn octets(&self, media_type: &str) -> Vec<u8> {
        match media_type {
            "image/jpeg" | "image/png" => signature_png(),
            "application/pdf" => one_page(),
            "application/x-www-form-urlencoded" => b"outcome=passed".to_vec(),
            _ => vec![0; 16],
        }
    }
}
