//! Queries of enterprises and of those who belong to them.

use sea_orm::{ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Enterprise, Membership,
    entity::{enterprise, membership},
    problems::{NOT_A_MEMBER, NOT_THE_ADMIN},
    rules::Role,
};
use crate::error::{NOT_FOUND, Problem, Result};

impl Membership {
    /// What the person is in the enterprise.
    pub fn role(&self) -> Result<Role> {
        Role::parse(&self.role).ok_or_else(|| Problem::internal("unknown role in the database"))
    }
}

/// An enterprise, by name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EnterpriseRef {
    /// Its id.
    pub id: Uuid,
    /// Full name, as registered now.
    pub name: String,
    /// Unified social credit code.
    pub credit_code: String,
}

impl From<Enterprise> for EnterpriseRef {
    fn from(row: Enterprise) -> Self {
        Self { id: row.id, name: row.name, credit_code: row.credit_code }
    }
}

/// The enterprise of that id.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Enterprise> {
    let row = enterprise::Entity::find_by_id(id).one(db).await?;
    row.ok_or_else(|| NOT_FOUND.problem())
}

/// The enterprise of that credit code, once somebody has claimed it.
pub async fn registered(db: &impl ConnectionTrait, credit_code: &str) -> Result<Option<Enterprise>, DbErr> {
    enterprise::Entity::find().filter(enterprise::Column::CreditCode.eq(credit_code)).one(db).await
}

/// The membership of a person while it lasts.
pub async fn membership(
    db: &impl ConnectionTrait,
    enterprise_id: Uuid,
    account_id: Uuid,
) -> Result<Option<Membership>, DbErr> {
    let slot = active_slot(enterprise_id, account_id);
    membership::Entity::find().filter(membership::Column::ActiveSlot.eq(slot)).one(db).await
}

/// What the unique column holds while a membership lasts.
pub(super) fn active_slot(enterprise_id: Uuid, account_id: Uuid) -> String {
    format!("{enterprise_id}:{account_id}")
}

/// What `account_id` is in the enterprise now.
pub async fn role_of(db: &impl ConnectionTrait, enterprise_id: Uuid, account_id: Uuid) -> Result<Option<Role>> {
    let row = membership(db, enterprise_id, account_id).await?;
    row.map(|row| row.role()).transpose()
}

/// The administrator of the enterprise.
pub async fn admin_of(db: &impl ConnectionTrait, enterprise_id: Uuid) -> Result<Option<Uuid>, DbErr> {
    let find = membership::Entity::find().filter(membership::Column::AdminSlot.eq(enterprise_id));
    Ok(find.one(db).await?.map(|row| row.account_id))
}

/// Refuses whoever does not belong to the enterprise; to strangers it does not exist.
pub async fn require_member(db: &impl ConnectionTrait, enterprise_id: Uuid, account_id: Uuid) -> Result<Role> {
    role_of(db, enterprise_id, account_id).await?.ok_or_else(|| NOT_A_MEMBER.problem())
}

/// Refuses whoever is not the administrator.
pub async fn require_admin(db: &impl ConnectionTrait, enterprise_id: Uuid, account_id: Uuid) -> Result<()> {
    match require_member(db, enterprise_id, account_id).await? {
        Role::Admin => Ok(()),
        Role::Clerk => Err(NOT_THE_ADMIN.into()),
    }
}

/// Everybody who belongs to the enterprise, in the order of joining.
pub async fn members(db: &impl ConnectionTrait, enterprise_id: Uuid) -> Result<Vec<Membership>, DbErr> {
    membership::Entity::find()
        .filter(membership::Column::EnterpriseId.eq(enterprise_id))
        .filter(membership::Column::EndedAt.is_null())
        .order_by_asc(membership::Column::JoinedAt)
        .order_by_asc(membership::Column::Id)
        .all(db)
        .await
}

/// Where a person belongs, with the enterprises, the newest first.
pub async fn memberships_of(
    db: &impl ConnectionTrait,
    account_id: Uuid,
) -> Result<Vec<(Membership, Enterprise)>, DbErr> {
    let rows = membership::Entity::find()
        .filter(membership::Column::AccountId.eq(account_id))
        .filter(membership::Column::EndedAt.is_null())
        .order_by_desc(membership::Column::JoinedAt)
        .order_by_desc(membership::Column::Id)
        .all(db)
        .await?;
    let ids = rows.iter().map(|row| row.enterprise_id);
    let known = enterprise::Entity::find().filter(enterprise::Column::Id.is_in(ids)).all(db).await?;
    let with_enterprise = |row: Membership| {
        let found = known.iter().find(|enterprise| enterprise.id == row.enterprise_id).cloned();
        found.map(|enterprise| (row, enterprise))
    };
    Ok(rows.into_iter().filter_map(with_enterprise).collect())
}
