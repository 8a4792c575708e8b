//! `cargo xtask bench [NAME…]`: one table, and target/bench.json for machines.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::postgres::{Keeps, Postgres};
use crate::{cargo, e2e, places, referee, setup, shell, wasm, web};

/// What can be chosen.
#[derive(Args)]
pub struct Options {
    /// Only these; without any, all.
    names: Vec<String>,
}

/// One measured value.
#[derive(Serialize, Deserialize, Clone)]
struct Measurement {
    name: String,
    value: f64,
    unit: String,
}

/// Where values come from; one source measures all of its names in one go.
struct Source {
    names: &'static [&'static str],
    measure: fn() -> Result<Vec<Measurement>>,
}

const SOURCES: [Source; 11] = [
    // OpenSSL and the halves in one run on one core: their ratio is a promise of the project.
    Source {
        names: &[
            "split_sign_server_per_s",
            "split_sign_device_per_s",
            "split_decrypt_server_per_s",
            "openssl_sm2_sign_per_s",
            "openssl_sm2_verify_per_s",
        ],
        measure: || example("splitkey", "bench", None),
    },
    Source { names: &["split_sign_http_sqlite_per_s"], measure: || example("server", "bench_http", None) },
    Source { names: &["split_sign_http_postgres_per_s"], measure: || on_postgres("server", "bench_http") },
    Source { names: &["enterprise_search_p99_ms_sqlite"], measure: || example("server", "bench_search", None) },
    Source { names: &["enterprise_search_p99_ms_postgres"], measure: || on_postgres("server", "bench_search") },
    Source {
        names: &["assistant_top3_hit_pct", "assistant_top3_hit_held_out_pct"],
        measure: || example("server", "bench_assistant", None),
    },
    // OpenSSL's responder beside ours: the same index, the same client, the same machine.
    Source {
        names: &[
            "issue_cert_per_s",
            "ocsp_fresh_per_s",
            "ocsp_cached_per_s",
            "openssl_ocsp_per_s",
            "crl_100k_build_ms",
            "revoke_to_ocsp_p99_ms",
            "revoke_to_crl_p99_s",
        ],
        measure: services,
    },
    Source { names: &["server_rss_mb_1m_certs"], measure: memory },
    Source { names: &["reissue_10k_s"], measure: || example("server", "bench_reissue", None) },
    Source { names: &["wasm_gz_bytes"], measure: sizes },
    Source { names: &["wasm_sign_ms", "app_first_load_gz_bytes", "scan_to_sealed_pdf_ms"], measure: browser },
];

/// Measures, prints, writes.
pub fn bench(options: &Options) -> Result<()> {
    let known: Vec<_> = SOURCES.iter().flat_map(|source| source.names).copied().collect();
    if let Some(unknown) = options.names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("no measurement {unknown}; there are:\n  {}", known.join("\n  "));
    }
    let wanted = |name: &str| options.names.is_empty() || options.names.iter().any(|wanted| wanted == name);
    let mut results: Vec<Measurement> = Vec::new();
    let mut missing = Vec::new();
    for source in SOURCES.iter().filter(|source| source.names.iter().any(|name| wanted(name))) {
        let measured = shell::part(source.names[0], source.measure)?;
        for name in source.names.iter().filter(|name| wanted(name)) {
            match measured.iter().find(|result| result.name == *name) {
                Some(result) => results.push(result.clone()),
                None => missing.push(*name),
            }
        }
    }
    print_table(&results);
    let file = places::target().join("bench.json");
    fs::write(&file, serde_json::to_string_pretty(&results)? + "\n")?;
    shell::say(&format!("written to {}", places::short(&file)));
    if !missing.is_empty() {
        bail!("not measured: {}", missing.join(", "));
    }
    Ok(())
}

