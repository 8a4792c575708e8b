//! PostgreSQL: one database for several nodes.
//!
//! Writers of all nodes take turns by an advisory lock that ends with the transaction, and a `NOTIFY` within it tells
//! the other nodes whom to wake (`docs/decisions/0008`).

use std::{fmt, str::FromStr, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
    sqlx::{self, postgres::PgListener},
};
use sea_orm_migration::MigratorTrait as _;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::migrations::Migrator;
use crate::events::Hub;

/// Held by whoever writes. Locks belong to a database; the numbers are "guiqian" and a counter.
pub const WRITING: i64 = 0x6775_6971_6961_6e01;
/// Held by a node that is making what must exist at first start.
pub const STARTING: i64 = 0x6775_6971_6961_6e02;
/// Held while the tables are brought to their newest form.
const MIGRATING: i64 = 0x6775_6971_6961_6e03;

/// Where nodes tell each other whom to wake.
const CHANNEL: &str = "guiqian_wake";
/// A notification carries fewer than 8,000 octets; a topic takes 33.
const TOPICS_AT_ONCE: usize = 200;

const READERS: u32 = 8;
/// How long anybody waits for a connection.
const PATIENCE: Duration = Duration::from_secs(60);

/// `postgres://user@host:port/database?sslmode=…`. The password belongs into `PGPASSWORD` or `~/.pgpass`, where other
/// users of the machine do not see it; one in the address is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresAddress(String);

impl FromStr for PostgresAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Both names are in use; SeaORM knows the shorter one.
        let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        let address = format!("postgres://{}", rest.ok_or("an address begins with postgres://")?);
        let options: sqlx::postgres::PgConnectOptions = address.parse().map_err(|error| format!("{error}"))?;
        options.get_database().ok_or("an address ends with the name of a database")?;
        Ok(Self(address))
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PostgresAddress(…)")
    }
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Migrating,
    Writing,
    Reading,
    Listening,
}

/// A writer and its readers, after bringing the database to its newest form.
pub async fn open(address: &PostgresAddress) -> Result<(DatabaseConnection, DatabaseConnection), DbErr> {
    // One connection, so that the lock and the steps share a session; closing it ends the lock.
    let migrating = connect(address, Use::Migrating).await?;
    migrating.execute_unprepared(&format!("SELECT pg_advisory_lock({MIGRATING})")).await?;
    Migrator::up(&migrating, None).await?;
    migrating.close().await?;
    Ok((connect(address, Use::Writing).await?, reader(address).await?))
}

/// Readers of a database that is there.
pub async fn reader(address: &PostgresAddress) -> Result<DatabaseConnection, DbErr> {
    connect(address, Use::Reading).await
}

/// Whether there are tables of ours.
pub async fn is_in_use(address: &PostgresAddress) -> Result<bool, DbErr> {
    let connection = connect(address, Use::Migrating).await?;
    let question = Statement::from_string(DbBackend::Postgres, "SELECT to_regclass('seaql_migrations') IS NOT NULL");
    let answer = connection.query_one_raw(question).await?;
    connection.close().await?;
    answer.map_or(Ok(false), |row| row.try_get_by_index(0))
}

/// `synchronous_commit` is on whatever the server's own setting: a burnt nonce must still be burnt after a power cut.
async fn connect(address: &PostgresAddress, purpose: Use) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(&address.0);
    options.max_connections(match purpose {
        Use::Migrating | Use::Writing => 1,
        Use::Reading => READERS,
        // The one that was lost may still be on its way out.
        Use::Listening => 2,
    });
    options.acquire_timeout(PATIENCE).sqlx_logging(false).set_application_name("guiqian");
    // Asking before each use costs a round trip; a connection that has just been used is there.
    options.test_before_acquire_if_idle_for(Duration::from_secs(30));
    options.map_sqlx_postgres_opts(move |options| {
        let options = options.options([("synchronous_commit", "on")]);
        match purpose {
            Use::Migrating | Use::Listening => options,
            Use::Reading => options.options([("default_transaction_read_only", "on")]),
            // A node that stands still or is cut off must not stop the others for ever.
            Use::Writing => options.options([("lock_timeout", "30s"), ("idle_in_transaction_session_timeout", "60s")]),
        }
    });
    Database::connect(options).await
}

/// Waits for an advisory lock and holds it until the transaction ends.
pub async fn lock(tx: &DatabaseTransaction, lock: i64) -> Result<(), DbErr> {
    tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({lock})")).await?;
    Ok(())
}

/// Tells all nodes whom to wake, if and when the transaction is committed.
pub async fn notify(tx: &DatabaseTransaction, topics: &[Uuid]) -> Result<(), DbErr> {
    for topics in topics.chunks(TOPICS_AT_ONCE) {
        let list: Vec<_> = topics.iter().map(|topic| topic.simple().to_string()).collect();
        let values = [CHANNEL.into(), list.join(" ").into()];
        tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_notify($1, $2)", values)).await?;
    }
    Ok(())
}

/// Hears whom the other nodes wake. Ends when dropped.
pub struct Listener(JoinHandle<()>);

impl Listener {
    /// Listens from now on.
    pub async fn start(address: &PostgresAddress, hub: Hub) -> Result<Self, DbErr> {
        let pool = connect(address, Use::Listening).await?.get_postgres_connection_pool().clone();
        let listener =
            listen(&pool).await.map_err(|error| DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))?;
        Ok(Self(tokio::spawn(hear(pool, listener, hub))))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn listen(pool: &sqlx::PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

async fn hear(pool: sqlx::PgPool, mut listener: PgListener, hub: Hub) {
    loop {
        match listener.try_recv().await {
            Ok(Some(notice)) => {
                notice.payload().split(' ').filter_map(|topic| topic.parse().ok()).for_each(|topic| hub.wake(topic));
            }
            // The connection was lost and is back; what was said in between is not known.
            Ok(None) => hub.wake_all(),
            Err(error) => {
                tracing::warn!(%error, "the database cannot be listened to");
                drop(listener);
                listener = listen_again(&pool).await;
                hub.wake_all();
            }
        }
    }
}

async fn listen_again(pool: &sqlx::PgPool) -> PgListener {
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        if let Ok(listener) = listen(pool).await {
            return listener;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_database_and_keeps_its_password_to_itself() {
        let address: PostgresAddress = "postgresql://gq:hush@db.example:5433/guiqian".parse().expect("an address");
        assert_eq!(address, "postgres://gq:hush@db.example:5433/guiqian".parse().expect("an address"));
        assert!(!format!("{address:?}").contains("hush"));
        for wrong in ["", "guiqian", "mysql://db/guiqian", "postgres://db.example", "postgres://db:port/guiqian"] {
            assert!(wrong.parse::<PostgresAddress>().is_err(), "{wrong}");
        }
    }
}
