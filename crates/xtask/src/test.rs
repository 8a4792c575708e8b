//! `cargo xtask test`: everything continuous integration checks, in the order that fails soonest.

use anyhow::Result;

use crate::{cargo, e2e, lint, run, setup, shell, stack, wasm, web};

/// All of it, on a clean machine too.
pub fn test() -> Result<()> {
    shell::part("setup", setup::setup)?;
    wasm::wasm(&wasm::Options::default())?;
    web::build()?;
    shell::part("lint", lint::look)?;
    shell::part("build", cargo::programs_and_tests)?;
    shell::part("tests", || shell::run(cargo::cargo().args(["test", "--workspace"])))?;
    shell::part("web tests", || web::script("test"))?;
    if !stack::is_there() {
        return Ok(());
    }
    let programs = cargo::built("debug")?;
    shell::part("run --check", || run::check(&programs))?;
    shell::part("browser tests", || e2e::e2e(&e2e::Options::default(), &programs))
}
