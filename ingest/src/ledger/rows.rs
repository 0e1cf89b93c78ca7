//! What is read from a ledger.

use rusqlite::{OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use super::change::{Added, EntryState};
use super::{Ledger, LedgerError};
use crate::config::FeedConfig;
use crate::errand::Errand;
use crate::honesty::Honesty;
use crate::last_document::LastDocument;
use crate::outcome::Outcome;

/// What makes a request conditional, byte for byte as the server gave it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// `ETag`.
    pub etag: Option<Vec<u8>>,
    /// `Last-Modified`.
    pub last_modified: Option<Vec<u8>>,
}

impl Validators {
    /// Whether a request with them would be unconditional.
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// The hints of a feed's last full document, which hold for a 304 as well.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedHints {
    /// Minutes.
    pub ttl: Option<u32>,
    /// `sy:updatePeriod` and `sy:updateFrequency`.
    pub sy: Option<(String, u32)>,
    /// Hours (GMT) in which not to poll.
    pub skip_hours: Vec<u8>,
    /// Days (GMT) on which not to poll.
    pub skip_days: Vec<String>,
    /// New entries a day, over the time that the listed ones span.
    pub items_per_day: Option<f64>,
}

/// A feed: its settings, its history and when it is polled next. Times are milliseconds of Unix
/// time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedRow {
    /// Its address, which is also its key.
    pub url: String,
    /// Its host key.
    pub host_key: String,
    /// How it came into the list.
    pub added: Added,
    /// Its settings.
    pub settings: FeedConfig,
    /// Its own title.
    pub title: Option<String>,
    /// `new`, `ok`, `failing` or `stopped`.
    pub state: String,
    /// The last visit's outcome.
    pub outcome: Option<Outcome>,
    /// One line about the last visit.
    pub message: Option<String>,
    /// Where it was moved to for good and has answered from twice.
    pub fetch_url: Option<String>,
    /// Where it says it was moved to, and how often in a row it said so.
    pub moved: Option<(String, u32)>,
    /// What makes the next request conditional.
    pub validators: Validators,
    /// Whether its 304s are believed.
    #[serde(default)]
    pub honesty: Honesty,
    /// Hints of the last full document.
    pub hints: FeedHints,
    /// Entries of the last full document that the feed's rules left out.
    #[serde(default)]
    pub left_out: u32,
    /// The interval in force, in milliseconds.
    pub interval_ms: u64,
    /// Failures in a row.
    pub failures: u32,
    /// Polls in a row without anything new.
    pub unchanged: u32,
    /// 410s in a row.
    pub gone: u32,
    /// The last full answer that could be read; none before the first look.
    pub full_at: Option<i64>,
    /// The last visit.
    pub visited_at: Option<i64>,
    /// The next visit; none for a stopped feed.
    pub next_at: Option<i64>,
    /// Why then.
    pub reason: String,
    /// When the failures in a row began.
    #[serde(default)]
    pub failing_since: Option<i64>,
    /// The last visit that brought something new.
    #[serde(default)]
    pub fresh_at: Option<i64>,
    /// What the last document held.
    #[serde(default)]
    pub document: Option<LastDocument>,
}

impl FeedRow {
    /// A feed that was never visited, due at once.
    pub fn new(settings: FeedConfig, added: Added, at: i64) -> Self {
        Self {
            url: settings.url.to_string(),
            host_key: article::shard::host_key(&settings.url),
            added,
            settings,
            title: None,
            state: "new".to_owned(),
            outcome: None,
            message: None,
            fetch_url: None,
            moved: None,
            validators: Validators::default(),
            honesty: Honesty::default(),
            hints: FeedHints::default(),
            left_out: 0,
            interval_ms: 0,
            failures: 0,
            unchanged: 0,
            gone: 0,
            full_at: None,
            visited_at: None,
            next_at: Some(at),
            reason: "never visited".to_owned(),
            failing_since: None,
            fresh_at: None,
            document: None,
        }
    }
}

/// An entry whose page is due.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The article's id.
    pub id: String,
    /// What the feed said.
    pub errand: Errand,
    /// Failures so far.
    pub attempts: u32,
    /// The first failure.
    pub first_failed_at: Option<i64>,
}

/// What is known of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Where it stands.
    pub state: EntryState,
    /// The feed that listed it first.
    pub feed: String,
    /// The hash of what that feed said.
    pub said: String,
    /// Failures so far.
    pub attempts: u32,
}

/// An article whose page is asked again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recheck {
    /// The article's id.
    pub id: String,
    /// The page's address.
    pub url: String,
    /// Its host key.
    pub host_key: String,
    /// What makes the request conditional.
    pub validators: Validators,
    /// SHA-256 of the last body.
    pub body: String,
    /// The step of the ladder.
    pub step: usize,
    /// How often in a row it was gone.
    pub gone: u32,
    /// When it is due.
    pub next_at: i64,
}

impl Ledger {
    /// All feeds, by address.
    pub fn feeds(&self) -> Result<Vec<FeedRow>, LedgerError> {
        self.json("SELECT row FROM feeds ORDER BY url", &[])
    }

    /// One feed.
    pub fn feed(&self, url: &str) -> Result<Option<FeedRow>, LedgerError> {
        Ok(self.json("SELECT row FROM feeds WHERE url = ?1", &[&url])?.pop())
    }

