//! Where things are kept: the database, the objects (images, PDFs) and the secrets.

pub mod migrations;
mod objects;
mod postgres;
mod secrets;
mod sqlite;

use std::{ops::Deref, path::Path, sync::Arc};

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sea_query::{BinOper, Expr, ExprTrait as _, Func, IntoColumnRef},
};
use sea_orm_migration::MigratorTrait as _;
use uuid::Uuid;

use crate::events::Hub;
use migrations::Migrator;

pub use objects::Blobs;
pub use postgres::PostgresAddress;
pub use secrets::{Secrets, key_file, write_private};

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
    /// The security module, or the file that names it.
    #[error("security module: {0}")]
    Token(String),
    /// The database was last used by an earlier version.
    #[error(
        "the database is in the form of an earlier version; use that version, or look at a copy that this one was \
         started on"
    )]
    Earlier,
    /// The database does not answer.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// Random numbers or encryption failed.
    #[error("cryptography: {0}")]
    Crypto(#[from] gm::Error),
}

/// Which database.
#[derive(Debug, Clone, Copy)]
pub enum Place<'a> {
    /// SQLite, in this folder.
    Folder(&'a Path),
    /// PostgreSQL, there.
    Postgres(&'a PostgresAddress),
}

impl Place<'_> {
    /// Whether a platform has been started on it before.
    pub async fn is_in_use(self) -> Result<bool, DbErr> {
        match self {
            Self::Folder(folder) => Ok(folder.join(sqlite::FILE).exists()),
            Self::Postgres(address) => postgres::is_in_use(address).await,
        }
    }
}

/// Opens a platform's database for a look. Nothing is written, and it is not brought to the newest form.
///
/// # Errors
/// [`StorageError::Earlier`].
pub async fn look(place: Place<'_>) -> Result<DatabaseConnection, StorageError> {
    let reader = match place {
        Place::Folder(folder) => sqlite::reader(folder).await?,
        Place::Postgres(address) => postgres::reader(address).await?,
    };
    let pending = Migrator::get_pending_migrations_read_only(&reader).await?;
    if pending.is_empty() { Ok(reader) } else { Err(StorageError::Earlier) }
}

/// The database. Reads go to it directly (it derefs to a connection that cannot write); writes go through
/// [`Storage::begin`].
#[derive(Clone)]
pub struct Storage {
    reader: DatabaseConnection,
    /// A pool of one: whoever writes has it, the others wait in the order in which they came.
    writer: DatabaseConnection,
    hub: Hub,
    /// Hears other nodes; ends with the last of these.
    _listener: Option<Arc<postgres::Listener>>,
}

impl Storage {
    /// Opens (or creates) the database and brings it to the newest form.
    pub async fn open(place: Place<'_>, hub: Hub) -> Result<Self, DbErr> {
        let (writer, reader, listener) = match place {
            Place::Folder(folder) => {
                let (writer, reader) = sqlite::open(folder).await?;
                (writer, reader, None)
            }
            Place::Postgres(address) => {
                let (writer, reader) = postgres::open(address).await?;
                let listener = postgres::Listener::start(address, hub.clone()).await?;
                (writer, reader, Some(Arc::new(listener)))
            }
        };
        Ok(Self { reader, writer, hub, _listener: listener })
    }

    /// Begins a writing transaction. Dropped without [`Tx::commit`], nothing has happened.
    ///
    /// There is one at a time, on either engine and over all nodes: what it reads stays true until it ends, so that
    /// reading, deciding and then writing needs no further care (`docs/decisions/0008`).
    pub async fn begin(&self) -> Result<Tx, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let inner = self.writer.begin_with_options(options).await?;
        if self.is_shared() {
            postgres::lock(&inner, postgres::WRITING).await?;
        }
        Ok(Tx { inner, hub: self.hub.clone(), woken: Vec::new(), shared: self.is_shared() })
    }

    /// Waits until no other node is at its first steps, and keeps others from theirs until the guard is dropped.
    pub async fn starting(&self) -> Result<Option<DatabaseTransaction>, DbErr> {
        if !self.is_shared() {
            return Ok(None);
        }
        let guard = self.reader.begin().await?;
        postgres::lock(&guard, postgres::STARTING).await?;
        Ok(Some(guard))
    }

    /// Whether other nodes may work on the same database.
    fn is_shared(&self) -> bool {
        self._listener.is_some()
    }
}

impl Deref for Storage {
    type Target = DatabaseConnection;

    fn deref(&self) -> &Self::Target {
        &self.reader
    }
}

/// A writing transaction. Hand `&*tx` to queries.
pub struct Tx {
    inner: DatabaseTransaction,
    hub: Hub,
    woken: Vec<Uuid>,
    shared: bool,
}

impl Tx {
    /// Wakes those who wait for `topic` (an account, a scan request) once this has been committed, at every node.
    pub fn wake(&mut self, topic: Uuid) {
        self.woken.push(topic);
    }

    /// Makes it so.
    pub async fn commit(self) -> Result<(), DbErr> {
        if self.shared {
            postgres::notify(&self.inner, &self.woken).await?;
        }
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

/// Whether `words` stand in a column, whatever the case of their letters: the engines' own `LIKE` differ in that.
/// The caller has refused words with `%`, `_` or `\`.
pub fn holds_words(column: impl IntoColumnRef, words: &str) -> Expr {
    let pattern = Func::lower(Expr::val(format!("%{words}%")));
    Expr::expr(Func::lower(Expr::col(column))).binary(BinOper::Like, Expr::expr(pattern))
}
