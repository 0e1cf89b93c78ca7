//! The whole line against a real broker (`KHOBOR_TEST_BROKERS`): what a newsroom prints arrives
//! once, in order, however many shards carry it.

mod checker;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use article::clock::Clock;
use checker::deeds::owed;
use checker::process::Running;
use checker::seen::{Kind, Mark, Seen};
use checker::service::{Newsroom, Service, Setup, TWO_INTERVALS};
use checker::topic::Topic;
use checker::verdict::{arrived, check};

/// Longest wait for everything to arrive once the script is over.
const PATIENCE: Duration = Duration::from_secs(60);

/// The topic is quiet when nothing came for so long.
const QUIET: Duration = Duration::from_secs(5);

struct Line {
    /// Kept running while the topic is read.
    _process: Running,
    topic: Topic,
}

/// Two services read one newsroom at the same time, so that both see the same articles.
#[test]
fn every_version_arrives_once_and_in_order_with_one_shard_and_with_seven() {
    let Ok(brokers) = std::env::var("KHOBOR_TEST_BROKERS") else {
        println!("skipped: no broker");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder can be made");
    let newsroom = Newsroom::open(
        folder.path(),
        &[
            "--feeds",
            "60",
            "--articles",
            "2400",
            "--seed",
            "7",
            "--pace",
            "0.6",
            "--script",
            "once",
        ],
    );
    let mut lines = [1, 7].map(|shards| line(folder.path(), &newsroom, &brokers, shards));

    let clock = Clock::system();
    let (mut moved, mut played) = (clock.monotonic(), None);
    loop {
        for line in &mut lines {
            if line.topic.read(Duration::from_millis(250)) > 0 {
                moved = clock.monotonic();
            }
        }
        let now = clock.monotonic();
        if played.is_none() && newsroom.has_played() {
            played = Some(now);
        }
        let Some(played) = played else { continue };
        let deeds = newsroom.deeds();
        let whole = |line: &Line| check(&deeds, &line.topic.seen, TWO_INTERVALS).is_clean();
        if now > played + PATIENCE || now > moved + QUIET && lines.iter().all(whole) {
            break;
        }
    }

    let deeds = newsroom.deeds();
    for line in &lines {
        let verdict = check(&deeds, &line.topic.seen, TWO_INTERVALS);
        println!("{} records, {} keys in {:?}", verdict.records, verdict.keys, clock.monotonic());
        assert!(verdict.is_clean(), "{}", verdict.faults());
        assert_eq!(verdict.keys, 2400);
        versions_are_dense(&line.topic.seen);
    }
    let owed = owed(&deeds, TWO_INTERVALS);
    assert!(!owed.withdrawn.is_empty() && owed.versions.iter().any(|mark| mark.version > 1));
    let sets = lines.each_ref().map(|line| &arrived(&line.topic.seen) & &owed.versions);
    assert_eq!(sets[0], sets[1]);
    let shards = lines.each_ref().map(|line| shards(&line.topic.seen));
    assert_eq!(shards, [1, 7], "all shards have work");
}

fn line(folder: &Path, newsroom: &Newsroom, brokers: &str, shards: u16) -> Line {
    let prefix = format!("t{}-{shards}.", std::process::id());
    let service = Service::new(&Setup {
        folder: &folder.join(format!("shards-{shards}")),
        opml: &newsroom.opml,
        shards,
        kafka: Some((brokers, &prefix)),
    });
    service.apply_topics();
    let process = service.start_and_wait();
    Line { _process: process, topic: Topic::open(brokers, &format!("{prefix}news.article.v1")) }
}

/// khobor's own numbers: 1, 2, … for each key, and a withdrawal has one too.
fn versions_are_dense(records: &[Seen]) {
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    let mut texts: BTreeMap<&str, Vec<Mark>> = BTreeMap::new();
    for record in records.iter().filter(|record| record.kind != Kind::Tombstone) {
        let last = last.entry(&record.key).or_insert(0);
        *last += 1;
        assert_eq!(record.number, Some(*last), "{}", record.key);
        texts.entry(&record.key).or_default().extend(record.mark);
    }
    assert!(texts.values().any(|marks| marks.len() > 1), "nothing was corrected");
}

fn shards(records: &[Seen]) -> usize {
    records.iter().filter_map(|record| record.shard).collect::<BTreeSet<u16>>().len()
}
