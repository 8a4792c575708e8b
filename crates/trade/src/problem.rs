//! Every refusal: RFC 9457 `application/problem+json` with a stable `code`, worded as what to do next.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use relying::PdfError;
use serde::Serialize;

/// Result of a handler.
pub type Result<T, E = Problem> = core::result::Result<T, E>;

/// A row of the catalogue of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    status: u16,
    code: &'static str,
    title: &'static str,
    title_en: &'static str,
}

const fn kind(status: u16, code: &'static str, title: &'static str, title_en: &'static str) -> Kind {
    Kind { status, code, title, title_en }
}

pub const NOT_LOGGED_IN: Kind = kind(401, "NOT_LOGGED_IN", "请先扫码登录", "Please log in by scanning first");
pub const FOREIGN_ORIGIN: Kind =
    kind(403, "FOREIGN_ORIGIN", "请在本平台页面内操作", "Please do this on the platform's own pages");
pub const LOGIN_NOT_VERIFIED: Kind = kind(
    403,
    "LOGIN_NOT_VERIFIED",
    "登录签名未通过验证，请重新扫码",
    "The login's signature could not be verified; please scan again",
);
pub const NOT_FOUND: Kind = kind(404, "NOT_FOUND", "没有找到，请刷新后重试", "Not found; reload and try again");
pub const METHOD_NOT_ALLOWED: Kind =
    kind(405, "METHOD_NOT_ALLOWED", "不支持此请求方式", "This method is not supported here");
pub const SCAN_NOT_CONFIRMED: Kind =
    kind(409, "SCAN_NOT_CONFIRMED", "请先在手机上确认", "Please confirm on the phone first");
pub const SCAN_REFUSED: Kind = kind(409, "SCAN_REFUSED", "手机端已拒绝", "The phone's owner refused");
pub const SCAN_CANCELLED: Kind = kind(409, "SCAN_CANCELLED", "已取消，请重新发起", "Cancelled; please start again");
pub const SCAN_FAILED: Kind =
    kind(409, "SCAN_FAILED", "签署未完成，请重新发起", "It could not be finished; please start again");
pub const SCAN_USED: Kind =
    kind(409, "SCAN_USED", "该登录已完成，请重新扫码", "This login was used; please scan again");
pub const SCAN_EXPIRED: Kind = kind(410, "SCAN_EXPIRED", "已超时，请重新发起", "It has expired; please start again");
pub const DOCUMENT_CHANGED: Kind = kind(
    409,
    "DOCUMENT_CHANGED",
    "文件已有新的签章，请刷新后重试",
    "The document has a new signature; reload and try again",
);
pub const TOO_MANY_DOCUMENTS: Kind =
    kind(409, "TOO_MANY_DOCUMENTS", "文件数量已达上限，请先删除不需要的文件", "Too many documents; delete some first");
pub const BODY_TOO_LARGE: Kind = kind(413, "BODY_TOO_LARGE", "文件太大，最大 20 MB", "Too large; at most 20 MB");
pub const UNSUPPORTED_MEDIA_TYPE: Kind =
    kind(415, "UNSUPPORTED_MEDIA_TYPE", "不支持此内容类型", "This content type is not supported here");
pub const BODY_INVALID: Kind = kind(400, "BODY_INVALID", "请求格式不正确", "The request does not have the right form");
pub const FIELDS_INVALID: Kind = kind(422, "FIELDS_INVALID", "请检查填写的内容", "Please check what you entered");
pub const PDF_UNUSABLE: Kind = kind(
    422,
    "PDF_UNUSABLE",
    "无法使用该文件，请检查后重新上传",
    "This file cannot be used; check it and upload it again",
);
pub const TOO_MANY_REQUESTS: Kind =
    kind(429, "TOO_MANY_REQUESTS", "操作太频繁，请稍后再试", "Too many requests; try again later");
