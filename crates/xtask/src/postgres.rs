//! A PostgreSQL server for one run: its own folder, port and password, ended and removed when dropped.

use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::{places, setup, shell};

/// Where Debian puts the programs, one folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Database copies of a dozen tests at once, with room to spare.
const MEMORY_KIB: u64 = 2 << 20;

/// What the server is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    /// Nothing: tests. In memory where there is room, and without waiting for the disk.
    Nothing,
    /// Everything, as the real one: measurements.
    Everything,
}

/// The running server.
pub struct Postgres {
    child: Child,
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    password: String,
}

impl Postgres {
    /// Starts one and waits until it answers.
    pub fn start(keeps: Keeps) -> Result<Self> {
        let programs = programs()?;
        let folder = folder(keeps)?;
        let password = password()?;
        let secret = folder.path().join("password");
        fs::write(&secret, &password)?;
        let mut make = as_server_user(&programs.join("initdb"), folder.path());
        make.args(["--username=postgres", "--auth=password", "--encoding=UTF8", "--locale=C.UTF-8"]);
        make.arg("--no-sync").arg("--pwfile").arg(&secret).arg(data(&folder));
        shell::read(&mut make)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = serve(&programs, &folder, port, keeps)?;
        // From here on dropping ends the process.
        let mut server = Self { child, programs, folder, port, password };
        server.wait_until_it_answers()?;
        Ok(server)
    }

    /// As a program takes it; the user may do everything, and the database is empty.
    pub fn address(&self) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/postgres", self.password, self.port)
    }

    fn wait_until_it_answers(&mut self) -> Result<()> {
        let port = self.port.to_string();
        for _ in 0..600 {
            if let Some(status) = self.child.try_wait()? {
                let log = fs::read_to_string(log(&self.folder)).unwrap_or_default();
                bail!("PostgreSQL did not start: {status}\n{log}");
            }
            let mut ask = Command::new(self.programs.join("pg_isready"));
            if shell::succeeds(ask.args(["--quiet", "--host=127.0.0.1", "--port", &port])) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("PostgreSQL does not answer; its words are in {}", log(&self.folder).display())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // What it holds is removed with the folder: nothing needs writing down.
        let mut stop = as_server_user(&self.programs.join("pg_ctl"), self.folder.path());
        shell::succeeds(stop.args(["stop", "--mode=immediate", "--silent", "--pgdata"]).arg(data(&self.folder)));
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn data(folder: &TempDir) -> PathBuf {
    folder.path().join("data")
}

fn log(folder: &TempDir) -> PathBuf {
    folder.path().join("log")
}

fn serve(programs: &Path, folder: &TempDir, port: u16, keeps: Keeps) -> Result<Child> {
    let mut serve = as_server_user(&programs.join("postgres"), folder.path());
    serve.arg("-D").arg(data(folder));
    // No socket in the file system: its path may not be long.
    let mut settings = vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        // Shared memory as files in its own folder, which go with it.
        "dynamic_shared_memory_type=mmap".to_owned(),
        // Each platform under test has connections of its own, and each core tests one.
        "max_connections=1000".to_owned(),
    ];
    if keeps == Keeps::Nothing {
        let quick =
            ["fsync=off", "full_page_writes=off", "autovacuum=off", "max_wal_size=256MB", "shared_buffers=64MB"];
        settings.extend(quick.map(str::to_owned));
    }
    for setting in &settings {
        serve.args(["-c", setting]);
    }
    let log = fs::File::create(log(folder))?;
    serve.stdout(Stdio::null()).stderr(log);
    serve.spawn().context("cannot start postgres")
}

/// The newest that is there.
fn programs() -> Result<PathBuf> {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().filter_map(|entry| {
        let entry = entry.ok()?;
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let folder = entry.path().join("bin");
        folder.join("initdb").exists().then_some((version, folder))
    });
    if let Some((_, folder)) = versions.max() {
        return Ok(folder);
    }
    let found = shell::read(shell::command("sh", Path::new("/")).args(["-c", "command -v initdb"]));
    let program = found.context("no PostgreSQL found: cargo xtask setup")?;
    let program = fs::canonicalize(program.trim())?;
    Ok(program.parent().context("a program lies in a folder")?.to_path_buf())
}

/// A command in a folder that the server may enter. PostgreSQL refuses to run as root, so root becomes `postgres`; and where
/// `setpriv` is there, the server ends when this program does, however that ends.
fn as_server_user(program: &Path, folder: &Path) -> Command {
    let setpriv = shell::succeeds(shell::command("setpriv", Path::new("/")).arg("--version"));
    if !setpriv {
        return shell::command(&program.to_string_lossy(), folder);
    }
    let mut command = shell::command("setpriv", folder);
    if setup::is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
    }
    command.arg("--pdeathsig=INT").arg(program);
    command
}

/// An empty folder that the server's user may enter: root's own places may be closed to others.
fn folder(keeps: Keeps) -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let in_memory = (keeps == Keeps::Nothing && free_kib(memory) >= MEMORY_KIB).then(|| memory.to_path_buf());
    for place in in_memory.into_iter().chain([places::target(), std::env::temp_dir()]) {
        let folder = tempfile::Builder::new().prefix("guiqian-postgres-").tempdir_in(place)?;
        if setup::is_root() {
            let owner = postgres_user()?;
            chown(folder.path(), Some(owner), None)?;
        }
        if shell::succeeds(as_server_user(Path::new("/usr/bin/test"), Path::new("/")).arg("-w").arg(folder.path())) {
            return Ok(folder);
        }
    }
    bail!("no folder that the user postgres may write to")
}

fn postgres_user() -> Result<u32> {
    let id = shell::read(shell::command("id", Path::new("/")).args(["-u", "postgres"]));
    let id = id.context("PostgreSQL refuses to run as root, and there is no user postgres")?;
    Ok(id.trim().parse()?)
}

fn free_kib(folder: &Path) -> u64 {
    if fs::metadata(folder).is_ok_and(|found| found.dev() == fs::metadata("/").map_or(0, |root| root.dev())) {
        return 0;
    }
    let mut ask = shell::command("df", Path::new("/"));
    let said = shell::read(ask.args(["--output=avail", "--block-size=1K"]).arg(folder)).unwrap_or_default();
    said.lines().last().and_then(|line| line.trim().parse().ok()).unwrap_or(0)
}

/// Other users of the machine can reach the port, and a database's owner can do much.
fn password() -> Result<String> {
    let mut octets = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut octets)?;
    ensure!(octets != [0; 16], "no random numbers");
    Ok(octets.iter().map(|octet| format!("{octet:02x}")).collect())
}
