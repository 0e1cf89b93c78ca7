//! What the passing of time does to the ledger: a moved clock, and what is forgotten.

use rusqlite::{Transaction, params};

use super::LedgerError;

/// How long a body that was parsed when the process ended is remembered.
const STRIKES_KEPT_MS: i64 = 24 * 3_600_000;

pub(super) fn move_clock(tx: &Transaction<'_>, by_ms: i64) -> Result<(), LedgerError> {
    for sql in [
        "UPDATE feeds SET next_at = next_at + ?1, row = json_set(row,
           '$.next_at', next_at + ?1, '$.visited_at', (row ->> '$.visited_at') + ?1,
           '$.full_at', (row ->> '$.full_at') + ?1,
           '$.fresh_at', (row ->> '$.fresh_at') + ?1,
           '$.failing_since', (row ->> '$.failing_since') + ?1,
           '$.honesty.liar_until', (row ->> '$.honesty.liar_until') + ?1)",
        "UPDATE entries SET next_at = next_at + ?1, listed_at = listed_at + ?1,
           first_seen = first_seen + ?1, first_failed_at = first_failed_at + ?1",
        "UPDATE strikes SET noted_at = noted_at + ?1",
        "UPDATE rechecks SET next_at = next_at + ?1,
           row = json_set(row, '$.next_at', next_at + ?1)",
    ] {
        tx.execute(sql, [by_ms])?;
    }
    Ok(())
}

/// An entry left its feed when a later full answer did not list it; while a feed answers 304 or
/// fails, its entries are still there. The entries of a feed that is gone left with it.
pub(super) fn forget(tx: &Transaction<'_>, keep_ms: i64, at: i64) -> Result<(), LedgerError> {
    tx.execute(
        "DELETE FROM entries WHERE next_at IS NULL AND listed_at < ?2 - ?1
         AND listed_at < COALESCE((SELECT row ->> '$.full_at' FROM feeds
                                   WHERE feeds.url = entries.feed), ?2) - ?1",
        params![keep_ms, at],
    )?;
    // What brought the process down is tried again after a day: its bytes may be others by now.
    tx.execute("DELETE FROM strikes WHERE open = 0 AND noted_at < ?1", [at - STRIKES_KEPT_MS])?;
    tx.execute("DELETE FROM aliases WHERE id NOT IN (SELECT id FROM entries)", [])?;
    tx.execute("DELETE FROM rechecks WHERE id NOT IN (SELECT id FROM entries)", [])?;
    Ok(())
}
