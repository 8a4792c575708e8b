//! Transactions of feedback.

use bytes::Bytes;
use jiff::SignedDuration;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Set,
};
use uuid::Uuid;

use super::{
    entity::{feedback, picture, reply},
    rules,
};
use crate::{
    app::AppState,
    application::{self, picture as pictures},
    audit::{self, Actor},
    error::{FIELDS_INVALID, NOT_FOUND, Problem, Result},
    heavy,
    message::{self, Action},
    rate::{self, Limit},
    storage::Tx,
};

/// Feedback from one account.
const WRITTEN: Limit = Limit { times: 20, window: SignedDuration::from_hours(24) };
/// Pictures from one account.
const UPLOADED: Limit = Limit { times: 100, window: SignedDuration::from_hours(24) };
/// How long a picture waits for its feedback.
const PICTURE_WAITS: SignedDuration = SignedDuration::from_hours(24);

/// Keeps a picture for a feedback that is still being written.
pub async fn upload(state: &AppState, account_id: Uuid, media_type: String, octets: Bytes) -> Result<Uuid> {
    state.rates.take("feedback-picture", &account_id.to_string(), UPLOADED, state.now()).await?;
    let checked = heavy::run(move || pictures::photo(&media_type, &octets));
    let picture = checked.await.map_err(Problem::internal)??;
    let tx = state.db.begin().await?;
    let blob = state.blobs.put(picture.octets).await?;
    let id = state.new_id();
    let row = picture::ActiveModel {
        id: Set(id),
        account_id: Set(account_id),
        feedback_id: Set(None),
        position: Set(0),
        blob: Set(blob),
        content_type: Set(picture.content_type.to_owned()),
        uploaded_at: Set(state.now().as_millisecond()),
    };
    row.insert(&*tx).await?;
    tx.commit().await?;
    Ok(id)
}

/// What a user writes.
pub struct Draft {
    /// The words.
    pub text: String,
    /// How else to reach the user.
    pub contact: Option<String>,
    /// Uploaded before, in their order.
    pub pictures: Vec<Uuid>,
}

/// Hands feedback in. A picture belongs to one feedback: handing the same in twice is refused.
pub async fn create(state: &AppState, account_id: Uuid, draft: Draft) -> Result<feedback::Model> {
    let now = state.now();
    if draft.pictures.len() > rules::MAX_PICTURES {
        return Err(FIELDS_INVALID.field("picture_ids", "TOO_MANY"));
    }
    let tx = state.db.begin().await?;
    rate::take_within(&*tx, "feedback", &account_id.to_string(), WRITTEN, now).await?;
    let row = feedback::ActiveModel {
        id: Set(state.new_id()),
        account_id: Set(account_id),
        text: Set(draft.text),
        contact: Set(draft.contact),
        created_at: Set(now.as_millisecond()),
        replied_at: Set(None),
    };
    let row = row.insert(&*tx).await?;
    for (position, id) in (0..).zip(draft.pictures) {
        let free = picture::Entity::find_by_id(id)
            .filter(picture::Column::AccountId.eq(account_id))
            .filter(picture::Column::FeedbackId.is_null());
        let free = free.one(&*tx).await?.ok_or_else(|| FIELDS_INVALID.field("picture_ids", "UNKNOWN"))?;
        let mut change = free.into_active_model();
        change.feedback_id = Set(Some(row.id));
        change.position = Set(position);
        change.update(&*tx).await?;
    }
    tx.commit().await?;
    Ok(row)
}

/// The feedback `id`, if it is `account_id`'s.
pub async fn own(db: &impl ConnectionTrait, id: Uuid, account_id: Uuid) -> Result<feedback::Model> {
    let row = feedback::Entity::find_by_id(id).one(db).await?.filter(|row| row.account_id == account_id);
    Ok(row.ok_or(NOT_FOUND)?)
}

/// Its pictures, in their order.
pub async fn pictures_of(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<picture::Model>, DbErr> {
    let of = picture::Entity::find().filter(picture::Column::FeedbackId.eq(id));
    of.order_by_asc(picture::Column::Position).all(db).await
}

/// What was answered, oldest first.
pub async fn replies_to(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<reply::Model>, DbErr> {
    reply::Entity::find().filter(reply::Column::FeedbackId.eq(id)).order_by_asc(reply::Column::CreatedAt).all(db).await
}

/// Answers, and tells the user.
pub async fn answer(state: &AppState, reviewer: Uuid, id: Uuid, text: String) -> Result<feedback::Model> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let row = feedback::Entity::find_by_id(id).one(&*tx).await?.ok_or(NOT_FOUND)?;
    let new = reply::ActiveModel {
        id: Set(state.new_id()),
        feedback_id: Set(id),
        reviewer_id: Set(reviewer),
        text: Set(text.clone()),
        created_at: Set(now.as_millisecond()),
    };
    new.insert(&*tx).await?;
    let account_id = row.account_id;
    let mut row = row.into_active_model();
    row.replied_at = Set(Some(now.as_millisecond()));
    let row = row.update(&*tx).await?;
    let letter = message::Draft {
        kind: "feedback_replied",
        title: ("您的反馈有回复", "Your feedback was answered"),
        body: (format!("客服回复：{text}"), format!("Reply: {text}")),
        action: Some(Action::OpenFeedback(id)),
    };
    message::post(&mut tx, now, account_id, letter).await?;
    let entry = audit::Entry {
        actor: Actor::Reviewer(reviewer),
        action: "feedback.reply",
        target_kind: "feedback",
        target_id: Some(id),
        detail: serde_json::json!({}),
    };
    audit::record(&tx, now, entry).await?;
    tx.commit().await?;
    Ok(row)
}

/// Whether a picture names the object.
pub async fn names(db: &impl ConnectionTrait, blob: &str) -> Result<bool, DbErr> {
    Ok(picture::Entity::find().filter(picture::Column::Blob.eq(blob)).count(db).await? > 0)
}

/// Removes what a person wrote who leaves. Returns the objects of their pictures, to be forgotten after the commit.
pub async fn forget(tx: &Tx, account_id: Uuid) -> Result<Vec<String>, DbErr> {
    let pictures = picture::Entity::find().filter(picture::Column::AccountId.eq(account_id)).all(&**tx).await?;
    picture::Entity::delete_many().filter(picture::Column::AccountId.eq(account_id)).exec(&**tx).await?;
    for row in feedback::Entity::find().filter(feedback::Column::AccountId.eq(account_id)).all(&**tx).await? {
        reply::Entity::delete_many().filter(reply::Column::FeedbackId.eq(row.id)).exec(&**tx).await?;
        feedback::Entity::delete_by_id(row.id).exec(&**tx).await?;
    }
    Ok(pictures.into_iter().map(|picture| picture.blob).collect())
}

/// Forgets pictures whose feedback was never handed in.
pub async fn sweep(state: &AppState) -> Result<u64> {
    let before = (state.now() - PICTURE_WAITS).as_millisecond();
    let tx = state.db.begin().await?;
    let left = picture::Entity::find()
        .filter(picture::Column::FeedbackId.is_null())
        .filter(picture::Column::UploadedAt.lt(before))
        .limit(1000)
        .all(&*tx)
        .await?;
    for picture in &left {
        picture::Entity::delete_by_id(picture.id).exec(&*tx).await?;
    }
    tx.commit().await?;
    let objects: Vec<String> = left.into_iter().map(|picture| picture.blob).collect();
    application::forget_unused(state, &objects).await?;
    Ok(objects.len() as u64)
}
