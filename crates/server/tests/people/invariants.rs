//! What holds whatever people do in whatever order, also two at a time: exactly one administrator per enterprise, no step
//! of an application skipped or done twice, no permission that outlives its authorisation.

use std::collections::HashMap;

use proptest::prelude::*;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use server::{
    application::{
        entity::{application, step},
        rules::{Event, Route, State, next},
    },
    authorisation::{entity as authorisation, rules::Permission},
    enterprise::entity::{enterprise, membership},
};

use crate::{
    common::Platform,
    firm::{APPLICATIONS, Firm, Person, act, approve_at, grant, upload},
    phone::{Key, text, transport::Transport as _},
};

/// What somebody does next; who and with which of what is there is drawn too.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Begin(u8),
    Fill,
    Submit,
    SubmitTwice,
    Withdraw,
    Resubmit,
    RefuseConsent,
    Seal,
    SealAndWithdraw,
    Approve,
    ApproveTwice,
    RefuseAtDesk,
    Download,
    Wait,
}

fn deeds() -> impl Strategy<Value = Vec<(Deed, usize, usize)>> {
    let deed = prop_oneof![
        4 => (0u8..6).prop_map(Deed::Begin),
        4 => Just(Deed::Fill),
        4 => Just(Deed::Submit),
        2 => Just(Deed::SubmitTwice),
        1 => Just(Deed::Withdraw),
        1 => Just(Deed::Resubmit),
        1 => Just(Deed::RefuseConsent),
        4 => Just(Deed::Seal),
        1 => Just(Deed::SealAndWithdraw),
        4 => Just(Deed::Approve),
        2 => Just(Deed::ApproveTwice),
        1 => Just(Deed::RefuseAtDesk),
        3 => Just(Deed::Download),
        1 => Just(Deed::Wait),
    ];
    proptest::collection::vec((deed, any::<usize>(), any::<usize>()), 12..28)
}

/// One enterprise, its administrator, a clerk and a stranger, and the keys on their phones.
struct World {
    platform: Platform,
    firm: Firm,
    people: Vec<Person>,
    /// Keys of enterprise certificates: person and certificate.
    keys: HashMap<(usize, String), Key>,
}

impl World {
    async fn new() -> Self {
        let platform = Platform::start().await;
        let mut firm = platform.firm(1).await;
        let (clerk, key, certificate) = firm.clerk(&platform, 2).await;
        let stranger = platform.person(3).await;
        let keys = HashMap::from([((0, text(&certificate["id"])), key)]);
        Self { platform, firm, people: vec![clerk, stranger], keys }
    }

    /// Person 2 is who claimed the enterprise, whatever they are by now.
    fn person(&mut self, n: usize) -> &mut Person {
        match n % 3 {
            2 => &mut self.firm.admin,
            other => &mut self.people[other],
        }
    }

    async fn pick(&self, n: usize) -> Option<application::Model> {
        let rows = application::Entity::find().all(&*self.platform.state.db).await.unwrap();
        (!rows.is_empty()).then(|| rows[n % rows.len()].clone())
    }

    fn owner(&self, row: &application::Model) -> usize {
        let at = self.people.iter().position(|person| person.account_id == row.account_id);
        at.unwrap_or(2)
    }

    async fn admin(&self) -> usize {
        let rows = membership::Entity::find().all(&*self.platform.state.db).await.unwrap();
        let admin = rows.into_iter().find(|row| row.admin_slot.is_some()).expect("an administrator").account_id;
        self.people.iter().position(|person| person.account_id == admin).unwrap_or(2)
    }

    /// What is refused is refused; only a fault of ours is none of the answers.
    fn check(reply: &crate::phone::transport::Reply) {
        assert!(reply.status < 500, "{} {}", reply.status, reply.code());
    }

    async fn perform(&mut self, (deed, who, which): (Deed, usize, usize)) {
        if let Deed::Begin(kind) = deed {
            return self.begin(kind, who, which).await;
        }
        if let Deed::Wait = deed {
            self.platform.clock.advance(jiff::SignedDuration::from_mins(7));
            return;
        }
        let Some(row) = self.pick(which).await else { return };
        let (id, owner) = (row.id.to_string(), self.owner(&row));
        match deed {
            Deed::Fill => self.fill(&row).await,
            Deed::Submit => Self::check(&act(self.person(owner), &id, "submission").await),
            Deed::SubmitTwice => {
                let path = format!("{APPLICATIONS}/{id}/submission");
                let (mut one, mut two) = (self.person(owner).http.clone(), self.person(owner).http.clone());
                let (first, second) =
                    tokio::join!(one.call("POST", &path, None, Vec::new()), two.call("POST", &path, None, Vec::new()),);
                assert!(first.status != 200 || second.status != 200, "handed in twice");
                Self::check(&first);
                Self::check(&second);
            }
            Deed::Withdraw => Self::check(&act(self.person(who), &id, "withdrawal").await),
            Deed::Resubmit => Self::check(&act(self.person(owner), &id, "resubmission").await),
            Deed::RefuseConsent => {
                let path = format!("{APPLICATIONS}/{id}/consent-refusal");
                Self::check(&self.person(who).http.post(&path, json!({ "reason": "暂不同意" })).await);
            }
            Deed::Seal => self.seal(&id, None).await,
            Deed::SealAndWithdraw => self.seal(&id, Some(owner)).await,
            Deed::Approve | Deed::ApproveTwice => self.approve(&row, matches!(deed, Deed::ApproveTwice)).await,
            Deed::RefuseAtDesk => {
                let mut desk = self.platform.desk().await;
                let decision = json!({ "version": row.version, "reason": "材料不清晰" });
                Self::check(&desk.post(&format!("/api/console/applications/{id}/refusal"), decision).await);
            }
            Deed::Download => self.download(&row).await,
            Deed::Begin(_) | Deed::Wait => {}
        }
    }

