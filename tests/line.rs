//! The whole line against a real broker (`KHOBOR_TEST_BROKERS`): what a newsroom prints arrives
//! once, in order, however many shards carry it.

mod checker;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use article::clock::Clock;
use checker::deeds::{Deed, owed};
use checker::process::until;
use checker::seen::{Kind, Mark, Seen};
use checker::service::{Newsroom, Service, Setup, TWO_INTERVALS};
use checker::topic::Topic;
use checker::verdict::{arrived, check};

/// Longest that a newsroom plays its script.
const SCRIPT: Duration = Duration::from_secs(150);

/// Longest wait for everything to arrive once the script is over.
const PATIENCE: Duration = Duration::from_secs(90);

/// The topic is quiet when nothing came for so long: longer than a step of the re-check ladder.
const QUIET: Duration = Duration::from_secs(13);

/// One after the other, each on a newsroom of its own that prints the same: two at once on two cores
/// would make the machine's haste decide what is seen of an article that is soon corrected.
#[test]
fn every_version_arrives_once_and_in_order_with_one_shard_and_with_seven() {
    let Ok(brokers) = std::env::var("KHOBOR_TEST_BROKERS") else {
        println!("skipped: no broker (KHOBOR_TEST_BROKERS is not set)");
        return;
    };
    let [one, seven] = [1, 7].map(|shards| {
        let (deeds, records) = read_newsroom(&brokers, shards);
        let verdict = check(&deeds, &records, TWO_INTERVALS);
        println!("{shards} shards: {} records, {} keys", verdict.records, verdict.keys);
        assert!(verdict.is_clean(), "{}", verdict.faults());
        let owed = owed(&deeds, TWO_INTERVALS);
        assert!(!owed.withdrawn.is_empty() && owed.versions.iter().any(|mark| mark.version > 1));
        assert!(verdict.keys + owed.withdrawn.len() >= 2400, "{} keys", verdict.keys);
        versions_are_dense(&records);
        assert_eq!(shards_of(&records), usize::from(shards), "all shards have work");
        arrived(&records)
    });
    // What stood for less than two intervals may be seen by one and missed by the other.
    let fleeting = one.symmetric_difference(&seven).count();
    assert!(fleeting * 100 <= one.len(), "{fleeting} of {} came to one run only", one.len());
}

/// What a newsroom did while it played its script, and what a service made of it.
fn read_newsroom(brokers: &str, shards: u16) -> (Vec<Deed>, Vec<Seen>) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let newsroom = Newsroom::open(
        folder.path(),
        &[
            &["--feeds", "60", "--articles", "2400", "--seed", "7"][..],
            // Nothing is corrected while the pages of the opening still wait their turn.
            &["--opening", "60", "--pace", "0.7", "--script", "once"],
        ]
        .concat(),
    );
    let prefix = format!("t{}-{shards}.", std::process::id());
    let service = Service::new(&Setup {
        folder: &folder.path().join("service"),
        opml: &newsroom.opml,
        shards,
        kafka: Some((brokers, &prefix)),
    });
    service.apply_topics();
    let process = service.start_and_wait();
    let mut topic = Topic::open(brokers, &format!("{prefix}news.article.v1"));
    assert!(until(SCRIPT, || newsroom.has_played()), "the script did not end");
    let since = Clock::system();
    while topic.read(QUIET) > 0 {
        assert!(since.monotonic() < PATIENCE, "records come and come:\n{}", process.log());
    }
    (newsroom.deeds(), topic.seen)
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

fn shards_of(records: &[Seen]) -> usize {
    records.iter().filter_map(|record| record.shard).collect::<BTreeSet<u16>>().len()
}
