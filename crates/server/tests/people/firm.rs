//! Enterprises for tests: people with real phones, who claim, join, seal and download as the manual says.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use server::{clock::Clock as _, enterprise::rules::parse_credit_code};

use crate::{
    common::{ORIGIN, Platform, form_jpeg},
    phone::{
        Key, Phone,
        journey::{id_number, log_in, reviewer_password, verify},
        text,
        transport::{InProcess, Reply, Transport},
    },
};

pub const APPLICATIONS: &str = "/api/applications";

/// A person with a phone.
pub type Person = Phone<InProcess>;

/// An enterprise with its administrator, who holds a certificate of it.
pub struct Firm {
    pub id: String,
    pub facts: Value,
    pub admin: Person,
    pub admin_name: String,
    pub admin_phone: String,
    pub key: Key,
    pub certificate: Value,
}

/// The `n`th credit code of nobody, with its check character (GB 32100).
pub fn credit_code(n: u32) -> String {
    let seventeen = format!("91450100MA5{n:06}");
    let code = "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().map(|check| format!("{seventeen}{check}"));
    code.into_iter().find(|code| parse_credit_code(code).is_some()).unwrap()
}

/// What is said about the `n`th enterprise.
pub fn facts(n: u32) -> Value {
    json!({
        "name": format!("桂林漓江{n}号工程有限公司"),
        "credit_code": credit_code(n),
        "legal_person_name": "罗秀英",
        "legal_person_id_type": "resident_id",
        "legal_person_id_number": id_number(9_000 + n),
    })
}

/// Names of nobody: two people never share one here.
pub fn person_name(n: u32) -> String {
    let digits = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"];
    let tail: String = n.to_string().bytes().map(|digit| digits[usize::from(digit - b'0')]).collect();
    format!("韦{tail}")
}

pub fn phone_number(n: u32) -> String {
    format!("139{n:08}")
}

impl Platform {
    fn milliseconds(&self) -> impl Fn() -> u64 + Send + Sync + 'static {
        let clock = Arc::clone(&self.clock);
        move || u64::try_from(Timestamp::as_millisecond(clock.now())).unwrap()
    }

    /// The `n`th person: logged in, real name verified, with a device.
    pub async fn person(&self, n: u32) -> Person {
        let mut http = InProcess::new(self.router.clone());
        log_in(&mut http, &phone_number(n)).await;
        verify(&mut http, ORIGIN, &person_name(n), &id_number(n)).await;
        Phone::register(http, self.milliseconds()).await
    }

    /// The reviewer who belongs to the platform.
    pub async fn desk(&self) -> InProcess {
        let mut console = InProcess::new(self.router.clone());
        let login = json!({ "username": "reviewer", "password": reviewer_password(self.folder()) });
        console.post("/api/console/sessions", login).await.expect(201);
        console
    }

    /// The institution `slug` and its first product of that kind.
    pub async fn offer(&self, slug: &str, product_kind: &str) -> (String, String) {
        let list = InProcess::new(self.router.clone()).get("/api/institutions").await.ok().json();
        let one = list["items"].as_array().unwrap().iter().find(|one| one["slug"] == slug).unwrap().clone();
        let products = one["products"].as_array().unwrap();
        let product = products.iter().find(|product| product["kind"] == product_kind).unwrap();
        (text(&one["id"]), text(&product["id"]))
    }

    /// The choice of an institution and of its first enterprise certificate.
    pub async fn choice(&self, slug: &str) -> Value {
        let (institution, product) = self.offer(slug, "enterprise_certificate").await;
        json!({ "institution_id": institution, "product_id": product })
    }

    /// Fills in a claim at an institution that wants nothing special; returns its id.
    pub async fn claim_draft(&self, person: &mut Person, facts: &Value) -> String {
        let id = begin(person, json!({ "kind": "enterprise_claim" })).await;
        let mut choice = self.choice("guiyun").await;
        choice["facts"] = facts.clone();
        person.http.patch(&format!("{APPLICATIONS}/{id}"), choice).await.ok();
        for material in ["licence", "application_form"] {
            upload(person, &id, material).await.ok();
        }
        id
    }

    /// Hands in a claim.
    pub async fn claim(&self, person: &mut Person, facts: &Value) -> String {
        let id = self.claim_draft(person, facts).await;
        submit(person, &id).await.ok();
        id
    }

    /// Says yes at the desk to what it sees.
    pub async fn approve(&self, id: &str) -> Value {
        let mut desk = self.desk().await;
        approve_at(&mut desk, id).await.ok().json()
    }

    /// Enterprise `n`, claimed by person `n`, who holds its first certificate.
    pub async fn firm(&self, n: u32) -> Firm {
        let (mut admin, facts) = (self.person(n).await, facts(n));
        let claim = self.claim(&mut admin, &facts).await;
        self.approve(&claim).await;
        let (key, certificate) = download(&mut admin, &claim).await;
        let done = look(&mut admin, &claim).await;
        assert_eq!(done["state"], "done");
        Firm {
            id: text(&done["enterprise"]["id"]),
            facts,
            admin,
            admin_name: person_name(n),
            admin_phone: phone_number(n),
            key,
            certificate,
        }
    }
}

/// Begins an application; returns its id.
pub async fn begin(person: &mut Person, new: Value) -> String {
    text(&person.http.post(APPLICATIONS, new).await.expect(201).json()["id"])
}

pub async fn edit(person: &mut Person, id: &str, change: Value) -> Reply {
    person.http.patch(&format!("{APPLICATIONS}/{id}"), change).await
}