    async fn begin(&mut self, kind: u8, who: usize, which: usize) {
        let holder = self.person(which).account_id;
        let enterprise = self.firm.id.clone();
        let new = match kind {
            0 => json!({ "kind": "enterprise_join", "enterprise_id": enterprise }),
            1 => json!({ "kind": "enterprise_certificate", "enterprise_id": enterprise }),
            2 => json!({ "kind": "authorisation", "enterprise_id": enterprise, "holder_id": holder }),
            3 => json!({ "kind": "admin_transfer", "enterprise_id": enterprise, "holder_id": holder }),
            4 => json!({ "kind": "admin_transfer_by_form", "enterprise_id": enterprise, "holder_id": holder }),
            _ => json!({ "kind": "enterprise_claim" }),
        };
        Self::check(&self.person(who).http.post(APPLICATIONS, new).await);
    }

    async fn fill(&mut self, row: &application::Model) {
        let (id, owner, admin) = (row.id.to_string(), self.owner(row), self.admin().await);
        let mut change = self.platform.choice("guiyun").await;
        match row.kind.as_str() {
            "enterprise_join" => {
                change["grant"] = grant();
                let n = [2, 3, 1][admin];
                change["admin"] = json!({ "name": crate::firm::person_name(n), "phone": crate::firm::phone_number(n) });
            }
            "authorisation" => change["grant"] = grant(),
            "enterprise_claim" => change["facts"] = crate::firm::facts(77),
            "admin_transfer" => return,
            "admin_transfer_by_form" => change = json!({ "institution_id": change["institution_id"] }),
            _ => {}
        }
        let person = self.person(owner);
        Self::check(&person.http.patch(&format!("{APPLICATIONS}/{id}"), change).await);
        for material in ["licence", "application_form"] {
            Self::check(&upload(person, &id, material).await);
        }
    }

    /// The administrator seals with whatever certificate of the enterprise is on their phone; if told so, the applicant
    /// takes the application back at the same time.
    async fn seal(&mut self, id: &str, withdrawing: Option<usize>) {
        let admin = self.admin().await;
        let held = self.keys.keys().find(|(person, _)| *person == admin).map(|(_, certificate)| certificate.clone());
        let certificate = match (admin, held) {
            (2, _) => text(&self.firm.certificate["id"]),
            (_, Some(held)) => held,
            (_, None) => return,
        };
        let seal = self.firm.seal(&self.platform, "company").await;
        let place = json!({ "page": 1, "x_mm": 20.0, "y_mm": 20.0, "width_mm": 40.0, "height_mm": 40.0 });
        let sealing = json!({ "certificate_id": certificate, "appearance_id": seal, "placement": place });
        let asked = self.person(admin).http.post(&format!("{APPLICATIONS}/{id}/letter"), sealing).await;
        Self::check(&asked);
        if asked.status != 201 {
            return;
        }
        let request = asked.json();
        let mut key = match admin {
            2 => self.firm.key.clone(),
            _ => self.keys[&(admin, certificate.clone())].clone(),
        };
        let signature = self.person(admin).sign_request(&mut key, &request).await.unwrap();
        match admin {
            2 => self.firm.key = key,
            _ => drop(self.keys.insert((admin, certificate), key)),
        }
        let Some(applicant) = withdrawing else {
            return Self::check(&self.person(admin).confirm(&request, &signature).await);
        };
        let path = format!("{APPLICATIONS}/{id}/withdrawal");
        let mut other = self.person(applicant).http.clone();
        let (sealed, withdrawn) =
            tokio::join!(self.person(admin).confirm(&request, &signature), other.call("POST", &path, None, Vec::new()));
        Self::check(&sealed);
        Self::check(&withdrawn);
    }

    async fn approve(&mut self, row: &application::Model, twice: bool) {
        let mut desk = self.platform.desk().await;
        let id = row.id.to_string();
        if row.submitted_at.is_none() {
            return;
        }
        if !twice {
            return Self::check(&approve_at(&mut desk, &id).await);
        }
        let mut other = desk.clone();
        let path = format!("/api/console/applications/{id}/approval");
        let decision = json!({ "version": row.version });
        let (first, second) = tokio::join!(desk.post(&path, decision.clone()), other.post(&path, decision));
        Self::check(&first);
        Self::check(&second);
        assert!(first.status != 200 || second.status != 200, "approved twice");
    }

