//! What the writer tells everybody: the last durable row, and whether it can write at all.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

/// The writer's news, for tasks and for ordinary threads.
#[derive(Debug)]
pub(super) struct Shared {
    durable: watch::Sender<u64>,
    last: Mutex<u64>,
    news: Condvar,
    health: Mutex<Option<String>>,
}

impl Shared {
    pub(super) fn new(durable: u64) -> Self {
        Self {
            durable: watch::Sender::new(durable),
            last: Mutex::new(durable),
            news: Condvar::new(),
            health: Mutex::new(None),
        }
    }

    /// Follows the last durable row's number.
    pub(super) fn follow(&self) -> watch::Receiver<u64> {
        self.durable.subscribe()
    }

    /// The last durable row's number.
    pub(super) fn durable(&self) -> u64 {
        *self.durable.borrow()
    }

    /// Tells that rows up to `seq` are durable.
    pub(super) fn set_durable(&self, seq: u64) {
        self.durable.send_replace(seq);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = seq;
        self.news.notify_all();
    }

    /// Wakes those who wait for rows, without news.
    pub(super) fn ring(&self) {
        self.news.notify_all();
    }

    /// Waits on an ordinary thread for a row beyond `seq`, at most so long.
    pub(super) fn wait_beyond(&self, seq: u64, timeout: Duration) -> u64 {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if *last > seq {
            return *last;
        }
        *self.news.wait_timeout(last, timeout).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Why the journal cannot be written, if so.
    pub(super) fn health(&self) -> Option<String> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes whether the journal can be written; true where it changes between the two.
    pub(super) fn set_health(&self, reason: Option<String>) -> bool {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        let turned = health.is_some() != reason.is_some();
        *health = reason;
        turned
    }
}
