//! Every way in which a ledger changes: a closed list of plain data, so that the stream of
//! changes can become a changelog.

use article::shard::ShardId;
use rusqlite::{Transaction, params};
use serde::{Deserialize, Serialize};

use super::rows::{FeedRow, Recheck, Validators};
use super::{LedgerError, passing};
use crate::errand::Errand;

/// How a feed came into the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Added {
    /// It stands in the configuration file, and goes when it goes from there.
    Config,
    /// A command added it; only a command removes it.
    Command,
}

impl Added {
    /// The word that rows hold.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Command => "command",
        }
    }
}

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EntryState {
    /// Its page is still to be had.
    Pending,
    /// The journal holds it.
    Settled,
    /// It failed for good, and its dead letter is in the journal.
    Quarantined,
    /// It was old at the first look at its feed, and is not fetched.
    Known,
    /// The shard of its host took it over.
    Forwarded,
}

impl EntryState {
    /// The word that rows hold.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Settled => "settled",
            Self::Quarantined => "quarantined",
            Self::Known => "known",
            Self::Forwarded => "forwarded",
        }
    }

    pub(super) fn parse(word: &str) -> Self {
        [Self::Settled, Self::Quarantined, Self::Known, Self::Forwarded]
            .into_iter()
            .find(|state| state.as_str() == word)
            .unwrap_or(Self::Pending)
    }
}

/// One change of the ledger. Times are milliseconds of Unix time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Change {
    /// A feed's row, new or changed.
    Feed(Box<FeedRow>),
    /// A feed was visited: its history, and nothing of its settings, which may have changed
    /// meanwhile. One that left the list meanwhile stays away.
    Visited(Box<FeedRow>),
    /// A feed leaves the list.
    FeedRemoved {
        /// Its address.
        url: String,
    },
    /// An entry is listed for the first time.
    Listed {
        /// The article's id.
        id: String,
        /// Pending, known or forwarded.
        state: EntryState,
        /// What the feed said.
        errand: Box<Errand>,
        /// Now.
        at: i64,
    },
    /// A feed lists an entry again.
    Relisted {
        /// The article's id.
        id: String,
        /// Now.
        at: i64,
    },
    /// One more key by which an article is known; an older owner keeps it.
    Alias {
        /// The key.
        rung: String,
        /// The key's host key.
        host_key: String,
        /// The article's id.
        id: String,
    },
    /// The feed says something else of a settled entry: its page is asked again now.
    Said {
        /// The article's id.
        id: String,
        /// What the feed says.
        errand: Box<Errand>,
        /// Now.
        at: i64,
    },
    /// A page was not had.
    Attempted {
        /// The article's id.
        id: String,
        /// Failures so far.
        attempts: u32,
        /// The next try.
        next_at: i64,
        /// Why it failed.
        reason: String,
        /// Now.
        at: i64,
    },
    /// The journal holds the article.
    Settled {
        /// The article's id.
        id: String,
        /// The journal's row.
        seq: u64,
    },
    /// An entry failed for good.
    Quarantined {
        /// The article's id.
        id: String,
        /// Why.
        reason: String,
    },
    /// An article's page is to be asked again.
    Recheck(Box<Recheck>),
    /// An article's page is not asked again.
    RecheckEnded {
        /// The article's id.
        id: String,
    },
    /// A body is about to be parsed.
    Noted {
        /// The address.
        key: String,
        /// Its host key.
        host_key: String,
        /// Now.
        at: i64,
    },
    /// A body was parsed, well or not.
    Cleared {
        /// The address.
        key: String,
    },
    /// At start: bodies that were being parsed when the process ended get a strike.
    Struck,
    /// Entries settled beyond the journal's end become pending.
    Unsettled {
        /// The journal's last row.
        after: u64,
    },
    /// The wall clock jumped: what is due keeps its distance.
    ClockMoved {
        /// By so much, forwards or backwards.
        by_ms: i64,
    },
    /// The rule that forgets: entries that left their feed before this time.
    Forgotten {
        /// How long an entry is remembered after it left its feed.
        keep_ms: i64,
        /// Now.
        at: i64,
    },
}

/// Applies one change inside a transaction.
pub(super) fn apply(
    tx: &Transaction<'_>,
    shard: ShardId,
    change: &Change,
) -> Result<(), LedgerError> {
    match change {
        Change::Feed(row) => {
            let json = serde_json::to_string(row)?;
            let added = row.added.as_str();
            run(
                tx,
                "INSERT INTO feeds (url, shard, host_key, added, next_at, row)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (url) DO UPDATE
                 SET added = ?4, next_at = ?5, row = ?6",
                params![row.url, shard.0, row.host_key, added, row.next_at, json],
            )?;
        }
        Change::Visited(row) => {
            let json = serde_json::to_string(row)?;
            run(
                tx,
                "UPDATE feeds SET next_at = ?2, row = json_set(?3,
                   '$.settings', json(row -> '$.settings'), '$.added', row ->> '$.added')
                 WHERE url = ?1",
                params![row.url, row.next_at, json],
            )?;
        }
        Change::FeedRemoved { url } => {
            run(tx, "DELETE FROM feeds WHERE url = ?1", params![url])?;
        }
        Change::Recheck(row) => {
            let json = serde_json::to_string(row)?;
            run(
                tx,
                "INSERT OR REPLACE INTO rechecks (id, shard, host_key, next_at, row)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![row.id, shard.0, row.host_key, row.next_at, json],
            )?;
        }
        Change::RecheckEnded { id } => {
            run(tx, "DELETE FROM rechecks WHERE id = ?1", params![id])?;
        }
        Change::Noted { key, host_key, at } => {
            run(
                tx,
                "INSERT INTO strikes (key, shard, host_key, count, open, noted_at)
                 VALUES (?1, ?2, ?3, 0, 1, ?4)
                 ON CONFLICT (key) DO UPDATE SET open = 1, noted_at = ?4",
                params![key, shard.0, host_key, at],
            )?;
        }
        Change::Cleared { key } => {
            run(tx, "DELETE FROM strikes WHERE key = ?1", params![key])?;
        }
        Change::Struck => {
            run(tx, "UPDATE strikes SET count = count + 1, open = 0 WHERE open = 1", &[])?;
        }
        Change::ClockMoved { by_ms } => passing::move_clock(tx, *by_ms)?,
        Change::Forgotten { keep_ms, at } => passing::forget(tx, *keep_ms, *at)?,
        entry => apply_entry(tx, shard, entry)?,
    }
    Ok(())
}

