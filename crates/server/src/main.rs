//! `guiqian`: the platform as one binary.

use std::io::IsTerminal as _;

use clap::{Parser, Subcommand};
use server::{
    config::{AuditOptions, IssuanceOptions, ReviewerOptions, ServeOptions},
    issuance::command,
    serve,
};

/// 桂签 Guiqian: an open mobile CA.
#[derive(Debug, Parser)]
#[command(name = "guiqian", version)]
struct Command {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Serve the platform.
    Serve(ServeOptions),
    /// Make a login for the console; prints its password once, as JSON.
    AddReviewer(ReviewerOptions),
    /// Look after the audit log.
    #[command(subcommand)]
    Audit(AuditTask),
    /// Halt the issuing of certificates, or let it go on. The platform may be running: every node obeys at once.
    #[command(subcommand)]
    Issuance(IssuanceTask),
}

#[derive(Debug, Subcommand)]
enum IssuanceTask {
    /// Issue nothing until it is resumed.
    Halt {
        #[command(flatten)]
        options: IssuanceOptions,
        /// Why, for the console and the audit log.
        #[arg(long)]
        reason: String,
    },
    /// Go on. Where an institution wants four eyes this is one voice; the other comes from the console.
    Resume {
        #[command(flatten)]
        options: IssuanceOptions,
        /// Why, for the audit log.
        #[arg(long)]
        reason: String,
    },
    /// Say what is halted, as JSON.
    Status(IssuanceOptions),
}

#[derive(Debug, Subcommand)]
enum AuditTask {
    /// Check the whole log, its tree and its signed heads; ends with 1 if anything is wrong. The platform need not run.
    Verify(AuditOptions),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sqlx=warn,sea_orm_migration=warn"));
    // Standard output carries one line for programs; everything for people goes to standard error.
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match Command::parse().task {
        Task::Serve(options) => serve::serve(options).await,
        Task::AddReviewer(options) => serve::add_reviewer(options).await,
        Task::Audit(AuditTask::Verify(options)) => serve::verify_audit(options).await,
        Task::Issuance(IssuanceTask::Halt { options, reason }) => command::halt(options, &reason).await,
        Task::Issuance(IssuanceTask::Resume { options, reason }) => command::resume(options, &reason).await,
        Task::Issuance(IssuanceTask::Status(options)) => command::status(options).await,
    }
}
