//! The message list and the stream of events.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::sse::{Event, KeepAlive, Sse},
};
use futures::Stream;
use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    entity::{self, event, message},
    sms,
};
use crate::{
    account::Account,
    app::AppState,
    clock::from_millis,
    error::{NOT_FOUND, ProblemBody, QUERY_INVALID, Result},
    extract::{Json, Path, Query},
    page,
};

/// Events read from the database at a time.
const BATCH: u64 = 200;

/// How long a stream may have been interrupted and still resume.
const EVENT_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Messages of `account_id` not yet read.
pub async fn unread(db: &impl ConnectionTrait, account_id: Uuid) -> Result<u64, DbErr> {
    message::Entity::find()
        .filter(message::Column::AccountId.eq(account_id))
        .filter(message::Column::ReadAt.is_null())
        .count(db)
        .await
}

/// What a message's button does.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageAction {
    /// `open_application`, `download_certificate`, `open_certificate`, `open_feedback` or `open_enterprise`.
    kind: String,
    /// To which object.
    target_id: Uuid,
}

/// A message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageBody {
    /// Its id.
    id: Uuid,
    /// What it is about.
    kind: String,
    /// Chinese.
    title: String,
    /// Chinese.
    body: String,
    /// English.
    title_en: String,
    /// English.
    body_en: String,
    /// When it was sent.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Whether it was read.
    read: bool,
    /// What its button does.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<MessageAction>,
}

impl From<message::Model> for MessageBody {
    fn from(row: message::Model) -> Self {
        let action = row.action_kind.zip(row.action_target);
        Self {
            id: row.id,
            kind: row.kind,
            title: row.title,
            body: row.body,
            title_en: row.title_en,
            body_en: row.body_en,
            created_at: from_millis(row.created_at),
            read: row.read_at.is_some(),
            action: action.map(|(kind, target_id)| MessageAction { kind, target_id }),
        }
    }
}

/// A page of messages, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageList {
    /// Newest first.
    items: Vec<MessageBody>,
    /// Names the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// Messages not yet read, on all pages.
    unread: u64,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The messages of this phone's user.
#[utoipa::path(get, path = "/api/messages", tag = "messages", params(PageQuery),
    responses((status = 200, body = MessageList), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn list(
    State(state): State<AppState>,
    who: Account,
    Query(query): Query<PageQuery>,
) -> Result<Json<MessageList>> {
    use message::{Column, Entity};
    let mut find = Entity::find().filter(Column::AccountId.eq(who.id));
    if let Some(cursor) = query.cursor {
        let (at, id) = page::parse(&cursor).ok_or(QUERY_INVALID)?;
        let earlier = Condition::all().add(Column::CreatedAt.eq(at)).add(Column::Id.lt(id));
        find = find.filter(Condition::any().add(Column::CreatedAt.lt(at)).add(earlier));
    }
    let rows =
        find.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(page::SIZE + 1).all(&*state.db).await?;
    let (rows, next_cursor) = page::cut(rows, |row| (row.created_at, row.id));
    let items = rows.into_iter().map(MessageBody::from).collect();
    Ok(Json(MessageList { items, next_cursor, unread: unread(&*state.db, who.id).await? }))
}

/// Marks a message as read. Doing it again changes nothing.
#[utoipa::path(post, path = "/api/messages/{id}/read", tag = "messages", params(("id" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn read(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<StatusCode> {
    let tx = state.db.begin().await?;
    let row = message::Entity::find_by_id(id).one(&*tx).await?;
    let row = row.filter(|row| row.account_id == who.id).ok_or(NOT_FOUND)?;
    if row.read_at.is_none() {
        let mut row = row.into_active_model();
        row.read_at = Set(Some(state.now().as_millisecond()));
        row.update(&*tx).await?;
        tx.commit().await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Follows what happens to this phone's user: `text/event-stream` with the events `message`, `application`,
/// `scan_request` and `enterprise`, each with `{"id": …}`. Resumes after `Last-Event-ID`; without it, begins with what happens from now on.
#[utoipa::path(get, path = "/api/events", tag = "messages",
    params(("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
async fn events(
    State(state): State<AppState>,
    who: Account,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let resume = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|id| id.parse().ok());
    // Follow first, look second: nothing can fall between.
    let mut follower = state.events.follow(who.id);
    let mut after = match resume {
        Some(after) => after,
        None => latest(&state, who.id).await?,
    };
    let stream = async_stream::stream! {
        loop {
            // Whoever has logged out hears no more.
            if !matches!(who.is_live(&state).await, Ok(true)) {
                break;
            }
            // When the database fails, the phone connects again and resumes.
            let Ok(rows) = since(&state, who.id, after).await else { break };
            let more = rows.len() as u64 == BATCH;
            for row in rows {
                after = row.seq;
                let data = serde_json::json!({ "id": row.target_id }).to_string();
                yield Ok(Event::default().id(row.seq.to_string()).event(row.kind).data(data));
            }
            if !more && !follower.changed().await {
                break;
            }

        }
    };
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

async fn latest(state: &AppState, account_id: Uuid) -> Result<i64, DbErr> {
    let last = event::Entity::find()
        .filter(event::Column::AccountId.eq(account_id))
        .order_by_desc(event::Column::Seq)
        .one(&*state.db)
        .await?;
    Ok(last.map_or(0, |row| row.seq))
}

async fn since(state: &AppState, account_id: Uuid, after: i64) -> Result<Vec<event::Model>, DbErr> {
    event::Entity::find()
        .filter(event::Column::AccountId.eq(account_id))
        .filter(event::Column::Seq.gt(after))
        .order_by_asc(event::Column::Seq)
        .limit(BATCH)
        .all(&*state.db)
        .await
}

/// Forgets events that no phone resumes from any more. Messages stay.
pub async fn sweep(state: &AppState) -> Result<u64, DbErr> {
    let before = (state.now() - EVENT_LIFETIME).as_millisecond();
    let tx = state.db.begin().await?;
    let gone = event::Entity::delete_many().filter(event::Column::CreatedAt.lt(before)).exec(&*tx).await?;
    tx.commit().await?;
    Ok(gone.rows_affected)
}

/// What a person is told by SMS while they are away. Codes and invitations always come.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SmsSetting {
    /// When an application waits for the user's consent as an administrator.
    consent: bool,
    /// When an application of the user's has been approved.
    approval: bool,
}

/// What the user is told by SMS while they are away.
#[utoipa::path(get, path = "/api/me/sms-notices", tag = "messages",
    responses((status = 200, body = SmsSetting), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn sms_setting(State(state): State<AppState>, who: Account) -> Result<Json<SmsSetting>> {
    let row = sms::setting(&state, who.id).await?;
    Ok(Json(SmsSetting { consent: row.consent, approval: row.approval }))
}

/// Chooses what the user is told by SMS while they are away.
#[utoipa::path(put, path = "/api/me/sms-notices", tag = "messages", request_body = SmsSetting,
    responses((status = 200, body = SmsSetting), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn set_sms_setting(
    State(state): State<AppState>,
    who: Account,
    Json(new): Json<SmsSetting>,
) -> Result<Json<SmsSetting>> {
    let row = entity::sms_setting::Model { account_id: who.id, consent: new.consent, approval: new.approval };
    sms::set(&state, row).await?;
    Ok(Json(new))
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(events))
        .routes(routes!(sms_setting, set_sms_setting))
}
