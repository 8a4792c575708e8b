//! The names under which relying parties know people: one per person and relying party, so that two platforms cannot
//! compare their users.

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, Set};
use uuid::Uuid;

use super::entity::relying_subject::{self, Column, Entity};
use crate::{app::AppState, error::Result};

/// The account behind a subject that this relying party knows.
pub async fn account(db: &impl ConnectionTrait, relying_party_id: Uuid, subject: Uuid) -> Result<Option<Uuid>> {
    let row = Entity::find()
        .filter(Column::RelyingPartyId.eq(relying_party_id))
        .filter(Column::Subject.eq(subject))
        .one(db)
        .await?;
    Ok(row.map(|row| row.account_id))
}

/// The name of a person at this relying party, made at the first login.
pub async fn of(state: &AppState, relying_party_id: Uuid, account_id: Uuid) -> Result<Uuid> {
    let known = |db| Entity::find_by_id((relying_party_id, account_id)).one(db);
    if let Some(row) = known(&*state.db).await? {
        return Ok(row.subject);
    }
    let tx = state.db.begin().await?;
    if let Some(row) = Entity::find_by_id((relying_party_id, account_id)).one(&*tx).await? {
        return Ok(row.subject);
    }
    let row = relying_subject::ActiveModel {
        relying_party_id: Set(relying_party_id),
        account_id: Set(account_id),
        // Random, not UUIDv7: a name must not tell when somebody registered.
        subject: Set(Uuid::new_v4()),
        created_at: Set(state.now().as_millisecond()),
    };
    let row = row.insert(&*tx).await?;
    tx.commit().await?;
    Ok(row.subject)
}
