//! `cargo xtask run`: from a clean clone to two open windows.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::cargo::{self, Programs};
use crate::stack::{Addresses, Stack, Wish};
use crate::{places, qr, setup, shell, wasm, web};

/// What can be chosen.
#[derive(Args)]
pub struct Options {
    /// Start on free ports with a temporary folder, wait until healthy, print the addresses as JSON, stop.
    #[arg(long)]
    check: bool,
    /// Folder for database, keys and documents.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Where the platform listens.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// Where the trading platform listens.
    #[arg(long, default_value = "127.0.0.1:8090")]
    trade_listen: String,
    /// The platform's address as browsers see it, when an https proxy stands before it.
    #[arg(long)]
    origin: Option<String>,
}

/// Builds, starts, tells.
pub fn run(options: &Options) -> Result<()> {
    setup::for_building()?;
    wasm::wasm(&wasm::Options::default())?;
    web::build()?;
    let programs = cargo::programs()?;
    if options.check { check(&programs) } else { serve(options, &programs) }
}

/// Starts everything in a temporary folder, looks at each page once, and stops.
pub fn check(programs: &Programs) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let wish = Wish { data: folder.path(), platform: "127.0.0.1:0", trade: "127.0.0.1:0", origin: None };
    let stack = Stack::start(programs, &wish)?;
    let addresses = stack.addresses();
    for page in [&addresses.phone, &addresses.console, &addresses.sandbox, &addresses.trade, &addresses.api] {
        let (status, _) = crate::http::get(page)?;
        anyhow::ensure!(status == 200, "{page} answers {status}");
    }
    println!("{}", serde_json::to_string_pretty(&addresses)?);
    Ok(())
}

fn serve(options: &Options, programs: &Programs) -> Result<()> {
    let data = places::root().join(&options.data);
    let wish = Wish {
        data: &data,
        platform: &options.listen,
        trade: &options.trade_listen,
        origin: options.origin.as_deref(),
    };
    let mut stack = Stack::start(programs, &wish)
        .context("could not start (is an address in use? --listen and --trade-listen choose others)")?;
    tell(&stack.addresses(), options.origin.as_deref())?;
    stack.wait()
}

fn tell(addresses: &Addresses, origin: Option<&str>) -> Result<()> {
    let phone = origin.unwrap_or(&addresses.phone);
    println!("\n  桂签 Guiqian runs in sandbox mode; Ctrl-C stops it.\n");
    println!("  phone              {phone}");
    println!("  text messages      {}", addresses.sandbox);
    println!("  console            {}", addresses.console);
    println!("  trading platform   {}", addresses.trade);
    println!("  API                {}\n", addresses.api);
    let password = fs::read_to_string(&addresses.password_file).unwrap_or_default();
    for line in password.lines().filter(|line| !line.trim().is_empty()) {
        println!("  {line}");
    }
    println!("\n{}", qr::picture(phone)?);
    if !phone.starts_with("https://") {
        println!(
            "  A browser gives camera and keys only to https pages and to its own machine. For a real phone on a cable:"
        );
        println!(
            "  adb reverse tcp:8080 tcp:8080, then scan; or put an https proxy before it and say --origin https://…\n"
        );
    }
    shell::say("the log follows");
    Ok(())
}
