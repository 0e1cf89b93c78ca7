//! Saved pages through the whole service: a newsroom serves each folder, and every page must come
//! out of Kafka, as an article or as a dead letter with its reason.
//!
//! The last line is one JSON object; the exit status is 0 only where no page is missing and enough
//! of them are articles.

#[path = "../tests/checker/mod.rs"]
mod checker;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use article::clock::Clock;
use checker::deeds;
use checker::service::{Newsroom, Service, Setup};
use checker::topic::Topic;
use clap::Parser;
use serde_json::Value;

/// A folder is done when nothing came for so long: longer than the wait before a page's last try.
const QUIET: Duration = Duration::from_secs(20);

/// Longest wait for one record.
const GLANCE: Duration = Duration::from_millis(50);

/// Replays saved pages through the service.
#[derive(Parser)]
struct Replay {
    /// The broker
    #[arg(long, value_name = "HOST:PORT")]
    brokers: String,
    /// The smallest share of pages that have to be articles
    #[arg(long, default_value_t = 0.98)]
    floor: f64,
    /// Folders with truth.jsonl and pages/*.html.gz
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
}

/// What became of a folder's pages; each is in one of the sets, or in both, and then that is told.
#[derive(Default)]
struct Tally {
    pages: usize,
    articles: usize,
    feed_only: usize,
    dead: usize,
    /// As an article and as a dead letter.
    both: usize,
    /// As two articles, or as none and no dead letter.
    twice: Vec<String>,
    silent: Vec<String>,
    reasons: BTreeMap<String, usize>,
}

fn main() -> anyhow::Result<ExitCode> {
    let replay = Replay::parse();
    let mut all = Tally::default();
    for (number, folder) in replay.folders.iter().enumerate() {
        let prefix = format!("replay{}-{number}.", std::process::id());
        let tally = run(&replay.brokers, &prefix, folder)
            .with_context(|| format!("replaying {}", folder.display()))?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        say(&tally.line(Some(&name)).to_string());
        all.add(tally);
    }
    say(&all.line(None).to_string());
    let good = all.silent.is_empty() && all.twice.is_empty() && all.both == 0;
    Ok(if good && all.share() >= replay.floor { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn run(brokers: &str, prefix: &str, pages: &Path) -> anyhow::Result<Tally> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let pages = pages.to_str().context("a folder's name is no UTF-8")?;
    let newsroom = Newsroom::open(folder.path(), &["--replay", pages, "--script", "still"]);
    let service = Service::new(&Setup {
        folder: &folder.path().join("service"),
        opml: &newsroom.opml,
        shards: 1,
        kafka: Some((brokers, prefix)),
    });
    // One poll brings all there is; what changes later is not looked at.
    service.reschedule(
        "shortest = \"10m\"\nbase = \"10m\"\nlongest = \"10m\"\npage_retry = \"1s\"\nrecheck = []",
    );
    service.apply_topics();
    let topics = ["news.article.v1", "news.dlq.v1"]
        .map(|name| Topic::open(brokers, &format!("{prefix}{name}")));
    let mut khobor = service.start_and_wait();
    // By address: the true text's name, and what came.
    let mut owed: BTreeMap<String, String> = BTreeMap::new();
    for deed in deeds::read(&newsroom.record) {
        owed.insert(deed.url, deed.truth.unwrap_or_default());
    }
    ensure!(!owed.is_empty(), "the newsroom serves no page");
    let (mut articles, mut letters) = (Vec::new(), Vec::new());
    let (clock, mut moved) = (Clock::system(), Duration::ZERO);
    loop {
        for (topic, came) in topics.iter().zip([&mut articles, &mut letters]) {
            while let Some(record) = topic.take(GLANCE) {
                came.push(record);
                moved = clock.monotonic();
            }
        }
        let ended = khobor.ended();
        ensure!(ended.is_none(), "khobor ended by itself: {ended:?}\n{}", khobor.log());
        let whole = articles.len() + letters.len() >= owed.len();
        let quiet = clock.monotonic().saturating_sub(moved);
        if quiet > QUIET || whole && quiet > QUIET / 10 {
            break;
        }
    }
    let mut tally = Tally { pages: owed.len(), ..Tally::default() };
    let mut seen = BTreeSet::new();
    for record in &articles {
        let value: Value = serde_json::from_slice(record.value.as_deref().unwrap_or_default())
            .context("an article's record is no JSON")?;
        let url = value["url"].as_str().unwrap_or_default().to_owned();
        tally.feed_only += usize::from(value["completeness"] == "feedOnly");
        if !seen.insert(url.clone()) {
            tally.twice.push(format!("{pages} {}", owed.get(&url).unwrap_or(&url)));
        }
    }
    let mut dead = BTreeSet::new();
    for letter in &letters {
        let header = |name: &str| {
            letter.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.clone())
        };
        let reason = format!(
            "{}: {}",
            header("khobor.error.class").unwrap_or_default(),
            header("khobor.error.message").unwrap_or_default()
        );
        let url = header("khobor.error.url").unwrap_or_default();
        let name = owed.get(&url).unwrap_or(&url);
        say(&format!("{pages} {name}: dead letter, {reason}"));
        *tally.reasons.entry(without_numbers(&reason)).or_default() += 1;
        dead.insert(url);
    }
    tally.articles = owed.keys().filter(|url| seen.contains(*url)).count();
    tally.dead = dead.len();
    tally.both = dead.intersection(&seen).count();
    for (url, name) in &owed {
        if !seen.contains(url) && !dead.contains(url) {
            say(&format!("{pages} {name}: silence, {url}"));
            tally.silent.push(format!("{pages} {name}"));
        }
    }
    if !tally.silent.is_empty() {
        say(&khobor.log());
    }
    Ok(tally)
}

impl Tally {
    fn share(&self) -> f64 {
        let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        count(self.articles) / count(self.pages).max(1.0)
    }

    fn add(&mut self, other: Self) {
        self.pages += other.pages;
        self.articles += other.articles;
        self.feed_only += other.feed_only;
        self.dead += other.dead;
        self.both += other.both;
        self.twice.extend(other.twice);
        self.silent.extend(other.silent);
        for (reason, count) in other.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
    }

    fn line(&self, set: Option<&str>) -> Value {
        serde_json::json!({
            "set": set,
            "pages": self.pages,
            "articles": self.articles,
            "ofTheseFeedOnly": self.feed_only,
            "deadLetters": self.dead,
            "silent": self.silent.len(),
            "both": self.both,
            "twice": self.twice.len(),
            "articleShare": (self.share() * 10_000.0).round() / 10_000.0,
            "reasons": self.reasons,
        })
    }
}

/// The same with each number as `#`, so that reasons can be counted.
fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            _ => out.push(letter),
        }
    }
    out
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn say(line: &str) {
    println!("{line}");
}
