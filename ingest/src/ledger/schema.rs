//! The ledger's tables, and how an older file becomes a newer one.

use article::shard::ShardId;
use rusqlite::{Connection, OptionalExtension};

use super::LedgerError;

/// One script a version; each runs once, in the transaction that raises `user_version`.
const MIGRATIONS: &[&str] = &["
CREATE TABLE meta (shard INTEGER NOT NULL);
CREATE TABLE feeds (
  url TEXT PRIMARY KEY, shard INTEGER NOT NULL, host_key TEXT NOT NULL, added TEXT NOT NULL,
  next_at INTEGER, row TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX feeds_due ON feeds (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE entries (
  id TEXT PRIMARY KEY, shard INTEGER NOT NULL, host_key TEXT NOT NULL, feed TEXT NOT NULL,
  state TEXT NOT NULL, errand TEXT, said TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER, reason TEXT, first_failed_at INTEGER, first_seen INTEGER NOT NULL,
  listed_at INTEGER NOT NULL, settled_seq INTEGER
) WITHOUT ROWID;
CREATE INDEX entries_due ON entries (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX entries_settled ON entries (settled_seq) WHERE settled_seq IS NOT NULL;
CREATE INDEX entries_feed ON entries (feed, listed_at);
CREATE TABLE aliases (
  rung TEXT PRIMARY KEY, shard INTEGER NOT NULL, host_key TEXT NOT NULL, id TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX aliases_id ON aliases (id);
CREATE TABLE rechecks (
  id TEXT PRIMARY KEY, shard INTEGER NOT NULL, host_key TEXT NOT NULL, next_at INTEGER NOT NULL,
  row TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX rechecks_due ON rechecks (next_at);
CREATE TABLE strikes (
  key TEXT PRIMARY KEY, shard INTEGER NOT NULL, host_key TEXT NOT NULL,
  count INTEGER NOT NULL, open INTEGER NOT NULL
) WITHOUT ROWID;
"];

/// Sets the file up, or brings it to the newest version.
pub(super) fn prepare(connection: &mut Connection, shard: ShardId) -> Result<(), LedgerError> {
    // Only heeded before the first table exists.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -2048)?;
    connection.pragma_update(None, "journal_size_limit", 16 << 20)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(64);
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if found > known {
        return Err(LedgerError::TooNew { found, known });
    }
    let transaction = connection.transaction()?;
    for script in MIGRATIONS.iter().skip(found as usize) {
        transaction.execute_batch(script)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    let owner: Option<u16> =
        transaction.query_row("SELECT shard FROM meta", [], |row| row.get(0)).optional()?;
    match owner {
        None => {
            transaction.execute("INSERT INTO meta (shard) VALUES (?1)", [shard.0])?;
        }
        Some(owner) if owner != shard.0 => {
            return Err(LedgerError::OtherShard { found: owner, wanted: shard.0 });
        }
        Some(_) => {}
    }
    transaction.commit()?;
    Ok(())
}
