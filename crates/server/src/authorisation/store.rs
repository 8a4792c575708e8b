//! Queries of authorisations.

use sea_orm::{ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use uuid::Uuid;

use super::{
    Authorisation,
    entity::{Column, Entity},
    rules::{Granted, Permission, SealKind},
};
use crate::{
    clock::from_millis,
    error::{Problem, Result},
};

impl Authorisation {
    /// What it lets a person do.
    pub fn permissions(&self) -> Result<Vec<Permission>> {
        self.permissions.split_whitespace().map(|word| Permission::parse(word).ok_or_else(unknown)).collect()
    }

    /// With which seals.
    pub fn seals(&self) -> Result<Vec<SealKind>> {
        self.seals.split_whitespace().map(|word| SealKind::parse(word).ok_or_else(unknown)).collect()
    }

    /// As far as it matters for a decision.
    pub fn granted(&self) -> Result<Granted> {
        Ok(Granted {
            relying_party_id: self.relying_party_id,
            permissions: self.permissions()?,
            seals: self.seals()?,
            valid: (from_millis(self.valid_from), from_millis(self.valid_to)),
            ended: self.ended_at.is_some(),
        })
    }
}

fn unknown() -> Problem {
    Problem::internal("unknown word in an authorisation")
}

/// Everything that was ever granted in an enterprise, newest first.
pub async fn of_enterprise(db: &impl ConnectionTrait, enterprise_id: Uuid) -> Result<Vec<Authorisation>, DbErr> {
    newest_first(Entity::find().filter(Column::EnterpriseId.eq(enterprise_id))).all(db).await
}

/// Everything that was ever granted to a person, newest first.
pub async fn of_account(db: &impl ConnectionTrait, account_id: Uuid) -> Result<Vec<Authorisation>, DbErr> {
    newest_first(Entity::find().filter(Column::AccountId.eq(account_id))).all(db).await
}

/// What a person has been granted in an enterprise and nobody has ended.
pub async fn standing_of(
    db: &impl ConnectionTrait,
    enterprise_id: Uuid,
    account_id: Uuid,
) -> Result<Vec<Authorisation>, DbErr> {
    let of_person =
        Entity::find().filter(Column::EnterpriseId.eq(enterprise_id)).filter(Column::AccountId.eq(account_id));
    newest_first(of_person.filter(Column::EndedAt.is_null())).all(db).await
}

/// What a person was authorised to do at that moment (Unix milliseconds).
pub async fn good_at(
    db: &impl ConnectionTrait,
    enterprise_id: Uuid,
    account_id: Uuid,
    at: i64,
) -> Result<Vec<Authorisation>, DbErr> {
    let standing = standing_of(db, enterprise_id, account_id).await?;
    Ok(standing.into_iter().filter(|one| one.valid_from <= at && at <= one.valid_to).collect())
}

fn newest_first(find: sea_orm::Select<Entity>) -> sea_orm::Select<Entity> {
    find.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id)
}
