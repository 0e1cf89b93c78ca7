//! What ingest remembers: one SQLite file a shard, changed only through [`Ledger::apply_all`].
//!
//! The file is in WAL mode without an fsync a commit: after a power cut it holds a prefix of what
//! was committed, never a later commit without an earlier one. So validators are never there
//! without the entries that came with them, and what the lost tail had settled is fetched again
//! and found unchanged by the journal. A call of a visit takes some ten microseconds, so visits make
//! it in place; the rule that forgets and a moved clock look at every row.

mod change;
mod passing;
mod schema;
mod rows;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use article::shard::ShardId;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use thiserror::Error;

pub use change::{Added, Change, EntryState};
pub use rows::{FeedHints, FeedRow, Known, Pending, Recheck, Validators};

/// The ledger of one shard; clones share the file.
#[derive(Clone, Debug)]
pub struct Ledger {
    shard: ShardId,
    connection: Arc<Mutex<Connection>>,
    /// Why the last change could not be stored, where the disk was the reason.
    fault: Arc<Mutex<Option<String>>>,
}

/// The feeds of a ledger that another process may hold: it is read, and nothing is changed. An
/// older file is read as it is, a missing one has no feeds.
pub fn read_feeds(path: &Path) -> Result<Vec<FeedRow>, LedgerError> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    if schema::version(&connection)? == 0 {
        return Ok(Vec::new());
    }
    // The shard is asked for by those that change it.
    let connection = Arc::new(Mutex::new(connection));
    Ledger { shard: ShardId(0), connection, fault: Arc::default() }.feeds()
}

/// Why the ledger could not be opened, read or changed.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The file is not what it should be, or the disk is full.
    #[error("could not use the ledger")]
    Database(#[from] rusqlite::Error),
    /// A row that this version cannot read.
    #[error("could not read a row of the ledger")]
    Row(#[from] serde_json::Error),
    /// A file of a later version.
    #[error(
        "the ledger was written by a later khobor (schema {found}, this one knows {known}): run that \
         one, or restore the data folder from before"
    )]
    TooNew {
        /// The file's version.
        found: u32,
        /// The newest version known.
        known: u32,
    },
    /// A file of another shard.
    #[error("the ledger belongs to shard {found}, not {wanted}")]
    OtherShard {
        /// The shard in the file.
        found: u16,
        /// The shard asked for.
        wanted: u16,
    },
}

impl LedgerError {
    /// Whether the disk is full or broken: nothing was changed, and trying again later may do.
    pub(crate) fn is_of_the_disk(&self) -> bool {
        let Self::Database(rusqlite::Error::SqliteFailure(failure, _)) = self else { return false };
        matches!(failure.code, ErrorCode::DiskFull | ErrorCode::SystemIoFailure)
    }

    fn cause(&self) -> String {
        std::error::Error::source(self).map(ToString::to_string).unwrap_or_default()
    }
}

impl Ledger {
    /// Opens or makes the ledger of a shard, migrating an older file in one transaction. Notes of
    /// bodies that were being parsed when the process ended become strikes.
    pub fn open(path: &Path, shard: ShardId) -> Result<Self, LedgerError> {
        let mut connection = Connection::open(path)?;
        schema::prepare(&mut connection, shard)?;
        let connection = Arc::new(Mutex::new(connection));
        let ledger = Self { shard, connection, fault: Arc::default() };
        ledger.apply(&Change::Struck)?;
        Ok(ledger)
    }

    /// The shard whose ledger this is.
    pub fn shard(&self) -> ShardId {
        self.shard
    }

    /// Applies one change.
    pub fn apply(&self, change: &Change) -> Result<(), LedgerError> {
        self.apply_all(std::slice::from_ref(change))
    }

    /// Applies changes in one transaction: all or none.
    pub fn apply_all(&self, changes: &[Change]) -> Result<(), LedgerError> {
        if changes.is_empty() {
            return Ok(());
        }
        let stored = self.store(changes);
        let fault = stored.as_ref().err().filter(|error| error.is_of_the_disk());
        self.note(fault.map(|error| format!("{error}: {}", error.cause())));
        stored
    }

    /// Why nothing can be stored, if so: the disk is full or broken.
    pub fn fault(&self) -> Option<String> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn store(&self, changes: &[Change]) -> Result<(), LedgerError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        for change in changes {
            change::apply(&transaction, self.shard, change)?;
        }
        Ok(transaction.commit()?)
    }

    fn note(&self, fault: Option<String>) {
        let mut noted = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*noted, &fault) {
            (None, Some(reason)) => {
                tracing::error!(shard = %self.shard, %reason, "the ledger cannot be written");
            }
            (Some(_), None) => tracing::info!(shard = %self.shard, "the ledger is written again"),
            _ => {}
        }
        *noted = fault;
    }

    /// Makes every entry pending again that was settled with a row beyond the journal's end.
    /// Answers how many.
    pub fn unsettle_after(&self, seq: u64) -> Result<u32, LedgerError> {
        let before = self.pending_count()?;
        self.apply(&Change::Unsettled { after: seq })?;
        Ok(self.pending_count()?.saturating_sub(before))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FeedConfig;

    #[test]
    fn a_visit_changes_no_settings_and_brings_no_feed_back() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger.sqlite"), ShardId(0)).unwrap();
        let url = "https://a.example/feed";
        let row = FeedRow::new(FeedConfig::new(url.parse().unwrap()), Added::Command, 0);
        ledger.apply(&Change::Feed(Box::new(row.clone()))).unwrap();
        let mut labelled = row.clone();
        labelled.settings.labels = vec!["world".to_owned()];
        ledger.apply(&Change::Feed(Box::new(labelled))).unwrap();
        // A visit that began before the label was given.
        let visited = FeedRow { failures: 2, next_at: Some(7), ..row };
        ledger.apply(&Change::Visited(Box::new(visited.clone()))).unwrap();
        let found = ledger.feed(url).unwrap().unwrap();
        assert_eq!((found.failures, found.next_at), (2, Some(7)));
        assert_eq!(found.settings.labels, ["world"]);
        ledger.apply(&Change::FeedRemoved { url: url.to_owned() }).unwrap();
        ledger.apply(&Change::Visited(Box::new(visited))).unwrap();
        assert_eq!(ledger.feed(url).unwrap(), None);
    }
}
