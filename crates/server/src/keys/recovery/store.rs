//! Queries of recoveries. What decides something is one conditional statement.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    entity::{Column, Entity, Model},
    rules::{Kind, MAX_ATTEMPTS, MAX_RELEASES},
};
use crate::keys::entity::split_key;

/// Those that are neither done nor ended nor too old.
pub fn unfinished(now: Timestamp) -> Condition {
    Condition::all()
        .add(Column::DoneAt.is_null())
        .add(Column::EndedAt.is_null())
        .add(Column::ExpiresAt.gt(now.as_millisecond()))
}

/// The recovery of this key that is under way on this device, if any.
pub async fn open(db: &impl ConnectionTrait, now: Timestamp, key: &split_key::Model) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(unfinished(now))
        .filter(Column::KeyId.eq(key.id))
        .filter(Column::DeviceId.eq(key.device_id))
        .order_by_desc(Column::CreatedAt)
        .one(db)
        .await
}

/// Ends what was under way for a key: one recovery at a time.
pub async fn end_others(db: &impl ConnectionTrait, now: Timestamp, key_id: Uuid) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(now.as_millisecond()))
        .filter(unfinished(now))
        .filter(Column::KeyId.eq(key_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Counts a refresh that begins with this recovery's leave; `false` when there were too many.
pub async fn attempt(db: &impl ConnectionTrait, now: Timestamp, id: Uuid) -> Result<bool, DbErr> {
    let counted = Entity::update_many()
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(unfinished(now))
        .filter(Column::Id.eq(id))
        .filter(Column::Attempts.lt(MAX_ATTEMPTS))
        .exec(db)
        .await?;
    Ok(counted.rows_affected == 1)
}

/// Counts a release of the mask; `false` when there were too many.
pub async fn release(db: &impl ConnectionTrait, now: Timestamp, id: Uuid) -> Result<bool, DbErr> {
    let counted = Entity::update_many()
        .col_expr(Column::Releases, Expr::col(Column::Releases).add(1))
        .filter(unfinished(now))
        .filter(Column::Id.eq(id))
        .filter(Column::Releases.lt(MAX_RELEASES))
        .exec(db)
        .await?;
    Ok(counted.rows_affected == 1)
}

/// The refresh is committed: the recovery is used up.
pub async fn done(db: &impl ConnectionTrait, now: Timestamp, row: &Model) -> Result<(), DbErr> {
    let now = now.as_millisecond();
    Entity::update_many().col_expr(Column::DoneAt, Expr::value(now)).filter(Column::Id.eq(row.id)).exec(db).await?;
    if row.kind == Kind::PinReset.as_str() {
        split_key::Entity::update_many()
            .col_expr(split_key::Column::PinResetAt, Expr::value(now))
            .filter(split_key::Column::Id.eq(row.key_id))
            .exec(db)
            .await?;
    }
    Ok(())
}
