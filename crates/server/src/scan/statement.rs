//! The octets that a login signs.
//!
//! A JSON object with its keys in a fixed order and no spaces. The phone shows the values that it finds in these octets,
//! not those that some other answer of the server claims, so that what is seen is what is signed.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

#[derive(Serialize)]
struct Login<'a> {
    #[serde(rename = "type")]
    type_: &'static str,
    version: u32,
    request: Uuid,
    relying_party: Uuid,
    name: &'a str,
    check_number: &'a str,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

/// Who logs in where, until when.
#[derive(Debug, Clone, Copy)]
pub struct LoginFacts<'a> {
    /// The scan request.
    pub request: Uuid,
    /// Who asks.
    pub relying_party: Uuid,
    /// What that is called.
    pub name: &'a str,
    /// The four digits.
    pub check_number: &'a str,
    /// When it was asked.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// The statement of a login.
#[must_use]
pub fn login(facts: &LoginFacts<'_>) -> Vec<u8> {
    let statement = Login {
        type_: "guiqian-login",
        version: 1,
        request: facts.request,
        relying_party: facts.relying_party,
        name: facts.name,
        check_number: facts.check_number,
        issued_at: facts.issued_at,
        expires_at: facts.expires_at,
    };
    // Strings and a number only: there is nothing that could fail to become JSON.
    serde_json::to_vec(&statement).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_octets_of_a_login_are_fixed() {
        let statement = login(&LoginFacts {
            request: Uuid::from_u128(1),
            relying_party: Uuid::from_u128(2),
            name: "示范公共资源交易平台",
            check_number: "0417",
            issued_at: "2026-11-24T04:00:00Z".parse().expect("time"),
            expires_at: "2026-11-24T04:05:00Z".parse().expect("time"),
        });
        assert_eq!(
            String::from_utf8(statement).expect("UTF-8"),
            concat!(
                r#"{"type":"guiqian-login","version":1,"request":"00000000-0000-0000-0000-000000000001","#,
                r#""relying_party":"00000000-0000-0000-0000-000000000002","name":"示范公共资源交易平台","#,
                r#""check_number":"0417","issued_at":"2026-11-24T04:00:00Z","expires_at":"2026-11-24T04:05:00Z"}"#
            )
        );
    }
}