    /// Feeds that are due, the longest due first, but for those of busy hosts.
    pub fn due_feeds(
        &self,
        now: i64,
        busy: &[String],
        limit: u32,
    ) -> Result<Vec<FeedRow>, LedgerError> {
        let busy = serde_json::to_string(busy)?;
        self.json(
            "SELECT row FROM feeds WHERE next_at <= ?1
             AND host_key NOT IN (SELECT value FROM json_each(?2)) ORDER BY next_at LIMIT ?3",
            &[&now, &busy, &limit],
        )
    }

    /// Re-checks that are due, the longest due first, but for those of busy hosts.
    pub fn due_rechecks(
        &self,
        now: i64,
        busy: &[String],
        limit: u32,
    ) -> Result<Vec<Recheck>, LedgerError> {
        let busy = serde_json::to_string(busy)?;
        self.json(
            "SELECT row FROM rechecks WHERE next_at <= ?1
             AND host_key NOT IN (SELECT value FROM json_each(?2)) ORDER BY next_at LIMIT ?3",
            &[&now, &busy, &limit],
        )
    }

    /// Pending entries that are due, the longest due first, but for those of busy hosts.
    pub fn due_entries(
        &self,
        now: i64,
        busy: &[String],
        limit: u32,
    ) -> Result<Vec<Pending>, LedgerError> {
        let busy = serde_json::to_string(busy)?;
        let rows = self.rows(
            "SELECT id, errand, attempts, first_failed_at FROM entries WHERE next_at <= ?1
             AND host_key NOT IN (SELECT value FROM json_each(?2)) ORDER BY next_at LIMIT ?3",
            &[&now, &busy, &limit],
            |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?)),
        )?;
        rows.into_iter()
            .map(|(id, errand, attempts, first_failed_at)| {
                let errand = serde_json::from_str(&errand)?;
                Ok(Pending { id, errand, attempts, first_failed_at })
            })
            .collect()
    }

    /// When the next thing falls due; a host that is busy is not looked at.
    pub fn next_due(&self) -> Result<Option<i64>, LedgerError> {
        let found = self.rows(
            "SELECT MIN(at) FROM (SELECT MIN(next_at) AS at FROM feeds WHERE next_at IS NOT NULL
             UNION ALL SELECT MIN(next_at) FROM entries WHERE next_at IS NOT NULL
             UNION ALL SELECT MIN(next_at) FROM rechecks)",
            &[],
            |row| row.get::<_, Option<i64>>(0),
        )?;
        Ok(found.into_iter().next().flatten())
    }

    /// How many polls a second the intervals of the visited feeds add up to.
    pub(crate) fn usual_polls_per_second(&self) -> Result<f64, LedgerError> {
        let found = self.rows(
            "SELECT TOTAL(1000.0 / MAX(row ->> '$.interval_ms', 1000)) FROM feeds
             WHERE next_at IS NOT NULL AND row ->> '$.visited_at' IS NOT NULL",
            &[],
            |row| row.get(0),
        )?;
        Ok(found.into_iter().next().unwrap_or(0.0))
    }

    /// The newest visit of any feed, in milliseconds of Unix time.
    pub(crate) fn newest_visit(&self) -> Result<Option<i64>, LedgerError> {
        let found =
            self.rows("SELECT MAX(row ->> '$.visited_at') FROM feeds", &[], |row| row.get(0))?;
        Ok(found.into_iter().next().flatten())
    }

    /// The article that any of these keys names.
    pub fn article_of(&self, rungs: &[String]) -> Result<Option<String>, LedgerError> {
        for rung in rungs {
            let found = self
                .lock()
                .prepare_cached("SELECT id FROM aliases WHERE rung = ?1")?
                .query_row([rung], |row| row.get(0))
                .optional()?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// What is known of an article.
    pub fn known(&self, id: &str) -> Result<Option<Known>, LedgerError> {
        let found = self.rows(
            "SELECT state, feed, said, attempts FROM entries WHERE id = ?1",
            &[&id],
            |row| {
                let state: String = row.get(0)?;
                let state = EntryState::parse(&state);
                Ok(Known { state, feed: row.get(1)?, said: row.get(2)?, attempts: row.get(3)? })
            },
        )?;
        Ok(found.into_iter().next())
    }

    /// What the feed said of an article, while it is kept.
    pub fn errand(&self, id: &str) -> Result<Option<Errand>, LedgerError> {
        let sql = "SELECT errand FROM entries WHERE id = ?1 AND errand IS NOT NULL";
        Ok(self.json(sql, &[&id])?.pop())
    }

    /// How many entries are pending.
    pub fn pending_count(&self) -> Result<u32, LedgerError> {
        let sql = "SELECT COUNT(*) FROM entries WHERE next_at IS NOT NULL";
        let found = self.rows(sql, &[], |row| row.get(0))?;
        Ok(found.into_iter().next().unwrap_or(0))
    }

    /// How often the process ended while this body was parsed.
    pub fn strikes(&self, key: &str) -> Result<u32, LedgerError> {
        let found =
            self.rows("SELECT count FROM strikes WHERE key = ?1", &[&key], |row| row.get(0))?;
        Ok(found.into_iter().next().unwrap_or(0))
    }

    fn json<T: serde::de::DeserializeOwned>(
        &self,
        sql: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<T>, LedgerError> {
        let rows = self.rows(sql, values, |row| row.get::<_, String>(0))?;
        rows.iter().map(|row| Ok(serde_json::from_str(row)?)).collect()
    }

    fn rows<T>(
        &self,
        sql: &str,
        values: &[&dyn rusqlite::ToSql],
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, LedgerError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map(values, read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }
}
