//! Building our own programs.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::{places, shell};

/// The two programs that make a running system.
pub struct Programs {
    /// `guiqian`, the platform.
    pub platform: PathBuf,
    /// `trade`, the trading platform.
    pub trade: PathBuf,
}

/// Cargo in the root, writing to the target folder that this program itself lies in.
pub fn cargo() -> Command {
    let mut command = shell::command(env!("CARGO"), &places::root());
    command.arg("--quiet").env("CARGO_TARGET_DIR", places::target());
    // What cargo has told this program about itself is not about what is built. Build scripts that look at it would run
    // anew, with all that hangs on them, at every change between `cargo xtask` and `cargo`.
    let about_xtask = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
    for (name, _) in std::env::vars_os() {
        if about_xtask.iter().any(|begun| name.to_string_lossy().starts_with(begun)) {
            command.env_remove(name);
        }
    }
    command
}

/// Development builds: quick, only the mathematics optimised.
pub fn programs() -> Result<Programs> {
    shell::run(cargo().args(["build", "--package", "server", "--package", "trade", "--bins"]))?;
    built("debug")
}

/// As they are shipped.
pub fn release_programs() -> Result<Programs> {
    shell::run(cargo().args(["build", "--release", "--package", "server", "--package", "trade", "--bins"]))?;
    built("release")
}

/// The platform alone, as it is shipped.
pub fn release_platform() -> Result<PathBuf> {
    shell::run(cargo().args(["build", "--release", "--package", "server", "--bins"]))?;
    Ok(places::target().join("release/guiqian"))
}

/// Programs and tests of the whole workspace with one set of features, so that nothing is compiled twice.
pub fn programs_and_tests() -> Result<()> {
    shell::run(cargo().args(["build", "--workspace", "--lib", "--bins", "--tests"]))
}

/// Those that a build has left.
pub fn built(profile: &str) -> Result<Programs> {
    let folder = places::target().join(profile);
    let programs = Programs { platform: folder.join("guiqian"), trade: folder.join("trade") };
    for program in [&programs.platform, &programs.trade] {
        if !program.exists() {
            bail!("{} was not built", program.display());
        }
    }
    Ok(programs)
}
