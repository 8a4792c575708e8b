//! What a name is found by: pairs of its characters, threes of the first letters of what they sound like, and how it begins.
//! Without I/O.
//!
//! 有限公司 at a name's end is in nearly every name: it is not kept, only looked at. Rarer legal forms are kept like
//! anything else.

use std::collections::BTreeSet;

use pinyin::ToPinyinMulti as _;

/// Begins the grams that stand at a name's beginning.
const START: char = '^';
/// Characters or initials of the longest gram at a beginning. So long a one few names have.
const START_MOST: usize = 4;
/// Initials that a window of characters may have because some of them are read in several ways.
const MAX_READINGS: usize = 8;
/// What most names end with.
const LEGAL_FORM: &str = "有限公司";

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Characters that stand side by side in the name.
    Text(String),
    /// First letters of what characters that stand side by side sound like, lower case.
    Initials(String),
}

impl Wanted {
    /// What somebody typed: two characters at least; letters alone are initials. None: too short.
    pub fn parse(typed: &str) -> Option<Self> {
        let text: String = typed.chars().filter(|one| !one.is_whitespace()).collect();
        let text = text.replace('(', "（").replace(')', "）");
        if text.chars().count() < 2 {
            None
        } else if text.bytes().all(|octet| octet.is_ascii_alphabetic()) {
            Some(Self::Initials(text.to_ascii_lowercase()))
        } else {
            Some(Self::Text(text))
        }
    }

    /// Whether `name` begins with it.
    pub fn begins(&self, name: &str) -> bool {
        match self {
            Self::Text(text) => name.starts_with(text.as_str()),
            Self::Initials(letters) => sounds_like(&characters(name), letters),
        }
    }

    /// Whether `name` holds it.
    pub fn is_in(&self, name: &str) -> bool {
        match self {
            Self::Text(text) => name.contains(text.as_str()),
            Self::Initials(letters) => {
                let all = characters(name);
                (0..all.len()).any(|from| sounds_like(&all[from..], letters))
            }
        }
    }

    /// Grams that every name has that holds this; with `begins` those that every name has that begins with it. Empty:
    /// it says nothing that is kept.
    pub fn grams(&self, begins: bool) -> BTreeSet<String> {
        let (Self::Text(typed) | Self::Initials(typed)) = self;
        let all: Vec<char> = typed.chars().collect();
        let start = if begins { all.len().min(START_MOST) } else { 0 };
        // Those within the beginning it says itself.
        let windows = |size: usize| all[start.saturating_sub(size - 1)..].windows(size).map(String::from_iter);
        let mut grams: BTreeSet<String> = match self {
            Self::Text(_) => windows(2).filter(|pair| !is_form(pair)).collect(),
            Self::Initials(_) => windows(3).filter(|three| !is_form_sound(three)).collect(),
        };
        if begins {
            grams.insert(at_start(&all[..start]));
        }
        grams
    }
}

/// Grams of a name.
pub fn of_name(name: &str) -> BTreeSet<String> {
    let all: Vec<char> = name.chars().collect();
    let initials: Vec<Vec<char>> = characters(name);
    let pairs = all.windows(2).map(String::from_iter).filter(|pair| !is_form(pair));
    let threes = initials.windows(3).flat_map(readings).filter(|three| !is_form_sound(three));
    let mut grams: BTreeSet<String> = pairs.chain(threes).collect();
    for size in 2..=START_MOST {
        grams.extend(all.get(..size).map(at_start));
        for read in initials.get(..size).map(readings).unwrap_or_default() {
            grams.insert(format!("{START}{read}"));
        }
    }
    grams
}

fn at_start(begin: &[char]) -> String {
    std::iter::once(&START).chain(begin).collect()
}

/// A pair that stands in the legal form is in nearly every name.
fn is_form(pair: &str) -> bool {
    LEGAL_FORM.contains(pair)
}

/// The same by sound.
fn is_form_sound(three: &str) -> bool {
    ["yxg", "xgs"].contains(&three)
}

/// Each character with the first letters of its readings; digits and letters stand for themselves, the rest is passed
/// over as it is when names are read.
fn characters(name: &str) -> Vec<Vec<char>> {
    name.chars()
        .filter_map(|one| {
            if one.is_ascii_alphanumeric() {
                return Some(vec![one.to_ascii_lowercase()]);
            }
            let mut letters: Vec<char> =
                one.to_pinyin_multi()?.into_iter().filter_map(|reading| reading.plain().chars().next()).collect();
            letters.sort_unstable();
            letters.dedup();
            Some(letters)
        })
        .collect()
}

