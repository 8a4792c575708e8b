//! What a phone number is and how it is shown, which passwords will do, how long codes and sessions last, and how often
//! one may try.

use jiff::SignedDuration;

use crate::rate::Limit;

/// How long a code is good.
pub const CODE_LIFETIME: SignedDuration = SignedDuration::from_mins(5);
/// How long until another code may be asked for.
pub const RESEND_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// Wrong tries that wear a code out.
pub const MAX_TRIES: i32 = 5;
/// Wrong tries that wear out a code for a forgotten certificate PIN (docs/protocol.md, "A forgotten PIN").
pub const MAX_PIN_RESET_TRIES: i32 = 3;
/// Codes per number in a day.
pub const DAILY_PER_PHONE: u64 = 10;
/// Codes per network in a day.
pub const CODES_PER_NETWORK: Limit = Limit { times: 100, window: SignedDuration::from_hours(24) };
/// Codes of all callers together: what a flood may cost at most.
pub const CODES_OF_EVERYBODY: Limit = Limit { times: 5_000, window: SignedDuration::from_mins(10) };
/// Passwords that may be tried at one number before it is locked, until the window ends.
pub const PASSWORD_TRIES: Limit = Limit { times: 5, window: SignedDuration::from_mins(15) };
/// The same, of a whole day.
pub const PASSWORD_TRIES_OF_A_DAY: Limit = Limit { times: 20, window: SignedDuration::from_hours(24) };
/// Wrong passwords of all callers together, after which only codes log in: one guess at each of many numbers stays
/// below every other limit.
pub const PASSWORD_FAILURES: Limit = Limit { times: 1_000, window: SignedDuration::from_mins(10) };
/// How long after logging in the session alone may set the first password.
pub const FRESH_LOGIN: SignedDuration = SignedDuration::from_mins(10);
/// How long a change of the number may take.
pub const PHONE_CHANGE_LIFETIME: SignedDuration = SignedDuration::from_mins(15);
/// How long a login lasts on a phone.
pub const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Whether `phone` is a mainland mobile number: 11 digits, 1 then 3 to 9 (MIIT numbering plan).
pub fn is_phone(phone: &str) -> bool {
    let digits = phone.as_bytes();
    digits.len() == 11 && digits.iter().all(u8::is_ascii_digit) && digits[0] == b'1' && digits[1] >= b'3'
}

/// Whether `code` has the form of a login code.
pub fn is_code(code: &str) -> bool {
    code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit())
}

/// `13800138000` as `138****8000`; nothing of what is no number, such as a closed account's.
pub fn mask_phone(phone: &str) -> String {
    match (phone.get(..3), phone.get(7..)) {
        (Some(head), Some(tail)) if is_phone(phone) => format!("{head}****{tail}"),
        _ => "***".to_owned(),
    }
}

/// Characters that a password has at least and at most. Hashing costs time and memory: no endless passwords.
pub const PASSWORD_LENGTH: core::ops::RangeInclusive<usize> = 8..=64;

/// Words that stand in every list of stolen passwords, after lower-casing.
const POPULAR: [&str; 16] = [
    "password", "passw0rd", "qwerty", "1qaz2wsx", "qazwsx", "abc123", "a123456", "123456a", "woaini", "iloveyou",
    "admin123", "aa123456", "zxcvbn", "asdfgh", "guiqian", "111111",
];

/// Why a password will not do: `LENGTH` (8 to 64 characters), `KINDS` (fewer than two of letters, digits and other
/// characters), `PHONE` (holds the number or its last six digits), `POPULAR` (one of the first that anybody would try),
/// `CONTROL` (characters that no keyboard writes).
pub fn password_weakness(password: &str, phone: &str) -> Option<&'static str> {
    let count = password.chars().count();
    let lower = password.to_lowercase();
    let kinds = [
        password.chars().any(char::is_alphabetic),
        password.chars().any(|one| one.is_ascii_digit()),
        password.chars().any(|one| !one.is_alphabetic() && !one.is_ascii_digit()),
    ];
    let distinct = lower.chars().collect::<std::collections::BTreeSet<_>>().len();
    let tail = phone.get(5..).filter(|tail| !tail.is_empty());
    // A popular word with little around it is no better than the word.
    let popular = POPULAR.iter().any(|word| lower.contains(word) && count < word.len() + 4);
    match () {
        () if !PASSWORD_LENGTH.contains(&count) => Some("LENGTH"),
        () if password.chars().any(char::is_control) => Some("CONTROL"),
        () if kinds.into_iter().filter(|kind| *kind).count() < 2 => Some("KINDS"),
        () if tail.is_some_and(|tail| lower.contains(tail)) => Some("PHONE"),
        () if popular || distinct < 4 => Some("POPULAR"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_has_eleven_digits_and_begins_like_a_mobile_number() {
        assert!(is_phone("13800138000"));
        assert!(is_phone("19912345678"));
        for wrong in ["", "1380013800", "138001380000", "12800138000", "23800138000", "1380013800a", "１3800138000"] {
            assert!(!is_phone(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_masked_number_shows_the_first_three_and_last_four_digits() {
        assert_eq!(mask_phone("13800138000"), "138****8000");
        assert_eq!(mask_phone("1"), "***");
        assert_eq!(mask_phone("deleted:0191"), "***");
    }

    #[test]
    fn a_password_is_long_mixed_and_not_one_that_anybody_would_try_first() {
        let phone = "13800138000";
        for good in ["guihua-2026", "Ab3!5678", "桂花树下的第3棵 ok", "correct horse 1"] {
            assert_eq!(password_weakness(good, phone), None, "{good}");
        }
        for (bad, why) in [
            ("a1b2c3d", "LENGTH"),
            (&*"a1".repeat(33), "LENGTH"),
            ("abcd\u{7}1234", "CONTROL"),
            ("92837465", "KINDS"),
            ("abcdefgh", "KINDS"),
            ("x138000x", "POPULAR"),
            ("wei13800138000", "PHONE"),
            ("wei-138000", "PHONE"),
            ("password1", "POPULAR"),
            ("Aa123456", "POPULAR"),
            ("a1a1a1a1", "POPULAR"),
        ] {
            let found = password_weakness(bad, phone);
            assert!(found == Some(why) || found == Some("PHONE"), "{bad}: {found:?}");
        }
    }
}
