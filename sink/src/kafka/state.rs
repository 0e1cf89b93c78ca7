//! What a publisher tells of itself while it works.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use article::clock::Clock;

/// A transaction that stands longer than this is told as waiting: librdkafka itself tries on in
/// silence until the transaction's timeout.
const STALL: Duration = Duration::from_secs(5);

/// How a publisher does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It publishes what comes.
    Healthy,
    /// It waits for the cluster, and tries again.
    Waiting {
        /// For what.
        reason: String,
    },
    /// It stopped before it sent anything, until an operator decides.
    Refused {
        /// Why, and the ways out with what each costs.
        reason: String,
    },
    /// It was told to stop, and has.
    Stopped,
}

/// The shared side of [`Status`].
#[derive(Debug)]
pub(super) struct State {
    status: Mutex<Status>,
    cursor: AtomicU64,
    clock: Clock,
    begun: Mutex<Option<Duration>>,
}

impl State {
    pub(super) fn new() -> Self {
        let status = Status::Waiting { reason: "the cluster's first answer".to_owned() };
        Self {
            status: Mutex::new(status),
            cursor: AtomicU64::new(0),
            clock: Clock::system(),
            begun: Mutex::new(None),
        }
    }

    pub(super) fn get(&self) -> Status {
        let status = self.status.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let begun = *self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let stands = begun.map(|begun| self.clock.monotonic().saturating_sub(begun));
        match (status, stands) {
            (Status::Healthy, Some(stands)) if stands > STALL => Status::Waiting {
                reason: format!(
                    "the cluster's answer to a transaction, for {} s",
                    stands.as_secs()
                ),
            },
            (status, _) => status,
        }
    }

    /// Notes that a transaction begins.
    pub(super) fn begin(&self) {
        let now = self.clock.monotonic();
        *self.begun.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    pub(super) fn set(&self, status: Status) {
        *self.begun.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }

    /// Notes that rows up to `seq` are published.
    pub(super) fn published(&self, seq: u64) {
        self.cursor.store(seq, Ordering::Release);
        self.set(Status::Healthy);
    }

    pub(super) fn cursor(&self) -> u64 {
        self.cursor.load(Ordering::Acquire)
    }
}
