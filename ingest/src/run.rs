//! The stage: one scheduler a shard, which starts what is due and never more than the bounds.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use article::Article;
use article::clock::Clock;
use article::event::Event;
use article::parcel::Parcel;
use article::shard::{ShardId, host_key, shard_of};
use article::url_key::url_key;
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::config::{FeedConfig, IngestConfig};
use crate::fetch::{Fetcher, FetcherError};
use crate::ledger::{Added, Change, FeedRow, Ledger, LedgerError, Pending, Recheck};
use crate::metrics::Metrics;
use crate::room::{Door, Ended, Room};
use crate::{page, recheck, visit};

/// How long the scheduler sleeps at most: a simulated or jumping clock is noticed within it.
const LONGEST_SLEEP: Duration = Duration::from_millis(500);
/// How many due rows are looked at in one go.
const BATCH: u32 = 64;
/// Pages of one host under way beside those that hold its permits: they parse or await receipts.
const BESIDE_PERMITS: usize = 2;
/// An entry is forgotten so long after it left its feed.
const KEEP_MS: i64 = 14 * 86_400_000;
const FORGET_EVERY_MS: i64 = 6 * 3_600_000;

/// What one shard needs: its ledger, and the way to its journal.
#[derive(Debug)]
pub struct Shard {
    /// The shard's ledger, which names the shard.
    pub ledger: Ledger,
    /// Where its parcels go.
    pub parcels: mpsc::Sender<Parcel<Event<Article>>>,
}

