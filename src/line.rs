//! The line: for each shard a ledger, the enrichers, a journal and its publisher.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use article::clock::Clock;
use article::shard::ShardId;
use ingest::{DataFolder, Ledger};
use sink::{Journal, KafkaPublisher};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::config::Config;

/// Parcels between two stages: enough to keep both busy, little enough to be forgotten in a crash.
const PARCELS: usize = 64;

/// The stages of all shards, running.
pub(crate) struct Line {
    /// What ingest needs.
    pub(crate) shards: Vec<ingest::Shard>,
    /// The shards' journals.
    pub(crate) journals: Vec<Journal>,
    /// The shards' publishers; none without Kafka.
    pub(crate) publishers: Vec<KafkaPublisher>,
    /// Enrichment and journal; they end once ingest lets go of its senders.
    pub(crate) stages: JoinSet<anyhow::Result<()>>,
}

/// Opens ledgers and journals, and starts what stands behind ingest.
pub(crate) async fn start(
    config: &Config,
    folder: &DataFolder,
    clock: &Clock,
) -> anyhow::Result<Line> {
    let mut line = Line {
        shards: Vec::new(),
        journals: Vec::new(),
        publishers: Vec::new(),
        stages: JoinSet::new(),
    };
    let mut ledgers = Vec::new();
    for shard in (0..config.shards).map(ShardId) {
        let path = folder.shard(shard)?.join("journal.sqlite");
        let journal = Journal::open(&path, shard, clock.clone())
            .with_context(|| format!("{} cannot be used", path.display()))?;
        let names = if config.kafka.is_some() {
            vec![sink::kafka::PUBLISHER.to_owned()]
        } else {
            Vec::new()
        };
        journal.set_publishers(names).await?;
        let path = folder.ledger(shard)?;
        let ledger = Ledger::open(&path, shard)
            .with_context(|| format!("{} cannot be used", path.display()))?;
        let lost = ledger.unsettle_after(journal.durable())?;
        if lost > 0 {
            tracing::warn!(entries = lost, %shard, "the journal lost its tail, its entries are fetched again");
        }
        if let Some(kafka) = &config.kafka {
            line.publishers.push(KafkaPublisher::start(kafka.clone(), journal.clone())?);
        }
        line.journals.push(journal);
        ledgers.push(ledger);
    }
    ingest::sync_feeds(&ledgers, &config.feed, clock.now().as_millisecond())?;
    let catalog = Arc::new(enrich::catalog());
    for (ledger, journal) in ledgers.into_iter().zip(&line.journals) {
        let (parcels, to_enrich) = mpsc::channel(PARCELS);
        let (enriched, to_journal) = mpsc::channel(PARCELS);
        let catalog = Arc::clone(&catalog);
        line.stages.spawn(async move {
            enrich::run(to_enrich, enriched, catalog).await.context("enrichment did not start")
        });
        let journal = journal.clone();
        line.stages.spawn(async move { Ok(sink::run(journal, to_journal).await?) });
        line.shards.push(ingest::Shard { ledger, parcels });
    }
    Ok(line)
}

/// The journals of a data folder, in the shards' order.
pub(crate) fn journal_paths(data_dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let folders = std::fs::read_dir(data_dir)
        .with_context(|| format!("the data folder {} cannot be read", data_dir.display()))?;
    let mut paths: Vec<PathBuf> = folders
        .filter_map(Result::ok)
        .map(|folder| folder.path().join("journal.sqlite"))
        .filter(|path| path.exists())
        .collect();
    paths.sort();
    Ok(paths)
}
