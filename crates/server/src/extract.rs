//! What handlers take from a request. Each refusal is a problem with a stable code, never a line of plain text.

use axum::{
    extract::{
        ConnectInfo, FromRequest, FromRequestParts, Request,
        rejection::{BytesRejection, JsonRejection},
    },
    http::{StatusCode, header, request::Parts},
};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use std::net::SocketAddr;

use crate::{
    app::AppState,
    error::{BODY_TOO_LARGE, BODY_UNREADABLE, JSON_INVALID, NOT_FOUND, Problem, QUERY_INVALID, UNSUPPORTED_MEDIA_TYPE},
};

/// A JSON body, or a JSON answer.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let same = Request::from_parts(parts.clone(), body);
        let body = Bytes::from_request(same, state).await.map_err(|rejection| unreadable(&rejection))?;
        if holds_nul(&body) {
            return Err(JSON_INVALID.detail("请求内容含有不允许的字符", "the character U+0000 stands in no text"));
        }
        match axum::Json::from_request(Request::from_parts(parts, body.into()), state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(UNSUPPORTED_MEDIA_TYPE.into()),
            Err(JsonRejection::BytesRejection(rejection)) => Err(unreadable(&rejection)),
            Err(rejection) => Err(JSON_INVALID.detail("请求内容不是要求的 JSON 格式", short(&rejection.body_text()))),
        }
    }
}

impl<T: serde::Serialize> axum::response::IntoResponse for Json<T> {
    fn into_response(self) -> axum::response::Response {
        axum::Json(self.0).into_response()
    }
}

/// Parts of the path. What cannot be an id names nothing that exists.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) if !parts.uri.path().contains(NUL) => Ok(Self(value)),
            _ => Err(NOT_FOUND.into()),
        }
    }
}

/// The query string.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.uri.query().is_some_and(|query| query.contains(NUL)) {
            return Err(QUERY_INVALID.into());
        }
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(QUERY_INVALID.detail("请求参数不正确", short(&rejection.body_text()))),
        }
    }
}

/// A body of octets with its media type (without parameters, lower case).
#[derive(Debug, Clone)]
pub struct Octets {
    /// The media type, empty when the request names none.
    pub media_type: String,
    /// The body.
    pub body: Bytes,
}

impl Octets {
    /// The body, if its media type is one of `accepted`.
    pub fn of_type(self, accepted: &[&str]) -> Result<Self, Problem> {
        if accepted.contains(&self.media_type.as_str()) { Ok(self) } else { Err(UNSUPPORTED_MEDIA_TYPE.into()) }
    }
}

impl<S: Send + Sync> FromRequest<S> for Octets {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = media_type.and_then(|value| value.split(';').next()).unwrap_or_default();
        let media_type = media_type.trim().to_ascii_lowercase();
        let body = Bytes::from_request(request, state).await.map_err(|rejection| unreadable(&rejection))?;
        Ok(Self { media_type, body })
    }
}

/// Where a request comes from: the peer, or what the trusted proxy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientAddress(pub String);

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        if state.config.behind_proxy {
            // The last entry is the one our own proxy wrote; those before it are the caller's word.
            let said = parts.headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
            if let Some(address) = said.and_then(|list| list.rsplit(',').next()) {
                return Ok(Self(address.trim().to_owned()));
            }
        }
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(peer.map_or_else(|| "127.0.0.1".to_owned(), |ConnectInfo(peer)| peer.ip().to_string())))
    }
}

fn unreadable(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE { BODY_TOO_LARGE.into() } else { BODY_UNREADABLE.into() }
}

/// U+0000 as an address writes it. PostgreSQL keeps no text with it, so none gets in.
const NUL: &str = "%00";

/// Whether a string of a JSON text holds U+0000, which JSON can write in one way only.
fn holds_nul(json: &[u8]) -> bool {
    const ESCAPE: &[u8] = b"\\u0000";
    let escapes = json.windows(ESCAPE.len()).enumerate().filter(|(_, window)| *window == ESCAPE);
    // After an odd number of backslashes this one is text itself.
    escapes
        .map(|(at, _)| json[..at].iter().rev().take_while(|octet| **octet == b'\\').count())
        .any(|before| before % 2 == 0)
}

/// The parser's words without the caller's own: what stands in the wrong place may be a code or a PIN, and answers that
/// refuse are written into logs that others keep.
fn short(text: &str) -> String {
    const BEFORE_A_VALUE: [&str; 5] =
        ["invalid type: ", "invalid value: ", "unknown field ", "unknown variant ", "duplicate field "];
    let found = BEFORE_A_VALUE.iter().filter_map(|words| text.find(words).map(|at| at + words.len())).min();
    let (before, after) = text.split_at(found.unwrap_or(text.len()));
    // The way to a field that is not known ends with its name.
    let before = match before.split_once(": ") {
        Some((head, way)) if way.ends_with("unknown field ") => format!("{head}: unknown field "),
        _ => before.to_owned(),
    };
    // The kind of the value, which is a plain word, and what was expected instead.
    let kind: String = after.chars().take_while(char::is_ascii_lowercase).collect();
    let expected = after.rfind(", expected").map_or("", |at| &after[at..]);
    format!("{before}{kind}{expected}").chars().take(200).collect()
}

/// Where the browser of this request reaches the platform: the configured origin; in the sandbox the address that it used,
/// so that a phone in the same network and a PC at `localhost` both find their way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(pub String);

impl FromRequestParts<AppState> for Origin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let host = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok());
        let host =
            host.filter(|host| host.bytes().all(|octet| octet.is_ascii_alphanumeric() || b".-:[]".contains(&octet)));
        match host {
            Some(host) if state.config.is_sandbox() => {
                let scheme = if state.config.secure_cookies() { "https" } else { "http" };
                Ok(Self(format!("{scheme}://{host}")))
            }
            _ => Ok(Self(state.config.origin.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parsers_words_are_repeated_without_the_callers() {
        for (said, repeated) in [
            (
                "agreed: invalid type: string \"284617\", expected a boolean",
                "agreed: invalid type: string, expected a boolean",
            ),
            ("invalid type: integer `284617`, expected a string", "invalid type: integer, expected a string"),
            ("invalid value: string \"a, expected b\", expected c", "invalid value: string, expected c"),
            ("target type: 284617: unknown field `284617`, expected `a`", "target type: unknown field , expected `a`"),
            ("duplicate field `284617`", "duplicate field "),
            ("missing field `phone` at line 1", "missing field `phone` at line 1"),
        ] {
            assert_eq!(short(said), repeated);
        }
    }

    #[test]
    fn a_nul_is_found_where_it_is_one() {
        for (json, found) in [
            (r#"{"name":"a\u0000b"}"#, true),
            (r#"{"name":"\\\u0000"}"#, true),
            (r#"{"name":"\\u0000"}"#, false),
            (r#"{"name":"u0000\u0001"}"#, false),
            ("", false),
        ] {
            assert_eq!(holds_nul(json.as_bytes()), found, "{json}");
        }
    }
}
