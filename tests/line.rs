//! The whole line against a real broker: every article once, in order, with 1 and with 7 shards.

mod checker;

use std::collections::BTreeSet;
use std::time::Duration;

use checker::process::until;
use checker::seen::Mark;
use checker::service::{Newsroom, Service, Setup, TWO_INTERVALS};
use checker::topic::Topic;
use checker::verdict::{arrived, check};

/// Longest wait for a newsroom's script and for what it printed to arrive.
const PATIENCE: Duration = Duration::from_secs(150);

/// Nothing new for so long means that the topic is quiet: longer than a step of the re-check ladder.
const QUIET: Duration = Duration::from_secs(13);

#[test]
fn every_article_arrives_once_and_in_order_whatever_the_number_of_shards() {
    let Ok(brokers) = std::env::var("KHOBOR_TEST_BROKERS") else {
        println!("skipped: no broker (KHOBOR_TEST_BROKERS is not set)");
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let arguments =
        ["--feeds", "60", "--articles", "2400", "--seed", "7", "--pace", "0.5", "--script", "once"];
    let newsroom = Newsroom::open(folder.path(), &arguments);
    // Both read the same newsroom at the same time, so that both must see the same.
    let runs: Vec<_> = [1, 7]
        .into_iter()
        .map(|shards| {
            let prefix = format!("line{}s{shards}.", std::process::id());
            let place = folder.path().join(format!("shards-{shards}"));
            let setup = Setup {
                folder: &place,
                opml: &newsroom.opml,
                shards,
                kafka: Some((&brokers, &prefix)),
            };
            let service = Service::new(&setup);
            service.apply_topics();
            let process = service.start_and_wait();
            (process, Topic::open(&brokers, &format!("{prefix}news.article.v1")))
        })
        .collect();
    assert!(until(PATIENCE, || newsroom.has_played()), "the script did not end");
    let mut all: Vec<BTreeSet<Mark>> = Vec::new();
    for (process, mut topic) in runs {
        while topic.read(QUIET) > 0 {}
        assert!(topic.read_to_end(), "the topic could not be read to its end");
        let verdict = check(&newsroom.deeds(), &topic.seen, TWO_INTERVALS);
        assert!(verdict.is_clean(), "{}\n{}", verdict.faults(), last_lines(&process.log()));
        assert!(verdict.keys >= 2400, "{}", verdict.faults());
        all.push(arrived(&topic.seen));
    }
    // A version that stood for less than two intervals may be seen by one and missed by the other.
    let fleeting = all[0].symmetric_difference(&all[1]).count();
    assert!(fleeting * 100 <= all[0].len(), "{fleeting} versions came to one run only");
}

fn last_lines(log: &str) -> String {
    let lines: Vec<&str> = log.lines().filter(|line| !line.contains("\"INFO\"")).collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}
