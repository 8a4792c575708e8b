//! `guiqian`: the platform as one binary.

use std::io::IsTerminal as _;

use clap::{Parser, Subcommand};
use server::{
    config::{
        AuditOptions, DatabaseOptions, ExportOptions, IssuanceOptions, RenewOptions, ReviewerOptions, ServeOptions,
        WithdrawalOptions,
    },
    issuance::command,
    serve, upkeep,
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
    /// Look after the certificates of the platform's own services: OCSP responders and the authority for time stamps.
    #[command(subcommand)]
    Services(ServicesTask),
    /// Look after the key that all others are wrapped under.
    #[command(subcommand)]
    Keys(KeysTask),
    /// Look after the institutions' CAs.
    #[command(subcommand)]
    Authority(AuthorityTask),
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

#[derive(Debug, Subcommand)]
enum ServicesTask {
    /// Print every certificate that they have had, a JSON object in each line.
    List(DatabaseOptions),
    /// End one before its time; the running platform makes the next one by itself.
    Revoke(WithdrawalOptions),
}

#[derive(Debug, Subcommand)]
enum KeysTask {
    /// Wrap every private key and share anew, under the key of the token that `secrets/vault.json` names; the token makes
    /// that key if it has none. Stop every node first.
    MoveToToken(DatabaseOptions),
}

#[derive(Debug, Subcommand)]
enum AuthorityTask {
    /// Take an institution's root key out of the database into an encrypted file.
    ExportRoot(ExportOptions),
    /// Sign a new certificate for an institution's issuing CA with the root key from such a file.
    RenewCa(RenewOptions),
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
        Task::Services(ServicesTask::List(options)) => serve::list_service_certificates(options).await,
        Task::Services(ServicesTask::Revoke(options)) => serve::revoke_service_certificate(options).await,
        Task::Keys(KeysTask::MoveToToken(options)) => upkeep::move_to_token(options).await,
        Task::Authority(AuthorityTask::ExportRoot(options)) => upkeep::export_root(options).await,
        Task::Authority(AuthorityTask::RenewCa(options)) => upkeep::renew_ca(options).await,
        Task::Issuance(IssuanceTask::Halt { options, reason }) => command::halt(options, &reason).await,
        Task::Issuance(IssuanceTask::Resume { options, reason }) => command::resume(options, &reason).await,
        Task::Issuance(IssuanceTask::Status(options)) => command::status(options).await,
    }
}
