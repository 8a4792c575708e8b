//! Routes of scans: start a login, look, follow, take back, complete a login. Signing starts at its document.

use core::convert::Infallible;
use core::time::Duration;

use axum::extract::State as AppState;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::{Stream, StreamExt as _};
use jiff::Timestamp;
use relying::{Action, Event, State, Ticket};
use serde::Serialize;
use uuid::Uuid;

use super::{Purpose, Scan, confirmed, settle};
use crate::app::App;
use crate::extract::{Caller, Id};
use crate::problem::{NOT_FOUND, Result, SCAN_USED};
use crate::session::{Browser, MaybeUser, User, session_cookie};

/// Between two comments that keep a silent stream open.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The routes of this feature.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/api/login-scans", post(start_login))
        .route("/api/login-scans/{id}/completion", post(complete_login))
        .route("/api/scan/{id}", get(show).delete(cancel))
        .route("/api/scan/{id}/events", get(events))
}

/// A scan that can be shown now.
#[derive(Debug, Serialize)]
pub struct Started {
    id: Uuid,
    check_number: String,
    expires_at: Timestamp,
}

impl From<Ticket> for Started {
    fn from(ticket: Ticket) -> Self {
        Self { id: ticket.id, check_number: ticket.check_number, expires_at: ticket.expires_at }
    }
}

async fn start_login(
    AppState(app): AppState<App>,
    browser: Browser,
    Ok(caller): Result<Caller, Infallible>,
) -> Result<(StatusCode, HeaderMap, Json<Started>)> {
    app.scans.admit(&browser, app.now())?;
    let ticket = app.platform.create_login(&told(&browser, caller)).await?;
    let (kept, asked_by, now) = (ticket.clone(), browser.clone(), app.now());
    app.beside(move |app| app.scans.keep(&asked_by, kept, Purpose::Login { used: false }, now)).await?;
    let headers = browser.cookie.map(|cookie| (header::SET_COOKIE, cookie)).into_iter().collect();
    Ok((StatusCode::CREATED, headers, Json(ticket.into())))
}

/// What the phone shows of this browser.
pub fn told(browser: &Browser, caller: Caller) -> relying::Browser {
    relying::Browser { address: caller.address, user_agent: caller.user_agent, browser_id: Some(browser.id.clone()) }
}

#[derive(Serialize)]
struct ScanView {
    id: Uuid,
    action: Action,
    state: State,
    check_number: String,
    expires_at: Timestamp,
}

async fn show(AppState(app): AppState<App>, browser: Browser, Id(id): Id) -> Result<Json<ScanView>> {
    let scan = app.scans.own(&browser, id)?;
    let found = app.platform.scan(id).await?;
    settle(&app, &scan, found.state).await?;
    let relying::ScanRequest { id, action, state, check_number, expires_at, .. } = found;
    Ok(Json(ScanView { id, action, state, check_number, expires_at }))
}

async fn cancel(AppState(app): AppState<App>, browser: Browser, Id(id): Id) -> Result<StatusCode> {
    let scan = app.scans.own(&browser, id)?;
    app.platform.cancel(id).await?;
    settle(&app, &scan, State::Cancelled).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn events(
    AppState(app): AppState<App>,
    browser: Browser,
    Id(id): Id,
) -> Result<Sse<impl Stream<Item = Result<Sent, Infallible>>>> {
    let scan = app.scans.own(&browser, id)?;
    let stream = app.platform.events(id).scan((app, scan), |(app, scan), event| {
        let (app, scan) = (app.clone(), scan.clone());
        // An error ends the stream: the page connects again, and is told by the answer to its next question.
        async move { send(&app, &scan, event.inspect_err(|error| tracing::warn!(%error, "events")).ok()?).await }
    });
    Ok(Sse::new(stream.map(Ok)).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

async fn send(app: &App, scan: &Scan, event: Event) -> Option<Sent> {
    match event {
        Event::Code(code) => Sent::default().event("code").json_data(code).ok(),
        Event::State(state) => {
            settle(app, scan, state).await.ok()?;
            Sent::default().event("state").json_data(serde_json::json!({ "state": state })).ok()
        }
    }
}

#[derive(Serialize)]
struct LoggedIn {
    user: User,
}

async fn complete_login(
    AppState(app): AppState<App>,
    browser: Browser,
    MaybeUser(already): MaybeUser,
    Id(id): Id,
) -> Result<impl IntoResponse> {
    let scan = app.scans.own(&browser, id)?;
    let Purpose::Login { used } = scan.purpose else { return Err(NOT_FOUND.into()) };
    if used {
        // The page asks again because the first answer was lost on the way.
        let user = already.ok_or(SCAN_USED)?;
        return Ok((HeaderMap::new(), Json(LoggedIn { user })));
    }
    let found = app.platform.scan(id).await?;
    confirmed(found.state)?;
    let person = app.platform.verify_login(&scan.ticket, &found, &app.trust, app.now()).await?;
    let user = User { subject: person.subject, name: person.name, enterprise: person.enterprise };
    let (logged_in, now) = (user.clone(), app.now());
    let token = app
        .beside(move |app| {
            app.scans.use_up(id)?;
            app.sessions.start(logged_in, now)
        })
        .await?;
    let headers = HeaderMap::from_iter([(header::SET_COOKIE, session_cookie(&app, &token)?)]);
    Ok((headers, Json(LoggedIn { user })))
}