fn print_table(results: &[Measurement]) {
    println!();
    for Measurement { name, value, unit } in results {
        let digits = if *value < 100.0 { 2 } else { 0 };
        println!("  {name:<32} {value:>14.digits$}  {unit}");
    }
    let value = |name: &str| results.iter().find(|result| result.name == name).map(|result| result.value);
    if let (Some(plain), Some(split)) = (value("openssl_sm2_sign_per_s"), value("split_sign_server_per_s")) {
        println!(
            "\n  the server's half costs {:.2} plain signatures of OpenSSL (promised: at most 1.5)",
            plain / split
        );
    }
}

/// An example program that works on an empty database of a PostgreSQL that keeps everything.
fn on_postgres(package: &str, name: &str) -> Result<Vec<Measurement>> {
    setup::setup()?;
    let server = Postgres::start(Keeps::Everything)?;
    example(package, name, Some(&server.address()))
}

/// The services of the PKI, with the referee for comparison.
fn services() -> Result<Vec<Measurement>> {
    let referee = referee::prepare(&places::target())?;
    let program = built("server", "bench_pki")?;
    let mut command = shell::command(&program.to_string_lossy(), &places::root());
    lines(&shell::read(command.env("GUIQIAN_OPENSSL4", referee))?)
}

/// The program as it is shipped, with a million certificates on PostgreSQL.
fn memory() -> Result<Vec<Measurement>> {
    setup::setup()?;
    let database = Postgres::start(Keeps::Everything)?;
    let platform = cargo::release_platform()?;
    let program = built("server", "bench_memory")?;
    let mut command = shell::command(&program.to_string_lossy(), &places::root());
    command.env("GUIQIAN_BENCH_DATABASE", database.address()).env("GUIQIAN_BENCH_PROGRAM", platform);
    lines(&shell::read(&mut command)?)
}

fn built(package: &str, name: &str) -> Result<PathBuf> {
    shell::run(cargo::cargo().args(["build", "--release", "--package", package, "--example", name]))?;
    Ok(places::target().join("release/examples").join(name))
}

/// An example program that prints one JSON object per line. Mathematics stay on one core; a server has both.
fn example(package: &str, name: &str, database: Option<&str>) -> Result<Vec<Measurement>> {
    let program = built(package, name)?;
    let mut command = if package == "splitkey" {
        let mut pinned = shell::command("taskset", &places::root());
        pinned.args(["-c", "0"]).arg(program);
        pinned
    } else {
        shell::command(&program.to_string_lossy(), &places::root())
    };
    if let Some(address) = database {
        command.env("GUIQIAN_BENCH_DATABASE", address);
    }
    lines(&shell::read(&mut command)?)
}

fn sizes() -> Result<Vec<Measurement>> {
    wasm::wasm(&wasm::Options::default())?;
    let size = wasm::gz_size(&wasm::output().join("device_bg.wasm"))?;
    // Far below 2^53, where f64 begins to round.
    #[expect(clippy::cast_precision_loss, reason = "a file of a few hundred kilobytes")]
    let value = size as f64;
    Ok(vec![Measurement { name: "wasm_gz_bytes".to_owned(), value, unit: "bytes".to_owned() }])
}

/// A whole journey in Chromium against release programs.
fn browser() -> Result<Vec<Measurement>> {
    setup::setup()?;
    wasm::wasm(&wasm::Options::default())?;
    web::build()?;
    let programs = cargo::release_programs()?;
    let file = places::target().join("bench-browser.jsonl");
    let _ = fs::remove_file(&file);
    e2e::measure(&programs, &file)?;
    lines(&fs::read_to_string(&file)?)
}

fn lines(text: &str) -> Result<Vec<Measurement>> {
    let objects = text.lines().filter(|line| line.starts_with('{'));
    objects.map(|line| serde_json::from_str(line).with_context(|| format!("not a measurement: {line}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measurements_are_the_lines_that_hold_an_object() {
        let text = "warming up\n{\"name\": \"wasm_sign_ms\", \"value\": 12.5, \"unit\": \"ms\"}\n";
        let found = lines(text).expect("measurements");
        assert_eq!((found.len(), found[0].name.as_str(), found[0].value), (1, "wasm_sign_ms", 12.5));
        assert!(lines("{\"name\": 1}").is_err());
    }
}