pub const INTERNAL: Kind = kind(500, "INTERNAL", "系统繁忙，请稍后再试", "Something went wrong here; try again later");
pub const SIGNED_DOCUMENT_REFUSED: Kind = kind(
    502,
    "SIGNED_DOCUMENT_REFUSED",
    "收到的签章文件未通过校验，请重新发起",
    "The signed document did not pass the check; please start again",
);
pub const PLATFORM_UNAVAILABLE: Kind = kind(
    502,
    "PLATFORM_UNAVAILABLE",
    "签章平台暂时无法连接，请稍后再试",
    "The signing platform cannot be reached; try again later",
);

/// A refusal on its way to the browser.
#[derive(Debug, Clone)]
pub struct Problem(Box<Body>);

#[derive(Debug, Clone, Serialize)]
struct Body {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    title_en: String,
    status: u16,
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail_en: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<&'static str, &'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        Self(Box::new(Body {
            kind: format!("/problems/{}", kind.code),
            title: kind.title.to_owned(),
            title_en: kind.title_en.to_owned(),
            status: kind.status,
            code: kind.code.to_owned(),
            detail: None,
            detail_en: None,
            fields: BTreeMap::new(),
            retry_after: None,
        }))
    }
}

impl Kind {
    /// The refusal, naming one field of the request and what is wrong with it.
    pub fn field(self, name: &'static str, code: &'static str) -> Problem {
        let mut problem = Problem::from(self);
        problem.0.fields.insert(name, code);
        problem
    }
}

impl Problem {
    /// A fault of ours: logged here with its cause, told to the browser without it.
    pub fn internal(cause: impl core::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        INTERNAL.into()
    }
}

impl From<relying::Error> for Problem {
    fn from(error: relying::Error) -> Self {
        match error {
            // About the user's request: said on with the platform's words. Faults between platform and us are ours.
            relying::Error::Refused(problem) if !matches!(problem.status, 401 | 403 | 500..) => Self(Box::new(Body {
                kind: format!("/problems/{}", problem.code),
                title: problem.title,
                title_en: problem.title_en,
                status: problem.status,
                code: problem.code,
                detail: problem.detail,
                detail_en: problem.detail_en,
                fields: BTreeMap::new(),
                retry_after: problem.retry_after,
            })),
            relying::Error::Login(fault) => {
                tracing::warn!(%fault, "a login was not believed");
                LOGIN_NOT_VERIFIED.into()
            }
            relying::Error::Signature(fault) => {
                tracing::error!(%fault, "a signed document was not believed");
                SIGNED_DOCUMENT_REFUSED.into()
            }
            relying::Error::TooLarge(_) => BODY_TOO_LARGE.into(),
            other => {
                tracing::error!(cause = ?other, "platform");
                PLATFORM_UNAVAILABLE.into()
            }
        }
    }
}

impl From<PdfError> for Problem {
    fn from(error: PdfError) -> Self {
        let mut problem = Self::from(PDF_UNUSABLE);
        problem.0.kind = format!("/problems/{}", error.code());
        error.code().clone_into(&mut problem.0.code);
        let title = match error {
            PdfError::NotPdf => Some(("请选择 PDF 文件", "Please choose a PDF file")),
            PdfError::Encrypted => Some((
                "文件已加密，请解除密码后重新上传",
                "The file is encrypted; remove the password and upload it again",
            )),
            PdfError::Certified => Some(("文件作者不允许再签署", "The file's author allows no further signature")),
            PdfError::Damaged(_) => Some((
                "文件已损坏，请另存为 PDF 后重新上传",
                "The file is damaged; save it as PDF anew and upload it again",
            )),
            _ => None,
        };
        if let Some((title, title_en)) = title {
            title.clone_into(&mut problem.0.title);
            title_en.clone_into(&mut problem.0.title_en);
        }
        problem.0.detail_en = Some(error.to_string());
        problem
    }
}

impl From<crate::StoreError> for Problem {
    fn from(error: crate::StoreError) -> Self {
        Self::internal(error)
    }
}

impl From<gm::Error> for Problem {
    fn from(error: gm::Error) -> Self {
        Self::internal(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.0.retry_after;
        let mut response = (status, axum::Json(self.0)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
