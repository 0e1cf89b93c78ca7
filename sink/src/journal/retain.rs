//! Forgetting: rows by age and size once every publisher has passed them, heads by disuse.

use rusqlite::{Connection, OptionalExtension, params};

use super::meta;
use article::text::hex;

/// Most rows of one bite, so that appends never wait long behind it.
const BITE: i64 = 2000;

/// Most free pages given back in one bite.
const VACUUM_PAGES: u32 = 2000;

/// Heads are forgotten this long after their article was last offered.
const HEAD_AGE_MS: i64 = 400 * 24 * 3600 * 1000;

/// What may stay.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Rows recorded before this moment go.
    pub(super) before: i64,
    /// Now, in ms.
    pub(super) now: i64,
    /// The oldest rows go while more bytes than these are in use.
    pub(super) max_bytes: u64,
}

/// What one bite took.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Swept {
    pub(super) rows: u64,
    pub(super) heads: u64,
}

/// Takes one bite.
pub(super) fn sweep(connection: &mut Connection, limits: Limits) -> rusqlite::Result<Swept> {
    let tx = connection.transaction()?;
    let first: Option<i64> = tx.query_row("SELECT min(seq) FROM rows", [], |row| row.get(0))?;
    let mut rows = 0;
    if let Some(first) = first {
        let passed = passed(&tx)?;
        let too_old: Option<i64> = tx.query_row(
            "SELECT max(seq) FROM (SELECT seq FROM rows WHERE recorded_at < ?1
             ORDER BY recorded_at LIMIT ?2)",
            params![limits.before, BITE],
            |row| row.get(0),
        )?;
        let too_much = (meta::used_bytes(&tx)? > limits.max_bytes).then(|| first + BITE / 10);
        let last = too_old.max(too_much).unwrap_or(0).min(passed).min(first + BITE - 1);
        if last >= first {
            let anchor: Option<Vec<u8>> = tx
                .query_row("SELECT digest FROM rows WHERE seq = ?1", [last], |row| row.get(0))
                .optional()?;
            // A size's bite may end beyond the last row: then all rows go.
            let anchor = match anchor {
                Some(digest) => hex(&digest),
                None => meta::get(&tx, "last_digest")?.unwrap_or_default(),
            };
            rows = tx.execute("DELETE FROM rows WHERE seq <= ?1", [last])? as u64;
            tx.execute("DELETE FROM letters WHERE seq <= ?1", [last])?;
            meta::set(&tx, "anchor", &anchor)?;
        }
    }
    let heads = tx.execute(
        "DELETE FROM heads WHERE id IN (SELECT id FROM heads WHERE offered_at < ?1 LIMIT ?2)",
        params![limits.now - HEAD_AGE_MS, BITE],
    )? as u64;
    tx.commit()?;
    let mut vacuum = connection.prepare(&format!("PRAGMA incremental_vacuum({VACUUM_PAGES})"))?;
    let mut steps = vacuum.query([])?;
    while steps.next()?.is_some() {}
    Ok(Swept { rows, heads })
}

/// The last row that every configured publisher has passed; without a publisher, any.
fn passed(connection: &Connection) -> rusqlite::Result<i64> {
    let slowest: Option<i64> =
        connection
            .query_row("SELECT min(coalesce(cursor, 0)) FROM publishers", [], |row| row.get(0))?;
    Ok(slowest.unwrap_or(i64::MAX))
}
