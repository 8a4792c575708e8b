//! What an operator can choose, from the command line.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::Args;
use sea_orm::DatabaseConnection;

use crate::{
    console::policy::Role,
    events::Hub,
    pki_services::withdrawal::Why,
    storage::{self, Place, PostgresAddress, Storage},
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
    /// Files of the two custodians' components of the key management centre's key, 32 octets each, best on two media;
    /// default: two files in the data folder.
    #[arg(long, num_args = 2, value_names = ["FIRST", "SECOND"])]
    pub custodian_keys: Option<Vec<PathBuf>>,
    /// Sign OCSP answers without a nonce before anybody asks, for the newest 12,000 certificates, every few minutes anew.
    /// Costs a few seconds of a processor each time. Without it an answer is signed at the first question.
    #[arg(long)]
    pub presign_ocsp: bool,
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
    /// Which platform.
    #[command(flatten)]
    pub place: DatabaseOptions,
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

/// Options of `guiqian authority export-root`.
#[derive(Debug, Clone, Args)]
pub struct ExportOptions {
    /// Short name of the institution.
    pub slug: String,
    /// New file for the encrypted root key (PKCS#8 in PEM).
    pub file: PathBuf,
    /// File whose first line is the passphrase; default: it is asked for.
    #[arg(long)]
    pub passphrase_file: Option<PathBuf>,
    /// Which platform.
    #[command(flatten)]
    pub place: DatabaseOptions,
}

/// Options of `guiqian authority renew-ca`.
#[derive(Debug, Clone, Args)]
pub struct RenewOptions {
    /// Short name of the institution.
    pub slug: String,
    /// File of the encrypted root key, as `export-root` wrote it.
    #[arg(long)]
    pub root_key: PathBuf,
    /// File whose first line is the passphrase; default: it is asked for.
    #[arg(long)]
    pub passphrase_file: Option<PathBuf>,
    /// Which platform.
    #[command(flatten)]
    pub place: DatabaseOptions,
}

/// Options of `guiqian audit verify`.
#[derive(Debug, Clone, Args)]
pub struct AuditOptions {
    /// Which platform; it may be running, and nothing is written.
    #[command(flatten)]
    pub place: DatabaseOptions,
    /// A head that was kept elsewhere: the JSON that `GET /api/log/head` answered once. The log must still begin with what
    /// it covers.
    #[arg(long)]
    pub head: Option<PathBuf>,
}

/// Where a platform that has been started before keeps its rows.
#[derive(Debug, Clone, Args)]
pub struct DatabaseOptions {
    /// Folder of the database.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    /// PostgreSQL database, if the platform was started on one.
    #[arg(long)]
    pub database: Option<PostgresAddress>,
}

impl DatabaseOptions {
    /// Where it is.
    pub fn place(&self) -> Place<'_> {
        place(&self.data, self.database.as_ref())
    }

    /// Opens it.
    pub async fn open(&self) -> anyhow::Result<Storage> {
        Ok(Storage::open(self.place_in_use().await?, Hub::default()).await?)
    }

    /// Opens it for a look, and leaves it as it is.
    pub async fn look(&self) -> anyhow::Result<DatabaseConnection> {
        Ok(storage::look(self.place_in_use().await?).await?)
    }

    async fn place_in_use(&self) -> anyhow::Result<Place<'_>> {
        let place = self.place();
        anyhow::ensure!(place.is_in_use().await?, "no platform has been started on this database");
        Ok(place)
    }
}

fn parse_why(word: &str) -> Result<Why, String> {
    Why::parse(word).ok_or_else(|| format!("one of {}", Why::ALL.map(Why::as_str).join(", ")))
}

/// Options of `guiqian services revoke`.
#[derive(Debug, Clone, Args)]
pub struct WithdrawalOptions {
    /// Where the platform keeps its rows.
    #[command(flatten)]
    pub database: DatabaseOptions,
    /// Serial number of the certificate, hexadecimal, as `guiqian services list` prints it.
    #[arg(long)]
    pub serial: String,
    /// `keyCompromise`, `superseded` or `cessationOfOperation`.
    #[arg(long, value_parser = parse_why)]
    pub reason: Why,
}

/// Where `guiqian issuance` looks, and whose issuance is meant.
#[derive(Debug, Clone, Args)]
pub struct IssuanceOptions {
    /// Where the platform keeps its rows; it may be running.
    #[command(flatten)]
    pub database: DatabaseOptions,
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
    /// Where the custodians' components of the key management centre's key are, if not in the data folder.
    pub custodian_keys: Option<[PathBuf; 2]>,
}

impl Config {
    /// A sandbox on this folder with nothing chosen, for tests and benches.
    pub fn sandbox(data: &Path, origin: &str) -> Self {
        Self {
            data: data.to_owned(),
            database: None,
            origin: origin.to_owned(),
            mode: Mode::Sandbox,
            behind_proxy: false,
            hotline: None,
            font: None,
            pin_reset_face: true,
            custodian_keys: None,
        }
    }

    /// Where the database is.
    pub fn place(&self) -> Place<'_> {
        place(&self.data, self.database.as_ref())
    }

    /// Where the custodians' components of the key management centre's key are.
    pub fn custodian_keys(&self) -> [PathBuf; 2] {
        let own = || ["first.key", "second.key"].map(|name| self.data.join("custodians").join(name));
        self.custodian_keys.clone().unwrap_or_else(own)
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