pub async fn upload(person: &mut Person, id: &str, material: &str) -> Reply {
    let path = format!("{APPLICATIONS}/{id}/materials/{material}");
    person.http.call("PUT", &path, Some("image/jpeg"), form_jpeg()).await
}

pub async fn act(person: &mut Person, id: &str, what: &str) -> Reply {
    person.http.call("POST", &format!("{APPLICATIONS}/{id}/{what}"), None, Vec::new()).await
}

pub async fn submit(person: &mut Person, id: &str) -> Reply {
    act(person, id, "submission").await
}

pub async fn look(person: &mut Person, id: &str) -> Value {
    person.http.get(&format!("{APPLICATIONS}/{id}")).await.ok().json()
}

/// Approves the version that this desk sees now.
pub async fn approve_at(desk: &mut InProcess, id: &str) -> Reply {
    let path = format!("/api/console/applications/{id}");
    let version = desk.get(&path).await.ok().json()["version"].clone();
    desk.post(&format!("{path}/approval"), json!({ "version": version })).await
}

/// Downloads the certificate of an approved application to this phone.
pub async fn download(person: &mut Person, id: &str) -> (Key, Value) {
    let enrolment = person.begin(id).await;
    let mut key = person.generate(&enrolment).await.unwrap();
    let certificate = person.complete(&enrolment, &mut key).await.expect(201).json();
    (key, certificate)
}

/// What has been entered into an application's history.
pub fn states(application: &Value) -> Vec<String> {
    application["history"].as_array().unwrap().iter().map(|step| text(&step["state"])).collect()
}

/// Titles of a person's messages, newest first.
pub async fn titles(person: &mut Person) -> Vec<String> {
    let list = person.http.get("/api/messages").await.ok().json();
    list["items"].as_array().unwrap().iter().map(|message| text(&message["title"])).collect()
}

/// What a clerk is to be allowed: to log in and sign everywhere, with the company seal.
pub fn grant() -> Value {
    json!({ "relying_party_ids": [], "permissions": ["login", "sign"], "seals": ["company"] })
}

impl Firm {
    /// The id of a seal of the enterprise.
    pub async fn seal(&self, platform: &Platform, kind: &str) -> String {
        use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
        use server::certificate::entity::appearance::{Column, Entity};
        let id: uuid::Uuid = self.id.parse().unwrap();
        let find = Entity::find().filter(Column::EnterpriseId.eq(id)).filter(Column::Kind.eq(kind));
        find.one(&*platform.state.db).await.unwrap().expect("a seal").id.to_string()
    }

    /// What the administrator asks for to seal the letter of an application.
    pub async fn sealing(&mut self, platform: &Platform, id: &str) -> Value {
        let place = self.admin.http.get(&format!("{APPLICATIONS}/{id}/letter-placement")).await.ok().json();
        let seal = self.seal(platform, "company").await;
        json!({ "certificate_id": self.certificate["id"], "appearance_id": seal, "placement": place })
    }

    /// Puts the letter of an application before the administrator; returns the scan request.
    pub async fn letter(&mut self, platform: &Platform, id: &str) -> Value {
        let sealing = self.sealing(platform, id).await;
        self.admin.http.post(&format!("{APPLICATIONS}/{id}/letter"), sealing).await.expect(201).json()
    }

    /// Seals the letter with the administrator's phone, PIN and all.
    pub async fn consent(&mut self, platform: &Platform, id: &str) {
        let request = self.letter(platform, id).await;
        // Nonces do not live as long as some of these stories: fetch one for this signature.
        self.key.commitments.clear();
        let signature = self.admin.sign_request(&mut self.key, &request).await.unwrap();
        self.admin.confirm(&request, &signature).await.ok();
    }

    /// Fills in an application to join.
    pub async fn join_draft(&self, platform: &Platform, person: &mut Person) -> String {
        let id = begin(person, json!({ "kind": "enterprise_join", "enterprise_id": self.id })).await;
        let mut change = platform.choice("guiyun").await;
        change["grant"] = grant();
        change["admin"] = json!({ "name": self.admin_name, "phone": self.admin_phone });
        edit(person, &id, change).await.ok();
        id
    }

    /// Hands in an application to join.
    pub async fn join(&self, platform: &Platform, person: &mut Person) -> String {
        let id = self.join_draft(platform, person).await;
        submit(person, &id).await.ok();
        id
    }

    /// Person `n` becomes a clerk, all the way.
    pub async fn clerk(&mut self, platform: &Platform, n: u32) -> (Person, Key, Value) {
        let mut person = platform.person(n).await;
        let id = self.join(platform, &mut person).await;
        self.consent(platform, &id).await;
        platform.approve(&id).await;
        let (key, certificate) = download(&mut person, &id).await;
        (person, key, certificate)
    }
}

/// Who is what in an enterprise now.
pub async fn roles(platform: &Platform, enterprise_id: &str) -> Vec<(uuid::Uuid, String)> {
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
    use server::enterprise::entity::membership::{Column, Entity};
    let id: uuid::Uuid = enterprise_id.parse().unwrap();
    let find = Entity::find().filter(Column::EnterpriseId.eq(id)).filter(Column::EndedAt.is_null());
    let rows = find.all(&*platform.state.db).await.unwrap();
    let mut roles: Vec<_> = rows.into_iter().map(|row| (row.account_id, row.role)).collect();
    roles.sort();
    roles
}
