//! Every refusal of the platform: RFC 9457 `application/problem+json` with a stable `code`.
//!
//! A [`Kind`] is a row of the catalogue: status, code, and what to tell the user in Chinese and English — what to do
//! next, not what went wrong inside. Features keep their own rows beside their rules; the rows that everybody needs
//! stand here.

use std::collections::BTreeMap;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// Result of a handler or a service.
pub type Result<T, E = Problem> = core::result::Result<T, E>;

/// One row of the catalogue of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// HTTP status.
    pub status: u16,
    /// Stable name for programs, `SCREAMING_SNAKE`.
    pub code: &'static str,
    /// What the user should do, Chinese.
    pub title: &'static str,
    /// What the user should do, English.
    pub title_en: &'static str,
}

impl Kind {
    /// A row of the catalogue.
    pub const fn new(status: u16, code: &'static str, title: &'static str, title_en: &'static str) -> Self {
        Self { status, code, title, title_en }
    }

    /// The refusal with nothing added.
    pub fn problem(self) -> Problem {
        Problem { kind: self, more: Box::default() }
    }

    /// The refusal, with a sentence about this case in both languages.
    pub fn detail(self, zh: impl Into<String>, en: impl Into<String>) -> Problem {
        let mut problem = self.problem();
        problem.more.detail = Some((zh.into(), en.into()));
        problem
    }

    /// The refusal, naming one field of the request and what is wrong with it.
    pub fn field(self, name: impl Into<String>, code: impl Into<String>) -> Problem {
        self.problem().and_field(name, code)
    }
}

/// The session is missing or over.
pub const NOT_LOGGED_IN: Kind = Kind::new(401, "NOT_LOGGED_IN", "请先登录", "Please log in first");
/// The caller is known and may not do this.
pub const FORBIDDEN: Kind = Kind::new(403, "FORBIDDEN", "您没有权限进行此操作", "You may not do this");
/// The request came from a foreign web page.
pub const FOREIGN_ORIGIN: Kind =
    Kind::new(403, "FOREIGN_ORIGIN", "请在本平台页面内操作", "Please do this on the platform's own pages");
/// There is no such thing, or it belongs to somebody else: the two are not told apart.
pub const NOT_FOUND: Kind = Kind::new(404, "NOT_FOUND", "没有找到，请刷新后重试", "Not found; reload and try again");
/// The path exists, the method does not.
pub const METHOD_NOT_ALLOWED: Kind =
    Kind::new(405, "METHOD_NOT_ALLOWED", "不支持此请求方式", "This method is not supported here");
/// The body is larger than this endpoint takes.
pub const BODY_TOO_LARGE: Kind =
    Kind::new(413, "BODY_TOO_LARGE", "内容太大，请缩小后重试", "Too large; make it smaller and try again");
/// The body's media type is not one that this endpoint takes.
pub const UNSUPPORTED_MEDIA_TYPE: Kind =
    Kind::new(415, "UNSUPPORTED_MEDIA_TYPE", "不支持此内容类型", "This content type is not supported here");
/// The body is not JSON, or not JSON of the right form.
pub const JSON_INVALID: Kind =
    Kind::new(400, "JSON_INVALID", "请求格式不正确", "The request does not have the right form");
/// The query string cannot be read.
pub const QUERY_INVALID: Kind = Kind::new(400, "QUERY_INVALID", "请求参数不正确", "The query parameters are not right");
/// The body broke off or cannot be read.
pub const BODY_UNREADABLE: Kind =
    Kind::new(400, "BODY_UNREADABLE", "请求内容不完整，请重试", "The request is incomplete; try again");
/// The request was understood and some field's value is not acceptable; `fields` says which.
pub const FIELDS_INVALID: Kind = Kind::new(422, "FIELDS_INVALID", "请检查填写的内容", "Please check what you entered");
/// Too many of these in too short a time; `retry_after` says when.
pub const TOO_MANY_REQUESTS: Kind =
    Kind::new(429, "TOO_MANY_REQUESTS", "操作太频繁，请稍后再试", "Too many requests; try again later");
