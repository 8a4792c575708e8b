//! Breaking Chinese text into lines (GB/T 15834 clause 5: which marks must not begin or end a line).

/// A line of a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub text: String,
    /// Without the stretch.
    pub width: f32,
    /// To be added after each character but the last so that the line reaches the margin.
    pub stretch: f32,
}

/// Must not begin a line.
const NO_START: &str = "，。、；：？！…—·）》〉】』」〕］｝”’％‰℃,.;:?!)]}%~～／";
/// Must not end a line.
const NO_END: &str = "（《〈【『「〔［｛“‘([{￥¥＄$№第";
/// What a line of this size may be stretched by, per character, in em.
const MAX_STRETCH: f32 = 0.16;

/// Lines of at most `width`, the first one shorter by `indent`; widths in the unit of `advance`.
pub(super) fn break_lines(text: &str, width: f32, indent: f32, em: f32, advance: impl Fn(char) -> f32) -> Vec<Line> {
    let characters: Vec<char> = text.chars().collect();
    let mut lines = Vec::new();
    let mut start = 0;
    while start < characters.len() {
        let room = if lines.is_empty() { width - indent } else { width };
        let (mut end, mut used) = (start, 0.0);
        while let Some(&character) = characters.get(end) {
            used += advance(character);
            // A space may hang over the margin: it is not seen.
            if used > room + 0.01 && character != ' ' {
                break;
            }
            end += 1;
        }
        let last = end == characters.len();
        if !last {
            end = (start + 1..=end).rev().find(|&at| may_break(characters[at - 1], characters[at])).unwrap_or(end);
            end = end.max(start + 1);
        }
        let line: String = characters[start..end].iter().collect();
        let line = line.trim_end().to_owned();
        let width: f32 = line.chars().map(&advance).sum();
        let gaps = line.chars().count().saturating_sub(1).max(1) as f32;
        let stretch = (room - width) / gaps;
        let stretch = if last || stretch > MAX_STRETCH * em { 0.0 } else { stretch.max(0.0) };
        lines.push(Line { text: line, width, stretch });
        start = end;
        while characters.get(start) == Some(&' ') {
            start += 1;
        }
    }
    if lines.is_empty() {
        lines.push(Line { text: String::new(), width: 0.0, stretch: 0.0 });
    }
    lines
}

fn may_break(before: char, after: char) -> bool {
    if after == ' ' || before == ' ' {
        return !NO_START.contains(after);
    }
    !(NO_START.contains(after) || NO_END.contains(before) || (is_word(before) && is_word(after)))
}

/// Part of a word or number that stays together.
fn is_word(character: char) -> bool {
    character.is_ascii_graphic() || (character.is_alphanumeric() && u32::from(character) < 0x1100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, width: f32) -> Vec<String> {
        let lines = break_lines(text, width, 0.0, 1.0, |c| if c.is_ascii() { 0.5 } else { 1.0 });
        lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one() {
        assert_eq!(texts("甲乙丙丁，戊己", 4.0), ["甲乙丙", "丁，戊己"]);
        assert_eq!(texts("甲乙丙（丁）戊", 4.0), ["甲乙丙", "（丁）戊"]);
        assert_eq!(texts("甲乙丙——丁", 4.0), ["甲乙", "丙——丁"]);
    }

    #[test]
    fn words_and_numbers_stay_together_unless_they_are_longer_than_a_line() {
        assert_eq!(texts("编号 GQ2026 有效", 4.0), ["编号", "GQ2026", "有效"]);
        assert_eq!(texts("91450100MA5K", 3.0), ["914501", "00MA5K"]);
        assert_eq!(texts("，，，，，", 2.0), ["，，", "，，", "，"]);
        assert_eq!(texts("宽", 0.1), ["宽"]);
    }
}
