//! Counters that slow down guessing. They live in memory: a restart forgives, and what must survive a restart (login
//! codes per number and day) is counted in the database instead.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use crate::error::{Problem, TOO_MANY_REQUESTS};

/// Counters above which old entries are swept out.
const SWEEP_ABOVE: usize = 10_000;

/// At most `times` in `window`, counted from the first.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// How often.
    pub times: u32,
    /// In how long.
    pub window: SignedDuration,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    until: Timestamp,
    used: u32,
}

/// The node's counters.
#[derive(Debug, Default)]
pub struct RateLimits(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    by: HashMap<(&'static str, String), Count>,
    /// At how many they are next looked through.
    sweep_above: usize,
}

impl RateLimits {
    /// Counts one more of `what` by `whom`, or refuses.
    pub fn take(&self, what: &'static str, whom: &str, limit: Limit, now: Timestamp) -> Result<(), Problem> {
        // A panic while holding the lock leaves plain numbers behind: usable.
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.by.len() > counts.sweep_above.max(SWEEP_ABOVE) {
            counts.by.retain(|_, count| count.until > now);
            // When all of them are new, looking through them at every request would be the attack's success.
            counts.sweep_above = counts.by.len() * 2;
        }
        let fresh = Count { until: now + limit.window, used: 0 };
        let count = counts.by.entry((what, whom.to_owned())).or_insert(fresh);
        if count.until <= now {
            *count = fresh;
        }
        if count.used >= limit.times {
            return Err(TOO_MANY_REQUESTS.problem().retry_after(count.until.duration_since(now).as_secs()));
        }
        count.used += 1;
        Ok(())
    }

    /// Forgets what was counted, after a success.
    pub fn forgive(&self, what: &'static str, whom: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.by.remove(&(what, whom.to_owned()));
    }
}
