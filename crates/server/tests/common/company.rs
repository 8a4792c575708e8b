//! Enterprises for tests: made by the function that a claim ends with.

use serde_json::Value;
use server::{
    application::details::EnterpriseFacts,
    authorisation::{
        rules::Grant,
        service::{self as authorisation, NewGrant},
    },
    enterprise::{Enterprise, membership, rules::IdType},
};
use uuid::Uuid;

use super::{Browser, Platform, text};

/// A unified social credit code of nobody, with its check character (GB 32100).
pub fn credit_code(n: u32) -> String {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let seventeen = format!("91450100{n:09}");
    let value = |octet: u8| ALPHABET.iter().position(|known| *known == octet).unwrap();
    let sum: usize = seventeen.bytes().zip(WEIGHTS).map(|(octet, weight)| value(octet) * weight).sum();
    format!("{seventeen}{}", char::from(ALPHABET[(31 - sum % 31) % 31]))
}

/// What is said of the `n`th enterprise.
pub fn facts(n: u32, name: &str) -> EnterpriseFacts {
    EnterpriseFacts {
        name: name.to_owned(),
        credit_code: credit_code(n),
        legal_person_name: "覃山水".to_owned(),
        legal_person_id_type: IdType::ResidentId,
        legal_person_id_number: "11010519491231002X".to_owned(),
    }
}

/// The account of a browser.
pub async fn account_of(browser: &mut Browser) -> Uuid {
    let me: Value = browser.get("/api/me").await.json();
    text(&me["id"]).parse().unwrap()
}

impl Platform {
    /// The `n`th enterprise with its administrator.
    pub async fn enterprise(&self, n: u32, name: &str, admin: &mut Browser) -> Enterprise {
        let admin = account_of(admin).await;
        let mut tx = self.state.db.begin().await.unwrap();
        let row = membership::found(&self.state, &mut tx, &facts(n, name), admin).await.unwrap();
        tx.commit().await.unwrap();
        row
    }

    /// Makes somebody a clerk.
    pub async fn clerk(&self, enterprise: &Enterprise, clerk: &mut Browser) -> Uuid {
        let clerk = account_of(clerk).await;
        let mut tx = self.state.db.begin().await.unwrap();
        membership::add_clerk(&mut tx, self.state.now(), enterprise.id, clerk).await.unwrap();
        tx.commit().await.unwrap();
        clerk
    }

    /// Grants something for a year.
    pub async fn grant(&self, enterprise: &Enterprise, clerk: Uuid, grant: &Grant) {
        let now = self.state.now();
        let mut tx = self.state.db.begin().await.unwrap();
        let valid = (now, now + jiff::SignedDuration::from_hours(24 * 365));
        let new = NewGrant {
            enterprise_id: enterprise.id,
            account_id: clerk,
            granted_by: clerk,
            application_id: None,
            valid,
        };
        authorisation::grant(&mut tx, now, &new, grant).await.unwrap();
        tx.commit().await.unwrap();
    }
}
