//! `cargo xtask test`: everything continuous integration checks, in the order that fails soonest.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};
use cargo_metadata::Message;
use clap::Args;

use crate::postgres::{Keeps, Postgres};
use crate::{cargo, e2e, judges, lint, places, referee, run, setup, shell, softhsm, stack, wasm, web};

/// What can be chosen.
#[derive(Args)]
pub struct Options {
    /// Only the platform's tests, on PostgreSQL.
    #[arg(long)]
    postgres: bool,
}

/// All of it, on a clean machine too.
pub fn test(options: &Options) -> Result<()> {
    if options.postgres {
        setup::setup()?;
        return tests_on_postgres();
    }
    shell::part("setup", setup::setup)?;
    wasm::wasm(&wasm::Options::default())?;
    web::build()?;
    shell::part("lint", lint::look)?;
    shell::part("build", cargo::programs_and_tests)?;
    shell::part("tests", || shell::run(&mut tests()?))?;
    shell::part("tests on PostgreSQL", tests_on_postgres)?;
    shell::part("web tests", || web::script("test"))?;
    if !stack::is_there() {
        return Ok(());
    }
    let programs = cargo::built("debug")?;
    shell::part("run --check", || run::check(&programs))?;
    shell::part("browser tests", || e2e::e2e(&e2e::Options::default(), &programs))
}

/// The workspace's tests, with the outside verifiers at hand and a folder for what they should look at.
fn tests() -> Result<Command> {
    let target = places::target();
    fs::create_dir_all(places::artifacts())?;
    let mut command = cargo::cargo();
    command.args(["test", "--workspace"]);
    command.env("GUIQIAN_OPENSSL4", referee::prepare(&target)?).env("GUIQIAN_JUDGES", judges::prepare(&target)?);
    command.env("GUIQIAN_ARTIFACTS", places::artifacts());
    let token = softhsm::prepare(&target)?;
    command.env("GUIQIAN_PKCS11", token.module).env("SOFTHSM2_CONF", token.configuration);
    Ok(command)
}

/// Those that talk to a whole platform once more, on the other database: the same programs, told where it is.
fn tests_on_postgres() -> Result<()> {
    let server = Postgres::start(Keeps::Nothing)?;
    let environment = tests()?;
    let variables: Vec<_> = environment.get_envs().filter_map(|(name, value)| Some((name, value?))).collect();
    for program in platform_tests()? {
        let mut command = shell::command(&program, &places::root().join("crates/server"));
        command.envs(variables.iter().copied()).env("GUIQIAN_TEST_POSTGRES", server.address());
        shell::run(command.arg("--quiet"))?;
    }
    Ok(())
}

/// The server's test programs that start a platform by `tests/common`, built with the workspace's features.
fn platform_tests() -> Result<Vec<String>> {
    let built = shell::read(cargo::cargo().args(["test", "--workspace", "--no-run", "--message-format=json"]))?;
    let folder = places::root().join("crates/server/tests");
    let mut programs = Vec::new();
    for message in Message::parse_stream(built.as_bytes()) {
        let Message::CompilerArtifact(artifact) = message? else { continue };
        let source = artifact.target.src_path;
        let Some(program) = artifact.executable.filter(|_| source.as_std_path().starts_with(&folder)) else { continue };
        if fs::read_to_string(&source)?.contains("\"../common/mod.rs\"") {
            programs.push(program.into_string());
        }
    }
    ensure!(!programs.is_empty(), "no test of the server starts a platform");
    Ok(programs)
}
