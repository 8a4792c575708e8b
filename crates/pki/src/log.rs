//! The transparency log: a Merkle tree as RFC 9162 section 2.1 builds it, with SM3, over the digests of a chain of
//! audit entries, and heads of it that the log signs.
//!
//! | what | how |
//! |---|---|
//! | entry digest | SM3 over the previous digest and every field, each with its length as 8 octets before it ([`Entry`]) |
//! | leaf | SM3(0x00 ‖ entry digest); leaf number `seq - 1` |
//! | node | SM3(0x01 ‖ left ‖ right) |
//! | head | SM2 with SM3 over `guiqian log head 1` ‖ 0x00 ‖ size ‖ timestamp ‖ root, numbers as 8 octets ([`TreeHead`]) |
//!
//! Both sides use this: the server to build and to prove, the phone and an auditor to check. Where the nodes are kept is the
//! caller's: complete subtrees are named by level and index, and never change once they are there.

use ct_merkle::{
    ConsistencyProof, InclusionProof, RootHash, indices_for_consistency_proof, indices_for_inclusion_proof,
};
use gm::sm3::{self, Digest, Implementation as Sm3};

use crate::{Error, PublicKey, Signer, signature, signer};

/// Before what is signed of a head.
const HEAD_LABEL: &[u8] = b"guiqian log head 1\0";

/// Larger trees are refused: a JavaScript number still holds this.
pub const MAX_SIZE: u64 = 1 << 53;

/// What an entry's digest covers.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Digest of the entry before; zeros for the first.
    pub previous: &'a [u8],
    /// Place in the chain, from 1.
    pub seq: i64,
    /// Unix milliseconds.
    pub at: i64,
    /// Kind of who did it.
    pub actor_kind: &'a str,
    /// Who did it.
    pub actor_id: Option<[u8; 16]>,
    /// What was done.
    pub action: &'a str,
    /// To what kind of thing.
    pub target_kind: &'a str,
    /// To which one.
    pub target_id: Option<[u8; 16]>,
    /// JSON text, octet by octet as it was stored.
    pub detail: &'a str,
}

impl Entry<'_> {
    /// SM3 over every field, each with its length before it.
    pub fn digest(&self) -> Digest {
        let id = |id: &'_ Option<[u8; 16]>| id.map_or_else(Vec::new, |id| id.to_vec());
        let fields: [&[u8]; 9] = [
            self.previous,
            &self.seq.to_be_bytes(),
            &self.at.to_be_bytes(),
            self.actor_kind.as_bytes(),
            &id(&self.actor_id),
            self.action.as_bytes(),
            self.target_kind.as_bytes(),
            &id(&self.target_id),
            self.detail.as_bytes(),
        ];
        let mut hash = sm3::Sm3::new();
        for field in fields {
            hash.update(&(field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        hash.finalize()
    }
}

/// The hash of a leaf.
pub fn leaf(digest: &Digest) -> Digest {
    sm3::Sm3::new().chain(&[0]).chain(digest).finalize()
}

/// The hash of a node.
pub fn parent(left: &Digest, right: &Digest) -> Digest {
    sm3::Sm3::new().chain(&[1]).chain(left).chain(right).finalize()
}

/// A complete subtree: `2^level` leaves from leaf `index * 2^level` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// 0 for a leaf.
    pub level: u32,
    /// From the left, at this level.
    pub index: u64,
}

/// A tree that only grows, of which only the right edge is in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Growing {
    size: u64,
    /// Complete subtrees from left to right, each smaller than the one before.
    edge: Vec<Digest>,
}

impl Growing {
    /// The complete subtrees at the right edge of a tree of `size` leaves, from left to right.
    pub fn edge_of(size: u64) -> Vec<Node> {
        complete(0, size)
    }

