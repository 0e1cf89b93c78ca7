//! How much memory the service holds when it has nothing to do: a newsroom of many feeds, each of
//! them polled, its article read; then the service is left alone and looked at from outside.
//!
//! The last line is one JSON object; the exit status is 0 only where the memory is within its limit.

#[path = "../tests/checker/mod.rs"]
mod checker;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use article::clock::Clock;
use checker::process::until;
use checker::service::{Newsroom, Service, Setup, get};
use clap::Parser;

/// Longest wait for all feeds to be polled.
const PATIENCE: Duration = Duration::from_mins(5);

/// How long the service idles before it is looked at.
const IDLE: Duration = Duration::from_secs(20);

/// Measures the memory of a service without work.
#[derive(Parser)]
struct Idle {
    /// Feeds, with an article each
    #[arg(long, default_value_t = 1000)]
    feeds: u32,
    /// Publish to this broker too
    #[arg(long, value_name = "HOST:PORT")]
    brokers: Option<String>,
    /// The most megabytes (of 2^20 bytes) that may be resident
    #[arg(long, default_value_t = 80.0)]
    limit: f64,
}

fn main() -> anyhow::Result<ExitCode> {
    let idle = Idle::parse();
    let folder = tempfile::tempdir().context("making a folder")?;
    let feeds = idle.feeds.to_string();
    let newsroom = Newsroom::open(
        folder.path(),
        &["--feeds", &feeds, "--articles", &feeds, "--script", "still"],
    );
    let prefix = format!("idle{}.", std::process::id());
    let service = Service::new(&Setup {
        folder: &folder.path().join("service"),
        opml: &newsroom.opml,
        shards: 1,
        kafka: idle.brokers.as_deref().map(|brokers| (brokers, prefix.as_str())),
    });
    service.reschedule("shortest = \"1d\"\nbase = \"1d\"\nlongest = \"1d\"\nrecheck = [\"1d\"]");
    if idle.brokers.is_some() {
        service.apply_topics();
    }
    let mut khobor = service.start_and_wait();
    let clock = Clock::system();
    let polled = || polls(&newsroom) >= u64::from(idle.feeds);
    // A row for each feed's health, and one for each article.
    let read = || service.last_row() >= 2 * i64::from(idle.feeds);
    let whole = until(PATIENCE, || polled() && read());
    ensure!(whole, "{} polls, {} rows:\n{}", polls(&newsroom), service.last_row(), khobor.log());
    let busy = clock.monotonic();
    std::thread::sleep(IDLE);
    let ended = khobor.ended();
    ensure!(ended.is_none(), "khobor ended by itself: {ended:?}\n{}", khobor.log());
    let megabytes = |name| status(khobor.id(), name).map(|kilobytes| kilobytes / 1024.0);
    let resident = megabytes("VmRSS:").context("the process has no VmRSS")?;
    let (code, _) = get(service.admin, "/healthz");
    ensure!(code == 200, "the service does not live");
    let line = serde_json::json!({
        "feeds": idle.feeds,
        "polls": polls(&newsroom),
        "rows": service.last_row(),
        "kafka": idle.brokers.is_some(),
        "busySeconds": round(busy.as_secs_f64()),
        "idleSeconds": IDLE.as_secs(),
        "vmRssMb": round(resident),
        "vmHwmMb": megabytes("VmHWM:").map(round),
        "threads": status(khobor.id(), "Threads:"),
        "limitMb": idle.limit,
    });
    say(&line.to_string());
    Ok(if resident <= idle.limit { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How often feeds were asked for.
fn polls(newsroom: &Newsroom) -> u64 {
    let is_feed = |address: &str| address.contains("/feed");
    newsroom.hits().iter().filter(|(address, _)| is_feed(address)).map(|(_, hits)| hits).sum()
}

/// A number of the kernel's word about a process.
fn status(process: u32, name: &str) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn say(line: &str) {
    println!("{line}");
}
