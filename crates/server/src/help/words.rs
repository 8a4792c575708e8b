//! From text to what is compared: pairs of characters for Chinese, words for the rest.
//!
//! Pairs need no dictionary and forgive word order; synonyms are brought to one word before, so that 登陆 meets 登录.

use std::collections::BTreeSet;

use pinyin::ToPinyin as _;

/// What says nothing about the subject of a question.
const EMPTY: [&str; 46] = [
    "为什么",
    "怎么办",
    "怎么样",
    "能不能",
    "可不可以",
    "是不是",
    "有没有",
    "会不会",
    "怎么",
    "怎样",
    "如何",
    "请问",
    "什么",
    "哪里",
    "在哪",
    "我想",
    "我要",
    "我的",
    "我们",
    "你们",
    "可以",
    "一下",
    "一个",
    "一直",
    "老是",
    "时候",
    "需要",
    "想要",
    "这个",
    "那个",
    "不能",
    "帮我",
    "出来",
    "还能",
    "还没",
    "告诉",
    "吗",
    "呢",
    "了",
    "的",
    "啊",
    "吧",
    "是",
    "有",
    "在",
    "去",
];

/// English words that say nothing about the subject.
const EMPTY_WORDS: [&str; 44] = [
    "a", "an", "the", "i", "my", "me", "we", "our", "you", "your", "it", "its", "to", "of", "in", "on", "for", "with",
    "and", "or", "is", "are", "was", "be", "been", "do", "does", "did", "how", "what", "where", "when", "why", "who",
    "can", "could", "will", "would", "have", "has", "got", "get", "want", "need",
];

/// A thing to compare.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// Two Chinese characters side by side.
    Pair(char, char),
    /// One Chinese character.
    Single(char),
    /// Anything else between blanks.
    Word(String),
}

/// What a pair sounds like, with the sounds that southern speakers often type for one another brought together.
pub fn sound(term: &Term) -> Option<String> {
    let &Term::Pair(first, second) = term else { return None };
    Some(format!("{} {}", syllable(first)?, syllable(second)?))
}

fn syllable(character: char) -> Option<String> {
    let plain = character.to_pinyin()?.plain();
    let plain = plain.strip_suffix('g').filter(|rest| rest.ends_with('n')).unwrap_or(plain);
    let initial = [("zh", "z"), ("ch", "c"), ("sh", "s")].into_iter().find(|(from, _)| plain.starts_with(from));
    Some(initial.map_or_else(|| plain.to_owned(), |(from, to)| plain.replacen(from, to, 1)))
}

/// Brings words of one meaning to one word.
#[derive(Debug, Default)]
pub struct Synonyms(Vec<(String, String)>);

impl Synonyms {
    /// Groups, the word to keep first.
    pub fn new(groups: &[Vec<String>]) -> Self {
        let mut pairs: Vec<_> = groups
            .iter()
            .filter_map(|group| group.split_first())
            .flat_map(|(kept, others)| others.iter().map(move |other| (other.clone(), kept.clone())))
            .collect();
        // What is longer says more; the word to keep stays whole when a shorter word is a part of it.
        pairs.extend(groups.iter().filter_map(|group| group.first()).map(|kept| (kept.clone(), kept.clone())));
        pairs.sort_by_key(|(from, _)| std::cmp::Reverse(from.chars().count()));
        Self(pairs)
    }

    fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            match self.0.iter().find(|(from, _)| rest.starts_with(from.as_str())) {
                Some((from, to)) if from.is_ascii() && !bounded(&out, rest, from) => {
                    out.push(next);
                    rest = &rest[next.len_utf8()..];
                    let _ = to;
                }
                Some((from, to)) => {
                    out.push_str(to);
                    rest = &rest[from.len()..];
                }
                None => {
                    out.push(next);
                    rest = &rest[next.len_utf8()..];
                }
            }
        }
        out
    }
}

