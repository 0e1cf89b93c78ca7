//! The ledger's tables, and how an older file becomes a newer one.

use article::id::address_rung;
use article::shard::ShardId;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use url::Url;

use super::LedgerError;

/// What brings a ledger from one version to the next.
enum Step {
    Script(&'static str),
    Work(fn(&Transaction<'_>) -> Result<(), LedgerError>),
}

/// One step a version; each runs once, in the transaction that raises `user_version`.
const MIGRATIONS: &[Step] = &[
    Step::Script(TABLES),
    Step::Work(key_addresses_anew),
    Step::Script("ALTER TABLE strikes ADD COLUMN noted_at INTEGER NOT NULL DEFAULT 0"),
];

const TABLES: &str = "
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
";

/// Until version 1 the key of an address had no scheme and knew fewer campaigns. Where two keys
/// become one, the article that was seen first keeps it. Marks of who listed what are hashes of
/// keys: they are made again at the next look at the feed, and the old ones go with their entries.
fn key_addresses_anew(transaction: &Transaction<'_>) -> Result<(), LedgerError> {
    let mut query = transaction.prepare(
        "SELECT rung FROM aliases LEFT JOIN entries USING (id) WHERE rung LIKE 'url %'
         ORDER BY entries.first_seen",
    )?;
    let rungs: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for rung in rungs {
        let key = rung.splitn(3, ' ').nth(2).unwrap_or_default();
        let Ok(url) = Url::parse(&format!("http://{key}")) else { continue };
        transaction.execute(
            "UPDATE OR IGNORE aliases SET rung = ?2 WHERE rung = ?1",
            params![rung, address_rung(&url)],
        )?;
    }
    Ok(())
}

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
    let found = version(connection)?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let transaction = connection.transaction()?;
    for step in MIGRATIONS.iter().skip(found as usize) {
        match step {
            Step::Script(script) => transaction.execute_batch(script)?,
            Step::Work(work) => work(&transaction)?,
        }
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

/// The version of a file; 0 for a new one, and an error for one that is newer than this program.
pub(super) fn version(connection: &Connection) -> Result<u32, LedgerError> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if found > known {
        return Err(LedgerError::TooNew { found, known });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_of_the_first_version_still_knows_its_articles() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(TABLES).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        let entry = "INSERT INTO entries (id, shard, host_key, feed, state, said, first_seen,
                     listed_at) VALUES (?1, 0, 'e.com', 'f', 'settled', '', ?2, 0)";
        let alias = "INSERT INTO aliases (rung, shard, host_key, id) VALUES (?2, 0, 'e.com', ?1)";
        for (id, seen, rung) in [
            ("late", 2, "url e.com e.com/x?id=1&xtor=RSS-1"),
            ("early", 1, "url e.com e.com/x?id=1&wt_mc_id=7"),
            ("other", 3, "guid http://e.com/feed 7"),
        ] {
            connection.execute(entry, params![id, seen]).unwrap();
            connection.execute(alias, params![id, rung]).unwrap();
        }
        prepare(&mut connection, ShardId(0)).unwrap();
        let owner = |rung: &str| -> Option<String> {
            let query = "SELECT id FROM aliases WHERE rung = ?1";
            connection.query_row(query, [rung], |row| row.get(0)).optional().unwrap()
        };
        let anew = address_rung(&Url::parse("https://www.e.com/x?id=1").unwrap());
        assert_eq!(owner(&anew).as_deref(), Some("early"));
        assert_eq!(owner("guid http://e.com/feed 7").as_deref(), Some("other"));
    }
}