/// Something broke on our side; the log knows what.
pub const INTERNAL: Kind =
    Kind::new(500, "INTERNAL", "系统繁忙，请稍后再试", "Something went wrong here; try again later");
/// An outside service (SMS, face verification) does not answer.
pub const PROVIDER_UNAVAILABLE: Kind = Kind::new(
    503,
    "PROVIDER_UNAVAILABLE",
    "外部服务暂时不可用，请稍后再试",
    "An outside service is not available; try again later",
);

/// The security module that holds the platform's keys does not answer; the log knows why.
pub const KEYS_UNAVAILABLE: Kind = Kind::new(
    503,
    "KEYS_UNAVAILABLE",
    "密钥设备暂时不可用，请稍后再试",
    "The device that holds the platform's keys is not available; try again later",
);

/// A refusal on its way to the caller.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: Kind,
    more: Box<More>,
}

/// What this case adds to its kind.
#[derive(Debug, Clone, Default)]
struct More {
    detail: Option<(String, String)>,
    fields: BTreeMap<String, String>,
    retry_after: Option<i64>,
    extra: BTreeMap<&'static str, serde_json::Value>,
}

impl Problem {
    /// The catalogue row.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Names one more field of the request and what is wrong with it.
    #[must_use]
    pub fn and_field(mut self, name: impl Into<String>, code: impl Into<String>) -> Self {
        self.more.fields.insert(name.into(), code.into());
        self
    }

    /// Says after how many seconds trying again makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: i64) -> Self {
        self.more.retry_after = Some(seconds.max(1));
        self
    }

    /// Adds a member that this code's documentation names.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.more.extra.insert(name, value.into());
        self
    }

    /// Whether this says that there were too many of something.
    pub fn is_limit(&self) -> bool {
        self.kind == TOO_MANY_REQUESTS
    }

    /// Says of a limit what is limited; other refusals stay as they are.
    #[must_use]
    pub fn limited_as(mut self, kind: Kind) -> Self {
        if self.is_limit() {
            self.kind = kind;
        }
        self
    }

    /// A fault of ours: logged here with its cause, told to the caller without it.
    pub fn internal(cause: impl core::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        INTERNAL.problem()
    }
}

impl core::fmt::Display for Problem {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} ({})", self.kind.code, self.kind.title_en)?;
        self.more.fields.iter().try_for_each(|(name, code)| write!(f, ", {name}: {code}"))
    }
}

impl std::error::Error for Problem {}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        kind.problem()
    }
}

impl From<sea_orm::DbErr> for Problem {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::internal(error)
    }
}

impl From<gm::Error> for Problem {
    fn from(error: gm::Error) -> Self {
        Self::internal(error)
    }
}

impl From<crate::storage::StorageError> for Problem {
    fn from(error: crate::storage::StorageError) -> Self {
        if matches!(error, crate::storage::StorageError::Token(_)) {
            tracing::error!(%error, "keys");
            return KEYS_UNAVAILABLE.problem();
        }
        Self::internal(error)
    }
}

/// What a refusal looks like on the wire (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// URI reference that names the kind of problem: `/problems/` and the code.
    #[serde(rename = "type")]
    pub type_: String,
    /// What the user should do, Chinese.
    pub title: String,
    /// What the user should do, English.
    pub title_en: String,
    /// HTTP status, repeated.
    pub status: u16,
    /// Stable name for programs.
    pub code: String,
    /// About this case, Chinese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// About this case, English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail_en: Option<String>,
    /// Fields of the request that are not acceptable, and a code for each.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// Seconds after which trying again makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<i64>,
    /// Members that only some codes have.
    #[serde(flatten)]
    #[schema(ignore)]
    pub extra: BTreeMap<&'static str, serde_json::Value>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let More { detail, fields, retry_after, extra } = *self.more;
        let (detail, detail_en) = detail.unzip();
        let body = ProblemBody {
            type_: format!("/problems/{}", self.kind.code),
            title: self.kind.title.to_owned(),
            title_en: self.kind.title_en.to_owned(),
            status: self.kind.status,
            code: self.kind.code.to_owned(),
            detail,
            detail_en,
            fields,
            retry_after,
            extra,
        };
        let status = StatusCode::from_u16(self.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
