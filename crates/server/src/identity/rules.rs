//! What an identity number and a name are.

use jiff::civil::Date;

/// Weights of the first seventeen digits (GB 11643-1999, clause 4.3; ISO 7064 MOD 11-2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Check characters for remainders 0 to 10.
const CHECKS: &[u8; 11] = b"10X98765432";

/// Brings a typed identity number into its one written form, or says that it is none: eighteen characters, a birthday
/// that exists and lies before `today`, the right check character (GB 11643-1999).
pub fn parse_id_number(typed: &str, today: Date) -> Option<String> {
    let number = typed.trim().to_ascii_uppercase();
    let octets = number.as_bytes();
    if octets.len() != 18 || !octets[..17].iter().all(u8::is_ascii_digit) || octets[0] == b'0' {
        return None;
    }
    let sum: u32 = octets.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    if octets[17] != CHECKS[(sum % 11) as usize] {
        return None;
    }
    let year = number.get(6..10)?.parse().ok()?;
    let birthday = Date::new(year, number.get(10..12)?.parse().ok()?, number.get(12..14)?.parse().ok()?).ok()?;
    (year >= 1900 && birthday < today).then_some(number)
}

/// `450103199001011234` as `4****************4`, as the manual's pages show it.
pub fn mask_id_number(number: &str) -> String {
    let count = number.chars().count();
    let mut characters = number.chars();
    match (characters.next(), characters.next_back()) {
        (Some(first), Some(last)) => format!("{first}{}{last}", "*".repeat(count - 2)),
        _ => "*".repeat(count),
    }
}

/// A typed name without blanks around it, or none when it cannot be one: 2 to 50 characters, letters of any script, with
/// `·`, blanks, hyphens, apostrophes and full stops between them.
pub fn parse_name(typed: &str) -> Option<String> {
    let name = typed.trim().replace(['•', '．', '‧'], "·");
    let count = name.chars().count();
    let inner = |character: char| "· -'’.".contains(character);
    let right = name.chars().all(|character| character.is_alphabetic() || inner(character));
    let ends = name.starts_with(char::is_alphabetic) && name.ends_with(|c: char| c.is_alphabetic() || c == '.');
    ((2..=50).contains(&count) && right && ends).then_some(name)
}

/// Whether `path` is a page of ours: it begins with one slash, and no browser can read another host into it.
pub fn is_own_path(path: &str) -> bool {
    let plain = path.bytes().all(|octet| octet.is_ascii_graphic() && !b"\\\"<>`{}".contains(&octet));
    path.len() <= 200 && plain && path.starts_with('/') && !path.starts_with("//")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    const TODAY: Date = Date::constant(2026, 1, 1);

    #[test]
    fn the_standards_own_examples_are_identity_numbers() {
        // GB 11643-1999, clause 4.3 and annex: a man and a woman of the example districts.
        assert_eq!(parse_id_number("11010519491231002X", TODAY).unwrap(), "11010519491231002X");
        assert_eq!(parse_id_number(" 11010519491231002x ", TODAY).unwrap(), "11010519491231002X");
        assert_eq!(parse_id_number("440524188001010014", TODAY), None, "born before 1900");
    }

    #[test]
    fn wrong_check_characters_days_and_lengths_are_no_identity_numbers() {
        for wrong in [
            "",
            "110105194912310021",
            "11010519491331002X",
            "1101051949123100",
            "11010519491231002XX",
            "1101051949123100-X",
            "１１０１０５１９４９１２３１００２Ｘ",
            "010105194912310023",
        ] {
            assert_eq!(parse_id_number(wrong, TODAY), None, "{wrong}");
        }
    }

    #[test]
    fn nobody_is_born_tomorrow() {
        assert_eq!(parse_id_number("11010519491231002X", Date::constant(1949, 12, 31)), None);
    }

    #[test]
    fn a_masked_number_shows_its_ends_only() {
        assert_eq!(mask_id_number("11010519491231002X"), "1****************X");
        assert_eq!(mask_id_number(""), "");
        assert_eq!(mask_id_number("1"), "*");
    }

    #[test]
    fn names_of_many_peoples_are_names_and_markup_is_not() {
        for name in ["韦桂花", "阿卜杜拉·买买提", "阿卜杜拉•买买提", "Ana María", "O'Neill", "Martin L."]
        {
            assert!(parse_name(name).is_some(), "{name}");
        }
        for wrong in ["", "韦", "a1", "<b>韦桂花</b>", "·韦桂花", "韦桂花\u{202e}", "韦\n桂花", &"韦".repeat(51)]
        {
            assert!(parse_name(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_return_path_stays_on_this_platform() {
        assert!(is_own_path("/"));
        assert!(is_own_path("/verify/done?from=home#x"));
        for foreign in
            ["", "verify", "//evil.example", "/\\evil.example", "https://evil.example", "/a b", "/\r\nSet-Cookie:a=b"]
        {
            assert!(!is_own_path(foreign), "{foreign}");
        }
    }

    proptest! {
        #[test]
        fn any_single_wrong_digit_is_found(place in 0usize..17, by in 1u8..10) {
            let mut number = b"11010519491231002X".to_vec();
            number[place] = b'0' + (number[place] - b'0' + by) % 10;
            let typed = String::from_utf8(number).unwrap();
            prop_assert_eq!(parse_id_number(&typed, TODAY), None);
        }

        #[test]
        fn no_text_makes_the_parsers_panic(text in "\\PC*") {
            let _ = parse_id_number(&text, TODAY);
            let _ = parse_name(&text);
            let _ = mask_id_number(&text);
            let _ = is_own_path(&text);
        }
    }
}
