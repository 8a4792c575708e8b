//! What an operator can choose, from the command line.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::Args;

use crate::{
    console::policy::Role,
    storage::{Place, PostgresAddress},
};

/// Options of `guiqian serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeOptions {
    /// Folder of the database, objects and secrets; created when absent.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    /// PostgreSQL database, such as `postgres://guiqian@db.example/guiqian`; default: SQLite in the data folder. The
    /// password is read from PGPASSWORD or ~/.pgpass.
    #[arg(long)]
    pub database: Option<PostgresAddress>,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where browsers reach the platform, such as `https://ca.example`; default: the listening address over HTTP.
    #[arg(long)]
    pub origin: Option<String>,
    /// Run with built-in stand-ins for SMS and face verification. This is the default as long as no real provider is
    /// configured; every page then says so.
    #[arg(long)]
    pub sandbox: bool,
    /// Trust `X-Forwarded-For` of the proxy in front when counting requests per address.
    #[arg(long)]
    pub behind_proxy: bool,
    /// Telephone number of the people who help users; without it the app offers feedback alone.
    #[arg(long)]
    pub hotline: Option<String>,
    /// File of the font for papers (OpenType or TrueType with Chinese characters); default: what the system has.
    #[arg(long)]
    pub font: Option<PathBuf>,
    /// Let a forgotten certificate PIN be reset by the code in an SMS alone, without verifying the face. Whoever holds an
    /// unlocked phone with its SIM can then reset it.
    #[arg(long)]
    pub pin_reset_without_face: bool,
    /// JSON file with the real providers' settings; without it the platform runs in sandbox mode.
    #[arg(long, conflicts_with = "sandbox")]
    pub providers: Option<PathBuf>,
}

fn parse_role(word: &str) -> Result<Role, String> {
    Role::parse(word).ok_or_else(|| format!("one of {}", Role::ALL.map(Role::as_str).join(", ")))
}

/// Options of `guiqian add-reviewer`.
#[derive(Debug, Clone, Args)]
pub struct ReviewerOptions {
    /// Folder of the database, objects and secrets; the platform has been started on it before.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    /// PostgreSQL database, if the platform was started on one.
    #[arg(long)]
    pub database: Option<PostgresAddress>,
    /// Login name.
    #[arg(long)]
    pub username: String,
    /// Name shown; default: the login name.
    #[arg(long)]
    pub name: Option<String>,
    /// Short name of the institution whose applications the reviewer sees; without it: every institution's.
    #[arg(long)]
    pub institution: Option<String>,
    /// `operator`, `lead`, `reviewer` or `auditor`; default: `reviewer` of an institution, `operator` of none.
    #[arg(long, value_parser = parse_role)]
    pub role: Option<Role>,
}

/// Options of `guiqian audit verify`.
#[derive(Debug, Clone, Args)]
pub struct AuditOptions {
    /// Folder of the database.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    /// PostgreSQL database, if the platform was started on one.
    #[arg(long)]
    pub database: Option<PostgresAddress>,
    /// A head that was kept elsewhere: the JSON that `GET /api/log/head` answered once. The log must still begin with what
    /// it covers.
    #[arg(long)]
    pub head: Option<PathBuf>,
}

/// Where `guiqian issuance` looks, and whose issuance is meant.
#[derive(Debug, Clone, Args)]
pub struct IssuanceOptions {
    /// Folder of the database; the platform has been started on it before, and may be running.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    /// PostgreSQL database, if the platform was started on one.
    #[arg(long)]
    pub database: Option<PostgresAddress>,
    /// Short name of the institution; without it: the whole platform.
    #[arg(long)]
    pub institution: Option<String>,
}

/// Whether outside services are real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Built-in stand-ins for outside services; certificates are worth nothing.
    Sandbox,
    /// Real outside services.
    Production,
}

impl Mode {
    /// The word in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }
}

/// What the running platform knows about itself.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of the database, objects and secrets.
    pub data: PathBuf,
    /// The database when it is not in the folder.
    pub database: Option<PostgresAddress>,
    /// Where browsers reach the platform; no slash at the end.
    pub origin: String,
    /// Whether outside services are real.
    pub mode: Mode,
    /// Whether `X-Forwarded-For` is believed.
    pub behind_proxy: bool,
    /// Number of a person whom users may call.
    pub hotline: Option<String>,
    /// Font for papers, if the operator names one.
    pub font: Option<PathBuf>,
    /// Whether a forgotten certificate PIN is reset only after the owner's face was verified too.
    pub pin_reset_face: bool,
}

impl Config {
    /// Where the database is.
    pub fn place(&self) -> Place<'_> {
        place(&self.data, self.database.as_ref())
    }

    /// Whether cookies must only travel over TLS.
    pub fn secure_cookies(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// Whether this is the sandbox.
    pub fn is_sandbox(&self) -> bool {
        self.mode == Mode::Sandbox
    }
}

/// PostgreSQL if there is an address, else SQLite in the folder.
pub fn place<'a>(data: &'a Path, database: Option<&'a PostgresAddress>) -> Place<'a> {
    database.map_or(Place::Folder(data), Place::Postgres)
}
