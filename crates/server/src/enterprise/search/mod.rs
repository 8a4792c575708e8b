//! Finding an enterprise by its name, portable over both databases: a table of grams that is written with the name, and
//! how many names have each.
//!
//! A question's rarest grams are intersected, and what is found is held against the name itself, so that a gram too many
//! costs time and never a wrong answer. Exact names come first, then those that begin with the question, then shorter
//! ones; of a question that hundreds of names fit, some of them.

pub mod entity;
pub mod grams;

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Set,
    sea_query::{Alias, Expr, OnConflict, Query},
};
use uuid::Uuid;

use super::{Enterprise, entity::enterprise};
use entity::{
    frequency::{self, Column::Names},
    gram::{self, Column, Entity},
};
use grams::Wanted;

/// Enterprises in one answer.
pub const MOST: usize = 20;
/// Names looked at in one go, and so few of one gram that it is looked for alone.
const BATCH: u64 = 100;
/// Names looked at before a question is answered with what has been found.
const LOOKED_AT: u64 = 2_000;
/// Grams that a name is looked for by. More than the rarest few, because of common ones only all together are rare.
const TOGETHER: usize = 8;

/// Writes the grams of a name in place of those of the name before.
pub async fn index(db: &impl ConnectionTrait, id: Uuid, before: Option<&str>, name: &str) -> Result<(), DbErr> {
    let (before, now) = (before.map(grams::of_name).unwrap_or_default(), grams::of_name(name));
    let (gone, new) = (&before - &now, &now - &before);
    let removed = Entity::delete_many().filter(Column::Gram.is_in(&gone)).filter(Column::EnterpriseId.eq(id));
    removed.exec(db).await?;
    if !new.is_empty() {
        Entity::insert_many(rows(id, new.clone())).exec_without_returning(db).await?;
    }
    count(db, &gone, &new).await
}

/// One name fewer with each gram that is gone, one more with each that is new.
async fn count(db: &impl ConnectionTrait, gone: &BTreeSet<String>, new: &BTreeSet<String>) -> Result<(), DbErr> {
    let changes = (gone | new)
        .into_iter()
        .map(|gram| frequency::ActiveModel { names: Set(if new.contains(&gram) { 1 } else { -1 }), gram: Set(gram) });
    let known = OnConflict::column(frequency::Column::Gram)
        .value(Names, Expr::col((frequency::Entity, Names)).add(Expr::col((Alias::new("excluded"), Names))))
        .to_owned();
    if !gone.is_empty() || !new.is_empty() {
        frequency::Entity::insert_many(changes).on_conflict(known).exec_without_returning(db).await?;
    }
    Ok(())
}

/// That a name has these grams.
pub fn rows(id: Uuid, grams: BTreeSet<String>) -> impl Iterator<Item = gram::ActiveModel> {
    grams.into_iter().map(move |gram| gram::ActiveModel { gram: Set(gram), enterprise_id: Set(id) })
}

/// At most [`MOST`] enterprises, the best first.
pub async fn find(db: &impl ConnectionTrait, wanted: &Wanted) -> Result<Vec<Enterprise>, DbErr> {
    let mut found = Vec::new();
    if let Wanted::Text(text) = wanted {
        let same = enterprise::Entity::find().filter(enterprise::Column::Name.eq(text)).limit(MOST as u64);
        found.extend(same.all(db).await?);
    }
    collect(db, &wanted.grams(true), &mut found, |name| wanted.begins(name)).await?;
    if found.len() < MOST {
        collect(db, &wanted.grams(false), &mut found, |name| wanted.is_in(name)).await?;
    }
    Ok(found)
}

/// Adds the names that fit, of each batch the shorter ones first.
async fn collect(
    db: &impl ConnectionTrait,
    grams: &BTreeSet<String>,
    found: &mut Vec<Enterprise>,
    fits: impl Fn(&str) -> bool,
) -> Result<(), DbErr> {
    let grams = rarest(db, grams).await?;
    let (mut after, mut looked_at) = (None, 0);
    while found.len() < MOST && looked_at < LOOKED_AT {
        let rows = candidates(db, &grams, after).await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.enterprise_id).collect();
        let mut names = enterprise::Entity::find().filter(enterprise::Column::Id.is_in(ids)).all(db).await?;
        names.retain(|one| fits(&one.name) && found.iter().all(|known| known.id != one.id));
        names.sort_by_key(|one| (one.name.chars().count(), one.id));
        names.truncate(MOST - found.len());
        found.extend(names);
        looked_at += rows.len() as u64;
        after = match rows.last() {
            Some(last) if rows.len() as u64 == BATCH => Some(last.enterprise_id),
            _ => return Ok(()),
        };
    }
    Ok(())
}

/// The grams to look by: one that few names have, alone; else at most [`TOGETHER`], the rarest first.
async fn rarest(db: &impl ConnectionTrait, grams: &BTreeSet<String>) -> Result<Vec<String>, DbErr> {
    let mut frequency: BTreeMap<&str, i64> = grams.iter().map(|gram| (gram.as_str(), 0)).collect();
    let known = frequency::Entity::find().filter(frequency::Column::Gram.is_in(grams)).all(db).await?;
    frequency.extend(known.iter().map(|row| (row.gram.as_str(), row.names)));
    let mut rarest: Vec<_> = frequency.into_iter().map(|(gram, names)| (names, gram)).collect();
    rarest.sort_unstable();
    let few = rarest.first().is_some_and(|(names, _)| *names < BATCH as i64);
    Ok(rarest.into_iter().take(if few { 1 } else { TOGETHER }).map(|(_, gram)| gram.to_owned()).collect())
}

/// The next names that have all of these grams. Their order says nothing about the name: in any that does, names that
/// have one gram may all stand behind those that have another, and a common pair would be read to its end.
async fn candidates(
    db: &impl ConnectionTrait,
    grams: &[String],
    after: Option<Uuid>,
) -> Result<Vec<gram::Model>, DbErr> {
    let Some((first, others)) = grams.split_first() else { return Ok(Vec::new()) };
    let mut find = Entity::find().filter(Column::Gram.eq(first));
    for (index, gram) in others.iter().enumerate() {
        let other = Alias::new(format!("other_{index}"));
        let exists = Query::select()
            .expr(Expr::val(1))
            .from_as(Entity, other.clone())
            .and_where(Expr::col((other.clone(), Column::Gram)).eq(gram))
            .and_where(Expr::col((other, Column::EnterpriseId)).equals((Entity, Column::EnterpriseId)))
            .take();
        find = find.filter(Expr::exists(exists));
    }
    if let Some(after) = after {
        find = find.filter(Column::EnterpriseId.gt(after));
    }
    find.order_by_asc(Column::EnterpriseId).limit(BATCH).all(db).await
}
