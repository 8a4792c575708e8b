//! How console logins are slowed down, which passwords will do, how long work in hand stays so, and what a refusal must
//! say.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{account, rate::Limit};

/// Wrong passwords in a row that lock a reviewer out for [`LOCKED_FOR`].
pub const MAX_FAILURES: i32 = 5;
/// How long.
pub const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(15);
/// Tries at a name that nobody has, before it is answered like a locked one.
pub const UNKNOWN_TRIES: Limit = Limit { times: 4, window: LOCKED_FOR };
/// How long a login lasts.
pub const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(12);
/// How long sessions that ended are kept.
pub const KEPT_SESSIONS: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How long scans are kept.
pub const KEPT_SCANS: SignedDuration = SignedDuration::from_hours(24);
/// How long an application stays in somebody's hand unless their page renews it.
pub const HOLD_LIFETIME: SignedDuration = SignedDuration::from_mins(5);
/// Characters of a reviewer's password at least: it opens other people's identity papers.
const PASSWORD_LEAST: usize = 12;

/// How long an application has waited, against what its institution promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Ageing)]
pub enum Age {
    /// Less than half of the promised time has passed.
    Fresh,
    /// More than half.
    Due,
    /// The promise is broken.
    Late,
}

impl Age {
    /// Every age.
    pub const ALL: [Self; 3] = [Self::Fresh, Self::Due, Self::Late];

    /// The age of what has waited for so many milliseconds.
    pub fn of(waited: i64, service_hours: i32) -> Self {
        let promised = i64::from(service_hours) * 3_600_000;
        match waited {
            waited if waited >= promised => Self::Late,
            waited if waited >= promised / 2 => Self::Due,
            _ => Self::Fresh,
        }
    }

    /// What has this age at `now` (Unix milliseconds) has waited since a moment that is later than the first and not
    /// later than the second of these; none: no bound.
    pub fn since(self, now: i64, service_hours: i32) -> (Option<i64>, Option<i64>) {
        let promised = i64::from(service_hours) * 3_600_000;
        let (half, whole) = (now - promised / 2, now - promised);
        match self {
            Self::Fresh => (Some(half), None),
            Self::Due => (Some(whole), Some(half)),
            Self::Late => (None, Some(whole)),
        }
    }
}

/// One line of so many characters, without blanks around it.
pub fn parse_line(typed: &str, least: usize, most: usize) -> Option<String> {
    let line = typed.trim();
    let fits = (least..=most).contains(&line.chars().count()) && !line.contains(char::is_control);
    fits.then(|| line.to_owned())
}

/// Whether a login name is 1 to 50 Latin letters, digits, `.`, `_` or `-`.
pub fn is_username(username: &str) -> bool {
    let plain = username.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"._-".contains(&octet));
    plain && (1..=50).contains(&username.len())
}

/// Why a password will not do: as for everybody, from 12 characters on, and `NAME` where it holds the login name.
pub fn password_weakness(password: &str, username: &str) -> Option<&'static str> {
    if password.chars().count() < PASSWORD_LEAST {
        return Some("LENGTH");
    }
    if username.len() > 2 && password.to_lowercase().contains(&username.to_lowercase()) {
        return Some("NAME");
    }
    account::rules::password_weakness(password, "")
}

/// What was typed into a search field: nothing, words to look for, or (none) something that cannot be looked for because
/// it is too long or holds characters that mean something to the search itself.
pub fn search_words(typed: Option<&str>) -> Option<Option<&str>> {
    let words = typed.map(str::trim).filter(|words| !words.is_empty());
    let Some(words) = words else { return Some(None) };
    let plain = words.chars().count() <= 50 && !words.contains(['%', '_', '\\']) && !words.contains(char::is_control);
    plain.then_some(Some(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_words_are_plain() {
        assert_eq!(search_words(None), Some(None));
        assert_eq!(search_words(Some("  ")), Some(None));
        assert_eq!(search_words(Some(" 桂花 ")), Some(Some("桂花")));
        for wild in ["%", "a_b", "a\\", "a\0b", &"长".repeat(51)] {
            assert_eq!(search_words(Some(wild)), None);
        }
    }

    #[test]
    fn an_application_is_due_after_half_of_the_promised_time_and_late_after_all_of_it() {
        const HOUR: i64 = 3_600_000;
        for (waited, age) in [
            (0, Age::Fresh),
            (12 * HOUR - 1, Age::Fresh),
            (12 * HOUR, Age::Due),
            (24 * HOUR - 1, Age::Due),
            (24 * HOUR, Age::Late),
        ] {
            assert_eq!(Age::of(waited, 24), age, "{waited}");
        }
    }

    #[test]
    fn every_moment_has_one_age_and_the_bounds_say_which() {
        let now = 1_000_000_000;
        for waited in (0..100_000_000).step_by(600_000) {
            let since = now - waited;
            let fitting = Age::ALL.into_iter().filter(|age| {
                let (after, until) = age.since(now, 24);
                after.is_none_or(|after| since > after) && until.is_none_or(|until| since <= until)
            });
            assert_eq!(fitting.collect::<Vec<_>>(), [Age::of(waited, 24)], "{waited}");
        }
    }

    #[test]
    fn a_reviewers_password_is_long_and_does_not_hold_the_name() {
        assert_eq!(password_weakness("邕江的水-2026-春", "wei"), Some("LENGTH"));
        assert_eq!(password_weakness("邕江的水-2026-春天来", "wei"), None);
        assert_eq!(password_weakness("correct-horse-7", "wei.guihua"), None);
        for (bad, why) in [
            ("Ab3!5678901", "LENGTH"),
            ("xx-wei.guihua-7", "NAME"),
            ("xx-WEI.GUIHUA-7", "NAME"),
            ("abcdefghijklm", "KINDS"),
            ("a1a1a1a1a1a1a1", "POPULAR"),
        ] {
            assert_eq!(password_weakness(bad, "wei.guihua"), Some(why), "{bad}");
        }
    }

    #[test]
    fn login_names_are_plain() {
        for good in ["a", "wei.guihua", "A-1_b", &"x".repeat(50)] {
            assert!(is_username(good), "{good}");
        }
        for bad in ["", "a b", "韦", "a@b", &"x".repeat(51)] {
            assert!(!is_username(bad), "{bad}");
        }
    }
}
