//! `cargo xtask e2e`: phone and PC side by side in the system's Chromium.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use clap::Args;

use crate::cargo::Programs;
use crate::{places, referee, shell, web};

/// Where systems keep it.
const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// What can be chosen.
#[derive(Args, Default)]
pub struct Options {
    /// Passed on to Playwright: a file name, `--headed`, `--grep …`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs the journeys against freshly built programs; the tests start and stop those themselves.
pub fn e2e(options: &Options, programs: &Programs) -> Result<()> {
    if !places::e2e().join("package.json").exists() {
        shell::say("e2e: nothing there yet");
        return Ok(());
    }
    let mut playwright = playwright(programs)?;
    shell::run(playwright.arg("--project=journeys").args(&options.arguments))
}

/// The measurements that need a browser, as lines of JSON in the file named.
pub fn measure(programs: &Programs, results: &Path) -> Result<()> {
    let mut playwright = playwright(programs)?;
    shell::run(playwright.arg("--project=bench").env("GUIQIAN_BENCH", results))
}

/// Types and formatting of the tests themselves.
pub fn lint() -> Result<()> {
    let folder = places::e2e();
    if !folder.join("package.json").exists() {
        return Ok(());
    }
    web::install(&folder)?;
    shell::run(shell::command("npm", &folder).args(["run", "--silent", "lint"]))
}

fn playwright(programs: &Programs) -> Result<Command> {
    let folder = places::e2e();
    web::install(&folder)?;
    let artifacts = places::artifacts();
    fs::create_dir_all(&artifacts)?;
    let mut command = shell::command("node", &folder);
    command.args(["node_modules/@playwright/test/cli.js", "test"]);
    command.env("GUIQIAN_CHROMIUM", chromium()?);
    command.env("GUIQIAN_PLATFORM_PROGRAM", &programs.platform).env("GUIQIAN_TRADE_PROGRAM", &programs.trade);
    command.env("GUIQIAN_ARTIFACTS", &artifacts).env("GUIQIAN_OPENSSL4", referee::prepare(&places::target())?);
    Ok(command)
}

fn chromium() -> Result<PathBuf> {
    for name in CHROMIUM {
        let mut query = shell::command("sh", Path::new("/"));
        if let Ok(path) = shell::read(query.args(["-c", &format!("command -v {name}")])) {
            return Ok(PathBuf::from(path.trim()));
        }
    }
    bail!("no Chromium found: cargo xtask setup")
}
