//! The journal's tables, and how an older file becomes a current one.

use rusqlite::{Connection, Transaction, TransactionBehavior};

/// One step a schema version: `MIGRATIONS[n]` leads from version n to n + 1.
const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE rows (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    shard INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    stream TEXT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    headers TEXT NOT NULL,
    value BLOB,
    recorded_at INTEGER NOT NULL,
    digest BLOB NOT NULL
) STRICT;
CREATE INDEX rows_by_time ON rows (recorded_at);
CREATE TABLE heads (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    fields TEXT NOT NULL,
    fetched_at INTEGER NOT NULL,
    offered_at INTEGER NOT NULL,
    route TEXT NOT NULL,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX heads_by_offer ON heads (offered_at);
CREATE TABLE kv (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE publishers (
    name TEXT PRIMARY KEY,
    cursor INTEGER,
    cluster TEXT
) STRICT, WITHOUT ROWID;
",
    // The whole bytes of a dead letter whose row holds the first of them only.
    "CREATE TABLE letters (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;",
];

/// The schema version that this build writes.
pub(super) const VERSION: usize = MIGRATIONS.len();

/// The version of a file: 0 for a new one.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<usize> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(found).unwrap_or(usize::MAX))
}

/// Settings of the writing connection. `auto_vacuum` comes first: it only takes in an empty file.
pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}

/// Leads a file of any older version to the current one, in one transaction.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let tx = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let from = version(&tx)?;
    for step in MIGRATIONS.iter().skip(from) {
        tx.execute_batch(step)?;
    }
    if from < VERSION {
        tx.pragma_update(None, "user_version", VERSION.cast_signed())?;
    }
    tx.commit()
}
