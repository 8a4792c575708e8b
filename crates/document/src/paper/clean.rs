//! Text from people, made printable: one line, nothing that is not seen, nothing that turns the reading direction.

use crate::{Error, Result};

/// Characters in one value.
pub const MAX_VALUE: usize = 200;
/// Stands for a character that the font lacks; printers have used it for that purpose since movable type.
pub(super) const GETA: char = '〓';

/// A value that may be absent: the place is then left for writing by hand.
pub(super) fn optional(field: &'static str, text: &str) -> Result<String> {
    let text = one_line(text);
    if text.chars().count() > MAX_VALUE {
        return Err(Error::FieldTooLong { field, limit: MAX_VALUE });
    }
    Ok(text)
}

/// A value without which the paper says nothing.
pub(super) fn required(field: &'static str, text: &str) -> Result<String> {
    let text = optional(field, text)?;
    if text.is_empty() { Err(Error::FieldEmpty { field }) } else { Ok(text) }
}

/// Runs of white space and control characters become one space, what has no shape of its own goes.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars().filter(|&character| !is_unseen(character)) {
        if character.is_whitespace() || character.is_control() {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        } else {
            line.push(character);
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// Zero width, variation selectors, tags, and the controls that turn the reading direction (UAX #9).
fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_turned_directions_do_not_reach_the_paper() {
        assert_eq!(one_line("  桂\t签\r\n\u{0}公司\u{202e}\u{feff} "), "桂 签 公司");
        assert_eq!(one_line("葛\u{e0100}\u{fe0f}"), "葛");
    }

    #[test]
    fn a_value_too_long_or_absent_is_told_by_its_name() {
        let long = "长".repeat(MAX_VALUE + 1);
        assert_eq!(optional("企业名称", &long), Err(Error::FieldTooLong { field: "企业名称", limit: MAX_VALUE }));
        assert_eq!(required("企业名称", " \u{200b}\n"), Err(Error::FieldEmpty { field: "企业名称" }));
        assert_eq!(optional("企业名称", ""), Ok(String::new()));
    }
}
