//! Wakes those who wait: whoever follows an account or a scan request is told that something changed and looks for
//! itself what. Nothing is lost when a wake-up is missed, because the truth is in the database.

use tokio::sync::broadcast;
use uuid::Uuid;

/// The node's switchboard. What other nodes change arrives here too (`storage`).
#[derive(Debug, Clone)]
pub struct Hub(broadcast::Sender<Wake>);

#[derive(Debug, Clone, Copy)]
enum Wake {
    Topic(Uuid),
    All,
}

impl Default for Hub {
    fn default() -> Self {
        Self(broadcast::Sender::new(1024))
    }
}

impl Hub {
    /// Tells everybody who follows `topic`.
    pub fn wake(&self, topic: Uuid) {
        // Nobody listening is fine.
        let _ = self.0.send(Wake::Topic(topic));
    }

    /// Tells everybody: any topic may have changed.
    pub fn wake_all(&self) {
        let _ = self.0.send(Wake::All);
    }

    /// Follows `topic` from now on.
    pub fn follow(&self, topic: Uuid) -> Follower {
        Follower { receiver: self.0.subscribe(), topic }
    }
}

/// Waits for changes of one topic.
#[derive(Debug)]
pub struct Follower {
    receiver: broadcast::Receiver<Wake>,
    topic: Uuid,
}

impl Follower {
    /// Returns when the topic may have changed; `false` when the node is shutting down.
    pub async fn changed(&mut self) -> bool {
        loop {
            match self.receiver.recv().await {
                Ok(Wake::Topic(topic)) if topic != self.topic => {}
                // Missed some: perhaps ours was among them.
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return true,
                Err(broadcast::error::RecvError::Closed) => return false,
            }
        }
    }
}
