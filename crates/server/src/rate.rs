//! Counters that slow down guessing. They live in memory: a restart forgives, and what must survive a restart (login
//! codes per number and day) is counted in the database instead.

use std::{
    collections::HashMap,
    net::Ipv6Addr,
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
        let whom = network(whom);
        let fresh = Count { until: now + limit.window, used: 0 };
        let count = counts.by.entry((what, whom)).or_insert(fresh);
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
        counts.by.remove(&(what, network(whom)));
    }
}

/// What is counted as one: a connection with IPv6 has 2⁶⁴ addresses (RFC 6177) and may change them at every request.
fn network(whom: &str) -> String {
    match whom.parse::<Ipv6Addr>() {
        Ok(address) if address.to_ipv4_mapped().is_none() => {
            Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).to_string()
        }
        _ => whom.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWICE: Limit = Limit { times: 2, window: SignedDuration::from_mins(1) };

    #[test]
    fn a_network_of_the_new_internet_counts_as_one_caller() {
        let (limits, now) = (RateLimits::default(), Timestamp::UNIX_EPOCH);
        limits.take("door", "2001:db8::1", TWICE, now).expect("first");
        limits.take("door", "2001:db8::aaaa:2", TWICE, now).expect("second");
        assert!(limits.take("door", "2001:db8::3", TWICE, now).is_err());
        limits.take("door", "2001:db8:0:1::3", TWICE, now).expect("another network");
        for address in ["::ffff:203.0.113.7", "::ffff:203.0.113.8", "203.0.113.7"] {
            limits.take("door", address, TWICE, now).expect("another address of the old one");
        }
    }

    #[test]
    fn what_is_over_is_forgotten_when_there_is_much_of_it() {
        let (limits, now) = (RateLimits::default(), Timestamp::UNIX_EPOCH);
        for n in 0..SWEEP_ABOVE + 1 {
            limits.take("door", &n.to_string(), TWICE, now).expect("first");
        }
        limits.take("door", "late", TWICE, now + TWICE.window).expect("first");
        assert_eq!(limits.0.lock().expect("lock").by.len(), 1);
    }
}
