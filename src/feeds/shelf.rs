//! The feeds of a configuration and of its ledgers together: to read beside a running service, and
//! to change while none runs.

use std::path::PathBuf;

use anyhow::Context as _;
use article::clock::Clock;
use article::shard::{ShardId, host_key, shard_of};
use article::url_key::url_key;
use ingest::{Added, Change, DataFolder, FeedConfig, FeedRow, Ledger, LockError};
use url::Url;

use crate::config::Config;
use crate::service::Refused;

/// All feeds, by address: those that the ledgers know, and those of the configuration that no
/// service has seen yet.
pub(super) fn rows(config: &Config) -> anyhow::Result<Vec<FeedRow>> {
    let mut rows = Vec::new();
    for shard in (0..config.shards).map(ShardId) {
        let path: PathBuf = config.data_dir.join(format!("shard-{shard}")).join("ledger.sqlite");
        let found = ingest::ledger::read_feeds(&path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        rows.extend(found);
    }
    let now = Clock::system().now().as_millisecond();
    let declared: Vec<FeedRow> = config
        .feed
        .iter()
        .filter(|feed| !rows.iter().any(|row| row.url == feed.url.as_str()))
        .map(|feed| FeedRow::new(feed.clone(), Added::Config, now))
        .collect();
    rows.extend(declared);
    rows.sort_by(|a, b| a.url.cmp(&b.url));
    Ok(rows)
}

/// The ledgers, held for a change.
pub(super) struct Shelf {
    ledgers: Vec<Ledger>,
    declared: Vec<FeedConfig>,
    _folder: DataFolder,
}

/// What became of a feed that was put on the shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    Added,
    /// It was there, maybe spelt otherwise.
    Known,
}

impl Shelf {
    /// Locks the data folder; an error says who holds it.
    pub(super) fn open(config: &Config) -> anyhow::Result<Self> {
        let folder =
            DataFolder::open(&config.data_dir, config.shards).map_err(|error| match error {
                LockError::Io { .. } => anyhow::Error::new(error),
                error => {
                    let way_out = "stop that service first, or name the feed in its configuration";
                    Refused::new(format!("{error}; {way_out}")).into()
                }
            })?;
        let mut ledgers = Vec::new();
        for shard in (0..config.shards).map(ShardId) {
            let path = folder.ledger(shard)?;
            let ledger = Ledger::open(&path, shard)
                .with_context(|| format!("{} cannot be used", path.display()))?;
            ledgers.push(ledger);
        }
        Ok(Self { ledgers, declared: config.feed.clone(), _folder: folder })
    }

    /// Adds a feed to the shard of its host.
    pub(super) fn put(&self, feed: FeedConfig) -> anyhow::Result<Put> {
        let key = url_key(&feed.url);
        if self.declared.iter().any(|known| url_key(&known.url) == key) {
            return Ok(Put::Known);
        }
        let ledger = self.ledger_of(&feed.url);
        let is_known = |row: &FeedRow| url_key(&row.settings.url) == key;
        if ledger.feeds()?.iter().any(is_known) {
            return Ok(Put::Known);
        }
        let now = Clock::system().now().as_millisecond();
        let row = FeedRow::new(feed, Added::Command, now);
        ledger.apply(&Change::Feed(Box::new(row)))?;
        Ok(Put::Added)
    }

    /// The feed at this address, as it stands in its ledger.
    pub(super) fn find(&self, url: &Url) -> anyhow::Result<Option<FeedRow>> {
        let key = url_key(url);
        let mut rows = self.ledger_of(url).feeds()?.into_iter();
        Ok(rows.find(|row| url_key(&row.settings.url) == key))
    }

    /// Whether the configuration names this address.
    pub(super) fn declares(&self, url: &Url) -> bool {
        let key = url_key(url);
        self.declared.iter().any(|known| url_key(&known.url) == key)
    }

    /// Takes a feed off.
    pub(super) fn take(&self, row: &FeedRow) -> anyhow::Result<()> {
        let url = row.url.clone();
        Ok(self.ledger_of(&row.settings.url).apply(&Change::FeedRemoved { url })?)
    }

    fn ledger_of(&self, url: &Url) -> &Ledger {
        let shards = u16::try_from(self.ledgers.len()).unwrap_or(u16::MAX);
        &self.ledgers[usize::from(shard_of(&host_key(url), shards).0)]
    }
}
