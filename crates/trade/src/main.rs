//! `trade`: the trading platform as one binary.

use clap::{Parser, Subcommand};
use trade::serve::{ServeOptions, serve};

/// 示范公共资源交易平台: a demonstration trading platform.
#[derive(Debug, Parser)]
#[command(name = "trade", version)]
struct Command {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Serve the trading platform.
    Serve(ServeOptions),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // Standard output carries one line for programs; everything for people goes to standard error.
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match Command::parse().task {
        Task::Serve(options) => serve(options).await,
    }
}
