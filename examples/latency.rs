//! How long an article takes from its page to its reader: a newsroom publishes at a steady pace, a
//! `read_committed` consumer takes the time when each record reaches it.
//!
//! The record says when its page was fetched; that clock and the consumer's are the machine's one.
//! The last line is one JSON object.

#[path = "../tests/checker/mod.rs"]
mod checker;

use std::time::Duration;

use anyhow::{Context as _, ensure};
use article::clock::Clock;
use checker::service::{Newsroom, Service, Setup};
use checker::topic::Topic;
use clap::Parser;
use jiff::Timestamp;
use serde::Deserialize;

/// What the service is given before the measurement begins: its start is not what is measured.
const WARM_UP: Duration = Duration::from_secs(10);

/// Longest wait for one record.
const GLANCE: Duration = Duration::from_millis(200);

/// Measures from fetched to committed.
#[derive(Parser)]
struct Latency {
    /// The broker
    #[arg(long, value_name = "HOST:PORT")]
    brokers: String,
    /// How long is measured
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Articles a second
    #[arg(long, default_value_t = 20)]
    per_second: u32,
    /// Feeds that bring them
    #[arg(long, default_value_t = 20)]
    feeds: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    date_recorded: Timestamp,
    fetch: Fetch,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fetch {
    fetched_at: Timestamp,
}

fn main() -> anyhow::Result<()> {
    let latency = Latency::parse();
    let folder = tempfile::tempdir().context("making a folder")?;
    let (feeds, pace) =
        (latency.feeds.to_string(), (1.0 / f64::from(latency.per_second)).to_string());
    let newsroom = Newsroom::open(
        folder.path(),
        &["--feeds", &feeds, "--articles", &feeds, "--script", "steady", "--pace", &pace],
    );
    let prefix = format!("latency{}.", std::process::id());
    let service = Service::new(&Setup {
        folder: &folder.path().join("service"),
        opml: &newsroom.opml,
        shards: 1,
        kafka: Some((&latency.brokers, &prefix)),
    });
    // No re-checks within the run: they are no news.
    service.reschedule("shortest = \"1s\"\nbase = \"1s\"\nlongest = \"1s\"\nrecheck = [\"1h\"]");
    service.apply_topics();
    let topic = Topic::open(&latency.brokers, &format!("{prefix}news.article.v1"));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let before = busy(Duration::from_secs(2));
    let mut khobor = service.start_and_wait();
    let wall = Clock::system();
    let from = wall.now() + WARM_UP;
    let until = from + Duration::from_secs(latency.seconds);
    let (mut committed, mut journalled) = (Vec::new(), Vec::new());
    while wall.now() < until {
        let Some(value) = topic.take(GLANCE).and_then(|record| record.value) else { continue };
        let now = wall.now();
        let record: Record = serde_json::from_slice(&value).context("reading a record")?;
        if record.fetch.fetched_at >= from {
            committed.push(since(record.fetch.fetched_at, now));
            journalled.push(since(record.fetch.fetched_at, record.date_recorded));
        }
    }
    let ended = khobor.ended();
    ensure!(ended.is_none(), "khobor ended by itself: {ended:?}\n{}", khobor.log());
    // What was fetched in the last moments may be under way still.
    let owed = u64::from(latency.per_second) * latency.seconds;
    ensure!(
        committed.len() as u64 * 10 >= owed * 9,
        "{} of {owed} articles came:\n{}",
        committed.len(),
        khobor.log()
    );
    committed.sort_by(f64::total_cmp);
    journalled.sort_by(f64::total_cmp);
    let seconds = f64::from(u32::try_from(latency.seconds)?);
    let articles = f64::from(u32::try_from(committed.len())?);
    let line = serde_json::json!({
        "articles": committed.len(),
        "perSecond": round(articles / seconds),
        "fetchedToCommittedMs": spread(&committed),
        "fetchedToJournalMs": spread(&journalled),
        "machine": {
            "cores": std::thread::available_parallelism().map_or(0, usize::from),
            "loadAverageBefore": load.split(' ').next().and_then(|load| load.parse::<f64>().ok()),
            "busyShareBefore": before.map(round),
        },
    });
    say(&line.to_string());
    Ok(())
}

/// The share of all cores that others take, over so long; nothing of ours runs yet but a newsroom.
fn busy(time: Duration) -> Option<f64> {
    let ticks = || {
        let stat = std::fs::read_to_string("/proc/stat").ok()?;
        let numbers: Vec<f64> =
            stat.lines().next()?.split(' ').filter_map(|word| word.parse().ok()).collect();
        // The fourth and fifth are idle time, with and without waiting for a disk.
        Some((numbers.iter().take(8).sum::<f64>(), numbers.get(3)? + numbers.get(4)?))
    };
    let (all, idle) = ticks()?;
    std::thread::sleep(time);
    let (all, idle) = ticks().map(|(later, calm)| (later - all, calm - idle))?;
    (all > 0.0).then(|| 1.0 - idle / all)
}

/// Milliseconds from one moment to another.
fn since(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() * 1000.0
}

/// Quantiles of what is sorted, by the nearest rank.
fn spread(sorted: &[f64]) -> serde_json::Value {
    let at = |percent: usize| {
        let rank = (sorted.len() * percent).div_ceil(100).max(1) - 1;
        sorted.get(rank).copied().map(round)
    };
    serde_json::json!({ "p50": at(50), "p95": at(95), "p99": at(99), "max": at(100) })
}

fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn say(line: &str) {
    println!("{line}");
}
