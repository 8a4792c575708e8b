//! Everything a developer types: `cargo xtask test`, `run`, `wasm`, `lint`, `e2e`, `bench`, `dist`.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything that continuous integration checks.
    Test,
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let outcome = match command {
        Task::Test => test(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn test() -> Result<()> {
    let status = Command::new(env!("CARGO")).args(["test", "--workspace"]).status().context("cannot start cargo")?;
    if !status.success() {
        bail!("cargo test failed");
    }
    Ok(())
}
