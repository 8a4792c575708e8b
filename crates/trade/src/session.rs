//! Who is logged in, and in which browser: two cookies, both opaque, both stored as digests.
//!
//! `trade_browser` lives for a year and tells browsers apart: a scan belongs to the browser that asked for it, and the
//! phone can warn of a browser that it does not know. `trade_session` is a login.

use std::path::Path;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use relying::Enterprise;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::{App, NAME};
use crate::problem::{NOT_LOGGED_IN, Problem, Result};
use crate::store::{StoreError, Table};

const SESSION: &str = "trade_session";
const BROWSER: &str = "trade_browser";
const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(12);
const BROWSER_LIFETIME: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Somebody who is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// As the platform names the person to us.
    pub subject: Uuid,
    /// The person's name.
    pub name: String,
    /// The enterprise that the person acts for; none: for themselves. By the certificate of the login.
    #[serde(default)]
    pub enterprise: Option<Enterprise>,
}

/// A login.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Session {
    user: User,
    expires_at: Timestamp,
}

/// All logins.
pub struct Sessions(Table<Session>);

impl Sessions {
    /// Opens the folder and forgets what is over.
    pub fn open(data: &Path, now: Timestamp) -> Result<Self, StoreError> {
        let table = Table::<Session>::open(&data.join("sessions"))?;
        for (name, _) in table.select(|session| session.expires_at <= now) {
            table.take(&name)?;
        }
        Ok(Self(table))
    }

    /// Logs somebody in; answers the token for the cookie.
    pub fn start(&self, user: User, now: Timestamp) -> Result<String> {
        let token = fresh()?;
        let expires_at = now.checked_add(SESSION_LIFETIME).map_err(Problem::internal)?;
        self.0.put(&digest(&token), &Session { user, expires_at })?;
        Ok(token)
    }

    fn find(&self, token: &str, now: Timestamp) -> Option<User> {
        self.0.get(&digest(token)).filter(|session| session.expires_at > now).map(|session| session.user)
    }
}

fn fresh() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(gm::random::bytes::<32>()?))
}

/// What is stored of a token: it has 256 bits of entropy, so a plain digest is enough.
fn digest(token: &str) -> String {
    hex::encode(gm::sm3::digest(token.as_bytes()))
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

fn set_cookie(app: &App, name: &str, value: &str, lifetime: SignedDuration) -> Result<HeaderValue> {
    let secure = if app.config.secure_cookies() { "; Secure" } else { "" };
    let line = format!("{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}", lifetime.as_secs());
    HeaderValue::from_str(&line).map_err(Problem::internal)
}

/// The header that logs a browser in.
pub fn session_cookie(app: &App, token: &str) -> Result<HeaderValue> {
    set_cookie(app, SESSION, token, SESSION_LIFETIME)
}

impl FromRequestParts<App> for User {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let token = cookie(&parts.headers, SESSION).ok_or(NOT_LOGGED_IN)?;
        Ok(app.sessions.find(&token, app.now()).ok_or(NOT_LOGGED_IN)?)
    }
}

/// Somebody who may be logged in.
pub struct MaybeUser(pub Option<User>);

impl FromRequestParts<App> for MaybeUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Ok(Self(User::from_request_parts(parts, app).await.ok()))
    }
}

/// The browser, by its mark. One that has none gets one.
#[derive(Debug, Clone)]
pub struct Browser {
    /// Digest of the mark: what is stored, and what the platform is told.
    pub id: String,
    /// Header that gives the mark to a new browser.
    pub cookie: Option<HeaderValue>,
}

impl FromRequestParts<App> for Browser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        match cookie(&parts.headers, BROWSER).filter(|mark| mark.len() == 43) {
            Some(mark) => Ok(Self { id: digest(&mark), cookie: None }),
            None => {
                let mark = fresh()?;
                Ok(Self { id: digest(&mark), cookie: Some(set_cookie(app, BROWSER, &mark, BROWSER_LIFETIME)?) })
            }
        }
    }
}

/// The routes of this feature.
pub fn routes() -> Router<App> {
    Router::new().route("/api/session", get(show).delete(end))
}

#[derive(Serialize)]
struct SessionView {
    user: Option<User>,
    platform_name: &'static str,
}

async fn show(MaybeUser(user): MaybeUser) -> Json<SessionView> {
    Json(SessionView { user, platform_name: NAME })
}

async fn end(State(app): State<App>, headers: HeaderMap) -> Result<impl IntoResponse> {
    if let Some(token) = cookie(&headers, SESSION) {
        app.beside(move |app| Ok(app.sessions.0.take(&digest(&token))?)).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, set_cookie(&app, SESSION, "", SignedDuration::ZERO)?)]))
}
