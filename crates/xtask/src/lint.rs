//! `cargo xtask lint`: everything that can be said about the text without running it.

use anyhow::Result;

use crate::{cargo, dependency_rule, e2e, file_length, places, shell, wasm, web};

/// All of it; stops at the first complaint.
pub fn lint() -> Result<()> {
    // Types and embedded files of the other half must exist before either half can be looked at.
    wasm::wasm(&wasm::Options::default())?;
    web::build()?;
    look()
}

/// The same when everything is built already.
pub fn look() -> Result<()> {
    shell::run(cargo::cargo().args(["fmt", "--all", "--check"]))?;
    shell::run(cargo::cargo().args(["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))?;
    dependency_rule::check()?;
    file_length::report();
    shell::run(cargo::cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    if places::web().join("package.json").exists() {
        web::script("lint")?;
        web::script("typecheck")?;
    }
    e2e::lint()?;
    deny()
}

/// Licences, sources and duplicates; the tool is a large build of its own and therefore optional.
fn deny() -> Result<()> {
    let there = shell::succeeds(shell::command("cargo-deny", &places::root()).arg("--version"));
    if !there {
        shell::say("cargo-deny is not installed, so licences and sources are not checked: cargo install cargo-deny");
        return Ok(());
    }
    shell::run(shell::command("cargo-deny", &places::root()).args([
        "--offline",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))
}
