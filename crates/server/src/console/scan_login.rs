//! Logging in with one's own phone. The console is a relying party of the platform like any other: the page shows the
//! changing code, the phone signs the login's statement with its split key. Whoever has linked their account is logged in.
//!
//! Linking asks the same question while logged in by password; whose phone answers is linked.

use std::convert::Infallible;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{
        AppendHeaders,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::Stream;
use jiff::SignedDuration;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, Set};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Reviewer,
    entity::{reviewer, scan},
    service::{self, Caller, LOGIN_DISABLED, Method},
    session::{ConsoleSession, SetCookie, user_agent, welcome},
    staff,
};
use crate::{
    account::{entity::account as accounts, token},
    app::AppState,
    clock::from_millis,
    error::{Kind, NOT_FOUND, NOT_LOGGED_IN, Problem, ProblemBody, Result},
    extract::{ClientAddress, Json, Path},
    rate::Limit,
    relying,
    scan::{
        entity as scan_request,
        model::Browser,
        problems,
        rules::{Action, ScanState},
        service::{self as scans, Question},
    },
};

/// Says which browser asked: only that one is logged in by the answer.
const SCAN_COOKIE: &str = "gq_console_scan";
/// Codes for one address.
const SCANS: Limit = Limit { times: 60, window: SignedDuration::from_mins(10) };

const ACCOUNT_NOT_LINKED: Kind = Kind::new(
    403,
    "ACCOUNT_NOT_LINKED",
    "该手机账号未绑定审核台账号，请先用密码登录并绑定",
    "This phone is not linked to a console login; log in by password and link it first",
);
const ACCOUNT_LINKED: Kind = Kind::new(
    409,
    "ACCOUNT_LINKED",
    "该手机账号已绑定其他审核台账号",
    "This phone is linked to another console login already",
);
const ACCOUNT_NOT_VERIFIED: Kind = Kind::new(
    409,
    "ACCOUNT_NOT_VERIFIED",
    "该手机账号未通过实名认证，不能绑定",
    "The person of this phone has not been verified; it cannot be linked",
);

/// A question that can be shown now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsoleScan {
    /// Names it.
    id: Uuid,
    /// Where it stands.
    state: ScanState,
    /// Four digits to show beside the code.
    check_number: String,
    /// RFC 3339.
    expires_at: String,
}

async fn ask(
    state: &AppState,
    address: &ClientAddress,
    headers: &HeaderMap,
    reviewer_id: Option<Uuid>,
) -> Result<(StatusCode, SetCookie, Json<ConsoleScan>)> {
    state.rates.take("console-scan", &address.0, SCANS, state.now()).await?;
    let browser = Browser {
        address: address.0.chars().take(64).collect(),
        user_agent: user_agent(headers).chars().filter(|one| !one.is_control()).take(512).collect(),
        browser_id: None,
    };
    let question = Question { action: Action::Login, browser, subject_account_id: None, document: None, signer: None };
    let row = scans::ask(state, &relying::console(&*state.db).await?, question).await?;
    let token = token::fresh()?;
    let asked = scan::ActiveModel {
        id: Set(row.id),
        token_digest: Set(token::digest(&token)),
        reviewer_id: Set(reviewer_id),
        created_at: Set(state.now().as_millisecond()),
        used_at: Set(None),
    };
    let tx = state.db.begin().await?;
    asked.insert(&*tx).await?;
    tx.commit().await?;
    let cookie = token::cookie(state, SCAN_COOKIE, &token, "/api/console/", Action::Login.lifetime())?;
    Ok((StatusCode::CREATED, AppendHeaders([(header::SET_COOKIE, cookie)]), Json(view(state, &row)?)))
}

fn view(state: &AppState, row: &scan_request::Model) -> Result<ConsoleScan> {
    Ok(ConsoleScan {
        id: row.id,
        state: scans::state_of(row, state.now())?,
        check_number: row.check_number.clone(),
        expires_at: from_millis(row.expires_at).to_string(),
    })
}

/// Asks for a login by phone. The answer counts in this browser alone.
#[utoipa::path(post, path = "/api/console/scans", tag = "console",
    responses((status = 201, body = ConsoleScan), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn ask_login(
    State(state): State<AppState>,
    address: ClientAddress,
    headers: HeaderMap,
) -> Result<(StatusCode, SetCookie, Json<ConsoleScan>)> {
    ask(&state, &address, &headers, None).await
}

/// Asks for one's own phone, to link it.
#[utoipa::path(post, path = "/api/console/me/account-scans", tag = "console",
    responses((status = 201, body = ConsoleScan), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn ask_link(
    State(state): State<AppState>,
    who: Reviewer,
    address: ClientAddress,
    headers: HeaderMap,
) -> Result<(StatusCode, SetCookie, Json<ConsoleScan>)> {
    ask(&state, &address, &headers, Some(who.id)).await
}

/// The question, if this browser has asked it.
async fn own(state: &AppState, headers: &HeaderMap, id: Uuid) -> Result<(scan::Model, scan_request::Model)> {
    let token = token::from_cookie(headers, SCAN_COOKIE).ok_or(NOT_FOUND)?;
    let asked = scan::Entity::find_by_id(id).filter(scan::Column::TokenDigest.eq(token::digest(&token)));
    let asked = asked.one(&*state.db).await?.ok_or(NOT_FOUND)?;
    let row = scan_request::Entity::find_by_id(id).one(&*state.db).await?.ok_or(NOT_FOUND)?;
    Ok((asked, row))
}

/// Where a question of this browser stands.
#[utoipa::path(get, path = "/api/console/scans/{id}", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = ConsoleScan), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get(State(state): State<AppState>, headers: HeaderMap, Path(id): Path<Uuid>) -> Result<Json<ConsoleScan>> {
    let (_, row) = own(&state, &headers, id).await?;
    Ok(Json(view(&state, &row)?))
}

/// Follows a question of this browser: events `code` and `state`, as relying parties get them.
#[utoipa::path(get, path = "/api/console/scans/{id}/events", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/event-stream", description = "Events `code` (CodeEvent) and `state` (StateEvent)"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn events(
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let (_, row) = own(&state, &headers, id).await?;
    let stream = relying::follow(state, row.relying_party_id, id);
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(relying::HEARTBEAT)))
}

