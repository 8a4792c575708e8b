//! The articles' form: a head of `name: value` lines between two `---`, then blocks, one per line.
//!
//! | line begins with | block |
//! |---|---|
//! | `## ` | heading |
//! | `1. ` (any number) | step |
//! | `- ` | item |
//! | `! ` | warning |
//! | anything else | text |
//!
//! `pictures` in the head names screenshots in `docs/help/pictures`, without `.jpg`; `cargo xtask help-pictures` takes them
//! from the browser tests.

use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(RustEmbed)]
#[folder = "../../docs/help"]
struct Files;

/// What articles are about, in the order shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HelpTopic)]
pub enum Topic {
    /// First steps.
    Start,
    /// Certificates.
    Certificate,
    /// Scanning, logging in and signing.
    Scan,
    /// Enterprises and their people.
    Enterprise,
    /// Seals.
    Seal,
    /// Bidding and opening.
    Bid,
    /// Account and settings.
    Account,
    /// Paying, bills, invoices.
    Money,
    /// Reaching a person.
    Help,
}

impl Topic {
    /// The topic of that name.
    pub fn parse(word: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
    }
}

/// What a block of an article is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HelpBlockKind)]
pub enum BlockKind {
    /// Begins a section.
    Heading,
    /// Prose.
    Text,
    /// One of numbered steps.
    Step,
    /// One of a list without order.
    Item,
    /// What must not be overlooked.
    Warning,
}

/// A piece of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = HelpBlock)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Plain text.
    pub text: String,
    /// The step's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u8>,
}

/// A help article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Its name in addresses; the same in every language.
    pub slug: String,
    /// What it is about.
    pub topic: Topic,
    /// Place within its topic.
    pub order: u16,
    /// Whether what it describes can be done today.
    pub available: bool,
    /// Its title.
    pub title: String,
    /// What else people call it; not shown.
    pub keywords: String,
    /// Screenshots of what it describes, in the order of the steps.
    pub pictures: Vec<String>,
    /// Its content.
    pub blocks: Vec<Block>,
}

impl Article {
    /// The article in this text, or what is wrong with it.
    pub fn parse(slug: &str, text: &str) -> Result<Self, &'static str> {
        let rest = text.strip_prefix("---\n").ok_or("no head")?;
        let (head, body) = rest.split_once("\n---\n").ok_or("the head has no end")?;
        let field = |name: &str| {
            let lines = head.lines().filter_map(|line| line.split_once(": "));
            lines.filter(|(key, _)| *key == name).map(|(_, value)| value.trim().to_owned()).next()
        };
        let article = Self {
            slug: slug.to_owned(),
            topic: field("topic").as_deref().and_then(Topic::parse).ok_or("no known topic")?,
            order: field("order").and_then(|order| order.parse().ok()).ok_or("no order")?,
            available: field("available").is_none_or(|word| word != "no"),
            title: field("title").ok_or("no title")?,
            keywords: field("keywords").unwrap_or_default(),
            pictures: field("pictures").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
            blocks: body.lines().map(str::trim).filter(|line| !line.is_empty()).map(Block::parse).collect(),
        };
        if article.blocks.is_empty() { Err("no content") } else { Ok(article) }
    }

    /// The article's parts: each begins at a heading.
    pub fn sections(&self) -> Vec<&[Block]> {
        let mut sections = Vec::new();
        let mut from = 0;
        for (at, block) in self.blocks.iter().enumerate() {
            if block.kind == BlockKind::Heading && at > from {
                sections.extend(self.blocks.get(from..at));
                from = at;
            }
        }
        sections.extend(self.blocks.get(from..));
        sections
    }
}

