//! A running system: platform and trading platform as child processes, ended when the value is dropped.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::cargo::Programs;
use crate::stamp::files_below;
use crate::{http, places, shell};

/// How long a start may take: the first one makes the keys of three institutions in a development build.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where and how to start.
pub struct Wish<'a> {
    /// Database, keys, documents.
    pub data: &'a Path,
    /// Address of the platform, `127.0.0.1:0` for any free port.
    pub platform: &'a str,
    /// Address of the trading platform.
    pub trade: &'a str,
    /// The platform's address as browsers see it, when a proxy stands before it.
    pub origin: Option<&'a str>,
}

/// What a person opens.
#[derive(Serialize)]
pub struct Addresses {
    /// The phone application.
    pub phone: String,
    /// The institutions' console.
    pub console: String,
    /// Text messages and face verification of the sandbox.
    pub sandbox: String,
    /// The trading platform.
    pub trade: String,
    /// The description of the platform's API.
    pub api: String,
    /// The name that the demonstration reviewer logs in with.
    pub reviewer: &'static str,
    /// File that holds the reviewer's password.
    pub password_file: PathBuf,
}

/// Both processes.
pub struct Stack {
    platform: Service,
    trade: Service,
    data: PathBuf,
}

#[derive(Deserialize)]
struct Ready {
    listening: String,
}

struct Service {
    name: &'static str,
    child: Child,
    address: String,
}

impl Stack {
    /// Starts both and waits until they answer.
    pub fn start(programs: &Programs, wish: &Wish<'_>) -> Result<Self> {
        let data = std::path::absolute(wish.data)?;
        fs::create_dir_all(&data).with_context(|| format!("cannot create {}", data.display()))?;

        let mut command = Command::new(&programs.platform);
        command.args(["serve", "--sandbox", "--listen", wish.platform, "--data"]).arg(&data);
        if let Some(origin) = wish.origin {
            command.args(["--origin", origin]);
        }
        let platform = Service::start("platform", command)?;
        http::wait_until_healthy(&format!("{}/api/health", platform.address), PATIENCE)?;

        let mut command = Command::new(&programs.trade);
        command.args(["serve", "--listen", wish.trade, "--platform", &platform.address]);
        command.arg("--data").arg(data.join("trade")).arg("--credentials").arg(data.join("relying-party.json"));
        let trade = Service::start("trading platform", command)?;
        http::wait_until_healthy(&format!("{}/api/session", trade.address), PATIENCE)?;
        Ok(Self { platform, trade, data })
    }

    /// Where to go.
    pub fn addresses(&self) -> Addresses {
        let platform = &self.platform.address;
        Addresses {
            phone: format!("{platform}/"),
            console: format!("{platform}/console/"),
            sandbox: format!("{platform}/sandbox"),
            trade: format!("{}/", self.trade.address),
            api: format!("{platform}/api/openapi.json"),
            reviewer: "reviewer",
            password_file: self.data.join("bootstrap.txt"),
        }
    }

    /// Waits until one of the two ends, which neither does by itself.
    pub fn wait(&mut self) -> Result<()> {
        loop {
            for service in [&mut self.platform, &mut self.trade] {
                if let Some(status) = service.child.try_wait()? {
                    bail!("the {} ended: {status}", service.name);
                }
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}

impl Service {
    fn start(name: &'static str, mut command: Command) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start the {name}"))?;
        let output = child.stdout.take().context("no standard output")?;
        // From here on dropping ends the process.
        let mut service = Self { name, child, address: String::new() };
        service.address = ready(output).with_context(|| format!("the {name} did not start"))?;
        Ok(service)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address from the one JSON line; later lines go to standard error.
fn ready(output: impl Read + Send + 'static) -> Result<String> {
    let (say, hear) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            match serde_json::from_str::<Ready>(&line) {
                // Nobody listens any more after a time-out.
                Ok(ready) => drop(say.send(ready.listening)),
                Err(_) => eprintln!("{line}"),
            }
        }
    });
    let address = hear.recv_timeout(PATIENCE).context("no line {\"listening\": …}; its own words are above")?;
    Ok(address.trim_end_matches('/').to_owned())
}

/// Whether the tree already holds a system to start: while it is being built up, checks of the whole say what is missing.
pub fn is_there() -> bool {
    let marks = [
        ("crates/server/src/main.rs", "serve"),
        ("crates/trade/src/main.rs", "serve"),
        ("web/app/src", "confirm-ok"),
        ("web/console/src", "queue-row"),
        ("web/trade/src", "sign-scan-start"),
    ];
    let missing = marks.iter().find(|(place, mark)| {
        let files = files_below(&places::root().join(place));
        !files.iter().any(|file| fs::read_to_string(file).is_ok_and(|text| text.contains(mark)))
    });
    if let Some((place, mark)) = missing {
        shell::say(&format!("{place} has no {mark} yet, so the whole system is not checked"));
    }
    missing.is_none()
}
