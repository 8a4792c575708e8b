//! `cargo xtask web`: npm packages and the builds of the three front ends.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::stamp::Stamp;
use crate::{places, shell, wasm};

/// The front ends that the Rust programs embed.
const APPS: [&str; 3] = ["app", "console", "trade"];

#[derive(Deserialize)]
struct Package {
    #[serde(default)]
    scripts: BTreeMap<String, String>,
}

/// Builds what changed.
pub fn build() -> Result<()> {
    let web = places::web();
    if !web.join("package.json").exists() {
        shell::say("web: nothing there yet");
        return Ok(());
    }
    install(&web)?;
    for app in APPS {
        build_one(app)?;
    }
    Ok(())
}

/// Runs a script of the workspace root when it has it.
pub fn script(name: &str) -> Result<()> {
    let web = places::web();
    if !has_script(&web, name)? {
        shell::say(&format!("web: no script {name}"));
        return Ok(());
    }
    install(&web)?;
    shell::run(shell::command("npm", &web).args(["run", "--silent", name]))
}

/// `npm ci` unless node_modules is that of the present lock file.
pub fn install(folder: &Path) -> Result<()> {
    let name = format!("npm-{}", places::short(folder).replace('/', "-"));
    let stamp = Stamp::of(&name, &[folder.join("package-lock.json"), folder.join("package.json")], "")?;
    if stamp.holds(&folder.join("node_modules")) {
        return Ok(());
    }
    shell::run(shell::command("npm", folder).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    stamp.set()
}

fn build_one(app: &str) -> Result<()> {
    let web = places::web();
    if !has_script(&web.join(app), "build")? {
        shell::say(&format!("web: {app} has no build yet"));
        return Ok(());
    }
    let mut inputs: Vec<_> =
        [app, "shared", "package-lock.json", "tsconfig.base.json"].map(|name| web.join(name)).to_vec();
    inputs.push(wasm::output());
    inputs.retain(|input| input.exists());
    let stamp = Stamp::of(&format!("web-{app}"), &inputs, "")?;
    if stamp.holds(&web.join(app).join("dist/index.html")) {
        shell::say(&format!("web: {app} up to date"));
        return Ok(());
    }
    shell::part(&format!("web: {app}"), || {
        shell::run(shell::command("npm", &web).args(["run", "--silent", "build", "--workspace", app]))?;
        stamp.set()
    })
}

fn has_script(folder: &Path, name: &str) -> Result<bool> {
    let file = folder.join("package.json");
    if !file.exists() {
        return Ok(false);
    }
    let text = fs::read_to_string(&file)?;
    let package: Package = serde_json::from_str(&text).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(package.scripts.contains_key(name))
}
