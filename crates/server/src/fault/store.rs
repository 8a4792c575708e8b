//! The query of a fault, and what was replaced by what.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
    sea_query::{Expr, ExprTrait as _, Query},
};
use uuid::Uuid;

use super::entity::{fault, fault_serial, reissued};
use crate::{
    application::entity::application,
    certificate::{
        entity::{
            certificate::{self, Column},
            encryption_certificate,
        },
        rules::StoredState,
    },
};

/// Every certificate that a fault touches, whatever became of it since; what was issued in place of one of them because
/// of this fault is not touched.
pub fn touched(fault: &fault::Model) -> Select<certificate::Entity> {
    let products = fault.product_id.map(|product| {
        Query::select()
            .column(application::Column::Id)
            .from(application::Entity)
            .and_where(Expr::col(application::Column::ProductId).eq(product))
            .to_owned()
    });
    let listed = Query::select()
        .column(fault_serial::Column::Serial)
        .from(fault_serial::Entity)
        .and_where(Expr::col(fault_serial::Column::FaultId).eq(fault.id))
        .to_owned();
    let successors = Query::select()
        .column(reissued::Column::NewId)
        .from(reissued::Entity)
        .and_where(Expr::col(reissued::Column::FaultId).eq(fault.id))
        .and_where(Expr::col(reissued::Column::NewId).is_not_null())
        .to_owned();
    let criteria = [
        fault.institution_id.map(|id| Column::InstitutionId.eq(id)),
        fault.issued_from.map(|from| Column::CreatedAt.gte(from)),
        fault.issued_to.map(|to| Column::CreatedAt.lt(to)),
        fault.kind.as_ref().map(|kind| Column::Kind.eq(kind)),
        products.map(|products| Column::ApplicationId.in_subquery(products)),
        fault.listed.then(|| {
            let beside = Query::select()
                .column(encryption_certificate::Column::CertificateId)
                .from(encryption_certificate::Entity)
                .and_where(Expr::col(encryption_certificate::Column::Serial).in_subquery(listed.clone()))
                .to_owned();
            Column::Serial.in_subquery(listed).or(Column::Id.in_subquery(beside))
        }),
    ];
    criteria.into_iter().flatten().fold(
        certificate::Entity::find()
            .filter(Column::State.ne(StoredState::Issuing.as_str()))
            .filter(Column::Id.not_in_subquery(successors)),
        |find, criterion| find.filter(criterion),
    )
}

/// Those of them that have neither ended nor been revoked.
pub fn live(fault: &fault::Model, now: Timestamp) -> Select<certificate::Entity> {
    touched(fault)
        .filter(Column::State.is_in([StoredState::Issued.as_str(), StoredState::Suspended.as_str()]))
        .filter(Column::NotAfter.gte(now.as_millisecond()))
}

/// Those of the live ones that the job has not taken in hand yet, except of these institutions. One person's come
/// together.
pub async fn left(
    db: &impl ConnectionTrait,
    fault: &fault::Model,
    now: Timestamp,
    except: &[Uuid],
    most: u64,
) -> Result<Vec<certificate::Model>, DbErr> {
    let taken = Query::select().column(reissued::Column::OldId).from(reissued::Entity).to_owned();
    live(fault, now)
        .filter(Column::Id.not_in_subquery(taken))
        .filter(Column::InstitutionId.is_not_in(except.iter().copied()))
        .order_by_asc(Column::AccountId)
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// What the job has taken in hand and not finished, except of these institutions.
pub async fn unfinished(
    db: &impl ConnectionTrait,
    fault_id: Uuid,
    except: &[Uuid],
    most: u64,
) -> Result<Vec<reissued::Model>, DbErr> {
    reissued::Entity::find()
        .filter(reissued::Column::FaultId.eq(fault_id))
        .filter(reissued::Column::DoneAt.is_null())
        .filter(reissued::Column::InstitutionId.is_not_in(except.iter().copied()))
        .order_by_asc(reissued::Column::AccountId)
        .order_by_asc(reissued::Column::OldId)
        .limit(most)
        .all(db)
        .await
}

/// Whether the job could do something now that these institutions issue nothing; also if nothing is left at all, which it
/// has not noticed yet.
pub async fn may_go_on(
    db: &impl ConnectionTrait,
    fault: &fault::Model,
    now: Timestamp,
    halted: &[Uuid],
) -> Result<bool, DbErr> {
    let anything = async |except: &[Uuid]| {
        Ok::<_, DbErr>(
            !unfinished(db, fault.id, except, 1).await?.is_empty()
                || !left(db, fault, now, except, 1).await?.is_empty(),
        )
    };
    Ok(anything(halted).await? || !anything(&[]).await?)
}

/// How many certificates have a successor because of a fault, and how many could have none.
pub async fn outcome(db: &impl ConnectionTrait, fault_id: Uuid) -> Result<(u64, u64), DbErr> {
    let over = || {
        reissued::Entity::find()
            .filter(reissued::Column::FaultId.eq(fault_id))
            .filter(reissued::Column::DoneAt.is_not_null())
    };
    let failed = over().filter(reissued::Column::Problem.is_not_null()).count(db).await?;
    Ok((over().count(db).await? - failed, failed))
}

/// Whether this person has been told of this fault.
pub async fn told(db: &impl ConnectionTrait, fault_id: Uuid, account_id: Uuid) -> Result<bool, DbErr> {
    let earlier = reissued::Entity::find()
        .filter(reissued::Column::FaultId.eq(fault_id))
        .filter(reissued::Column::AccountId.eq(account_id))
        .filter(reissued::Column::DoneAt.is_not_null())
        .filter(reissued::Column::Problem.is_null());
    Ok(earlier.count(db).await? > 0)
}

/// The certificate that stands in place of this one now; itself if none does.
pub async fn newest(db: &impl ConnectionTrait, id: Uuid) -> Result<Uuid, DbErr> {
    let mut newest = id;
    loop {
        let next = reissued::Entity::find_by_id(newest).filter(reissued::Column::DoneAt.is_not_null()).one(db).await?;
        match next.and_then(|row| row.new_id) {
            Some(new) => newest = new,
            None => return Ok(newest),
        }
    }
}
