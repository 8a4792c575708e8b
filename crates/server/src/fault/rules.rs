//! What a fault may say, and how its job stands.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Serial numbers that a fault may list.
pub const MAX_SERIALS: usize = 20_000;
/// Hexadecimal digits of the longest serial number (RFC 5280 4.1.2.2: 20 octets).
const MAX_DIGITS: usize = 40;

/// Which certificates a fault touches: those for which everything that is said here holds.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultCriteria {
    /// Who issued them.
    #[serde(default)]
    pub institution_id: Option<Uuid>,
    /// Serial number of the CA that signed them, hexadecimal.
    #[serde(default)]
    pub ca_serial: Option<String>,
    /// Issued at this time or later.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub issued_from: Option<Timestamp>,
    /// Issued before this time.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub issued_to: Option<Timestamp>,
    /// Personal or enterprise.
    #[serde(default)]
    pub kind: Option<CertificateKind>,
    /// The product that was applied for.
    #[serde(default)]
    pub product_id: Option<Uuid>,
    /// Serial numbers, hexadecimal, at most 20,000.
    #[serde(default)]
    pub serials: Vec<String>,
}

/// What a certificate speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateKind {
    /// A person.
    Personal,
    /// An enterprise, through a person.
    Enterprise,
}

impl CertificateKind {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Enterprise => "enterprise",
        }
    }
}

impl FaultCriteria {
    /// The criteria with serial numbers as they are stored, or the field that is wrong and how.
    pub fn checked(mut self) -> Result<Self, (&'static str, &'static str)> {
        let Self { institution_id, ca_serial, issued_from, issued_to, kind, product_id, serials } = &mut self;
        if let Some(typed) = ca_serial {
            *typed = serial(typed).ok_or(("ca_serial", "INVALID"))?;
        }
        if serials.len() > MAX_SERIALS {
            return Err(("serials", "TOO_MANY"));
        }
        for typed in &mut *serials {
            *typed = serial(typed).ok_or(("serials", "INVALID"))?;
        }
        serials.sort_unstable();
        serials.dedup();
        if let (Some(from), Some(to)) = (&*issued_from, &*issued_to)
            && from >= to
        {
            return Err(("issued_to", "RANGE"));
        }
        let said = institution_id.is_some()
            || ca_serial.is_some()
            || issued_from.is_some()
            || issued_to.is_some()
            || kind.is_some()
            || product_id.is_some()
            || !serials.is_empty();
        if said { Ok(self) } else { Err(("criteria", "REQUIRED")) }
    }
}

/// A serial number as it is stored, without the blanks, colons and zeros in front that people copy.
fn serial(typed: &str) -> Option<String> {
    let digits: String = typed.chars().filter(|one| !one.is_whitespace() && *one != ':').collect();
    let serial = pki::Serial::from_hex(&digits).ok().filter(|_| digits.len() <= MAX_DIGITS)?;
    Some(serial.to_string())
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// It goes on by itself.
    Running,
    /// Somebody has stopped it for a while.
    Paused,
    /// Nothing is left to do.
    Done,
}

impl JobState {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
        }
    }

    /// The state of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Running, Self::Paused, Self::Done].into_iter().find(|state| state.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<Timestamp> {
        Some(text.parse().expect("a time"))
    }

    #[test]
    fn serial_numbers_are_taken_as_people_copy_them() {
        let typed = ["0A:1b 2C", "00 0a1b2c", "FF"].map(str::to_owned).to_vec();
        let criteria = FaultCriteria { serials: typed, ..FaultCriteria::default() }.checked().expect("good ones");
        assert_eq!(criteria.serials, ["0a1b2c", "ff"]);
    }

    #[test]
    fn criteria_that_say_nothing_or_nonsense_are_refused() {
        let blank = FaultCriteria::default;
        for (criteria, wrong) in [
            (blank(), ("criteria", "REQUIRED")),
            (FaultCriteria { ca_serial: Some("xyz".to_owned()), ..blank() }, ("ca_serial", "INVALID")),
            (FaultCriteria { serials: vec![String::new()], ..blank() }, ("serials", "INVALID")),
            (FaultCriteria { serials: vec!["a".repeat(41)], ..blank() }, ("serials", "INVALID")),
            (FaultCriteria { serials: vec!["a".to_owned(); MAX_SERIALS + 1], ..blank() }, ("serials", "TOO_MANY")),
            (
                FaultCriteria {
                    issued_from: at("2026-03-02T00:00:00Z"),
                    issued_to: at("2026-03-02T00:00:00Z"),
                    ..blank()
                },
                ("issued_to", "RANGE"),
            ),
        ] {
            assert_eq!(criteria.checked().expect_err("refused"), wrong);
        }
    }

    #[test]
    fn stored_words_are_read_back() {
        for state in [JobState::Running, JobState::Paused, JobState::Done] {
            assert_eq!(JobState::parse(state.as_str()), Some(state));
        }
        assert_eq!(JobState::parse("stopped"), None);
    }
}
