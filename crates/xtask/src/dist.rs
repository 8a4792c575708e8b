//! `cargo xtask dist`: what is shipped, in target/dist.

use std::fs;

use anyhow::{Context, Result};

use crate::{cargo, places, setup, shell, wasm, web};

/// Release builds carry the front ends inside; the two lists let a receiver check with either family of algorithms.
pub fn dist() -> Result<()> {
    setup::for_building()?;
    wasm::wasm(&wasm::Options::default())?;
    web::build()?;
    let programs = cargo::release_programs()?;
    let folder = places::target().join("dist");
    fs::create_dir_all(&folder)?;
    let mut names = Vec::new();
    for program in [&programs.platform, &programs.trade] {
        let name = program.file_name().context("a program has a name")?;
        fs::copy(program, folder.join(name))?;
        names.push(name.to_owned());
    }
    for (digest, list) in [("-sha256", "SHA256SUMS"), ("-sm3", "SM3SUMS")] {
        // The form that sha256sum writes and checks.
        let lines = shell::read(shell::command("openssl", &folder).args(["dgst", digest, "-r"]).args(&names))?;
        fs::write(folder.join(list), lines)?;
    }
    println!("{}", folder.display());
    print!("{}", fs::read_to_string(folder.join("SHA256SUMS"))?);
    Ok(())
}
