//! Integrating what is new in the audit log, and filling proofs from what is kept.

use std::collections::{BTreeMap, HashMap};

use gm::sm3::Digest;
use pki::log::{Growing, Node, Plan, TreeHead, leaf};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Set,
};

use super::{
    entity::{head, node},
    key,
};
use crate::{
    app::AppState,
    audit::{self, entity as entries},
    error::{Problem, Result},
};

/// Entries that one transaction integrates: the writers behind it wait.
const BATCH: u64 = 1_000;
/// Rows of one statement.
const ROWS: usize = 500;

/// Covers every entry that is not covered yet and signs a head over each batch. Returns how many there were.
///
/// Refuses to go on, and signs nothing, if an entry does not follow the one before.
pub async fn integrate(state: &AppState) -> Result<u64> {
    let mut covered = 0;
    loop {
        let size = newest(&*state.db).await?.map_or(0, |head| head.size);
        let last = entries::Entity::find().select_only().column_as(entries::Column::Seq.max(), "last");
        let last: Option<Option<i64>> = last.into_tuple().one(&*state.db).await?;
        if last.flatten().unwrap_or(0) <= size {
            return Ok(covered);
        }
        covered += batch(state).await?;
    }
}

async fn batch(state: &AppState) -> Result<u64> {
    let tx = state.db.begin().await?;
    let size = newest(&*tx).await?.map_or(0, |head| head.size);
    let mut tree = resume(&*tx, size).await?;
    let find = entries::Entity::find().filter(entries::Column::Seq.gt(size)).order_by_asc(entries::Column::Seq);
    let rows = find.limit(BATCH).all(&*tx).await?;
    // None: another node was faster.
    let Some(first) = rows.first() else { return Ok(0) };
    let mut end = covered(&*tx, size, first).await?;
    let mut made = Vec::new();
    for row in &rows {
        if !end.extend(row) {
            return Err(unlinked(row));
        }
        tree.push(&end.digest, |node, hash| made.push(stored(node, hash)));
    }
    for rows in made.chunks(ROWS) {
        node::Entity::insert_many(rows.iter().cloned()).exec_without_returning(&*tx).await?;
    }
    let at = state.now().as_millisecond();
    let new = TreeHead { size: tree.size(), timestamp_ms: number(at), root: tree.root() };
    let signature = new.sign(&key::open(state, &*tx).await?).map_err(Problem::internal)?;
    let row = head::ActiveModel {
        size: Set(signed(new.size)),
        at: Set(at),
        root: Set(new.root.to_vec()),
        signature: Set(signature),
    };
    row.insert(&*tx).await?;
    tx.commit().await?;
    Ok(rows.len() as u64)
}

/// The last entry that is covered. Of it only its leaf in the tree is believed: `first`, the entry that comes after,
/// must name the digest that gives it.
async fn covered(db: &impl ConnectionTrait, size: i64, first: &entries::Model) -> Result<audit::End> {
    let mut end = audit::End { seq: size, ..audit::End::default() };
    if size > 0 {
        let last = Node { level: 0, index: number(size - 1) };
        let kept = *hashes(db, [last]).await?.get(&last).ok_or_else(|| Problem::internal("no leaf"))?;
        let named = Digest::try_from(first.previous.as_slice()).ok().filter(|named| leaf(named) == kept);
        end.digest = named.ok_or_else(|| unlinked(first))?;
    }
    Ok(end)
}

fn unlinked(row: &entries::Model) -> Problem {
    Problem::internal(format!("audit entry {} does not follow the one before", row.seq))
}

async fn resume(db: &impl ConnectionTrait, size: i64) -> Result<Growing> {
    let edge = Growing::edge_of(number(size));
    let known = hashes(db, edge.iter().copied()).await?;
    let edge = edge.iter().filter_map(|node| known.get(node).copied()).collect();
    Growing::resume(number(size), edge).ok_or_else(|| Problem::internal("the tree's edge is not complete"))
}

fn stored(at: Node, hash: Digest) -> node::ActiveModel {
    node::ActiveModel {
        // There are at most 53 levels.
        level: Set(i32::try_from(at.level).unwrap_or(i32::MAX)),
        number: Set(signed(at.index)),
        hash: Set(hash.to_vec()),
    }
}

/// Sizes are sequence numbers of the audit log, which fit either way.
pub fn number(size: i64) -> u64 {
    u64::try_from(size).unwrap_or_default()
}

pub fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// The newest head.
pub async fn newest(db: &impl ConnectionTrait) -> Result<Option<head::Model>, DbErr> {
    head::Entity::find().order_by_desc(head::Column::Size).one(db).await
}

/// The hashes of those of these subtrees that are kept.
pub async fn hashes(
    db: &impl ConnectionTrait,
    nodes: impl IntoIterator<Item = Node>,
) -> Result<HashMap<Node, Digest>, DbErr> {
    let mut levels: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
    for node in nodes {
        levels.entry(node.level).or_default().push(signed(node.index));
    }
    let mut known = HashMap::new();
    for (level, mut numbers) in levels {
        numbers.sort_unstable();
        numbers.dedup();
        for numbers in numbers.chunks(ROWS) {
            let rows = node::Entity::find()
                .filter(node::Column::Level.eq(i32::try_from(level).unwrap_or(i32::MAX)))
                .filter(node::Column::Number.is_in(numbers.iter().copied()))
                .all(db)
                .await?;
            let hash = |row: node::Model| Some((Node { level, index: number(row.number) }, row.hash.try_into().ok()?));
            known.extend(rows.into_iter().filter_map(hash));
        }
    }
    Ok(known)
}

/// Fills several proofs with one look at the tables.
pub async fn fill(db: &impl ConnectionTrait, plans: &[Plan]) -> Result<Vec<Vec<Digest>>> {
    let known = hashes(db, plans.iter().flat_map(Plan::nodes)).await?;
    let filled = plans.iter().map(|plan| plan.fill(|node| known.get(&node).copied())).collect::<Option<Vec<_>>>();
    filled.ok_or_else(|| Problem::internal("a node of the log's tree is missing"))
}
