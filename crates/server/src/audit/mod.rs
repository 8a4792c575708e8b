//! The audit log: append-only, each entry chained to the one before by SM3, so that a removed or changed entry shows.

pub(crate) mod csv;
pub mod entity;
mod http;
mod search;

pub use http::routes;

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Set,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{app::AppState, storage::Tx};

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person, on the phone.
    Account(Uuid),
    /// Somebody at the console.
    Reviewer(Uuid),
    /// A relying party.
    RelyingParty(Uuid),
    /// The platform itself.
    System,
}

impl Actor {
    /// The word and the id that are stored.
    pub fn parts(self) -> (&'static str, Option<Uuid>) {
        match self {
            Self::Account(id) => ("account", Some(id)),
            Self::Reviewer(id) => ("reviewer", Some(id)),
            Self::RelyingParty(id) => ("relying_party", Some(id)),
            Self::System => ("system", None),
        }
    }
}

/// What happened.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// Who.
    pub actor: Actor,
    /// Did what: `noun.verb`, such as `application.approve`.
    pub action: &'a str,
    /// To what kind of thing.
    pub target_kind: &'a str,
    /// To which one.
    pub target_id: Option<Uuid>,
    /// Facts worth keeping; never secrets or whole identity numbers.
    pub detail: Value,
}

/// Appends an entry within the transaction that does what it tells.
pub async fn record(tx: &Tx, now: Timestamp, entry: Entry<'_>) -> Result<(), DbErr> {
    let last = entity::Entity::find().order_by_desc(entity::Column::Seq).one(&**tx).await?;
    let (seq, previous) = last.map_or((1, vec![0; gm::sm3::LENGTH]), |last| (last.seq + 1, last.digest));
    let (actor_kind, actor_id) = entry.actor.parts();
    let mut row = entity::Model {
        seq,
        at: now.as_millisecond(),
        actor_kind: actor_kind.to_owned(),
        actor_id,
        action: entry.action.to_owned(),
        target_kind: entry.target_kind.to_owned(),
        target_id: entry.target_id,
        detail: entry.detail.to_string(),
        previous,
        digest: Vec::new(),
    };
    row.digest = digest(&row).to_vec();
    let row = entity::ActiveModel {
        seq: Set(row.seq),
        at: Set(row.at),
        actor_kind: Set(row.actor_kind),
        actor_id: Set(row.actor_id),
        action: Set(row.action),
        target_kind: Set(row.target_kind),
        target_id: Set(row.target_id),
        detail: Set(row.detail),
        previous: Set(row.previous),
        digest: Set(row.digest),
    };
    row.insert(&**tx).await?;
    Ok(())
}

/// SM3 over the previous digest and every field, each with its length before it.
pub fn digest(row: &entity::Model) -> gm::sm3::Digest {
    let entry = pki::log::Entry {
        previous: &row.previous,
        seq: row.seq,
        at: row.at,
        actor_kind: &row.actor_kind,
        actor_id: row.actor_id.map(Uuid::into_bytes),
        action: &row.action,
        target_kind: &row.target_kind,
        target_id: row.target_id.map(Uuid::into_bytes),
        detail: &row.detail,
    };
    entry.digest()
}

/// Where the chain ends so far; before the first entry at 0, with a digest of zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct End {
    /// Sequence number of the last entry.
    pub seq: i64,
    /// Its digest.
    pub digest: gm::sm3::Digest,
}

impl End {
    /// Whether `row` comes next, is linked to the end and is what its digest says; then it is the end.
    pub fn extend(&mut self, row: &entity::Model) -> bool {
        let digest = digest(row);
        let follows = row.seq == self.seq + 1 && row.previous == self.digest && row.digest == digest;
        if follows {
            *self = Self { seq: row.seq, digest };
        }
        follows
    }
}

/// What a walk along the whole chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// Entries looked at.
    pub checked: i64,
    /// The first entry whose digest or link is wrong.
    pub first_broken: Option<i64>,
    /// Digest of the last right entry.
    pub head: Vec<u8>,
}

/// Checks every digest and every link, up to the first that is wrong.
pub async fn walk(db: &impl ConnectionTrait) -> Result<Walk, DbErr> {
    const BATCH: u64 = 1_000;
    let mut end = End::default();
    loop {
        let find = entity::Entity::find().filter(entity::Column::Seq.gt(end.seq));
        let rows = find.order_by_asc(entity::Column::Seq).limit(BATCH).all(db).await?;
        let broken = rows.iter().find(|row| !end.extend(row));
        if rows.is_empty() || broken.is_some() {
            let first_broken = broken.map(|row| row.seq);
            return Ok(Walk { checked: end.seq, first_broken, head: end.digest.to_vec() });
        }
    }
}

/// The first entry whose digest or link is wrong, if any.
pub async fn first_broken(state: &AppState) -> Result<Option<i64>, DbErr> {
    Ok(walk(&*state.db).await?.first_broken)
}
