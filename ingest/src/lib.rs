//! From the web to an article: schedule, fetch, feed, ledger, page.
//!
//! The binary opens a [`DataFolder`] and a [`Ledger`] for each shard, and awaits [`run()`]. What
//! comes out are parcels, each with one event and a return receipt.

pub mod config;
pub mod access;
pub mod feed_list;
pub mod outcome;
pub mod errand;
pub mod rules;
pub mod schedule;
pub mod fetch;
mod listing;
mod plain;
mod read;
pub mod last_document;
pub mod ledger;
pub mod discover;
pub mod lock;
pub mod metrics;
mod honesty;
mod outage;
mod governor;
mod room;
mod visit;
mod twin;
mod page;
mod recheck;
mod scheduler;
pub mod run;

pub use access::Secret;
pub use config::{FeedConfig, IngestConfig, Span};
pub use ledger::{Added, Change, FeedRow, Ledger, LedgerError};
pub use lock::{DataFolder, LockError};
pub use metrics::{Counts, Metrics};
pub use outcome::Outcome;
pub use run::{FeedStatus, RunError, Shard, Tools, feeds_status, run, simulate, sync_feeds};
