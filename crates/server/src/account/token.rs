//! Opaque tokens in cookies: 32 random bytes for the browser, their digest for the database.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;

use crate::{app::AppState, error::Result};

/// A fresh token.
pub fn fresh() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(gm::random::bytes::<32>()?))
}

/// What the database keeps of a token. It has 256 bits of entropy, so a plain digest is enough.
pub fn digest(token: &str) -> Vec<u8> {
    gm::sm3::digest(token.as_bytes()).to_vec()
}

/// The token in the cookie `name`.
pub fn from_cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// The `Set-Cookie` line that hands out `token`, or takes it back when `lifetime` is zero.
pub fn cookie(state: &AppState, name: &str, token: &str, path: &str, lifetime: SignedDuration) -> Result<HeaderValue> {
    let secure = if state.config.secure_cookies() { "; Secure" } else { "" };
    let line = format!("{name}={token}; Path={path}; Max-Age={}; HttpOnly; SameSite=Lax{secure}", lifetime.as_secs());
    HeaderValue::from_str(&line).map_err(crate::error::Problem::internal)
}
