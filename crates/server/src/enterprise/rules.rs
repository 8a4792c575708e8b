//! What an enterprise's facts must look like, and who may be what in it. Without I/O.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a person is in an enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EnterpriseRole)]
pub enum Role {
    /// The administrator (管理员); exactly one per enterprise.
    Admin,
    /// A clerk (办事人员).
    Clerk,
}

impl Role {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Clerk => "clerk",
        }
    }

    /// The role of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Admin, Self::Clerk].into_iter().find(|role| role.as_str() == word)
    }
}

/// Kind of the legal person's identity document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdType {
    /// Resident identity card (居民身份证, GB 11643).
    ResidentId,
    /// Passport (护照).
    Passport,
    /// Mainland travel permit for Hong Kong and Macao residents (港澳居民来往内地通行证).
    HkMacaoPermit,
    /// Mainland travel permit for Taiwan residents (台湾居民来往大陆通行证).
    TaiwanPermit,
}

impl IdType {
    const ALL: [Self; 4] = [Self::ResidentId, Self::Passport, Self::HkMacaoPermit, Self::TaiwanPermit];

    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResidentId => "resident_id",
            Self::Passport => "passport",
            Self::HkMacaoPermit => "hk_macao_permit",
            Self::TaiwanPermit => "taiwan_permit",
        }
    }

    /// The type of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// Where an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// Not answered yet.
    Waiting,
    /// The person became a clerk.
    Accepted,
    /// The person said no.
    Declined,
    /// The administrator took it back.
    Cancelled,
    /// Nobody answered in time.
    Expired,
}

impl InvitationState {
    const ALL: [Self; 5] = [Self::Waiting, Self::Accepted, Self::Declined, Self::Cancelled, Self::Expired];

    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The state of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Characters of a credit code: digits and capital letters without I, O, S, V and Z, in the order of their values.
const CREDIT_CODE: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Weights of the first 17 characters (GB 32100-2015 annex A): 3^i mod 31.
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// A unified social credit code in capitals without blanks, or none if its check character is wrong.
pub fn parse_credit_code(typed: &str) -> Option<String> {
    let code: String =
        typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>().to_ascii_uppercase();
    if code.len() != 18 {
        return None;
    }
    let value = |octet: u8| CREDIT_CODE.iter().position(|known| *known == octet);
    let values: Vec<usize> = code.bytes().map(value).collect::<Option<_>>()?;
    let sum: usize = values.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    // The administrative division, places 3 to 8, is digits.
    let division = code.as_bytes()[2..8].iter().all(u8::is_ascii_digit);
    (division && values[17] == (31 - sum % 31) % 31).then_some(code)
}

/// A full name without blanks around it: 2 to 100 characters, nothing unprintable; brackets become full-width ones, as
/// on licences.
pub fn parse_name(typed: &str) -> Option<String> {
    let name: String = typed.trim().replace('(', "（").replace(')', "）");
    let count = name.chars().count();
    let fits = (2..=100).contains(&count) && !name.chars().any(|c| c.is_control() || c.is_whitespace() && c != ' ');
    fits.then_some(name)
}

/// The number of an identity document in capitals, or none if it cannot be one of that type.
pub fn parse_id_number(kind: IdType, typed: &str, today: jiff::civil::Date) -> Option<String> {
    let number: String = typed.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
    let plain = number.bytes().all(|octet| octet.is_ascii_alphanumeric());
    match kind {
        IdType::ResidentId => crate::identity::rules::parse_id_number(&number, today),
        IdType::Passport => (plain && (7..=12).contains(&number.len())).then_some(number),
        IdType::HkMacaoPermit | IdType::TaiwanPermit => (plain && (8..=11).contains(&number.len())).then_some(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credit_code_with_its_check_character_is_read_however_it_is_spaced() {
        for good in ["91350100M000100Y43", "9135 0100 m000 100y 43", "9135-0100-M000-100Y-43"] {
            assert_eq!(parse_credit_code(good).as_deref(), Some("91350100M000100Y43"), "{good}");
        }
    }

    #[test]
    fn a_credit_code_with_one_wrong_character_is_refused() {
        let good = "91350100M000100Y43";
        for place in 0..18 {
            for other in CREDIT_CODE {
                let mut octets = good.as_bytes().to_vec();
                if octets[place] == *other {
                    continue;
                }
                octets[place] = *other;
                assert_eq!(parse_credit_code(std::str::from_utf8(&octets).expect("ASCII")), None);
            }
        }
        for bad in ["", "91350100M000100Y4", "91350100M000100Y433", "91350100M000100Y4I", "桂桂桂桂桂桂"] {
            assert_eq!(parse_credit_code(bad), None, "{bad}");
        }
    }

    #[test]
    fn names_keep_their_brackets_in_full_width() {
        assert_eq!(parse_name(" 桂林(漓江)工程有限公司 ").as_deref(), Some("桂林（漓江）工程有限公司"));
        for bad in ["", "桂", "a\u{7}b", "甲\n乙", &"长".repeat(101)] {
            assert_eq!(parse_name(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_legal_persons_number_fits_its_document() {
        let today = jiff::civil::date(2026, 3, 2);
        assert!(parse_id_number(IdType::ResidentId, "11010519491231002x", today).is_some());
        assert!(parse_id_number(IdType::ResidentId, "110105194912310021", today).is_none());
        assert!(parse_id_number(IdType::Passport, "E12345678", today).is_some());
        assert!(parse_id_number(IdType::TaiwanPermit, "1234", today).is_none());
    }

    #[test]
    fn stored_words_are_read_again() {
        assert_eq!(Role::parse(Role::Admin.as_str()), Some(Role::Admin));
        for one in IdType::ALL {
            assert_eq!(IdType::parse(one.as_str()), Some(one));
        }
        for one in InvitationState::ALL {
            assert_eq!(InvitationState::parse(one.as_str()), Some(one));
        }
    }
}
