//! The Kafka publisher: a reader of the journal on a thread of its own, exactly once.
//!
//! librdkafka's calls block, so the thread is an ordinary one. Correctness never depends on its
//! end: records and cursor commit together, and a new producer goes on from the committed cursor.

pub(crate) mod client;
mod cursor;
mod oversize;
mod session;
mod state;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tracing::{error, warn};

pub use session::PUBLISHER;
pub use state::Status;

use session::{Doubt, Session};
use state::State;

use crate::config::KafkaConfig;
use crate::journal::Journal;

/// The first pause after a doubt; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A running publisher. Dropping it tells it to stop and does not wait.
#[derive(Debug)]
pub struct KafkaPublisher {
    stop: Arc<AtomicBool>,
    state: Arc<State>,
    journal: Option<Journal>,
    thread: Option<JoinHandle<()>>,
}

impl KafkaPublisher {
    /// Starts publishing a journal; the cluster need not be there yet.
    pub fn start(config: KafkaConfig, journal: Journal) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let state = Arc::new(State::new());
        let ours = journal.clone();
        let thread =
            std::thread::Builder::new().name(format!("kafka-{}", journal.shard())).spawn({
                let (stop, state) = (Arc::clone(&stop), Arc::clone(&state));
                move || work(&config, &journal, &stop, &state)
            })?;
        Ok(Self { stop, state, journal: Some(ours), thread: Some(thread) })
    }

    /// How it does.
    pub fn status(&self) -> Status {
        self.state.get()
    }

    /// The last row that is published.
    pub fn cursor(&self) -> u64 {
        self.state.cursor()
    }

    /// Tells it to end after the current transaction.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        if let Some(journal) = &self.journal {
            journal.ring();
        }
    }

    /// Whether its thread has ended.
    pub fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Tells it to end and waits for that; with a broker away that may take the transaction's
    /// timeout, so that an exit in a hurry drops the publisher instead.
    pub fn join(mut self) {
        self.stop();
        self.journal = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Drop for KafkaPublisher {
    fn drop(&mut self) {
        self.stop();
    }
}

fn work(config: &KafkaConfig, journal: &Journal, stop: &AtomicBool, state: &State) {
    let mut pause = FIRST_PAUSE;
    while !stop.load(Ordering::Acquire) {
        let before = state.cursor();
        match (Session { config, journal, stop, state }).live() {
            Ok(()) => break,
            Err(Doubt::Refused(reason)) => {
                error!(shard = %journal.shard(), reason, "the publisher stopped");
                state.set(Status::Refused { reason });
                return;
            }
            Err(doubt) => {
                let reason = chain(&doubt);
                warn!(shard = %journal.shard(), error = reason, "publishing is interrupted");
                state.set(Status::Waiting { reason });
            }
        }
        if state.cursor() > before {
            pause = FIRST_PAUSE;
        }
        rest(pause, stop);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    state.set(Status::Stopped);
}

/// Sleeps, unless it is time to stop.
fn rest(pause: Duration, stop: &AtomicBool) {
    let nap = Duration::from_millis(100);
    let mut left = pause;
    while !left.is_zero() && !stop.load(Ordering::Acquire) {
        std::thread::sleep(nap.min(left));
        left = left.saturating_sub(nap);
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