/// Every way to read a window, as far as there are few.
fn readings(window: &[Vec<char>]) -> Vec<String> {
    let mut all = vec![String::new()];
    for letters in window {
        all = all
            .iter()
            .flat_map(|begun| letters.iter().map(move |letter| format!("{begun}{letter}")))
            .take(MAX_READINGS)
            .collect();
    }
    all
}

fn sounds_like(all: &[Vec<char>], letters: &str) -> bool {
    let count = letters.chars().count();
    all.len() >= count && letters.chars().zip(all).all(|(letter, known)| known.contains(&letter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wanted(typed: &str) -> Wanted {
        Wanted::parse(typed).expect("long enough")
    }

    #[test]
    fn letters_alone_are_initials_and_one_character_is_too_little() {
        assert_eq!(Wanted::parse("桂"), None);
        assert_eq!(Wanted::parse(" g "), None);
        assert_eq!(wanted("GX"), Wanted::Initials("gx".to_owned()));
        assert_eq!(wanted("3D打印"), Wanted::Text("3D打印".to_owned()));
        assert_eq!(wanted("桂林(漓江)"), Wanted::Text("桂林（漓江）".to_owned()));
    }

    #[test]
    fn a_character_with_two_readings_is_found_by_both() {
        // 重 is z(hong) and c(hong), 行 is x(ing) and h(ang).
        for letters in ["cq", "zq", "cqyh", "zqyx", "qyh"] {
            assert!(wanted(letters).is_in("重庆银行股份有限公司"), "{letters}");
        }
        assert!(wanted("cqyh").begins("重庆银行股份有限公司"));
        assert!(!wanted("qyh").begins("重庆银行股份有限公司"));
        assert!(!wanted("bjyh").is_in("重庆银行股份有限公司"));
    }

    #[test]
    fn the_legal_form_is_looked_at_and_not_kept() {
        let grams = of_name("广西桂云工程有限公司");
        assert!(grams.contains("^广西") && grams.contains("桂云") && grams.contains("程有"));
        assert!(!grams.contains("有限") && !grams.contains("公司") && !grams.contains("yxg"));
        assert!(wanted("有限公司").grams(false).is_empty());
        // Rarer forms tell names apart.
        assert!(of_name("桂林建材有限责任公司").is_superset(&wanted("材有限责任").grams(false)));
        assert_eq!(wanted("集团").grams(false).len(), 1);
        assert!(wanted("工程有限").is_in("广西桂云工程有限公司"));
    }

    const NAMES: [&str; 5] = [
        "广西桂云工程有限公司",
        "重庆长安汽车股份有限公司",
        "桂林（漓江）旅游集团有限公司",
        "上海3D打印技术有限责任公司",
        "A站",
    ];

    proptest! {
        /// What a name holds or begins with has no gram that the name has not: nothing is missed.
        #[test]
        fn every_part_of_a_name_leads_to_it(which in 0..5usize, from in 0..14usize, length in 2..14usize) {
            let name = NAMES[which];
            let part: String = name.chars().skip(from).take(length).collect();
            let Some(wanted) = Wanted::parse(&part) else { return Ok(()) };
            prop_assert!(wanted.is_in(name));
            prop_assert!(wanted.grams(false).is_subset(&of_name(name)));
            if from == 0 {
                prop_assert!(wanted.begins(name));
                prop_assert!(wanted.grams(true).is_subset(&of_name(name)));
            }
        }

        /// The same of the first letters, whichever reading somebody has in mind.
        #[test]
        fn every_run_of_initials_leads_to_the_name(which in 0..4usize, from in 0..12usize, length in 2..8usize) {
            let name = NAMES[which];
            let all = characters(name);
            let window: Vec<_> = all.iter().skip(from).take(length).cloned().collect();
            for letters in readings(&window) {
                let Some(wanted @ Wanted::Initials(_)) = Wanted::parse(&letters) else { continue };
                prop_assert!(wanted.is_in(name), "{letters}");
                prop_assert!(wanted.grams(false).is_subset(&of_name(name)), "{letters}");
            }
        }
    }
}
