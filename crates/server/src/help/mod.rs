//! Help (manual 1.17.6) and the assistant (1.17.7): articles by topic, and the passage that answers a question.
//!
//! The articles are Markdown files in `docs/help`, embedded into the binary, one file per task and language. The assistant
//! finds; it does not write: whatever it answers stands in an article, and when none fits it says so and offers a person.

pub mod article;
mod http;
pub mod rules;
mod words;

pub use http::routes;

use std::sync::LazyLock;

use article::Article;
use rules::Index;

/// A language of the articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The language of a text: Chinese unless nothing but ASCII stands there.
    pub fn of(text: &str) -> Self {
        if text.is_ascii() { Self::English } else { Self::Chinese }
    }
}

/// All articles of a language, in their order, with the index over them.
pub struct Library {
    /// By topic, then by order.
    pub articles: Vec<Article>,
    /// Finds articles.
    pub index: Index,
}

impl Library {
    /// The articles in `language`.
    pub fn of(language: Language) -> &'static Self {
        static CHINESE: LazyLock<Library> = LazyLock::new(|| Library::read("zh-CN"));
        static ENGLISH: LazyLock<Library> = LazyLock::new(|| Library::read("en"));
        match language {
            Language::Chinese => &CHINESE,
            Language::English => &ENGLISH,
        }
    }

    /// The article of that name.
    pub fn article(&self, slug: &str) -> Option<&Article> {
        self.articles.iter().find(|article| article.slug == slug)
    }

    fn read(folder: &str) -> Self {
        let articles = article::all(folder);
        let index = Index::new(&articles, &article::synonyms());
        Self { articles, index }
    }
}