    /// Goes on with a tree of `size` leaves whose edge, in the order of [`Growing::edge_of`], has these hashes; nothing if
    /// their number is wrong.
    pub fn resume(size: u64, edge: Vec<Digest>) -> Option<Self> {
        (size <= MAX_SIZE && edge.len() == size.count_ones() as usize).then_some(Self { size, edge })
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends an entry's digest and hands out each complete subtree that this makes, the leaf first.
    pub fn push(&mut self, digest: &Digest, mut made: impl FnMut(Node, Digest)) {
        let mut node = Node { level: 0, index: self.size };
        let mut hash = leaf(digest);
        made(node, hash);
        while node.index % 2 == 1 {
            // A right child's brother is complete and stands at the edge.
            let Some(left) = self.edge.pop() else { break };
            hash = parent(&left, &hash);
            node = Node { level: node.level + 1, index: node.index / 2 };
            made(node, hash);
        }
        self.edge.push(hash);
        self.size += 1;
    }

    /// The root; of an empty tree SM3 of nothing.
    pub fn root(&self) -> Digest {
        fold(&self.edge)
    }
}

/// The hash over neighbouring complete subtrees, each smaller than the one before.
fn fold(hashes: &[Digest]) -> Digest {
    let joined = hashes.iter().rev().copied().reduce(|right, left| parent(&left, &right));
    joined.unwrap_or_else(|| sm3::digest(&[]))
}

/// The complete subtrees of which the leaves from `start` (on a border of a subtree that holds them all) to before `end` are
/// made.
fn complete(start: u64, end: u64) -> Vec<Node> {
    let (mut at, mut nodes) = (start, Vec::new());
    while at < end {
        let level = (end - at).ilog2();
        nodes.push(Node { level, index: at >> level });
        at += 1 << level;
    }
    nodes
}

/// A proof that has still to be filled in: each part is one hash, made of these complete subtrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan(Vec<Vec<Node>>);

impl Plan {
    /// That leaf `index` is in the tree of `size`; nothing if it is not.
    pub fn inclusion(size: u64, index: u64) -> Option<Self> {
        (size <= MAX_SIZE && index < size).then(|| Self::of(indices_for_inclusion_proof(size, index), size))
    }

    /// That the tree of size `from` is the beginning of that of size `to`; nothing if it is larger or empty.
    pub fn consistency(from: u64, to: u64) -> Option<Self> {
        (0 < from && from <= to && to <= MAX_SIZE).then(|| Self::of(indices_for_consistency_proof(from, to - from), to))
    }

    /// The library numbers nodes in order: a node's level is the number of ones at its number's end.
    fn of(indices: Vec<u64>, size: u64) -> Self {
        let part = |number: u64| {
            let level = number.trailing_ones();
            let start = (number >> level >> 1) << level;
            complete(start, size.min(start + (1 << level)))
        };
        Self(indices.into_iter().map(part).collect())
    }

    /// Every subtree that is needed.
    pub fn nodes(&self) -> impl Iterator<Item = Node> + '_ {
        self.0.iter().flatten().copied()
    }

    /// The proof, if `hash` knows every subtree.
    pub fn fill(&self, hash: impl Fn(Node) -> Option<Digest>) -> Option<Vec<Digest>> {
        self.0
            .iter()
            .map(|part| Some(fold(&part.iter().map(|node| hash(*node)).collect::<Option<Vec<_>>>()?)))
            .collect()
    }
}

/// Root and size of a tree, and when the log said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeHead {
    /// Leaves.
    pub size: u64,
    /// Unix milliseconds.
    pub timestamp_ms: u64,
    /// Hash of the root.
    pub root: Digest,
}

impl TreeHead {
    /// The octets that are signed.
    pub fn to_be_signed(&self) -> Vec<u8> {
        let (size, at) = (self.size.to_be_bytes(), self.timestamp_ms.to_be_bytes());
        [HEAD_LABEL, &size, &at, &self.root].concat()
    }

    /// DER SM2Signature by the log's key.
    ///
    /// # Errors
    /// [`Error::Signer`] if the key cannot be used, [`Error::Signature`] if what it made is wrong.
    pub fn sign(&self, key: &dyn Signer) -> Result<Vec<u8>, Error> {
        signer::sign(key, &self.to_be_signed(), "log head")
    }

    /// Checks the log's signature.
    ///
    /// # Errors
    /// [`Error::PublicKey`] or [`Error::Signature`].
    pub fn verify(&self, key: &PublicKey, octets: &[u8]) -> Result<(), Error> {
        signature::verify(key, &self.to_be_signed(), octets, "log head")
    }

    fn tree(&self) -> RootHash<Sm3> {
        RootHash::new(self.root.into(), self.size)
    }

    /// Whether an entry's digest is leaf `index` of this tree.
    pub fn includes(&self, digest: &Digest, index: u64, proof: &[Digest]) -> bool {
        let Ok(proof) = InclusionProof::try_from_bytes(proof.concat()) else { return false };
        self.size <= MAX_SIZE && self.tree().verify_inclusion(&digest, index, &proof).is_ok()
    }

    /// Whether this tree begins with the whole of `earlier`.
    pub fn continues(&self, earlier: &Self, proof: &[Digest]) -> bool {
        let Ok(proof) = ConsistencyProof::try_from_bytes(proof.concat()) else { return false };
        self.size <= MAX_SIZE && self.tree().verify_consistency(&earlier.tree(), &proof).is_ok()
    }
}

#[cfg(test)]
mod tests;
