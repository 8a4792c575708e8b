//! `trade serve`: opens the data folder, listens, and stops cleanly.

use std::{io::Write as _, net::SocketAddr, path::PathBuf};

use anyhow::Context as _;
use clap::Args;
use relying::{Client, Credentials, Trust};
use tokio::net::TcpListener;

use crate::{
    app::{App, Config, router},
    clock,
};

/// Options of `trade serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeOptions {
    /// Folder of documents and sessions; created when absent.
    #[arg(long, default_value = "data/trade")]
    pub data: PathBuf,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8090")]
    pub listen: SocketAddr,
    /// Address of the platform, such as `https://ca.example`.
    #[arg(long)]
    pub platform: String,
    /// JSON file with `client_id` and `client_secret`, as the platform hands it out.
    #[arg(long)]
    pub credentials: PathBuf,
    /// Where browsers reach this trading platform, such as `https://trade.example`; default: over HTTP.
    #[arg(long)]
    pub origin: Option<String>,
    /// PEM file with the roots whose certificates may log in; default: those that the platform names.
    #[arg(long)]
    pub roots: Option<PathBuf>,
}

/// Serves until the process is told to stop.
///
/// # Errors
/// Whatever keeps it from starting.
pub async fn serve(options: ServeOptions) -> anyhow::Result<()> {
    let credentials = std::fs::read(&options.credentials)
        .with_context(|| format!("read the credentials {}", options.credentials.display()))?;
    let client = Client::new(&options.platform, Credentials::from_json(&credentials)?)?;
    let trust = match &options.roots {
        Some(file) => Trust::pinned(&std::fs::read_to_string(file).context("read the roots")?)?,
        None => Trust::Platform,
    };
    let config = Config { data: options.data, origin: options.origin.map(|o| o.trim_end_matches('/').to_owned()) };
    let app = App::open(config, client, trust, clock::system())?;
    let listener = TcpListener::bind(options.listen).await.with_context(|| format!("listen on {}", options.listen))?;
    let listening = format!("http://{}", listener.local_addr()?);
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", serde_json::json!({ "listening": listening }))?;
    stdout.flush()?;
    drop(stdout);
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    tokio::select! {
        served = axum::serve(listener, service).into_future() => served?,
        // Nothing waits for open event streams: what counts is on disk before it is answered.
        () = told_to_stop() => tracing::info!("stopping"),
    }
    Ok(())
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(interrupt.await),
    }
}
