//! `guiqian serve`: opens the data folder, listens, and stops cleanly.

use std::{io::Write as _, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::{
    net::TcpListener,
    task::JoinHandle,
    time::{Interval, MissedTickBehavior},
};

use crate::{
    account,
    app::{AppState, router},
    application, certificate,
    clock::{Clock as _, SharedClock, SystemClock},
    config::{AuditOptions, Config, DatabaseOptions, Mode, ReviewerOptions, ServeOptions, WithdrawalOptions},
    console,
    error::Problem,
    fault, feedback, message, outside,
    pki_services::{self, withdrawal},
    providers::Providers,
    transparency,
};

/// Serves until the process is told to stop.
pub async fn serve(options: ServeOptions) -> anyhow::Result<()> {
    let listener = TcpListener::bind(options.listen).await.with_context(|| format!("listen on {}", options.listen))?;
    let address = listener.local_addr()?;
    let listening = format!("http://{address}");
    let origin = options.origin.unwrap_or_else(|| listening.clone());
    let clock: SharedClock = Arc::new(SystemClock);
    let (mode, providers) = match &options.providers {
        Some(file) => (Mode::Production, Providers::from_file(file, &clock).context("settings of the providers")?),
        None => (Mode::Sandbox, Providers::sandbox()),
    };
    let config = Config {
        data: options.data,
        database: options.database,
        origin: origin.trim_end_matches('/').to_owned(),
        mode,
        behind_proxy: options.behind_proxy,
        hotline: options.hotline,
        font: options.font,
        pin_reset_face: !options.pin_reset_without_face,
        custodian_keys: options.custodian_keys.and_then(|files| files.try_into().ok()),
    };
    if mode == Mode::Sandbox {
        tracing::warn!(page = %format!("{}/sandbox", config.origin), "SANDBOX: SMS and face verification are stand-ins; certificates are worth nothing");
    }
    let state = AppState::open(config, clock, providers).await?;
    let sweeping = [
        tokio::spawn(sweep(state.clone())),
        tokio::spawn(refresh(state.clone(), options.presign_ocsp)),
        tokio::spawn(send_notices(state.clone())),
        tokio::spawn(cover(state.clone())),
        tokio::spawn(reissue(state.clone())),
        tokio::spawn(tell_outside(state.clone())),
    ];
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", serde_json::json!({ "listening": listening }))?;
    stdout.flush()?;
    drop(stdout);
    tokio::select! {
        served = axum::serve(listener, service).into_future() => served?,
        // Nothing waits for open event streams: every answer that counts has been committed before it is sent.
        () = told_to_stop() => tracing::info!("stopping"),
    }
    sweeping.iter().for_each(JoinHandle::abort);
    Ok(())
}

/// Makes a login for the console and prints it.
pub async fn add_reviewer(options: ReviewerOptions) -> anyhow::Result<()> {
    let db = options.place.open().await?;
    let name = options.name.as_deref().unwrap_or(&options.username);
    let now = SystemClock.now();
    let new = console::NewReviewer {
        username: &options.username,
        name,
        role: options.role,
        institution: options.institution.as_deref(),
    };
    let password = console::add_reviewer(&db, now, new).await?;
    let login = serde_json::json!({ "username": options.username, "password": password });
    writeln!(std::io::stdout(), "{login}")?;
    Ok(())
}

/// Checks the audit log and prints what it found; an error if anything is wrong.
pub async fn verify_audit(options: AuditOptions) -> anyhow::Result<()> {
    let saved = match &options.head {
        Some(file) => Some(serde_json::from_slice(&std::fs::read(file).context("the kept head")?)?),
        None => None,
    };
    let db = options.place.look().await?;
    let report = transparency::check::check(&db, saved).await?;
    let mut stdout = std::io::stdout().lock();
    for fault in &report.faults {
        writeln!(stdout, "WRONG: {fault}")?;
    }
    let (entries, heads, uncovered) = (report.entries, report.heads, report.uncovered);
    writeln!(
        stdout,
        "entries {entries}, heads {heads}, not covered yet {uncovered}, root {}",
        hex::encode(report.root)
    )?;
    anyhow::ensure!(report.faults.is_empty(), "the audit log is not what it was");
    writeln!(stdout, "the log is whole")?;
    Ok(())
}

/// Prints every certificate that the services have had, a JSON object in each line.
pub async fn list_service_certificates(options: DatabaseOptions) -> anyhow::Result<()> {
    let db = options.look().await?;
    for one in withdrawal::list(&db).await? {
        writeln!(std::io::stdout(), "{}", serde_json::to_string(&one)?)?;
    }
    Ok(())
}

/// Ends a service's certificate. The nodes notice within a second and make the next one.
pub async fn revoke_service_certificate(options: WithdrawalOptions) -> anyhow::Result<()> {
    let db = options.database.open().await?;
    withdrawal::revoke(&db, SystemClock.now(), &options.serial.to_lowercase(), options.reason).await?;
    Ok(())
}

/// Once an hour, closes and forgets what was left alone too long, and reminds of certificates that end soon.
async fn sweep(state: AppState) {
    let mut hourly = tokio::time::interval(Duration::from_secs(3600));
    loop {
        hourly.tick().await;
        let work = async {
            let closed = application::expire_left_alone(&state).await?;
            let reminded = certificate::remind(&state).await?;
            let abandoned = certificate::abandoned::sweep(&state).await?;
            let forgotten = account::sweep(&state).await?
                + message::sweep(&state).await?
                + feedback::sweep(&state).await?
                + console::sweep(&state).await?;
            Ok::<_, Problem>((closed + abandoned, reminded, forgotten))
        };
        match work.await {
            Ok((0, 0, 0)) => {}
            Ok((closed, reminded, forgotten)) => tracing::info!(closed, reminded, forgotten, "swept"),
            Err(error) => tracing::error!(%error, "sweep"),
        }
    }
}

/// Every minute, revocation lists that are due, certificates of services that end soon or were revoked, and where it is
/// wanted OCSP answers ahead of their questions.
async fn refresh(state: AppState, presign_ocsp: bool) {
    let mut minutely = tokio::time::interval(Duration::from_secs(60));
    loop {
        minutely.tick().await;
        if let Err(error) = pki_services::ensure(&state).await {
            tracing::error!(%error, "certificates of services");
        }
        match pki_services::crl::refresh(&state).await {
            Ok(0) => {}
            Ok(made) => tracing::info!(made, "revocation lists"),
            Err(error) => tracing::error!(%error, "revocation lists"),
        }
        if presign_ocsp && let Err(error) = pki_services::presign(&state).await {
            tracing::error!(%error, "OCSP answers ahead");
        }
    }
}

/// Ticks every so many seconds; work that takes longer puts the next tick off.
fn every(seconds: u64) -> Interval {
    let mut interval = tokio::time::interval(Duration::from_secs(seconds));
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Every few seconds, sends what is due by SMS.
async fn send_notices(state: AppState) {
    let mut often = every(5);
    loop {
        often.tick().await;
        if let Err(error) = message::sms::send_due(&state).await {
            tracing::error!(%error, "notices by SMS");
        }
    }
}

/// Every few seconds, takes what is new in the audit log into the tree and signs its head.
async fn cover(state: AppState) {
    let mut often = every(3);
    loop {
        often.tick().await;
        if let Err(error) = transparency::integrate(&state).await {
            tracing::error!(%error, "transparency log");
        }
    }
}

/// Every few seconds, looks for jobs of re-issue, and goes on with them until they are done or held up.
async fn reissue(state: AppState) {
    let mut often = every(3);
    loop {
        often.tick().await;
        match fault::reissue::work(&state).await {
            Ok(0) => {}
            Ok(dealt_with) => tracing::info!(dealt_with, "certificates re-issued"),
            Err(error) => tracing::error!(%error, "re-issue of certificates"),
        }
    }
}

/// Every few seconds, tells CAs elsewhere what was revoked here.
async fn tell_outside(state: AppState) {
    let mut often = every(3);
    loop {
        often.tick().await;
        match outside::withdrawal::tell(&state).await {
            Ok(0) => {}
            Ok(told) => tracing::info!(told, "withdrawals told to CAs elsewhere"),
            Err(error) => tracing::error!(%error, "withdrawals at CAs elsewhere"),
        }
    }
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
