//! What an institution's settings may say.

use crate::application::kinds::{Kind, MaterialKind};

/// Hours within which an institution may promise to look: an hour to a month.
pub const SERVICE_HOURS: core::ops::RangeInclusive<i32> = 1..=720;
/// Months for which a certificate may be good.
pub const VALIDITY_MONTHS: core::ops::RangeInclusive<i32> = 1..=60;
/// Fee in fen: nothing to ten thousand yuan.
pub const FEE_FEN: core::ops::RangeInclusive<i64> = 0..=1_000_000;

/// One line, without blanks around it, of so many characters.
pub fn line(typed: &str, least: usize, most: usize) -> Option<String> {
    let text = typed.trim();
    let fits = (least..=most).contains(&text.chars().count()) && !text.contains(char::is_control);
    fits.then(|| text.to_owned())
}

/// A short name in paths: 2 to 30 lower-case letters, digits or hyphens, beginning with a letter.
pub fn is_slug(slug: &str) -> bool {
    let plain = slug.bytes().all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-');
    plain && (2..=30).contains(&slug.len()) && slug.starts_with(|first: char| first.is_ascii_lowercase())
}

/// A telephone number, or nothing.
pub fn phone(typed: &str) -> Option<String> {
    let number = typed.trim();
    let plain = number.chars().all(|one| one.is_ascii_digit() || "+- ()".contains(one));
    (number.is_empty() || plain && (5..=30).contains(&number.len())).then(|| number.to_owned())
}

/// An e-mail address, or nothing. Whether it exists only a letter tells.
pub fn email(typed: &str) -> Option<String> {
    let address = typed.trim();
    let plain = address.len() <= 100 && !address.contains(|one: char| one.is_whitespace() || one.is_control());
    let whole = address.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    (address.is_empty() || plain && whole).then(|| address.to_owned())
}

/// An object identifier in dotted form, or nothing.
pub fn policy_oid(typed: &str) -> Option<String> {
    let dotted = typed.trim();
    (dotted.is_empty() || pki::ObjectIdentifier::new(dotted).is_ok()).then(|| dotted.to_owned())
}

/// Whether products of this kind exist.
pub fn is_product_kind(kind: &str) -> bool {
    Kind::ALL.into_iter().any(|one| one.row().product == kind)
}

/// Whether an application of this kind may have this material.
pub fn takes(kind: Kind, material: MaterialKind) -> bool {
    kind.row().materials.contains(&material)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_fit_into_paths() {
        for good in ["gx", "gui-yun2"] {
            assert!(is_slug(good), "{good}");
        }
        for bad in ["", "g", "2g", "-g", "Gui", "a/b", "a.b", "桂云", &"g".repeat(31)] {
            assert!(!is_slug(bad), "{bad}");
        }
    }

    #[test]
    fn policies_are_object_identifiers_or_nothing() {
        for good in ["", "1.2.156.112559.1.1", "2.16.840.1.101"] {
            assert_eq!(policy_oid(good).as_deref(), Some(good));
        }
        for bad in ["1", "3.1", "1.2.", "1.2.x", "1..2", "1.40.1", "CPS"] {
            assert_eq!(policy_oid(bad), None, "{bad}");
        }
    }

    #[test]
    fn contacts_are_plausible_or_empty() {
        for good in ["", "0771-5550100", "+86 771 5550100"] {
            assert_eq!(phone(good).as_deref(), Some(good));
        }
        for bad in ["1234", "call me", &"1".repeat(31)] {
            assert_eq!(phone(bad), None, "{bad}");
        }
        for good in ["", "ca@example.cn"] {
            assert_eq!(email(good).as_deref(), Some(good));
        }
        for bad in ["ca", "@example.cn", "ca@localhost", "a b@example.cn"] {
            assert_eq!(email(bad), None, "{bad}");
        }
    }

    #[test]
    fn institutions_sell_certificates_and_ask_for_what_an_application_can_carry() {
        assert!(is_product_kind("personal_certificate") && is_product_kind("enterprise_certificate"));
        assert!(!is_product_kind("enterprise_claim"));
        assert!(takes(Kind::PersonalCertificate, MaterialKind::Signature));
        assert!(!takes(Kind::PersonalCertificate, MaterialKind::Licence));
    }
}
