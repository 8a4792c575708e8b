//! The time, handed in: expiry can be tested without waiting, and nothing else asks the system.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use uuid::timestamp::context::ContextV7;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Now, in whole milliseconds.
    fn now(&self) -> Timestamp;
}

/// A clock that many can hold.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // The one place that may ask the system.
        #[expect(clippy::disallowed_methods)]
        let now = Timestamp::now();
        from_millis(now.as_millisecond())
    }
}

/// A clock that stands still until somebody moves it.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `at`.
    pub fn at(at: Timestamp) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(at.as_millisecond())))
    }

    /// Moves the clock.
    pub fn advance(&self, by: SignedDuration) {
        self.0.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// The time that a stored number of Unix milliseconds means. Numbers outside of the calendar, which no clock of ours
/// writes, become the epoch.
pub fn from_millis(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Counts ids of the same millisecond, so that those of one process sort in the order in which they were made.
static COUNTER: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// A UUIDv7 that carries `now`: ids sort by time of creation, and tests' ids by the tests' clock.
pub fn new_id(now: Timestamp) -> uuid::Uuid {
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
    let stamp = uuid::Timestamp::from_unix(&COUNTER, seconds, nanos);
    uuid::Uuid::new_v7(stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_carry_the_time_and_sort_in_the_order_in_which_they_were_made() {
        // Far ahead, because the counter is one for the process and never goes back.
        let ids: Vec<_> = (0..1000).map(|_| new_id(from_millis(9_000_000_000_123))).collect();
        assert!(ids.is_sorted());
        assert_eq!(ids[0].get_timestamp().map(|stamp| stamp.to_unix()), Some((9_000_000_000, 123_000_000)));
    }
}
