//! Where things are kept: the database, the objects (images, PDFs) and the secrets.

pub mod migrations;
mod objects;
mod secrets;

use std::{ops::Deref, path::Path, sync::Arc};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait, sqlx::sqlite,
};
use sea_orm_migration::MigratorTrait;
use tokio::sync::{Mutex, OwnedMutexGuard};
use uuid::Uuid;

use crate::events::Hub;

pub use objects::Blobs;
pub use secrets::{Secrets, write_private};

/// Why something could not be kept or found again.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The folder or a file in it cannot be used.
    #[error("file system: {0}")]
    Io(#[from] std::io::Error),
    /// The object store refused.
    #[error("object store: {0}")]
    Object(#[from] object_store::Error),
    /// A secret has the wrong length, or something sealed does not open.
    #[error("secret: {0}")]
    Secret(&'static str),
    /// Random numbers or encryption failed.
    #[error("cryptography: {0}")]
    Crypto(#[from] gm::Error),
}

/// The database. Reads go to the pool directly (it derefs to the connection); writes go through [`Storage::begin`].
#[derive(Clone)]
pub struct Storage {
    connection: DatabaseConnection,
    /// SQLite takes one writer; waiting here is fair and costs no retries.
    turn: Arc<Mutex<()>>,
    hub: Hub,
}

impl Storage {
    /// Opens (or creates) the database in `folder` and brings it to the newest form.
    ///
    /// `synchronous = FULL`: a burnt nonce must still be burnt after a power cut.
    pub async fn open(folder: &Path, hub: Hub) -> Result<Self, DbErr> {
        let file = folder.join("guiqian.db");
        // The address is a placeholder: a path may hold characters that an address may not.
        let mut options = ConnectOptions::new("sqlite://guiqian.db");
        options.max_connections(8).sqlx_logging(false).map_sqlx_sqlite_opts(move |options| {
            options
                .filename(&file)
                .create_if_missing(true)
                .foreign_keys(true)
                .journal_mode(sqlite::SqliteJournalMode::Wal)
                .synchronous(sqlite::SqliteSynchronous::Full)
                .busy_timeout(std::time::Duration::from_secs(10))
        });
        let connection = Database::connect(options).await?;
        migrations::Migrator::up(&connection, None).await?;
        Ok(Self { connection, turn: Arc::default(), hub })
    }

    /// Begins a writing transaction. Dropped without [`Tx::commit`], nothing has happened.
    pub async fn begin(&self) -> Result<Tx, DbErr> {
        let turn = self.turn.clone().lock_owned().await;
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let inner = self.connection.begin_with_options(options).await?;
        Ok(Tx { inner, hub: self.hub.clone(), woken: Vec::new(), _turn: turn })
    }
}

impl Deref for Storage {
    type Target = DatabaseConnection;

    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}

/// A writing transaction. Hand `&*tx` to queries.
pub struct Tx {
    inner: DatabaseTransaction,
    hub: Hub,
    woken: Vec<Uuid>,
    _turn: OwnedMutexGuard<()>,
}

impl Tx {
    /// Wakes those who wait for `topic` (an account, a scan request) once this has been committed.
    pub fn wake(&mut self, topic: Uuid) {
        self.woken.push(topic);
    }

    /// Makes it so.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.inner.commit().await?;
        for topic in self.woken {
            self.hub.wake(topic);
        }
        Ok(())
    }
}

impl Deref for Tx {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}
