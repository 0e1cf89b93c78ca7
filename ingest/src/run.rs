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
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::{FeedConfig, IngestConfig};
use crate::fetch::{Fetcher, FetcherError, Web};
use crate::ledger::{Added, Change, FeedRow, Ledger, LedgerError};
use crate::metrics::Metrics;
use crate::outage::Outage;
use crate::room::{Door, Room};
use crate::scheduler::Scheduler;

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
    let web: Arc<dyn Web> = Arc::new(Fetcher::new(&config.fetch, clock.clone())?);
    let tools = Tools { web, clock, metrics };
    // An error in one shard stops them all: the process ends, and says why.
    let stop = stop.child_token();
    let mut schedulers = JoinSet::new();
    for room in rooms(config, shards, &tools, &stop)? {
        schedulers.spawn(Scheduler::new(room, paused.clone())?.run());
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

/// What all shards share.
#[derive(Clone)]
pub struct Tools {
    /// What is asked for documents.
    pub web: Arc<dyn Web>,
    /// The one clock.
    pub clock: Clock,
    /// The process's counters.
    pub metrics: Arc<Metrics>,
}

/// Polls, fetches and extracts for one shard in simulated time: `tools.clock` stands still while
/// anything is under way, and is moved on to what is due next. Ends when `length` has passed.
pub async fn simulate(
    config: IngestConfig,
    shard: Shard,
    tools: Tools,
    length: Duration,
) -> Result<(), RunError> {
    let (_pause, paused) = watch::channel(false);
    let stop = CancellationToken::new();
    for room in rooms(config, vec![shard], &tools, &stop)? {
        let scheduler = Scheduler::new(room, paused.clone())?;
        scheduler.simulate(length).await?;
    }
    Ok(())
}

fn rooms(
    config: IngestConfig,
    shards: Vec<Shard>,
    tools: &Tools,
    stop: &CancellationToken,
) -> Result<Vec<Room>, RunError> {
    let outage = Arc::new(Outage::default());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let parsers = Arc::new(Semaphore::new(cores));
    let secured = config.feeds.iter().filter(|feed| feed.has_access());
    let declared = secured.map(|feed| (feed.url.clone(), feed.clone())).collect();
    let (config, declared) = (Arc::new(config), Arc::new(declared));
    for (place, shard) in shards.iter().enumerate() {
        let found = shard.ledger.shard();
        if usize::from(found.0) != place {
            return Err(RunError::Shards { found, place });
        }
        tools.metrics.carry(u64::from(shard.ledger.pending_count()?));
    }
    let doors: Arc<[Arc<Door>]> =
        shards.iter().map(|shard| Arc::new(Door::new(shard.ledger.clone()))).collect();
    let room = |(shard, door): (Shard, &Arc<Door>)| Room {
        door: Arc::clone(door),
        doors: Arc::clone(&doors),
        parcels: shard.parcels,
        web: Arc::clone(&tools.web),
        outage: Arc::clone(&outage),
        parsers: Arc::clone(&parsers),
        config: Arc::clone(&config),
        declared: Arc::clone(&declared),
        clock: tools.clock.clone(),
        metrics: Arc::clone(&tools.metrics),
        stop: stop.clone(),
    };
    Ok(shards.into_iter().zip(doors.iter()).map(room).collect())
}
