//! The referee: OpenSSL 4.0's command line, built once from the source that the crate `openssl-src` ships.
//!
//! Debian's OpenSSL 3.0 takes an empty user id for SM2 and so cannot check CRLs and messages; 4.0 takes
//! 1234567812345678, as the Chinese standards do. Nothing that is delivered contains this OpenSSL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::shell;

/// The version that `Cargo.lock` pins; part of the folder's name, so that a new one is built beside the old.
const VERSION: &str = "4.0.3";

/// The built program; builds it under `target/referee` when it is not there (about two minutes on two cores).
pub fn prepare(target: &Path) -> Result<PathBuf> {
    let folder = target.join("referee").join(VERSION);
    let program = folder.join("apps").join("openssl");
    if works(&program) {
        return Ok(program);
    }
    build(&folder)?;
    ensure!(works(&program), "{} was built but is not OpenSSL {VERSION}", program.display());
    Ok(program)
}

/// A build that was interrupted leaves no program, or one that does not start.
fn works(program: &Path) -> bool {
    let version = shell::read(Command::new(program).arg("version"));
    version.is_ok_and(|version| version.starts_with(&format!("OpenSSL {VERSION} ")))
}

/// Out of the source's tree, which lies in cargo's registry and stays as it is.
fn build(folder: &Path) -> Result<()> {
    shell::say("referee: building OpenSSL's command line, once");
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let configure = openssl_src::source_dir().join("Configure");
    let mut configured = shell::command("perl", folder);
    configured.arg(configure).args(["no-shared", "no-module", "no-tests", "no-docs"]);
    logged(&mut configured, &folder.join("configure.log"))?;
    let jobs = std::thread::available_parallelism().map_or(2, usize::from);
    let mut made = shell::command("make", folder);
    made.arg(format!("-j{jobs}")).arg("build_programs");
    logged(&mut made, &folder.join("make.log"))
}

/// Thousands of lines that matter only when it fails.
fn logged(command: &mut Command, log: &Path) -> Result<()> {
    let file = fs::File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let errors = file.try_clone()?;
    // Variables of the build around this one must not leak into a C build.
    command.env_remove("MAKEFLAGS").env_remove("MAKELEVEL").stdout(file).stderr(errors);
    let status = command.status().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    ensure!(status.success(), "{} failed; see {}", command.get_program().display(), log.display());
    Ok(())
}
