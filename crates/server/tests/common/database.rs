//! The database of a platform under test: SQLite in its folder, or with `GUIQIAN_TEST_POSTGRES` a fresh database on that
//! server. The test bodies are the same.
//!
//! The variable is an address such as `postgres://postgres@127.0.0.1:5432/postgres` of a user who may make databases.
//! `cargo xtask test` starts a server and sets it; with one of your own:
//!
//!     GUIQIAN_TEST_POSTGRES=postgres://… cargo test -p server

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::MigratorTrait as _;
use server::storage::{PostgresAddress, migrations::Migrator};
use tokio::sync::OnceCell;

/// Where a platform under test keeps its rows. A database on a server is dropped with it.
pub struct TestDatabase(Option<String>);

impl TestDatabase {
    /// With the newest tables.
    pub async fn fresh() -> Self {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        if server_address().is_none() {
            return Self(None);
        }
        Self::create(TEMPLATE.get_or_init(template).await).await
    }

    /// Without tables.
    pub async fn empty() -> Self {
        if server_address().is_none() { Self(None) } else { Self::create("template0").await }
    }

    async fn create(template: &str) -> Self {
        let name = format!("guiqian_test_{}", uuid::Uuid::new_v4().simple());
        let server = connect("postgres").await;
        server.execute_unprepared(&creation(&name, template)).await.unwrap();
        server.close().await.unwrap();
        Self(Some(name))
    }

    /// For the platform's configuration.
    pub fn address(&self) -> Option<PostgresAddress> {
        self.0.as_deref().map(|name| address_of(name).parse().unwrap())
    }

    /// The same for a command line.
    pub fn arguments(&self) -> Vec<String> {
        self.0.as_deref().map_or_else(Vec::new, |name| vec!["--database".to_owned(), address_of(name)])
    }

    /// Every row of every table as text, with the octets that stand in it as hexadecimal numbers behind it; `None` when the
    /// database is a file in the folder. Rows that were deleted are not in it, as in any dump.
    pub async fn dump(&self) -> Option<Vec<(String, Vec<u8>)>> {
        let database = self.connect().await?;
        let ask = async |question: String| {
            let rows = database.query_all_raw(Statement::from_string(DbBackend::Postgres, question)).await.unwrap();
            rows.into_iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect::<Vec<_>>()
        };
        let mut tables = Vec::new();
        for table in ask("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'".to_owned()).await {
            let rows = ask(format!("SELECT whole::text FROM {table} whole")).await.join("\n");
            let octets = rows.split("\\x").skip(1).flat_map(|rest| {
                let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count() / 2 * 2;
                hex::decode(&rest[..digits]).unwrap()
            });
            tables.push((table, [rows.as_bytes(), &octets.collect::<Vec<_>>()].concat()));
        }
        Some(tables)
    }

    /// A connection that may do everything, if this is on a server.
    pub async fn connect(&self) -> Option<DatabaseConnection> {
        match &self.0 {
            Some(name) => Some(connect(name).await),
            None => None,
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(name) = self.0.take() else { return };
        let dropping = async move {
            let server = connect("postgres").await;
            server.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
        };
        // The test's own runtime is busy with the test.
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _ = std::thread::spawn(move || runtime().block_on(dropping)).join();
    }
}

/// The server that the tests were given.
pub fn server_address() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the one switch of the tests")]
    std::env::var("GUIQIAN_TEST_POSTGRES").ok()
}

fn address_of(database: &str) -> String {
    let server = server_address().unwrap();
    let (address, options) = server.split_once('?').unwrap_or((&server, ""));
    let (host, _) = address.rsplit_once('/').expect("the address names a database");
    format!("{host}/{database}?{options}")
}

async fn connect(database: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(address_of(database));
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

/// Sorts and compares letters as SQLite does, octet by octet.
fn creation(name: &str, template: &str) -> String {
    format!("CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' LOCALE 'C.UTF-8'")
}

/// A database with the newest tables, made once and copied for each test. Its name tells the steps that made it: who
/// changes one of them on a server that stays drops it.
async fn template() -> String {
    let steps: Vec<_> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let name = format!("guiqian_template_{}", hex::encode(&gm::sm3::digest(steps.join(" ").as_bytes())[..6]));
    let server = connect("postgres").await;
    server.execute_unprepared("SELECT pg_advisory_lock(1)").await.unwrap();
    let known = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    if server.query_one_raw(Statement::from_string(DbBackend::Postgres, known)).await.unwrap().is_none() {
        // Under another name until it is whole.
        let growing = format!("{name}_growing");
        server.execute_unprepared(&format!("DROP DATABASE IF EXISTS {growing} WITH (FORCE)")).await.unwrap();
        server.execute_unprepared(&creation(&growing, "template0")).await.unwrap();
        let database = connect(&growing).await;
        Migrator::up(&database, None).await.unwrap();
        database.close().await.unwrap();
        server.execute_unprepared(&format!("ALTER DATABASE {growing} RENAME TO {name}")).await.unwrap();
    }
    server.close().await.unwrap();
    name
}
