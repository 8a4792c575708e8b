//! SQLite in the data folder: the database of a platform that is one process.

use std::{path::Path, time::Duration};

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, sqlx::sqlite};
use sea_orm_migration::MigratorTrait as _;

use super::migrations::Migrator;

/// The database's name in the data folder.
pub const FILE: &str = "guiqian.db";

/// How long a writer waits for its turn before it gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A writer and its readers, after bringing the database to its newest form.
pub async fn open(folder: &Path) -> Result<(DatabaseConnection, DatabaseConnection), DbErr> {
    let writer = connect(folder, 1, false).await?;
    Migrator::up(&writer, None).await?;
    Ok((writer, reader(folder).await?))
}

/// Readers of a database that is there.
pub async fn reader(folder: &Path) -> Result<DatabaseConnection, DbErr> {
    connect(folder, 8, true).await
}

/// `synchronous = FULL`: a burnt nonce must still be burnt after a power cut.
async fn connect(folder: &Path, connections: u32, read_only: bool) -> Result<DatabaseConnection, DbErr> {
    let file = folder.join(FILE);
    // The address is a placeholder: a path may hold characters that an address may not.
    let mut options = ConnectOptions::new("sqlite://guiqian.db");
    options.max_connections(connections).acquire_timeout(PATIENCE).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(move |options| {
        options
            .filename(&file)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(sqlite::SqliteJournalMode::Wal)
            .synchronous(sqlite::SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            // What was erased is overwritten: destroyed shares, a root key that went off-line.
            .pragma("secure_delete", "ON")
            .pragma("query_only", if read_only { "ON" } else { "OFF" })
    });
    Database::connect(options).await
}
