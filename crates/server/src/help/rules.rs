//! Which article answers a question: BM25 over terms, titles and keywords counting more than prose, and how sure that is.

use std::collections::{BTreeMap, HashMap};

use super::{
    article::{Article, Block, BlockKind},
    words::{Synonyms, Term, distinct, nearly, sound, terms},
};

/// How much a term counts by where it stands.
const TITLE: f64 = 4.0;
const KEYWORDS: f64 = 3.0;
const HEADING: f64 = 2.0;
const PROSE: f64 = 1.0;

/// A single character says little beside a pair.
const SINGLE: f64 = 0.2;
/// What only sounds or looks like a term of the articles.
const SIMILAR: f64 = 0.7;
/// A pair of characters that no article has.
const SEAM: f64 = 0.4;

/// BM25's usual constants.
const K1: f64 = 1.2;
const B: f64 = 0.5;

/// Share of a question's weight that an article must know of; below, the assistant does not know.
pub const KNOWN: f64 = 0.42;

/// Characters of a question that are looked at.
pub const MAX_QUESTION: usize = 200;

/// An article found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Which, in the order of the articles.
    pub article: usize,
    /// How well it fits; only to be compared with others for the same question.
    pub score: f64,
    /// Share of the question that the article knows of, 0 to 1.
    pub covered: f64,
}

/// Whether the best of these answers the question at all.
pub fn knows(hits: &[Hit]) -> bool {
    hits.first().is_some_and(|hit| hit.covered >= KNOWN)
}

/// Finds articles.
pub struct Index {
    synonyms: Synonyms,
    /// Per term, the articles that hold it and how weightily.
    postings: HashMap<Term, BTreeMap<usize, f64>>,
    /// The articles' pairs by their sound.
    sounds: HashMap<String, Vec<Term>>,
    lengths: Vec<f64>,
}

impl Index {
    /// An index over these articles.
    pub fn new(articles: &[Article], synonyms: &[Vec<String>]) -> Self {
        let synonyms = Synonyms::new(synonyms);
        let mut postings: HashMap<Term, BTreeMap<usize, f64>> = HashMap::new();
        let mut lengths = vec![0.0; articles.len()];
        for (at, article) in articles.iter().enumerate() {
            let blocks = article
                .blocks
                .iter()
                .map(|block| (if block.kind == BlockKind::Heading { HEADING } else { PROSE }, block.text.as_str()));
            for (weight, text) in
                [(TITLE, article.title.as_str()), (KEYWORDS, &article.keywords)].into_iter().chain(blocks)
            {
                for term in terms(text, &synonyms) {
                    *postings.entry(term).or_default().entry(at).or_default() += weight;
                    if let Some(length) = lengths.get_mut(at) {
                        *length += weight;
                    }
                }
            }
        }
        let mut sounds: HashMap<String, Vec<Term>> = HashMap::new();
        for term in postings.keys() {
            if let Some(sound) = sound(term) {
                sounds.entry(sound).or_default().push(term.clone());
            }
        }
        Self { synonyms, postings, sounds, lengths }
    }

    /// The articles that know of the question, best first.
    pub fn search(&self, question: &str) -> Vec<Hit> {
        let question: String = question.chars().take(MAX_QUESTION).collect();
        let mean = self.lengths.iter().sum::<f64>() / self.count().max(1.0);
        let mut scores: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        let mut whole = 0.0;
        for term in distinct(terms(&question, &self.synonyms)) {
            let (known, certainty) = self.known(&term);
            let single = if matches!(term, Term::Single(_)) { SINGLE } else { 1.0 };
            let rarity = known.iter().map(|known| self.rarity(known)).fold(f64::NAN, f64::min);
            // A term that no article has weighs as much as the rarest: such questions are about something else.
            // A pair that no article has is more often a seam between two words.
            let seam = if matches!(term, Term::Pair(..)) { SEAM } else { 1.0 };
            let rarity = if rarity.is_nan() { self.rarest() * seam } else { rarity };
            whole += rarity * single;
            let mut best: BTreeMap<usize, f64> = BTreeMap::new();
            for (&at, &weight) in known.iter().filter_map(|known| self.postings.get(known)).flatten() {
                let length = self.lengths.get(at).copied().unwrap_or(mean) / mean;
                let frequency = weight * (K1 + 1.0) / (weight + K1 * (1.0 - B + B * length));
                let entry = best.entry(at).or_default();
                *entry = entry.max(frequency);
            }
            for (at, frequency) in best {
                let (score, covered) = scores.entry(at).or_default();
                *score += rarity * single * certainty * frequency;
                *covered += rarity * single * certainty;
            }
        }
        let hit = |(article, (score, covered)): (usize, (f64, f64))| Hit { article, score, covered: covered / whole };
        let mut hits: Vec<Hit> = scores.into_iter().map(hit).collect();
        hits.sort_by(|one, other| other.score.total_cmp(&one.score));
        hits
    }

    /// The part of the article that speaks most of the question.
    pub fn passage<'a>(&self, question: &str, article: &'a Article) -> &'a [Block] {
        let asked: Vec<Term> =
            distinct(terms(question, &self.synonyms)).into_iter().flat_map(|term| self.known(&term).0).collect();
        let weight = |section: &[Block]| -> f64 {
            let held = distinct(section.iter().flat_map(|block| terms(&block.text, &self.synonyms)).collect());
            asked.iter().filter(|term| held.contains(term)).map(|term| self.rarity(term)).sum()
        };
        let mut best: (&[Block], f64) = (&[], -1.0);
        for section in article.sections() {
            let weight = weight(section);
            // Of equals the first: it is about the task itself.
            if weight > best.1 {
                best = (section, weight);
            }
        }
        best.0
    }

    /// The articles' terms that the question's term may mean, and how certain that is.
    fn known(&self, term: &Term) -> (Vec<Term>, f64) {
        if self.postings.contains_key(term) {
            return (vec![term.clone()], 1.0);
        }
        let similar = match term {
            Term::Pair(..) => sound(term).and_then(|sound| self.sounds.get(&sound).cloned()).unwrap_or_default(),
            Term::Word(word) => {
                let like = |known: &&Term| matches!(known, Term::Word(known) if nearly(word, known));
                self.postings.keys().filter(like).cloned().collect()
            }
            Term::Single(_) => Vec::new(),
        };
        (similar, SIMILAR)
    }

    #[expect(clippy::cast_precision_loss, reason = "a few dozen articles")]
    fn count(&self) -> f64 {
        self.lengths.len() as f64
    }

    #[expect(clippy::cast_precision_loss, reason = "a few dozen articles")]
    fn rarity(&self, term: &Term) -> f64 {
        let holders = self.postings.get(term).map_or(0, BTreeMap::len) as f64;
        ((self.count() - holders + 0.5) / (holders + 0.5) + 1.0).ln()
    }

    fn rarest(&self) -> f64 {
        ((self.count() + 0.5) / 0.5 + 1.0).ln()
    }
}
