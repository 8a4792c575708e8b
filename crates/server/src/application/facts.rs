//! What may be said about an enterprise and granted in it: the checks of what an applicant enters.

use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use super::details::EnterpriseFacts;
use crate::{
    authorisation::rules::Grant,
    enterprise::rules::{parse_credit_code, parse_id_number, parse_name},
    error::{FIELDS_INVALID, Problem, Result},
    identity,
    relying::{self, entity::relying_party},
};

/// Platforms that one grant may name.
const MAX_PLATFORMS: usize = 50;

/// The facts in their one written form. What is empty stays empty, what is wrong is refused by name.
pub fn tidy(typed: &EnterpriseFacts, now: Timestamp) -> Result<EnterpriseFacts> {
    // Birthdays are days of China.
    let today = jiff::tz::offset(8).to_datetime(now).date();
    let mut fields = Vec::new();
    let mut part = |name: &'static str, code: &'static str, value: &str, parsed: Option<String>| {
        if value.trim().is_empty() {
            return String::new();
        }
        parsed.unwrap_or_else(|| {
            fields.push((name, code));
            String::new()
        })
    };
    let id_number = parse_id_number(typed.legal_person_id_type, &typed.legal_person_id_number, today);
    let tidied = EnterpriseFacts {
        name: part("facts.name", "NAME_INVALID", &typed.name, parse_name(&typed.name)),
        credit_code: part(
            "facts.credit_code",
            "CREDIT_CODE_INVALID",
            &typed.credit_code,
            parse_credit_code(&typed.credit_code),
        ),
        legal_person_name: part(
            "facts.legal_person_name",
            "NAME_INVALID",
            &typed.legal_person_name,
            identity::rules::parse_name(&typed.legal_person_name),
        ),
        legal_person_id_type: typed.legal_person_id_type,
        legal_person_id_number: part(
            "facts.legal_person_id_number",
            "ID_NUMBER_INVALID",
            &typed.legal_person_id_number,
            id_number,
        ),
    };
    // The name must fit into a certificate (X.520 annex C: 64 characters).
    if tidied.name.chars().count() > 64 {
        fields.push(("facts.name", "NAME_TOO_LONG"));
    }
    refuse(fields)?;
    Ok(tidied)
}

/// The facts that are still missing, by field.
pub fn missing(facts: Option<&EnterpriseFacts>) -> Vec<&'static str> {
    let Some(facts) = facts else { return vec!["facts"] };
    let parts = [
        ("facts.name", &facts.name),
        ("facts.credit_code", &facts.credit_code),
        ("facts.legal_person_name", &facts.legal_person_name),
        ("facts.legal_person_id_number", &facts.legal_person_id_number),
    ];
    parts.into_iter().filter(|(_, value)| value.is_empty()).map(|(name, _)| name).collect()
}

/// Refuses a grant that names nothing, something twice, or a platform that is none.
pub async fn check_grant(db: &impl ConnectionTrait, grant: &Grant) -> Result<()> {
    let mut fields = Vec::new();
    let twice = |repeated: bool| if repeated { Some("TWICE") } else { None };
    let permissions = if grant.permissions.is_empty() { Some("REQUIRED") } else { twice(repeats(&grant.permissions)) };
    let platforms = &grant.relying_party_ids;
    let known = relying_party::Entity::find()
        .filter(relying_party::Column::Id.is_in(platforms.iter().copied().take(MAX_PLATFORMS)))
        .filter(relying_party::Column::ClientId.is_not_in(relying::BUILT_INS))
        .all(db)
        .await?
        .len();
    let platforms = match () {
        () if platforms.len() > MAX_PLATFORMS => Some("TOO_MANY"),
        () if repeats(platforms) => Some("TWICE"),
        () if known != platforms.len() => Some("UNKNOWN"),
        () => None,
    };
    fields.extend(permissions.map(|code| ("grant.permissions", code)));
    fields.extend(twice(repeats(&grant.seals)).map(|code| ("grant.seals", code)));
    fields.extend(platforms.map(|code| ("grant.relying_party_ids", code)));
    refuse(fields)
}

/// Whether something stands in the list twice. The lists are short.
pub fn repeats<T: PartialEq>(list: &[T]) -> bool {
    list.iter().enumerate().any(|(index, one)| list[..index].contains(one))
}

fn refuse(fields: Vec<(&'static str, &'static str)>) -> Result<()> {
    if fields.is_empty() {
        return Ok(());
    }
    let with = |problem: Problem, (name, code)| problem.and_field(name, code);
    Err(fields.into_iter().fold(FIELDS_INVALID.problem(), with))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enterprise::rules::IdType;

    fn facts() -> EnterpriseFacts {
        EnterpriseFacts {
            name: "桂林(漓江)工程有限公司".to_owned(),
            credit_code: "9135 0100 m000 100y 43".to_owned(),
            legal_person_name: "韦桂花".to_owned(),
            legal_person_id_type: IdType::ResidentId,
            legal_person_id_number: "11010519491231002x".to_owned(),
        }
    }

    fn now() -> Timestamp {
        "2026-03-02T08:00:00Z".parse().expect("a time")
    }

    #[test]
    fn facts_are_kept_in_their_one_written_form() {
        let tidied = tidy(&facts(), now()).expect("right facts");
        assert_eq!(tidied.name, "桂林（漓江）工程有限公司");
        assert_eq!(tidied.credit_code, "91350100M000100Y43");
        assert_eq!(tidied.legal_person_id_number, "11010519491231002X");
        assert_eq!(missing(Some(&tidied)), [""; 0]);
    }

    #[test]
    fn a_draft_may_lack_what_is_not_known_yet_and_may_not_hold_what_is_wrong() {
        let half = EnterpriseFacts { credit_code: String::new(), legal_person_id_number: " ".to_owned(), ..facts() };
        let tidied = tidy(&half, now()).expect("nothing wrong");
        assert_eq!(missing(Some(&tidied)), ["facts.credit_code", "facts.legal_person_id_number"]);
        assert_eq!(missing(None), ["facts"]);
        let wrong = [
            EnterpriseFacts { credit_code: "91350100M000100Y44".to_owned(), ..facts() },
            EnterpriseFacts { name: "长".repeat(65), ..facts() },
            EnterpriseFacts { legal_person_name: "<b>".to_owned(), ..facts() },
            EnterpriseFacts { legal_person_id_number: "110105194912310021".to_owned(), ..facts() },
        ];
        for one in wrong {
            assert!(tidy(&one, now()).is_err(), "{one:?}");
        }
    }
}
