//! How console logins are slowed down, and what a refusal must say.

use jiff::SignedDuration;

use crate::rate::Limit;

/// Wrong passwords in a row that lock a reviewer out for [`LOCKED_FOR`].
pub const MAX_FAILURES: i32 = 5;
/// How long.
pub const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(15);
/// Tries at a name that nobody has, before it is answered like a locked one.
pub const UNKNOWN_TRIES: Limit = Limit { times: 4, window: LOCKED_FOR };
/// How long a login lasts.
pub const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(12);

/// A refusal's reason without blanks around it, or none when it says nothing or too much: 2 to 500 characters.
pub fn parse_reason(typed: &str) -> Option<String> {
    let reason = typed.trim();
    let count = reason.chars().count();
    let printable = reason.chars().all(|character| !character.is_control() || character == '\n');
    ((2..=500).contains(&count) && printable).then(|| reason.to_owned())
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
    fn a_refusal_says_why() {
        assert_eq!(parse_reason(" 签名不清晰 "), Some("签名不清晰".to_owned()));
        for nothing in ["", "  ", "x", "a\u{7}b", &"长".repeat(501)] {
            assert_eq!(parse_reason(nothing), None);
        }
    }
}
