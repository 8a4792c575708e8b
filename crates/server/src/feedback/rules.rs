//! What feedback may hold.

/// Pictures with one feedback.
pub const MAX_PICTURES: usize = 4;

/// What was written, without blanks around it; none when it says too little or too much (5 to 1,000 characters).
pub fn parse_text(typed: &str) -> Option<String> {
    plain(typed, 5, 1000)
}

/// A reply, 1 to 1,000 characters.
pub fn parse_reply(typed: &str) -> Option<String> {
    plain(typed, 1, 1000)
}

/// How else to reach the user: nothing, or up to 100 characters on one line; an error when it is neither.
pub fn parse_contact(typed: Option<&str>) -> Result<Option<String>, ()> {
    match typed.map(str::trim).filter(|typed| !typed.is_empty()) {
        None => Ok(None),
        Some(typed) => plain(typed, 1, 100).filter(|line| !line.contains('\n')).map(Some).ok_or(()),
    }
}

fn plain(typed: &str, least: usize, most: usize) -> Option<String> {
    let text = typed.trim();
    let count = text.chars().count();
    let printable = text.chars().all(|character| !character.is_control() || character == '\n');
    ((least..=most).contains(&count) && printable).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feedback_says_something_and_not_too_much() {
        assert_eq!(parse_text(" 扫码很慢\n请看 ").as_deref(), Some("扫码很慢\n请看"));
        for wrong in ["", "  ", "慢", "扫码很慢\u{7}啊", &"长".repeat(1001)] {
            assert_eq!(parse_text(wrong), None);
        }
        assert_eq!(parse_reply("好").as_deref(), Some("好"));
        assert_eq!(parse_reply(" "), None);
    }

    #[test]
    fn a_contact_is_one_line_or_nothing() {
        assert_eq!(parse_contact(None), Ok(None));
        assert_eq!(parse_contact(Some("  ")), Ok(None));
        assert_eq!(parse_contact(Some(" a@example.com ")), Ok(Some("a@example.com".to_owned())));
        assert_eq!(parse_contact(Some("a\nb")), Err(()));
        assert_eq!(parse_contact(Some(&"1".repeat(101))), Err(()));
    }
}