/// Takes a question back.
#[utoipa::path(delete, path = "/api/console/scans/{id}", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn cancel(State(state): State<AppState>, headers: HeaderMap, Path(id): Path<Uuid>) -> Result<StatusCode> {
    let (_, row) = own(&state, &headers, id).await?;
    scans::cancel(&state, &row).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The account that answered, from an answer that has not been used before.
fn answered(state: &AppState, asked: &scan::Model, row: &scan_request::Model) -> Result<Uuid> {
    if scans::state_of(row, state.now())? != ScanState::Confirmed || asked.used_at.is_some() {
        return Err(problems::NOT_CONFIRMED.into());
    }
    row.account_id.ok_or_else(|| Problem::internal("a confirmed request without an account"))
}

/// Takes a confirmed answer: logs in whoever has linked the account, or links it to whoever asked. It counts once.
#[utoipa::path(post, path = "/api/console/scans/{id}/completion", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 201, body = ConsoleSession), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn complete(
    State(state): State<AppState>,
    address: ClientAddress,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    who: Result<Reviewer>,
) -> Result<(StatusCode, AppendHeaders<Vec<(HeaderName, HeaderValue)>>, Json<ConsoleSession>)> {
    let (asked, row) = own(&state, &headers, id).await?;
    let account_id = answered(&state, &asked, &row)?;
    match asked.reviewer_id {
        None => {
            let caller = Caller { address: &address.0, user_agent: user_agent(&headers) };
            let (status, AppendHeaders(cookie), body) = log_in(&state, id, account_id, caller).await?;
            Ok((status, AppendHeaders(cookie.into()), body))
        }
        Some(reviewer_id) => {
            let who = who.ok().filter(|who| who.id == reviewer_id).ok_or(NOT_LOGGED_IN)?;
            link(&state, id, who.id, account_id).await?;
            Ok((StatusCode::CREATED, AppendHeaders(Vec::new()), Json(ConsoleSession::of(&state, who).await?)))
        }
    }
}

/// Marks the answer as used; of two at once, one does.
async fn use_once(tx: &crate::storage::Tx, state: &AppState, id: Uuid) -> Result<()> {
    let used = scan::Entity::update_many()
        .col_expr(scan::Column::UsedAt, state.now().as_millisecond().into())
        .filter(scan::Column::Id.eq(id))
        .filter(scan::Column::UsedAt.is_null())
        .exec(&**tx)
        .await?;
    if used.rows_affected == 1 { Ok(()) } else { Err(problems::NOT_CONFIRMED.into()) }
}

async fn log_in(
    state: &AppState,
    id: Uuid,
    account_id: Uuid,
    caller: Caller<'_>,
) -> Result<(StatusCode, SetCookie, Json<ConsoleSession>)> {
    let tx = state.db.begin().await?;
    let found = reviewer::Entity::find().filter(reviewer::Column::AccountId.eq(account_id)).one(&*tx).await?;
    let row = found.ok_or(ACCOUNT_NOT_LINKED)?;
    if row.disabled_at.is_some() {
        return Err(LOGIN_DISABLED.into());
    }
    use_once(&tx, state, id).await?;
    let login = service::begin(state, &tx, &row, Method::Scan, caller).await?;
    tx.commit().await?;
    welcome(state, login).await
}

async fn link(state: &AppState, id: Uuid, reviewer_id: Uuid, account_id: Uuid) -> Result<()> {
    let tx = state.db.begin().await?;
    let account = accounts::Entity::find_by_id(account_id).one(&*tx).await?;
    if account.is_none_or(|account| account.verified_at.is_none()) {
        return Err(ACCOUNT_NOT_VERIFIED.into());
    }
    let others = reviewer::Entity::find()
        .filter(reviewer::Column::AccountId.eq(account_id))
        .filter(reviewer::Column::Id.ne(reviewer_id));
    if others.count(&*tx).await? > 0 {
        return Err(ACCOUNT_LINKED.into());
    }
    use_once(&tx, state, id).await?;
    staff::link(&tx, state.now(), reviewer_id, account_id).await?;
    Ok(tx.commit().await?)
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(ask_login))
        .routes(routes!(ask_link))
        .routes(routes!(get, cancel))
        .routes(routes!(events))
        .routes(routes!(complete))
}
