//! Which crate may use which. Arrows run one way: `gm` ← `splitkey`, `pki` ← `document` ← `server`; the rest is in the
//! table. No crate below `server` knows HTTP, SQL or files' paths, and only `gm` names an implementation of SM2, SM3, SM4.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Result, bail};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::stamp::files_below;
use crate::{places, shell};

/// Each crate of ours with those of ours that it may use.
const MAY_USE: [(&str, &[&str]); 9] = [
    ("gm", &[]),
    ("splitkey", &["gm"]),
    ("pki", &["gm"]),
    ("document", &["gm", "pki"]),
    ("device", &["gm", "splitkey", "pki"]),
    ("server", &["gm", "splitkey", "pki", "document"]),
    ("relying", &["gm", "pki", "document"]),
    ("trade", &["gm", "relying"]),
    ("xtask", &[]),
];

/// Pure crates: mathematics and formats.
const PURE: [&str; 5] = ["gm", "splitkey", "pki", "document", "device"];

/// HTTP, SQL, files, threads of execution: nothing for a pure crate.
const WORLDLY: [&str; 10] = [
    "axum",
    "hyper",
    "reqwest",
    "tower",
    "tower-http",
    "tokio",
    "sea-orm",
    "sea-orm-migration",
    "object_store",
    "rust-embed",
];

/// The same in the standard library, as they are written in source text.
const WORLDLY_PATHS: [&str; 4] = ["std::fs", "std::net", "std::process", "std::path"];

/// Implementations of the national algorithms.
const IMPLEMENTATIONS: [&str; 3] = ["sm2", "sm3", "sm4"];

/// Looks at every manifest and at the pure crates' text.
pub fn check() -> Result<()> {
    let metadata =
        MetadataCommand::new().current_dir(places::root()).no_deps().other_options(["--offline".into()]).exec()?;
    let complaints = complaints(&metadata);
    if complaints.is_empty() {
        shell::say("dependency rule: holds");
        return Ok(());
    }
    bail!("the dependency rule is broken:\n  {}", complaints.join("\n  "));
}

fn complaints(metadata: &Metadata) -> Vec<String> {
    let ours: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let mut found = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        match MAY_USE.iter().find(|(listed, _)| *listed == name) {
            Some((_, allowed)) => of_manifest(package, allowed, &ours, &mut found),
            None => found.push(format!("{name} is not in the table of xtask's dependency_rule.rs")),
        }
        if PURE.contains(&name) {
            of_text(package, &mut found);
        }
    }
    found
}

fn of_manifest(package: &Package, allowed: &[&str], ours: &BTreeSet<&str>, found: &mut Vec<String>) {
    let name = package.name.as_str();
    for dependency in &package.dependencies {
        let used = dependency.name.as_str();
        // Tests may make what the other side would send.
        let for_tests = dependency.kind == DependencyKind::Development && PURE.contains(&used);
        if ours.contains(used) && used != name && !allowed.contains(&used) && !for_tests {
            found.push(format!("{name} must not use {used}"));
        }
        // Tests may open files and judge by other implementations.
        if dependency.kind == DependencyKind::Development {
            continue;
        }
        if PURE.contains(&name) && WORLDLY.contains(&used) {
            found.push(format!("{name} is pure and must not use {used}"));
        }
        if name != "gm" && IMPLEMENTATIONS.contains(&used) {
            found.push(format!("{name} names {used}; only gm does"));
        }
    }
}

fn of_text(package: &Package, found: &mut Vec<String>) {
    let Some(folder) = package.manifest_path.parent() else { return };
    for file in files_below(folder.join("src").as_std_path()) {
        let inside_tests = file.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs");
        if inside_tests || file.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap_or_default();
        // By custom the tests are the last thing in a file.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for path in WORLDLY_PATHS.into_iter().filter(|path| text.contains(path)) {
            found.push(format!("{} speaks of {path}", places::short(&file)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_keeps_the_rule() {
        check().expect("the rule");
    }

    #[test]
    fn the_table_has_no_circles() {
        for (name, allowed) in MAY_USE {
            for used in allowed {
                let back = MAY_USE.iter().find(|(listed, _)| listed == used).map_or(&[][..], |(_, allowed)| allowed);
                assert!(!back.contains(&name), "{name} and {used} use each other");
            }
        }
    }
}
