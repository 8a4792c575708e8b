//! Counters that slow down guessing: they survive a restart, hold across nodes, and let no more through at once.

use jiff::SignedDuration;
use server::rate::{self, Limit, RateLimits};

use crate::common::Platform;

const TWICE: Limit = Limit { times: 2, window: SignedDuration::from_mins(1) };

async fn take(platform: &Platform, whom: &str) -> Option<String> {
    let taken = platform.state.rates.take("door", whom, TWICE, platform.state.now()).await;
    taken.err().map(|problem| problem.kind().code.to_owned())
}

#[tokio::test]
async fn what_was_counted_is_remembered_after_a_restart_and_forgotten_after_its_time() {
    let platform = Platform::start().await;
    for expected in [None, None, Some("TOO_MANY_REQUESTS".to_owned())] {
        assert_eq!(take(&platform, "203.0.113.7").await, expected);
    }
    assert_eq!(take(&platform, "203.0.113.8").await, None);
    let platform = platform.restart().await;
    assert!(take(&platform, "203.0.113.7").await.is_some());
    platform.clock.advance(TWICE.window);
    assert_eq!(rate::sweep(&*platform.state.db, platform.state.now()).await.unwrap(), 2);
    assert_eq!(take(&platform, "203.0.113.7").await, None);
    assert_eq!(rate::sweep(&*platform.state.db, platform.state.now()).await.unwrap(), 0);
    platform.clock.advance(TWICE.window);
    for expected in [None, None, Some("TOO_MANY_REQUESTS".to_owned())] {
        assert_eq!(take(&platform, "203.0.113.7").await, expected, "a new window without a sweep between");
    }
}

#[tokio::test]
async fn two_nodes_count_together_and_of_many_at_once_no_more_get_through() {
    let platform = Platform::start().await;
    let nodes = [platform.state.rates.clone(), RateLimits::new(platform.state.db.clone())];
    let limit = Limit { times: 10, ..TWICE };
    let now = platform.state.now();
    let tries = (0..40).map(|n| nodes[n % 2].take("door", "13800138000", limit, now));
    let taken = futures::future::join_all(tries).await;
    assert_eq!(taken.iter().filter(|one| one.is_ok()).count(), 10);
}

#[tokio::test]
async fn a_network_of_the_new_internet_counts_as_one_caller() {
    let platform = Platform::start().await;
    assert_eq!(take(&platform, "2001:db8::1").await, None);
    assert_eq!(take(&platform, "2001:db8::aaaa:2").await, None);
    assert!(take(&platform, "2001:db8::3").await.is_some());
    assert_eq!(take(&platform, "2001:db8:0:1::3").await, None);
}
