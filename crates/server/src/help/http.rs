//! Articles by topic, and answers to questions. Open to everybody: whoever cannot log in needs help most.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Language, Library,
    article::{self, Article, Block, Topic},
    rules,
};
use crate::{
    app::AppState,
    error::{FIELDS_INVALID, NOT_FOUND, ProblemBody, QUERY_INVALID, Result},
    extract::{ClientAddress, Json, Path, Query},
    rate::Limit,
};

/// Questions from one address.
const QUESTIONS: Limit = Limit { times: 60, window: SignedDuration::from_mins(1) };
/// Articles that an answer names.
const ANSWERS: usize = 3;

/// An article in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct HelpArticleRef {
    /// Its name in addresses.
    slug: String,
    /// What it is about.
    topic: Topic,
    /// Chinese.
    title: String,
    /// English.
    title_en: String,
    /// Whether what it describes can be done today.
    available: bool,
}

/// All articles, or those of a topic.
#[derive(Debug, Serialize, ToSchema)]
pub struct HelpArticleList {
    /// By topic, in their order.
    items: Vec<HelpArticleRef>,
    /// Number of a person to talk to; null: there is none.
    hotline: Option<String>,
}

/// A help article.
#[derive(Debug, Serialize, ToSchema)]
pub struct HelpArticle {
    /// Its name and titles.
    #[serde(flatten)]
    article: HelpArticleRef,
    /// Chinese.
    blocks: Vec<Block>,
    /// English.
    blocks_en: Vec<Block>,
    /// Addresses of screenshots, in the order of the steps.
    pictures: Vec<String>,
}

fn reference(article: &Article) -> HelpArticleRef {
    let (slug, topic, available) = (article.slug.clone(), article.topic, article.available);
    let titles = [Language::Chinese, Language::English].map(|language| {
        let article = Library::of(language).article(&slug);
        article.map(|article| article.title.clone()).unwrap_or_default()
    });
    let [title, title_en] = titles;
    HelpArticleRef { slug, topic, title, title_en, available }
}

fn blocks(language: Language, slug: &str) -> Vec<Block> {
    Library::of(language).article(slug).map(|article| article.blocks.clone()).unwrap_or_default()
}

/// Which articles.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ArticleQuery {
    /// Only those of this topic.
    topic: Option<String>,
}

/// The help articles by topic.
#[utoipa::path(get, path = "/api/help/articles", tag = "help", params(ArticleQuery),
    responses((status = 200, body = HelpArticleList), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn list(State(state): State<AppState>, Query(query): Query<ArticleQuery>) -> Result<Json<HelpArticleList>> {
    let topic = match query.topic.as_deref().filter(|word| !word.is_empty()) {
        Some(word) => Some(Topic::parse(word).ok_or(QUERY_INVALID)?),
        None => None,
    };
    let articles = Library::of(Language::Chinese).articles.iter();
    let items = articles.filter(|article| topic.is_none_or(|topic| article.topic == topic)).map(reference).collect();
    Ok(Json(HelpArticleList { items, hotline: state.config.hotline.clone() }))
}

/// One article.
#[utoipa::path(get, path = "/api/help/articles/{slug}", tag = "help", params(("slug" = String, Path)),
    responses((status = 200, body = HelpArticle), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get(Path(slug): Path<String>) -> Result<Json<HelpArticle>> {
    let article = Library::of(Language::Chinese).article(&slug).ok_or(NOT_FOUND)?;
    Ok(Json(HelpArticle {
        article: reference(article),
        blocks: article.blocks.clone(),
        blocks_en: blocks(Language::English, &slug),
        pictures: article.pictures.iter().map(|name| format!("/api/help/pictures/{name}")).collect(),
    }))
}

/// A screenshot of an article.
#[utoipa::path(get, path = "/api/help/pictures/{name}", tag = "help", params(("name" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "image/jpeg"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn picture(Path(name): Path<String>) -> Result<Response> {
    let octets = article::picture(&name).ok_or(NOT_FOUND)?;
    // The same for everybody, and as old as this program.
    let headers = [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "public, max-age=3600")];
    Ok((headers, octets).into_response())
}

/// A question in the user's words.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HelpQuestion {
    /// 1 to 200 characters, Chinese or English.
    text: String,
}

/// An article that answers, and where.
#[derive(Debug, Serialize, ToSchema)]
pub struct HelpAnswer {
    /// The article.
    #[serde(flatten)]
    article: HelpArticleRef,
    /// The part that speaks of the question, in the question's language.
    passage: Vec<Block>,
    /// Share of the question that the article knows of, 0 to 1.
    confidence: f64,
}

/// What the assistant found.
#[derive(Debug, Serialize, ToSchema)]
pub struct HelpAnswers {
    /// Whether the first answer is meant seriously; otherwise the assistant does not know, and says so.
    known: bool,
    /// At most three, best first; what is there when not `known` is only near.
    answers: Vec<HelpAnswer>,
    /// Number of a person to talk to; null: there is none.
    hotline: Option<String>,
}

/// Finds the articles that answer a question. The question is not kept.
#[utoipa::path(post, path = "/api/help/questions", tag = "help", request_body = HelpQuestion,
    responses((status = 200, body = HelpAnswers), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn ask(
    State(state): State<AppState>,
    address: ClientAddress,
    Json(question): Json<HelpQuestion>,
) -> Result<Json<HelpAnswers>> {
    let text = question.text.trim();
    if text.is_empty() || text.chars().count() > rules::MAX_QUESTION {
        return Err(FIELDS_INVALID.field("text", "LENGTH"));
    }
    state.rates.take("help-question", &address.0, QUESTIONS, state.now()).await?;
    let library = Library::of(Language::of(text));
    let hits = library.index.search(text);
    let known = rules::knows(&hits);
    let answers = hits.iter().take(ANSWERS).filter_map(|hit| {
        let article = library.articles.get(hit.article)?;
        let passage = library.index.passage(text, article).to_vec();
        Some(HelpAnswer { article: reference(article), passage, confidence: (hit.covered * 100.0).round() / 100.0 })
    });
    Ok(Json(HelpAnswers { known, answers: answers.collect(), hotline: state.config.hotline.clone() }))
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(picture)).routes(routes!(ask))
}