/// Whether an ASCII word stands by itself.
fn bounded(before: &str, rest: &str, word: &str) -> bool {
    let letter = |character: Option<char>| character.is_some_and(|character| character.is_ascii_alphanumeric());
    !letter(before.chars().next_back()) && !letter(rest[word.len()..].chars().next())
}

/// The terms of a text, in order, with repetitions.
pub fn terms(text: &str, synonyms: &Synonyms) -> Vec<Term> {
    let mut text = synonyms.apply(&text.chars().map(narrow).flat_map(char::to_lowercase).collect::<String>());
    for empty in EMPTY {
        text = text.replace(empty, " ");
    }
    let mut terms = Vec::new();
    let mut word = String::new();
    let mut before = None;
    for character in text.chars().chain([' ']) {
        if character.is_ascii_alphanumeric() {
            word.push(character);
        } else if !word.is_empty() {
            let whole = std::mem::take(&mut word);
            if !EMPTY_WORDS.contains(&whole.as_str()) {
                terms.push(Term::Word(stem(&whole)));
            }
        }
        let chinese = character.to_pinyin().is_some();
        if chinese {
            terms.push(Term::Single(character));
            if let Some(before) = before {
                terms.push(Term::Pair(before, character));
            }
        }
        before = chinese.then_some(character);
    }
    terms
}

/// Full-width letters and digits as narrow ones.
fn narrow(character: char) -> char {
    match character {
        '\u{3000}' => ' ',
        '！'..='～' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
        other => other,
    }
}

/// The English word without its commonest endings.
fn stem(word: &str) -> String {
    for end in ["ing", "ed", "es", "s"] {
        if let Some(stem) = word.strip_suffix(end).filter(|stem| stem.len() >= 3) {
            return stem.trim_end_matches('e').to_owned();
        }
    }
    word.trim_end_matches('e').to_owned()
}

/// Whether one letter more, less, other, or two swapped make one word of the other.
pub fn nearly(one: &str, other: &str) -> bool {
    let (one, other) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    if one.len() < 4 || other.len() - one.len() > 1 {
        return false;
    }
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let head = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let tail = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    let swapped = one.len() == other.len()
        && head + 2 + tail == one.len()
        && one.get(head) == other.get(head + 1)
        && one.get(head + 1) == other.get(head);
    swapped || head + tail + 1 >= other.len()
}

/// Different terms only.
pub fn distinct(terms: Vec<Term>) -> BTreeSet<Term> {
    terms.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn synonyms() -> Synonyms {
        Synonyms::new(&[vec!["登录".into(), "登陆".into()], vec!["证书密码".into(), "pin".into()]])
    }

    #[test]
    fn what_people_say_becomes_the_articles_word() {
        assert_eq!(terms("登陆", &synonyms()), terms("登录", &synonyms()));
        assert_eq!(terms("ＰＩＮ忘记", &synonyms()), terms("证书密码忘记", &synonyms()));
        assert_eq!(terms("shipping", &synonyms()), [Term::Word("shipp".into())]);
    }

    #[test]
    fn what_says_nothing_is_left_out() {
        assert_eq!(terms("请问怎么登录呢？", &synonyms()), terms("登录", &synonyms()));
        assert_eq!(terms("How do I log in?", &synonyms()), [Term::Word("log".into())]);
    }

    #[test]
    fn words_that_sound_alike_are_alike() {
        let pair = |text: &str| {
            let mut characters = text.chars();
            sound(&Term::Pair(characters.next().unwrap_or(' '), characters.next().unwrap_or(' ')))
        };
        assert_eq!(pair("审合"), pair("审核"));
        assert_eq!(pair("政书"), pair("证书"));
        assert_ne!(pair("登录"), pair("证书"));
    }

    #[test]
    fn one_slip_of_the_finger_is_forgiven() {
        assert!(nearly("pasword", "password") && nearly("passwrod", "password") && nearly("passwort", "password"));
        assert!(!nearly("pass", "password") && !nearly("abc", "abd") && !nearly("login", "scan"));
    }
}
