//! What may go wrong with a journal.

use std::path::PathBuf;

use article::shard::ShardId;
use thiserror::Error;

/// Why the journal could not do what it was asked.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file cannot be opened, migrated or read.
    #[error("cannot open the journal {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// The database's word.
        source: rusqlite::Error,
    },
    /// A later khobor wrote it.
    #[error(
        "the journal {path} was written by a later khobor (schema {found}, this one knows \
         {known}): run that one, or restore the data folder from before"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: usize,
        /// Ours.
        known: usize,
    },
    /// It belongs to another shard.
    #[error("the journal {path} belongs to shard {found}, not to shard {expected}")]
    OtherShard {
        /// The file.
        path: PathBuf,
        /// Its shard.
        found: ShardId,
        /// Ours.
        expected: ShardId,
    },
    /// A query failed.
    #[error("the journal cannot {attempt}")]
    Database {
        /// What was attempted.
        attempt: &'static str,
        /// The database's word.
        source: rusqlite::Error,
    },
    /// The last groups could not be written: the disk is full or broken.
    #[error("the journal cannot be written: {reason}")]
    Unwritable {
        /// The database's word.
        reason: String,
    },
    /// The writer's thread could not be started.
    #[error("cannot start the journal's thread")]
    Thread(#[source] std::io::Error),
    /// The writer has ended.
    #[error("the journal's writer has ended")]
    Closed,
    /// A row does not continue the chain of digests.
    #[error("row {seq} of the journal does not continue the chain of digests")]
    Broken {
        /// The row.
        seq: u64,
    },
}

/// Names the attempt that a query failed in.
pub(super) fn database(attempt: &'static str) -> impl Fn(rusqlite::Error) -> JournalError {
    move |source| JournalError::Database { attempt, source }
}
