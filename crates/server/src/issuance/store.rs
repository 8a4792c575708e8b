//! Which halts are in force.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select, sea_query::ExprTrait as _,
};
use uuid::Uuid;

use super::{
    ISSUANCE_HALTED,
    entity::{Column, Entity, Model},
};
use crate::{error::Result, institution::entity::institution};

fn in_force() -> Select<Entity> {
    Entity::find().filter(Column::ResumedAt.is_null())
}

/// Refuses while this institution issues nothing. Asked within the transaction that stores what is to be signed and the
/// one that hands it out, the answer holds until that ends: halting is a transaction too, and they take turns.
pub async fn require_running(db: &impl ConnectionTrait, institution_id: Uuid) -> Result<()> {
    let concerned = Column::InstitutionId.is_null().or(Column::InstitutionId.eq(institution_id));
    let halted = in_force().filter(concerned).count(db).await? > 0;
    if halted { Err(ISSUANCE_HALTED.into()) } else { Ok(()) }
}

/// The institutions that issue nothing now; none: no institution does.
pub async fn halted(db: &impl ConnectionTrait) -> Result<Option<Vec<Uuid>>, DbErr> {
    let scopes: Vec<Option<Uuid>> = in_force().select_only().column(Column::InstitutionId).into_tuple().all(db).await?;
    Ok(scopes.into_iter().collect())
}

/// What is halted and concerns somebody of `scope` (none: the platform's own people), oldest first.
pub async fn concerning(db: &impl ConnectionTrait, scope: Option<Uuid>) -> Result<Vec<Model>, DbErr> {
    let mut find = in_force();
    if let Some(own) = scope {
        find = find.filter(Column::InstitutionId.is_null().or(Column::InstitutionId.eq(own)));
    }
    find.order_by_asc(Column::HaltedAt).all(db).await
}

/// The halt of just this that is in force.
pub async fn of(db: &impl ConnectionTrait, institution_id: Option<Uuid>) -> Result<Option<Model>, DbErr> {
    in_force().filter(Column::OpenSlot.eq(super::rules::slot(institution_id))).one(db).await
}

/// Whether two must agree before it goes on: where the institution wants four eyes for its decisions, and for the whole
/// platform where any institution does.
pub async fn wants_four_eyes(db: &impl ConnectionTrait, institution_id: Option<Uuid>) -> Result<bool, DbErr> {
    let mut find = institution::Entity::find().filter(institution::Column::FourEyes.eq(true));
    if let Some(id) = institution_id {
        find = find.filter(institution::Column::Id.eq(id));
    }
    Ok(find.count(db).await? > 0)
}