/// Why ingest ended before it was stopped.
#[derive(Debug, Error)]
pub enum RunError {
    /// The HTTP client could not be made.
    #[error("could not start to fetch")]
    Fetcher(#[from] FetcherError),
    /// A ledger could not be used.
    #[error("could not use a ledger")]
    Ledger(#[from] LedgerError),
    /// The shards are not 0, 1, 2, … in this order.
    #[error("shard {found} stands in place {place}")]
    Shards {
        /// The ledger's shard.
        found: ShardId,
        /// Its place in the list.
        place: usize,
    },
    /// Nobody takes parcels any more.
    #[error("the line behind ingest has ended")]
    Closed,
    /// Our own bug.
    #[error("a visit panicked")]
    Panicked(#[from] tokio::task::JoinError),
}

/// A feed as `feeds status` shows it.
pub type FeedStatus = FeedRow;

/// All feeds of some shards with their health, by address.
pub fn feeds_status(ledgers: &[Ledger]) -> Result<Vec<FeedStatus>, LedgerError> {
    let mut all = Vec::new();
    for ledger in ledgers {
        all.extend(ledger.feeds()?);
    }
    all.sort_by(|a, b| a.url.cmp(&b.url));
    Ok(all)
}

/// Makes the ledgers hold the configuration's feeds: new ones are added, those that were taken out
/// of it are removed, and those that a command added stay. Of two addresses that differ only in
/// what does not matter, the first is kept. Answers how many feeds there are.
pub fn sync_feeds(
    ledgers: &[Ledger],
    feeds: &[FeedConfig],
    now_ms: i64,
) -> Result<usize, LedgerError> {
    let shards = u16::try_from(ledgers.len()).unwrap_or(u16::MAX);
    let mut keys = HashSet::new();
    let mut wanted: HashMap<ShardId, HashMap<String, &FeedConfig>> = HashMap::new();
    for feed in feeds {
        if keys.insert(url_key(&feed.url)) {
            let shard = shard_of(&host_key(&feed.url), shards);
            wanted.entry(shard).or_default().insert(feed.url.to_string(), feed);
        }
    }
    let mut count = 0;
    for ledger in ledgers {
        let mut wanted = wanted.remove(&ledger.shard()).unwrap_or_default();
        let mut changes = Vec::new();
        for row in ledger.feeds()? {
            match wanted.remove(&row.url) {
                Some(feed) => {
                    count += 1;
                    if row.settings != *feed || row.added != Added::Config {
                        let settings = feed.clone();
                        let row = FeedRow { settings, added: Added::Config, ..row };
                        changes.push(Change::Feed(Box::new(row)));
                    }
                }
                None if row.added == Added::Config => {
                    changes.push(Change::FeedRemoved { url: row.url });
                }
                None => count += 1,
            }
        }
        for feed in wanted.into_values() {
            let row = FeedRow::new(feed.clone(), Added::Config, now_ms);
            changes.push(Change::Feed(Box::new(row)));
            count += 1;
        }
        ledger.apply_all(&changes)?;
    }
    Ok(count)
}

/// Polls, fetches and extracts until `stop`, for all shards of the process. While `paused` is
/// true nothing new is begun. Returns when every visit has ended; the parcels' senders are dropped
/// then, so the line behind ends by itself.
pub async fn run(
    config: IngestConfig,
    shards: Vec<Shard>,
    clock: Clock,
    metrics: Arc<Metrics>,
    paused: watch::Receiver<bool>,
    stop: CancellationToken,
) -> Result<(), RunError> {
    let fetcher = Arc::new(Fetcher::new(&config.fetch, clock.clone())?);
    let config = Arc::new(config);
    for (place, shard) in shards.iter().enumerate() {
        let found = shard.ledger.shard();
        if usize::from(found.0) != place {
            return Err(RunError::Shards { found, place });
        }
        metrics.carry(u64::from(shard.ledger.pending_count()?));
    }
    let doors: Arc<[Arc<Door>]> =
        shards.iter().map(|shard| Arc::new(Door::new(shard.ledger.clone()))).collect();
    // An error in one shard stops them all: the process ends, and says why.
    let stop = stop.child_token();
    let mut schedulers = JoinSet::new();
    for (shard, door) in shards.into_iter().zip(doors.iter()) {
        let room = Room {
            door: Arc::clone(door),
            doors: Arc::clone(&doors),
            parcels: shard.parcels,
            fetcher: Arc::clone(&fetcher),
            config: Arc::clone(&config),
            clock: clock.clone(),
            metrics: Arc::clone(&metrics),
            stop: stop.clone(),
        };
        schedulers.spawn(Scheduler::new(room, paused.clone()).run());
    }
    let mut result = Ok(());
    while let Some(ended) = schedulers.join_next().await {
        let ended = ended.map_err(RunError::from).flatten();
        if ended.is_err() {
            stop.cancel();
            result = result.and(ended);
        }
    }
    result
}

/// What is under way in a shard, so that nothing is begun twice and no host takes all places.
#[derive(Default)]
struct UnderWay {
    keys: HashSet<String>,
    feeds: HashMap<String, usize>,
    pages: HashMap<String, usize>,
}

/// What a finished task gives back.
struct Place {
    keys: Vec<String>,
    host_key: String,
    is_feed: bool,
}

enum Due {
    Feed(Box<FeedRow>),
    Page(Box<Pending>),
    Recheck(Box<Recheck>),
}

impl Due {
    fn place(&self) -> Place {
        let (keys, host_key) = match self {
            Self::Feed(row) => (vec![row.url.clone()], &row.host_key),
            Self::Page(pending) => {
                (vec![pending.id.clone(), pending.errand.claim_key()], &pending.errand.host_key)
            }
            Self::Recheck(row) => {
                let address = url::Url::parse(&row.url).map(|url| url_key(&url));
                let keys = [Some(row.id.clone()), address.ok()];
                (keys.into_iter().flatten().collect(), &row.host_key)
            }
        };
        Place { keys, host_key: host_key.clone(), is_feed: matches!(self, Self::Feed(_)) }
    }
}

struct Scheduler {
    room: Arc<Room>,
    paused: watch::Receiver<bool>,
    under_way: UnderWay,
    tasks: JoinSet<(Place, Result<(), Ended>)>,
    forgot_at: i64,
}

impl Scheduler {
    fn new(room: Room, paused: watch::Receiver<bool>) -> Self {
        let room = Arc::new(room);
        Self { room, paused, under_way: UnderWay::default(), tasks: JoinSet::new(), forgot_at: 0 }
    }

    async fn run(mut self) -> Result<(), RunError> {
        let mut result = Ok(());
        while result.is_ok() && !self.room.stop.is_cancelled() {
            if !*self.paused.borrow_and_update() {
                self.forget()?;
                self.begin()?;
            }
            let sleep = self.sleep()?;
            result = tokio::select! {
                () = self.room.stop.cancelled() => Ok(()),
                () = self.room.door.bell.notified() => Ok(()),
                () = tokio::time::sleep(sleep) => Ok(()),
                Some(ended) = self.tasks.join_next() => self.end(ended),
            };
        }
        self.room.stop.cancel();
        // What waits for a receipt gets it; the caller has one grace time around all of it.
        while let Some(ended) = self.tasks.join_next().await {
            let ended = self.end(ended);
            result = result.and(ended);
        }
        info!(shard = %self.room.ledger().shard(), "ingest ended");
        result
    }

    fn forget(&mut self) -> Result<(), LedgerError> {
        let at = self.room.now_ms();
        if at - self.forgot_at >= FORGET_EVERY_MS {
            self.forgot_at = at;
            self.room.ledger().apply(&Change::Forgotten { keep_ms: KEEP_MS, at })?;
        }
        Ok(())
    }

    /// Begins what is due, within the bounds. Feeds have places of their own, so that slow pages
    /// never keep a feed from being polled.
    fn begin(&mut self) -> Result<(), LedgerError> {
        let now = self.room.now_ms();
        let fetch = &self.room.config.fetch;
        let (places, per_host) = (fetch.connections.max(1), fetch.connections_per_host.max(1));
        let feeds: usize = self.under_way.feeds.values().sum();
        let busy = full(&self.under_way.feeds, per_host);
        if feeds < places {
            let due = self.room.ledger().due_feeds(now, &busy, BATCH)?;
            for row in due.into_iter().take(places - feeds) {
                self.start(Due::Feed(Box::new(row)), per_host);
            }
        }
        let per_host = per_host + BESIDE_PERMITS;
        loop {
            let busy = full(&self.under_way.pages, per_host);
            let free = places.saturating_sub(self.under_way.pages.values().sum());
            if free == 0 {
                return Ok(());
            }
            let ledger = self.room.ledger();
            let mut due: Vec<Due> = Vec::new();
            let entries = ledger.due_entries(now, &busy, BATCH)?;
            due.extend(entries.into_iter().map(|pending| Due::Page(Box::new(pending))));
            let looks = ledger.due_rechecks(now, &busy, BATCH)?;
            due.extend(looks.into_iter().map(|row| Due::Recheck(Box::new(row))));
            let mut begun = 0;
            for due in due {
                if begun < free && self.start(due, per_host) {
                    begun += 1;
                }
            }
            // Hosts that just became full are left out of the next look, so that one host's long
            // queue does not hide the others'.
            if begun == 0 {
                return Ok(());
            }
        }
    }

    /// Claims a place and begins; false where the host is full or the same is under way.
    fn start(&mut self, due: Due, per_host: usize) -> bool {
        let place = due.place();
        let hosts =
            if place.is_feed { &mut self.under_way.feeds } else { &mut self.under_way.pages };
        let taken = hosts.get(&place.host_key).copied().unwrap_or(0);
        if taken >= per_host || place.keys.iter().any(|key| self.under_way.keys.contains(key)) {
            return false;
        }
        hosts.insert(place.host_key.clone(), taken + 1);
        self.under_way.keys.extend(place.keys.iter().cloned());
        let room = Arc::clone(&self.room);
        self.tasks.spawn(async move {
            let ended = match due {
                Due::Feed(row) => visit::visit(&room, *row).await,
                Due::Page(pending) => page::fetch(&room, *pending).await,
                Due::Recheck(row) => recheck::look(&room, *row).await,
            };
            (place, ended)
        });
        true
    }

    fn end(
        &mut self,
        ended: Result<(Place, Result<(), Ended>), tokio::task::JoinError>,
    ) -> Result<(), RunError> {
        let (place, ended) = ended?;
        for key in &place.keys {
            self.under_way.keys.remove(key);
        }
        let hosts =
            if place.is_feed { &mut self.under_way.feeds } else { &mut self.under_way.pages };
        if let Some(taken) = hosts.get_mut(&place.host_key) {
            *taken -= 1;
            if *taken == 0 {
                hosts.remove(&place.host_key);
            }
        }
        match ended {
            Ok(()) | Err(Ended::Stopped) => Ok(()),
            Err(Ended::Closed) => Err(RunError::Closed),
            Err(Ended::Ledger(error)) => Err(error.into()),
        }
    }

    fn sleep(&self) -> Result<Duration, LedgerError> {
        let due = self.room.ledger().next_due()?;
        let left = due.map(|due| due - self.room.now_ms());
        // What is due and was not begun waits for a place: a task's end wakes us.
        let left = left.filter(|left| *left > 0).and_then(|left| u64::try_from(left).ok());
        Ok(left.map_or(LONGEST_SLEEP, Duration::from_millis).min(LONGEST_SLEEP))
    }
}

fn full(hosts: &HashMap<String, usize>, per_host: usize) -> Vec<String> {
    hosts.iter().filter(|(_, taken)| **taken >= per_host).map(|(key, _)| key.clone()).collect()
}
