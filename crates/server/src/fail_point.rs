//! Places where a test stops the process to see what a crash leaves behind. They exist in development builds only.

/// Stops here for ever if the environment names this point: says so in the file that it names too, and waits to be
/// killed.
#[cfg(debug_assertions)]
#[allow(clippy::disallowed_methods)] // Not configuration: a hook of the crash test, absent from release builds.
pub(crate) async fn reach(point: &str) {
    let wanted = std::env::var("GUIQIAN_FAIL_POINT").unwrap_or_default();
    let Some((wanted, marker)) = wanted.split_once('@') else { return };
    // One stop only: a process that goes on after its marker was removed is not stopped again.
    if wanted == point && tokio::fs::write(marker, point).await.is_ok() {
        std::future::pending::<()>().await;
    }
}

/// Does nothing.
#[cfg(not(debug_assertions))]
pub(crate) async fn reach(_point: &str) {}