    async fn download(&mut self, row: &application::Model) {
        let holder = row.holder_id.unwrap_or(row.account_id);
        let n = self.people.iter().position(|person| person.account_id == holder).unwrap_or(2);
        if row.state != "ready" {
            let device = json!({ "device_id": self.person(n).device_id });
            let path = format!("{APPLICATIONS}/{}/enrolments", row.id);
            let refused = self.person(n).http.post(&path, device).await;
            assert!((400..500).contains(&refused.status), "{}", refused.status);
            return;
        }
        let (key, certificate) = crate::firm::download(self.person(n), &row.id.to_string()).await;
        if row.enterprise_id.is_some_and(|id| id.to_string() == self.firm.id) {
            self.keys.insert((n, text(&certificate["id"])), key);
        }
    }

    /// The invariants.
    async fn hold(&self) {
        let db = &*self.platform.state.db;
        let members = membership::Entity::find().all(db).await.unwrap();
        for enterprise in enterprise::Entity::find().all(db).await.unwrap() {
            let now: Vec<_> =
                members.iter().filter(|row| row.enterprise_id == enterprise.id && row.ended_at.is_none()).collect();
            let admins = now.iter().filter(|row| row.role == "admin").count();
            assert_eq!(admins, 1, "{}", enterprise.name);
            assert!(now.iter().all(|row| (row.role == "admin") == row.admin_slot.is_some()));
            let mut accounts: Vec<_> = now.iter().map(|row| row.account_id).collect();
            accounts.sort_unstable();
            accounts.dedup();
            assert_eq!(accounts.len(), now.len(), "nobody belongs twice");
        }
        let steps = step::Entity::find().all(db).await.unwrap();
        for row in application::Entity::find().all(db).await.unwrap() {
            check_steps(&row, &steps);
        }
        self.permissions_hold().await;
    }

    /// Every permission there is comes from a member's authorisation that an application ended with, once per application
    /// and platform.
    async fn permissions_hold(&self) {
        let db = &*self.platform.state.db;
        let members = membership::Entity::find().all(db).await.unwrap();
        let mut seen = Vec::new();
        for row in authorisation::Entity::find().all(db).await.unwrap() {
            let application =
                application::Entity::find_by_id(row.application_id.unwrap()).one(db).await.unwrap().unwrap();
            assert_eq!(application.state, "done", "granted before its end");
            let source = (row.application_id, row.relying_party_id);
            assert!(!seen.contains(&source), "granted twice");
            seen.push(source);
            assert!(row.permissions.split(' ').all(|word| Permission::ALL.iter().any(|one| one.as_str() == word)));
            let member = members.iter().any(|one| {
                one.enterprise_id == row.enterprise_id && one.account_id == row.account_id && one.ended_at.is_none()
            });
            assert!(member || row.ended_at.is_some(), "a permission has outlived the membership");
        }
    }
}

/// The history is a walk of the machine: each step follows from the one before, versions never repeat.
fn check_steps(row: &application::Model, steps: &[step::Model]) {
    let mut own: Vec<_> = steps.iter().filter(|step| step.application_id == row.id).collect();
    own.sort_by_key(|step| step.version);
    let states: Vec<State> = own.iter().map(|step| State::parse(&step.state).unwrap()).collect();
    assert_eq!(states[0], State::Draft);
    assert_eq!(states.last().map(|state| state.as_str()), Some(row.state.as_str()));
    for pair in states.windows(2) {
        let possible =
            Route::all().any(|route| Event::ALL.iter().any(|event| next(route, pair[0], *event) == Ok(pair[1])));
        assert!(possible, "{:?} after {:?}", pair[1], pair[0]);
    }
    for state in State::ALL {
        assert!(states.iter().filter(|one| **one == state).count() <= 1, "{state:?} twice: {states:?}");
    }
    let open = State::parse(&row.state).unwrap().is_open();
    assert_eq!(row.open_slot.is_some(), open, "{}", row.state);
    assert!(open || row.exclusive_slot.is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn whatever_people_do_one_administrator_every_step_once_and_no_stray_permission(deeds in deeds()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            for deed in deeds {
                world.perform(deed).await;
                world.hold().await;
            }
        });
    }
}

/// A value that a broken drawing of deeds would hide: every kind is begun by somebody who may.
#[tokio::test]
async fn every_kind_of_the_walk_can_be_begun() {
    let mut world = World::new().await;
    let clerk = world.people[0].account_id;
    for (who, new) in [
        (1, json!({ "kind": "enterprise_join", "enterprise_id": world.firm.id })),
        (0, json!({ "kind": "enterprise_certificate", "enterprise_id": world.firm.id })),
        (2, json!({ "kind": "authorisation", "enterprise_id": world.firm.id, "holder_id": clerk })),
        (2, json!({ "kind": "admin_transfer", "enterprise_id": world.firm.id, "holder_id": clerk })),
    ] {
        let begun: Value = world.person(who).http.post(APPLICATIONS, new).await.expect(201).json();
        assert_eq!(begun["state"], "draft");
    }
    world.hold().await;
}
