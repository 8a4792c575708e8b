//! Everything a developer types: `cargo xtask run`, `test`, `lint`, `wasm`, `web`, `e2e`, `bench`, `dist`, `setup`.
//!
//! One file per command; `shell`, `places`, `stamp` and `stack` are what they share. A command that has nothing to do
//! says so in one line and is quick: outputs carry a stamp of their inputs.
#![allow(clippy::print_stdout, reason = "a command line tool answers on standard output")]

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

mod bench;
mod cargo;
mod dependency_rule;
mod dist;
mod e2e;
mod file_length;
mod help_pictures;
mod http;
mod judges;
mod lint;
mod places;
mod postgres;
mod qr;
mod referee;
mod run;
mod setup;
mod shell;
mod softhsm;
mod stack;
mod stamp;
mod test;
mod wasm;
mod web;

/// Builds, starts, checks and measures Guiqian.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything and start the platform and the trading platform.
    Run(run::Options),
    /// Everything that continuous integration checks.
    Test(test::Options),
    /// Formatting, clippy, the dependency rule, the web's linters and types.
    Lint,
    /// Build the phone's half to WebAssembly into web/shared/wasm.
    Wasm(wasm::Options),
    /// Build the front ends.
    Web,
    /// The browser tests: phone and PC side by side in Chromium.
    E2e(e2e::Options),
    /// Measure; prints a table and writes target/bench.json.
    Bench(bench::Options),
    /// Release binaries with the front ends inside, and their checksums, into target/dist.
    Dist,
    /// The screenshots that help articles name, from the last browser tests.
    HelpPictures,
    /// Install what the other commands need (Debian, as root) or say what to type.
    Setup,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Task::Run(options) => run::run(&options),
        Task::Test(options) => test::test(&options),
        Task::Lint => lint::lint(),
        Task::Wasm(options) => wasm::wasm(&options),
        Task::Web => wasm::wasm(&wasm::Options::default()).and_then(|()| web::build()),
        Task::E2e(options) => prepared_e2e(&options),
        Task::Bench(options) => bench::bench(&options),
        Task::Dist => dist::dist(),
        Task::HelpPictures => help_pictures::take(),
        Task::Setup => setup::setup(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The browser tests alone, from whatever state the tree is in.
fn prepared_e2e(options: &e2e::Options) -> Result<()> {
    setup::setup()?;
    wasm::wasm(&wasm::Options::default())?;
    web::build()?;
    let programs = cargo::programs()?;
    e2e::e2e(options, &programs)
}
