//! Work that takes milliseconds and megabytes: passwords, pictures, PDFs. It runs beside the event loop, and only as
//! much of it at once as there are processors: more would not be faster, and a few hundred strangers with large files
//! would take all memory.

use std::{sync::LazyLock, thread::available_parallelism};

use tokio::{
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
};

/// When the machine does not say how many processors it has.
const FEW: usize = 2;

static PLACES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(available_parallelism().map_or(FEW, Into::into)));

/// Waits for a place and does it.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
    // Nobody closes it; without a place the work would still be right.
    let place = PLACES.acquire().await.ok();
    // The place goes with the work: a caller who hangs up does not free it before the work is done.
    spawn_blocking(move || {
        let _place = place;
        work()
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn no_more_work_runs_at_once_than_there_are_processors() {
        static NOW: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        let work = || {
            MOST.fetch_max(NOW.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(std::time::Duration::from_millis(2));
            NOW.fetch_sub(1, Ordering::SeqCst);
        };
        futures::future::join_all((0..100).map(|_| run(work))).await;
        assert!(MOST.load(Ordering::SeqCst) <= available_parallelism().map_or(FEW, Into::into));
    }
}
