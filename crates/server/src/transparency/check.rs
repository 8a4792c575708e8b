//! `guiqian audit verify`: the whole log against itself and against heads that were kept elsewhere, without a running
//! platform.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use gm::sm3::Digest;
use pki::log::{Growing, Node, TreeHead};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::Deserialize;

use super::{entity::head, key, tree};
use crate::audit::{self, entity as entries};

/// Entries read at once.
const BATCH: u64 = 1_000;

/// A head that somebody has kept: the answer of `GET /api/log/head`.
#[derive(Debug, Clone, Deserialize)]
pub struct SavedHead {
    size: u64,
    timestamp_ms: u64,
    root: String,
    signature: String,
    public_key: String,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// An entry is missing, was changed, or does not follow the one before.
    Entry(i64),
    /// A stored node is missing or is not what the entries give.
    Node(Node),
    /// There is no key.
    NoKey,
    /// A head covers more entries than there are.
    EntriesMissing(u64),
    /// A head's root is not what the entries give.
    Root(u64),
    /// A head is not signed by the log's key.
    Signature(u64),
    /// The kept head names another key than the log has now.
    OtherKey,
    /// The kept head cannot be read.
    Unreadable,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(seq) => write!(f, "entry {seq} is missing, changed, or does not follow the one before"),
            Self::Node(at) => {
                write!(f, "the stored node {} of level {} is not what the entries give", at.index, at.level)
            }
            Self::NoKey => f.write_str("the log has no key"),
            Self::EntriesMissing(size) => write!(f, "a head covers {size} entries; not all of them are there"),
            Self::Root(size) => write!(f, "the head over {size} entries has another root than they give"),
            Self::Signature(size) => write!(f, "the head over {size} entries is not signed by the log's key"),
            Self::OtherKey => f.write_str("the kept head names another key than the log has now"),
            Self::Unreadable => f.write_str("the kept head cannot be read"),
        }
    }
}

/// What the check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Entries looked at.
    pub entries: u64,
    /// Signed heads looked at, the kept one among them.
    pub heads: u64,
    /// Root over all entries that were looked at.
    pub root: Digest,
    /// Entries that no head covers yet.
    pub uncovered: u64,
    /// Everything that is wrong; nothing: the log is whole.
    pub faults: Vec<Fault>,
}

/// A head that waits until the tree has its size.
struct Waiting {
    head: TreeHead,
    signature: Vec<u8>,
    public_key: Vec<u8>,
}

/// Checks everything. Nothing is written.
///
/// # Errors
/// If the database cannot be read.
pub async fn check(db: &impl ConnectionTrait, saved: Option<SavedHead>) -> Result<Report, DbErr> {
    let mut report = Report::default();
    let waiting = heads(db, saved, &mut report).await?;
    let mut waiting = waiting.into_iter().peekable();
    let covered = tree::newest(db).await?.map_or(0, |head| tree::number(head.size));
    let (mut tree, mut end) = (Growing::default(), audit::End::default());
    'walk: loop {
        let find = entries::Entity::find().filter(entries::Column::Seq.gt(end.seq)).order_by_asc(entries::Column::Seq);
        let rows = find.limit(BATCH).all(db).await?;
        if rows.is_empty() {
            break;
        }
        let mut made: Vec<(Node, Digest)> = Vec::new();
        for row in rows {
            if !end.extend(&row) {
                report.faults.push(Fault::Entry(end.seq + 1));
                nodes(db, &made, &mut report).await?;
                break 'walk;
            }
            let is_covered = tree.size() < covered;
            tree.push(&end.digest, |node, hash| {
                if is_covered {
                    made.push((node, hash));
                }
            });
            while let Some(head) = waiting.next_if(|one| one.head.size == tree.size()) {
                report.compare(&head, tree.root());
            }
        }
        nodes(db, &made, &mut report).await?;
    }
    report.entries = tree.size();
    report.root = tree.root();
    report.uncovered = tree.size().saturating_sub(covered);
    report.faults.extend(waiting.map(|head| Fault::EntriesMissing(head.head.size)));
    Ok(report)
}

impl Report {
    fn compare(&mut self, one: &Waiting, root: Digest) {
        self.heads += 1;
        if one.head.root != root {
            self.faults.push(Fault::Root(one.head.size));
        }
        let key = one.public_key.as_slice().try_into().ok();
        if key.is_none_or(|key| one.head.verify(&key, &one.signature).is_err()) {
            self.faults.push(Fault::Signature(one.head.size));
        }
    }
}

/// All heads, smallest first.
async fn heads(
    db: &impl ConnectionTrait,
    saved: Option<SavedHead>,
    report: &mut Report,
) -> Result<Vec<Waiting>, DbErr> {
    let Some(public_key) = key::public(db).await? else {
        report.faults.push(Fault::NoKey);
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for row in head::Entity::find().order_by_asc(head::Column::Size).all(db).await? {
        let head = TreeHead {
            size: tree::number(row.size),
            timestamp_ms: tree::number(row.at),
            // One of another length is the root of no tree.
            root: row.root.try_into().unwrap_or_default(),
        };
        all.push(Waiting { head, signature: row.signature, public_key: public_key.clone() });
    }
    if let Some(saved) = saved {
        match saved.read() {
            Some(kept) if kept.public_key != public_key => report.faults.push(Fault::OtherKey),
            Some(kept) => all.push(kept),
            None => report.faults.push(Fault::Unreadable),
        }
    }
    all.sort_by_key(|one| one.head.size);
    Ok(all)
}

impl SavedHead {
    fn read(&self) -> Option<Waiting> {
        let octets = |text: &str| BASE64.decode(text).ok();
        let root = octets(&self.root)?.try_into().ok()?;
        let head = TreeHead { size: self.size, timestamp_ms: self.timestamp_ms, root };
        (self.size > 0).then_some(Waiting {
            head,
            signature: octets(&self.signature)?,
            public_key: octets(&self.public_key)?,
        })
    }
}

/// Compares what is stored with what the entries give.
async fn nodes(db: &impl ConnectionTrait, made: &[(Node, Digest)], report: &mut Report) -> Result<(), DbErr> {
    let known = tree::hashes(db, made.iter().map(|(node, _)| *node)).await?;
    let wrong = made.iter().find(|(node, hash)| known.get(node) != Some(hash));
    report.faults.extend(wrong.map(|(node, _)| Fault::Node(*node)));
    Ok(())
}
