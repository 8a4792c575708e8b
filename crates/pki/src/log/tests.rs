use std::collections::HashMap;

use gm::sm2::KeyPair;
use proptest::prelude::*;

use super::*;

fn digests(count: u64) -> Vec<Digest> {
    (0..count).map(|number| sm3::digest(&number.to_be_bytes())).collect()
}

/// MTH of RFC 9162 section 2.1.1, word for word.
fn naive(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => sm3::digest(&[]),
        [one] => sm3::digest(&[&[0][..], one].concat()),
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            sm3::digest(&[&[1][..], &naive(&leaves[..split]), &naive(&leaves[split..])].concat())
        }
    }
}

/// PATH of RFC 9162 section 2.1.3.1.
fn naive_path(leaves: &[Digest], index: usize) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let split = leaves.len().next_power_of_two() / 2;
    let (mut path, brother) = if index < split {
        (naive_path(&leaves[..split], index), naive(&leaves[split..]))
    } else {
        (naive_path(&leaves[split..], index - split), naive(&leaves[..split]))
    };
    path.push(brother);
    path
}

/// SUBPROOF of RFC 9162 section 2.1.4.1.
fn naive_consistency(leaves: &[Digest], from: usize, whole: bool) -> Vec<Digest> {
    if from == leaves.len() {
        return if whole { Vec::new() } else { vec![naive(leaves)] };
    }
    let split = leaves.len().next_power_of_two() / 2;
    let (mut proof, brother) = if from <= split {
        (naive_consistency(&leaves[..split], from, whole), naive(&leaves[split..]))
    } else {
        (naive_consistency(&leaves[split..], from - split, false), naive(&leaves[..split]))
    };
    proof.push(brother);
    proof
}

struct Built {
    nodes: HashMap<Node, Digest>,
    heads: Vec<TreeHead>,
}

impl Built {
    fn of(leaves: &[Digest]) -> Self {
        let (mut tree, mut nodes) = (Growing::default(), HashMap::new());
        let head = |tree: &Growing| TreeHead { size: tree.size(), timestamp_ms: 1, root: tree.root() };
        let mut heads = vec![head(&tree)];
        for digest in leaves {
            tree.push(digest, |node, hash| assert_eq!(nodes.insert(node, hash), None));
            heads.push(head(&tree));
        }
        Self { nodes, heads }
    }

    fn fill(&self, plan: Option<Plan>) -> Vec<Digest> {
        plan.unwrap().fill(|node| self.nodes.get(&node).copied()).unwrap()
    }
}

#[test]
fn the_tree_is_that_of_the_rfc() {
    let leaves = digests(70);
    let built = Built::of(&leaves);
    for size in 0..=leaves.len() {
        let head = &built.heads[size];
        assert_eq!(head.root, naive(&leaves[..size]), "{size}");
        for index in 0..size {
            let proof = built.fill(Plan::inclusion(size as u64, index as u64));
            assert_eq!(proof, naive_path(&leaves[..size], index), "leaf {index} of {size}");
            assert!(head.includes(&leaves[index], index as u64, &proof));
        }
        for from in 1..=size {
            let proof = built.fill(Plan::consistency(from as u64, size as u64));
            assert_eq!(proof, naive_consistency(&leaves[..size], from, true), "{from} to {size}");
            assert!(head.continues(&built.heads[from], &proof));
        }
    }
}

#[test]
fn a_tree_goes_on_from_its_edge() {
    let leaves = digests(40);
    let built = Built::of(&leaves);
    for size in 0..40 {
        let edge = Growing::edge_of(size).iter().map(|node| built.nodes[node]).collect();
        let mut tree = Growing::resume(size, edge).unwrap();
        for digest in &leaves[usize::try_from(size).unwrap()..] {
            tree.push(digest, |node, hash| assert_eq!(built.nodes[&node], hash));
        }
        assert_eq!(tree.root(), built.heads[40].root);
    }
    assert_eq!(Growing::resume(3, vec![[0; 32]]), None);
}

