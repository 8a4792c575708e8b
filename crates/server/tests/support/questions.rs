//! The questions of `questions.tsv`, and how many of them the assistant answers.
//!
//! Used by the tests and by `cargo run --release -p server --example bench_assistant`.

use server::help::{Language, Library, rules};

/// A question as somebody asked it.
pub struct Question {
    /// Whether it may be looked at while tuning.
    pub tune: bool,
    /// The words.
    pub text: &'static str,
    /// The article that answers it; none: nobody can know.
    pub expected: Option<&'static str>,
}

/// All questions.
pub fn all() -> Vec<Question> {
    let lines = include_str!("questions.tsv").lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let question = |line: &'static str| {
        let mut parts = line.split('\t');
        let mut next = || parts.next().expect("three columns");
        let (half, text, slug) = (next(), next(), next());
        Question { tune: half == "tune", text, expected: (slug != "-").then_some(slug) }
    };
    lines.map(question).collect()
}

impl Question {
    /// The articles found, best first, and whether the assistant means it.
    pub fn ask(&self) -> (bool, Vec<&'static str>) {
        let library = Library::of(Language::of(self.text));
        let hits = library.index.search(self.text);
        let slugs = hits.iter().take(3).map(|hit| library.articles[hit.article].slug.as_str()).collect();
        (rules::knows(&hits), slugs)
    }

    /// Whether the right article is among the first three and the assistant stands by it.
    pub fn is_hit(&self) -> bool {
        let (known, slugs) = self.ask();
        known && self.expected.is_some_and(|expected| slugs.contains(&expected))
    }
}

/// Percentage of hits among the questions that have an answer.
pub fn top3_pct(questions: &[&Question]) -> f64 {
    let answerable: Vec<_> = questions.iter().filter(|question| question.expected.is_some()).collect();
    let hits = answerable.iter().filter(|question| question.is_hit()).count();
    #[expect(clippy::cast_precision_loss, reason = "a hundred questions")]
    let pct = hits as f64 * 100.0 / answerable.len() as f64;
    pct
}
