//! `cargo xtask test`: everything continuous integration checks, in the order that fails soonest.

use std::fs;

use anyhow::Result;

use crate::{cargo, e2e, judges, lint, places, referee, run, setup, shell, stack, wasm, web};

/// All of it, on a clean machine too.
pub fn test() -> Result<()> {
    shell::part("setup", setup::setup)?;
    wasm::wasm(&wasm::Options::default())?;
    web::build()?;
    shell::part("lint", lint::look)?;
    shell::part("build", cargo::programs_and_tests)?;
    shell::part("tests", tests)?;
    shell::part("web tests", || web::script("test"))?;
    if !stack::is_there() {
        return Ok(());
    }
    let programs = cargo::built("debug")?;
    shell::part("run --check", || run::check(&programs))?;
    shell::part("browser tests", || e2e::e2e(&e2e::Options::default(), &programs))
}

/// The workspace's tests, with the outside verifiers at hand and a folder for what they should look at.
fn tests() -> Result<()> {
    let target = places::target();
    fs::create_dir_all(places::artifacts())?;
    let mut command = cargo::cargo();
    command.args(["test", "--workspace"]);
    command.env("GUIQIAN_OPENSSL4", referee::prepare(&target)?).env("GUIQIAN_JUDGES", judges::prepare(&target)?);
    shell::run(command.env("GUIQIAN_ARTIFACTS", places::artifacts()))
}