impl Block {
    fn parse(line: &str) -> Self {
        let numbered = line.split_once(". ").and_then(|(number, text)| Some((number.parse::<u8>().ok()?, text)));
        let (kind, text, number) = match (numbered, line.split_at_checked(2)) {
            (Some((number, text)), _) => (BlockKind::Step, text, Some(number)),
            (None, Some(("- ", text))) => (BlockKind::Item, text, None),
            (None, Some(("! ", text))) => (BlockKind::Warning, text, None),
            (None, Some(("##", text))) => (BlockKind::Heading, text, None),
            _ => (BlockKind::Text, line, None),
        };
        Self { kind, text: text.trim().to_owned(), number }
    }
}

/// The articles in that folder, by topic and order. A file that is no article is left out and logged; a test refuses it.
pub(super) fn all(folder: &str) -> Vec<Article> {
    let mut articles: Vec<Article> = files(folder)
        .filter_map(|(slug, text)| {
            Article::parse(&slug, &text).inspect_err(|wrong| tracing::error!(folder, slug, wrong, "help article")).ok()
        })
        .collect();
    articles.sort_by_key(|article| (article.topic, article.order));
    articles
}

fn files(folder: &str) -> impl Iterator<Item = (String, String)> {
    let folder = format!("{folder}/");
    Files::iter().filter_map(move |path| {
        let slug = path.strip_prefix(&folder)?.strip_suffix(".md")?.to_owned();
        Some((slug, text(&path)?))
    })
}

/// The screenshot of that name: a JPEG.
pub(super) fn picture(name: &str) -> Option<std::borrow::Cow<'static, [u8]>> {
    Files::get(&format!("pictures/{name}.jpg")).map(|file| file.data)
}

fn text(path: &str) -> Option<String> {
    String::from_utf8(Files::get(path)?.data.into_owned()).ok()
}

/// Groups of words with one meaning, the articles' own word first.
pub(super) fn synonyms() -> Vec<Vec<String>> {
    let file = text("synonyms.txt").unwrap_or_default();
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_whitespace().map(str::to_lowercase).collect()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_is_an_article_and_stands_in_both_languages() {
        let read = |folder: &str| -> BTreeSet<(String, Topic, u16, bool)> {
            let parsed = files(folder).map(|(slug, text)| {
                Article::parse(&slug, &text).unwrap_or_else(|wrong| panic!("{folder}/{slug}: {wrong}"))
            });
            parsed.map(|article| (article.slug, article.topic, article.order, article.available)).collect()
        };
        let chinese = read("zh-CN");
        assert!(chinese.len() >= 40, "{}", chinese.len());
        assert_eq!(chinese, read("en"));
    }

    #[test]
    fn every_picture_that_an_article_names_is_there_and_small() {
        let mut named = 0;
        for folder in ["zh-CN", "en"] {
            for article in all(folder) {
                for name in &article.pictures {
                    let octets =
                        picture(name).unwrap_or_else(|| panic!("{folder}/{}: no picture {name}", article.slug));
                    assert!(octets.starts_with(&[0xff, 0xd8, 0xff]) && octets.len() < 120_000, "{name}");
                    named += 1;
                }
            }
        }
        assert!(named > 20, "{named}");
    }

    #[test]
    fn a_text_without_head_topic_or_content_is_no_article() {
        let whole = "---\ntitle: T\ntopic: start\norder: 1\n---\n\n## H\n1. One\n- Item\n! Mind\nText\n";
        let article = Article::parse("t", whole).unwrap();
        let kinds: Vec<_> = article.blocks.iter().map(|block| block.kind).collect();
        use BlockKind::{Heading, Item, Step, Text, Warning};
        assert_eq!(kinds, [Heading, Step, Item, Warning, Text]);
        assert_eq!((article.blocks[0].text.as_str(), article.blocks[1].number), ("H", Some(1)));
        for wrong in ["", "title: T", "---\ntitle: T\n", "---\ntitle: T\ntopic: x\norder: 1\n---\nT\n"] {
            assert!(Article::parse("t", wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(Article::parse("t", "---\ntitle: T\ntopic: start\norder: 1\n---\n"), Err("no content"));
    }
}