/// Applies a change of an entry.
fn apply_entry(tx: &Transaction<'_>, shard: ShardId, change: &Change) -> Result<(), LedgerError> {
    match change {
        Change::Listed { id, state, errand, at } => {
            let json = match state {
                EntryState::Pending => Some(serde_json::to_string(errand)?),
                _ => None,
            };
            let next_at = matches!(state, EntryState::Pending).then_some(*at);
            let (feed, said) = (&errand.feed.url, errand.said_hash());
            run(
                tx,
                "INSERT OR IGNORE INTO entries (id, shard, host_key, feed, state, errand, said,
                 next_at, first_seen, listed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
                params![
                    id,
                    shard.0,
                    errand.host_key,
                    feed,
                    state.as_str(),
                    json,
                    said,
                    next_at,
                    at
                ],
            )?;
        }
        Change::Relisted { id, at } => {
            run(tx, "UPDATE entries SET listed_at = ?2 WHERE id = ?1", params![id, at])?;
        }
        Change::Alias { rung, host_key, id } => {
            run(
                tx,
                "INSERT OR IGNORE INTO aliases (rung, shard, host_key, id) VALUES (?1, ?2, ?3, ?4)",
                params![rung, shard.0, host_key, id],
            )?;
        }
        Change::Said { id, errand, at } => said(tx, shard, id, errand, *at)?,
        Change::Attempted { id, attempts, next_at, reason, at } => {
            run(
                tx,
                "UPDATE entries SET attempts = ?2, next_at = ?3, reason = ?4,
                 first_failed_at = COALESCE(first_failed_at, ?5) WHERE id = ?1",
                params![id, attempts, next_at, reason, at],
            )?;
        }
        Change::Settled { id, seq } => {
            // What the feed said stays, without its text, for the re-checks and for a journal that
            // loses its tail.
            run(
                tx,
                "UPDATE entries SET state = 'settled', settled_seq = ?2, next_at = NULL,
                 reason = NULL, attempts = 0, first_failed_at = NULL,
                 errand = json_remove(errand, '$.entry.content') WHERE id = ?1",
                params![id, i64::try_from(*seq).unwrap_or(i64::MAX)],
            )?;
        }
        Change::Quarantined { id, reason } => {
            run(
                tx,
                "UPDATE entries SET state = 'quarantined', reason = ?2, next_at = NULL
                 WHERE id = ?1",
                params![id, reason],
            )?;
        }
        Change::Unsettled { after } => {
            run(
                tx,
                "UPDATE entries SET state = 'pending', settled_seq = NULL, next_at = 0,
                 reason = 'the journal lost its row' WHERE settled_seq > ?1 AND errand IS NOT NULL",
                params![i64::try_from(*after).unwrap_or(i64::MAX)],
            )?;
        }
        // Not of an entry; named, so that a new change cannot be forgotten.
        Change::Feed(_)
        | Change::Visited(_)
        | Change::FeedRemoved { .. }
        | Change::Recheck(_)
        | Change::RecheckEnded { .. }
        | Change::Noted { .. }
        | Change::Cleared { .. }
        | Change::Struck
        | Change::ClockMoved { .. }
        | Change::Forgotten { .. } => {}
    }
    Ok(())
}

fn run(
    tx: &Transaction<'_>,
    sql: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<usize, rusqlite::Error> {
    tx.prepare_cached(sql)?.execute(values)
}

/// The page is asked again now, even where its ladder has ended.
fn said(
    tx: &Transaction<'_>,
    shard: ShardId,
    id: &str,
    errand: &Errand,
    at: i64,
) -> Result<(), LedgerError> {
    let (json, said) = (serde_json::to_string(errand)?, errand.said_hash());
    run(
        tx,
        "UPDATE entries SET said = ?2, errand = ?3, listed_at = ?4 WHERE id = ?1",
        params![id, said, json, at],
    )?;
    let waits =
        run(tx, "UPDATE rechecks SET next_at = MIN(next_at, ?2) WHERE id = ?1", params![id, at])?;
    let (0, Some(url)) = (waits, &errand.url) else { return Ok(()) };
    let row = Recheck {
        id: id.to_owned(),
        url: url.to_string(),
        host_key: errand.host_key.clone(),
        validators: Validators::default(),
        body: String::new(),
        step: BEYOND_THE_LADDER,
        gone: 0,
        next_at: at,
    };
    apply(tx, shard, &Change::Recheck(Box::new(row)))
}

/// The step of a look that no ladder asked for.
const BEYOND_THE_LADDER: usize = u32::MAX as usize;