#[test]
fn what_is_not_in_the_tree_has_no_proof_and_no_number_makes_it_stop() {
    assert_eq!(Plan::inclusion(0, 0), None);
    assert_eq!(Plan::inclusion(5, 5), None);
    assert_eq!(Plan::inclusion(u64::MAX, 1), None);
    assert_eq!(Plan::consistency(0, 5), None);
    assert_eq!(Plan::consistency(6, 5), None);
    assert_eq!(Plan::consistency(1, u64::MAX), None);
    for size in [0, 1, 2, MAX_SIZE, MAX_SIZE + 1, u64::MAX] {
        let head = TreeHead { size, timestamp_ms: 0, root: [7; 32] };
        for index in [0, 1, MAX_SIZE, u64::MAX] {
            assert!(!head.includes(&[1; 32], index, &[[2; 32]]));
            let earlier = TreeHead { size: index, timestamp_ms: 0, root: [8; 32] };
            assert!(!head.continues(&earlier, &[[2; 32]]));
        }
    }
}

#[test]
fn a_head_is_signed_over_size_time_and_root() {
    let key = KeyPair::generate().unwrap();
    let head = TreeHead { size: 0x0102, timestamp_ms: 0x0304, root: [5; 32] };
    assert_eq!(
        hex::encode(head.to_be_signed()),
        format!(
            "{}00{}{}{}",
            hex::encode("guiqian log head 1"),
            "0000000000000102",
            "0000000000000304",
            "05".repeat(32)
        )
    );
    let octets = head.sign(&key).unwrap();
    let public = Signer::public_key(&key);
    head.verify(&public, &octets).unwrap();
    for changed in [
        TreeHead { size: 0x0103, ..head },
        TreeHead { timestamp_ms: 0x0305, ..head },
        TreeHead { root: [6; 32], ..head },
    ] {
        assert!(changed.verify(&public, &octets).is_err());
    }
    assert!(head.verify(&KeyPair::generate().unwrap().public_key(), &octets).is_err());
}

/// The entry of docs/transparency.md.
const ENTRY: Entry<'static> = Entry {
    previous: &[0; 32],
    seq: 1,
    at: 1_772_438_400_000,
    actor_kind: "account",
    actor_id: Some([0x11; 16]),
    action: "key.sign",
    target_kind: "key",
    target_id: Some([0x22; 16]),
    detail: r#"{"result":"ok"}"#,
};

#[test]
fn an_entrys_digest_covers_every_field() {
    let digest = ENTRY.digest();
    assert_eq!(hex::encode(digest), "d3322c5d4b0f318997b326c6b4b8083abc74e6d37bfb3d0b5f65a346c143fae8");
    let changed = [
        Entry { previous: &[1; 32], ..ENTRY },
        Entry { seq: 2, ..ENTRY },
        Entry { at: 0, ..ENTRY },
        Entry { actor_kind: "system", ..ENTRY },
        Entry { actor_id: None, ..ENTRY },
        Entry { action: "key.sig", target_kind: "nkey", ..ENTRY },
        Entry { target_id: None, ..ENTRY },
        Entry { detail: "{}", ..ENTRY },
    ];
    for entry in changed {
        assert_ne!(entry.digest(), digest, "{entry:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn proofs_hold_for_what_they_are_about_and_nothing_else(
        size in 1u64..400, index in any::<prop::sample::Index>(), from in any::<prop::sample::Index>(),
        spoilt in any::<prop::sample::Index>(), bit in 0u8..8,
    ) {
        let leaves = digests(size);
        let built = Built::of(&leaves);
        let head = &built.heads[leaves.len()];
        let index = index.index(leaves.len());
        let proof = built.fill(Plan::inclusion(size, index as u64));
        prop_assert!(head.includes(&leaves[index], index as u64, &proof));
        prop_assert!(!head.includes(&[0; 32], index as u64, &proof));
        prop_assert!(!head.includes(&leaves[index], index as u64 + 1, &proof));
        let from = 1 + from.index(leaves.len());
        let bridge = built.fill(Plan::consistency(from as u64, size));
        prop_assert!(head.continues(&built.heads[from], &bridge));
        let other = TreeHead { root: [9; 32], ..built.heads[from].clone() };
        prop_assert!(!head.continues(&other, &bridge));
        for (what, good) in [("inclusion", &proof), ("consistency", &bridge)] {
            let holds = |proof: &[Digest]| match what {
                "inclusion" => head.includes(&leaves[index], index as u64, proof),
                _ => head.continues(&built.heads[from], proof),
            };
            let mut longer = good.clone();
            longer.push([0; 32]);
            prop_assert!(!holds(&longer));
            if !good.is_empty() {
                prop_assert!(!holds(&good[1..]));
                let mut changed = good.clone();
                changed[spoilt.index(good.len())][3] ^= 1 << bit;
                prop_assert!(!holds(&changed));
            }
        }
    }
}
