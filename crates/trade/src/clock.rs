//! The time, handed in so that tests can move it.

use std::sync::Arc;

use jiff::Timestamp;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The machine's clock.
#[must_use]
pub fn system() -> Clock {
    #[expect(clippy::disallowed_methods)] // the one place that asks the machine
    Arc::new(Timestamp::now)
}
