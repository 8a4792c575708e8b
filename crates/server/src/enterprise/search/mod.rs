//! Finding an enterprise by its name, portable over both databases: a table of grams that is written with the name.
//!
//! A question's rarest grams are intersected in the order of the names' lengths, and what is found is held against the
//! name itself, so that a gram too many costs time and never a wrong answer. Exact names come first, then those that
//! begin with the question, then shorter ones.

pub mod entity;
pub mod grams;

use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Set,
    sea_query::{Alias, Expr, Query},
};
use uuid::Uuid;

use super::{Enterprise, entity::enterprise};
use entity::{Column, Entity};
use grams::Wanted;

/// Enterprises in one answer.
pub const MOST: usize = 20;
/// Names looked at in one go.
const BATCH: u64 = 200;
/// Names looked at before a question is answered with what has been found.
const LOOKED_AT: u64 = 4_000;
/// From here on one gram is as common as another.
const COMMON: u64 = 2_000;
/// Grams that a name is looked for by. More than the rarest few, because of common ones only all together are rare.
const TOGETHER: usize = 8;

/// Writes the grams of a name in place of those of the name before.
pub async fn index(db: &impl ConnectionTrait, id: Uuid, before: Option<&str>, name: &str) -> Result<(), DbErr> {
    if let Some(before) = before {
        let gone = Condition::all().add(Column::Length.eq(length(before))).add(Column::EnterpriseId.eq(id));
        let gone = gone.add(Column::Gram.is_in(grams::of_name(before)));
        Entity::delete_many().filter(gone).exec(db).await?;
    }
    let length = length(name);
    let rows = grams::of_name(name).into_iter().map(|gram| entity::ActiveModel {
        gram: Set(gram),
        length: Set(length),
        enterprise_id: Set(id),
    });
    Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// Characters of a name, as the index orders them.
pub fn length(name: &str) -> i32 {
    i32::try_from(name.chars().count()).unwrap_or(i32::MAX)
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

/// Adds the names that fit, shorter ones first.
async fn collect(
    db: &impl ConnectionTrait,
    grams: &std::collections::BTreeSet<String>,
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
        names.sort_by_key(|one| (length(&one.name), one.id));
        names.truncate(MOST - found.len());
        found.extend(names);
        looked_at += rows.len() as u64;
        after = match rows.last() {
            Some(last) if rows.len() as u64 == BATCH => Some((last.length, last.enterprise_id)),
            _ => return Ok(()),
        };
    }
    Ok(())
}

/// The grams in the order of how many names have them, at most [`TOGETHER`]; a gram that no name has stands alone. Counting
/// stops where it does not matter any more.
async fn rarest(db: &impl ConnectionTrait, grams: &std::collections::BTreeSet<String>) -> Result<Vec<String>, DbErr> {
    let mut counted = Vec::new();
    for gram in grams {
        let some = Entity::find().filter(Column::Gram.eq(gram)).limit(COMMON);
        let count = some.count(db).await?;
        counted.push((count, gram.clone()));
        if count == 0 {
            break;
        }
    }
    counted.sort();
    Ok(counted.into_iter().take(TOGETHER).map(|(_, gram)| gram).collect())
}

/// The next names that have all of these grams, shorter ones first; of no gram at all, the next names.
async fn candidates(
    db: &impl ConnectionTrait,
    grams: &[String],
    after: Option<(i32, Uuid)>,
) -> Result<Vec<entity::Model>, DbErr> {
    let Some((first, others)) = grams.split_first() else { return Ok(Vec::new()) };
    let mut find = Entity::find().filter(Column::Gram.eq(first));
    for (index, gram) in others.iter().enumerate() {
        let other = Alias::new(format!("other_{index}"));
        let same = |column: Column| Expr::col((other.clone(), column)).equals((Entity, column));
        let exists = Query::select()
            .expr(Expr::val(1))
            .from_as(Entity, other.clone())
            .and_where(Expr::col((other.clone(), Column::Gram)).eq(gram))
            .and_where(same(Column::Length))
            .and_where(same(Column::EnterpriseId))
            .take();
        find = find.filter(Expr::exists(exists));
    }
    if let Some((length, id)) = after {
        let same = Condition::all().add(Column::Length.eq(length)).add(Column::EnterpriseId.gt(id));
        find = find.filter(Condition::any().add(Column::Length.gt(length)).add(same));
    }
    find.order_by_asc(Column::Length).order_by_asc(Column::EnterpriseId).limit(BATCH).all(db).await
}
