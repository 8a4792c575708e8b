//! `cargo xtask wasm`: crate `device` becomes web/shared/wasm (ARCHITECTURE.md, 'WebAssembly build').
//!
//! The bindings come from the `wasm-bindgen` library of this program's own lock file, so their version always fits.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use flate2::{Compression, write::GzEncoder};
use wasm_bindgen_cli_support::Bindgen;

use crate::stamp::{Stamp, files_below};
use crate::{cargo, places, setup, shell, web};

const TARGET: &str = "wasm32-unknown-unknown";

/// More than this is felt on a phone.
const LARGEST_GZ: usize = 200_000;

/// The WebAssembly features that rustc turns on by itself since 1.87; the optimiser has to be told.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// What can be chosen.
#[derive(Args, Default)]
pub struct Options {
    /// Which compiler; without it the first that can be had.
    #[arg(long)]
    toolchain: Option<Toolchain>,
}

/// Who compiles for the browser.
#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
enum Toolchain {
    /// The one in use, with the target's standard library from rustup.
    Own,
    /// Debian's rustc-web, which builds the standard library from its source package.
    Debian,
}

/// Builds unless the outputs are those of the present sources.
pub fn wasm(options: &Options) -> Result<()> {
    let sources = ["device", "splitkey", "pki", "gm"].map(|name| places::root().join("crates").join(name));
    if !exports_something(&sources[0]) {
        shell::say("wasm: crates/device exports nothing yet");
        return Ok(());
    }
    let mut inputs = sources.to_vec();
    inputs.extend(["Cargo.lock", "Cargo.toml"].map(|file| places::root().join(file)));
    let stamp = Stamp::of("wasm", &inputs, include_str!("wasm.rs"))?;
    let out = output();
    if options.toolchain.is_none() && stamp.holds(&out.join("device_bg.wasm")) {
        shell::say("wasm: up to date");
        return Ok(());
    }
    shell::part("wasm", || {
        let module = compile(options)?;
        bind(&module, &out)?;
        optimise(&out.join("device_bg.wasm"))?;
        let size = gz_size(&out.join("device_bg.wasm"))?;
        ensure!(size <= LARGEST_GZ, "the module has {size} bytes compressed, more than {LARGEST_GZ}");
        shell::say(&format!("wasm: {} KB compressed", size / 1000));
        stamp.set()
    })
}

/// The folder that the web workspace imports.
pub fn output() -> PathBuf {
    places::web().join("shared/wasm")
}

/// Size as a server sends it.
pub fn gz_size(file: &Path) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&fs::read(file).with_context(|| format!("cannot read {}", file.display()))?)?;
    Ok(encoder.finish()?.len())
}

fn exports_something(device: &Path) -> bool {
    let sources = files_below(&device.join("src"));
    sources.iter().any(|file| fs::read_to_string(file).is_ok_and(|text| text.contains("wasm_bindgen")))
}

fn compile(options: &Options) -> Result<PathBuf> {
    let toolchain = match options.toolchain {
        Some(Toolchain::Own) => {
            ensure!(own_target(), "the target {TARGET} is not there: rustup target add {TARGET}");
            Toolchain::Own
        }
        Some(chosen) => chosen,
        None if own_target() => Toolchain::Own,
        None => Toolchain::Debian,
    };
    let (mut command, target) = match toolchain {
        Toolchain::Own => (cargo::cargo(), places::target()),
        Toolchain::Debian => debian_cargo()?,
    };
    command.args(["build", "--package", "device", "--lib", "--profile", "wasm", "--target", TARGET]);
    if toolchain == Toolchain::Debian {
        command.args(["-Z", "build-std=std,panic_abort", "--ignore-rust-version"]);
    }
    shell::run(&mut command)?;
    Ok(target.join(TARGET).join("wasm/device.wasm"))
}

/// Whether our compiler has the target's standard library, or rustup can fetch it.
fn own_target() -> bool {
    let mut query = shell::command("rustc", &places::root());
    let Ok(sysroot) = shell::read(query.args(["--print", "sysroot"])) else { return false };
    let library = Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET);
    library.exists()
        || (shell::succeeds(shell::command("rustup", &places::root()).args(["target", "add", TARGET]))
            && library.exists())
}

/// Debian's compiler for its own browsers; a folder of its own, so that it does not disturb the usual builds.
fn debian_cargo() -> Result<(Command, PathBuf)> {
    if !setup::is_debian() {
        bail!("the target {TARGET} is missing, please type: rustup target add {TARGET}");
    }
    setup::extra(&["rustc-web", "cargo-web", "rust-web-src", "lld"])?;
    let target = places::target().join("wasm-debian");
    let mut command = shell::command("/usr/bin/cargo", &places::root());
    command.arg("--quiet");
    command
        .env("RUSTC", "/usr/bin/rustc")
        // -Z build-std is not stable; the compiler is told to allow it.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld")
        .env("CARGO_TARGET_DIR", &target);
    Ok((command, target))
}

fn bind(module: &Path, out: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name("device").typescript(true).web(true)?;
    bindgen.generate(out).context("cannot make the bindings")
}

/// The wasm-opt of npm's binaryen: a third less than the compiler alone leaves.
fn optimise(module: &Path) -> Result<()> {
    let tools = places::root().join("crates/xtask/tools");
    web::install(&tools)?;
    let smaller = module.with_extension("opt");
    let mut command = shell::command("node", &tools);
    command.arg("node_modules/binaryen/bin/wasm-opt").args(FEATURES).args([
        "-Os",
        "--strip-debug",
        "--strip-producers",
    ]);
    shell::run(command.arg(module).arg("--output").arg(&smaller))?;
    fs::rename(&smaller, module)?;
    Ok(())
}
