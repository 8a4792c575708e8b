//! What a phone number is, how it is shown, and how long codes and sessions last.

use jiff::SignedDuration;

/// How long a code is good.
pub const CODE_LIFETIME: SignedDuration = SignedDuration::from_mins(5);
/// How long until another code may be asked for.
pub const RESEND_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// Wrong tries that wear a code out.
pub const MAX_TRIES: i32 = 5;
/// Codes per number in a day.
pub const DAILY_PER_PHONE: u64 = 10;
/// Codes per address in a day.
pub const DAILY_PER_ADDRESS: u64 = 100;
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

/// `13800138000` as `138****8000`.
pub fn mask_phone(phone: &str) -> String {
    match (phone.get(..3), phone.get(7..)) {
        (Some(head), Some(tail)) => format!("{head}****{tail}"),
        _ => "***".to_owned(),
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
    }
}
