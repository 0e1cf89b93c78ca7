//! The publisher's promises, against a real broker named by `KHOBOR_TEST_BROKERS`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers may panic and print as the tests may"
)]

use std::collections::BTreeSet;
use std::time::Duration;

use article::Parcel;
use article::clock::Clock;
use article::event::{EnrichedArticle, Event, Withdrawal};
use article::shard::ShardId;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Headers, Message};
use rdkafka::{Offset, TopicPartitionList};
use sink::config::AdoptCursor;
use sink::{Journal, KafkaConfig, KafkaPublisher, Status, topics};

/// The configuration of a test: a prefix of its own; `None` where there is no broker.
fn config(test: &str) -> Option<KafkaConfig> {
    let Ok(brokers) = std::env::var("KHOBOR_TEST_BROKERS") else {
        println!("skipped: no broker");
        return None;
    };
    let mut config = KafkaConfig::new(brokers);
    let now = Clock::system().now().as_millisecond();
    config.topic_prefix = format!("t{now}.{test}.");
    config.transactional_id = Some(format!("t{now}-{test}"));
    config.partitions = 3;
    Some(config)
}

fn offer(id: usize, body: &str) -> Event<EnrichedArticle> {
    let mut offer = EnrichedArticle::default();
    offer.article.id = format!("urn:khobor:article:{id}");
    offer.article.article_body = body.into();
    Event::Article(Box::new(offer))
}

async fn append(journal: &Journal, events: impl IntoIterator<Item = Event<EnrichedArticle>>) {
    for event in events {
        let (parcel, _) = Parcel::new(event);
        journal.append(parcel).await.unwrap();
    }
    journal.flush().await.unwrap();
}

fn open(folder: &tempfile::TempDir) -> Journal {
    Journal::open(&folder.path().join("j.db"), ShardId(0), Clock::system()).unwrap()
}

async fn until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..600 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never came: {what}");
}

async fn published(publisher: &KafkaPublisher, seq: u64) {
    until("the last row", || publisher.cursor() >= seq).await;
}

async fn refusal(publisher: &KafkaPublisher) -> String {
    until("a refusal", || matches!(publisher.status(), Status::Refused { .. })).await;
    match publisher.status() {
        Status::Refused { reason } => reason,
        other => panic!("{other:?}"),
    }
}

async fn join(publisher: KafkaPublisher) {
    tokio::task::spawn_blocking(move || publisher.join()).await.unwrap();
}

struct Read {
    key: String,
    value: Option<Vec<u8>>,
    sequence: Option<String>,
}

/// All that a `read_committed` consumer sees of the article topic, partition by partition.
fn consume(config: &KafkaConfig) -> Vec<Read> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &config.brokers)
        .set("group.id", "test")
        .set("enable.partition.eof", "true")
        .set("enable.auto.commit", "false")
        .set("isolation.level", "read_committed")
        .create()
        .unwrap();
    let mut assignment = TopicPartitionList::new();
    let topic = topics::name(config, topics::ARTICLE);
    for partition in 0..config.partitions {
        assignment.add_partition_offset(&topic, partition, Offset::Beginning).unwrap();
    }
    consumer.assign(&assignment).unwrap();
    let (mut read, mut ends) = (Vec::new(), 0);
    while ends < config.partitions {
        match consumer.poll(Duration::from_secs(20)).expect("an answer") {
            Err(KafkaError::PartitionEOF(_)) => ends += 1,
            Err(error) => panic!("{error}"),
            Ok(message) => read.push(Read {
                key: String::from_utf8(message.key().unwrap().to_vec()).unwrap(),
                value: message.payload().map(<[u8]>::to_vec),
                sequence: message.headers().and_then(|headers| {
                    let found = headers.iter().find(|header| header.key == "sequence")?;
                    Some(String::from_utf8(found.value?.to_vec()).unwrap())
                }),
            }),
        }
    }
    read
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_comes_once_whatever_is_restarted() {
    let Some(config) = config("once") else { return };
    topics::apply(&config).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder);
    append(&journal, (0..500).map(|id| offer(id, "one"))).await;
    for round in 1..=4_u64 {
        let publisher = KafkaPublisher::start(config.clone(), journal.clone()).unwrap();
        if round % 2 == 0 {
            published(&publisher, round * 500 - 400).await;
            // Not waited for: the next one fences it, as after a pause of the whole machine.
            drop(publisher);
        } else {
            published(&publisher, round * 500 - 500 + 1).await;
            join(publisher).await;
        }
        if round < 4 {
            let first = usize::try_from(round).unwrap() * 500;
            append(&journal, (first..first + 500).map(|id| offer(id, "one"))).await;
        }
    }
    let publisher = KafkaPublisher::start(config.clone(), journal.clone()).unwrap();
    published(&publisher, 2000).await;
    assert_eq!(publisher.status(), Status::Healthy);
    join(publisher).await;
    let read = consume(&config);
    let keys: BTreeSet<&str> = read.iter().map(|record| record.key.as_str()).collect();
    assert_eq!((read.len(), keys.len()), (2000, 2000));
    assert_eq!(read.iter().filter(|record| record.sequence.is_some()).count(), 2000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_does_not_fit_sends_nothing() {
    let Some(mut config) = config("fit") else { return };
    topics::apply(&config).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder);
    append(&journal, [offer(1, "one"), offer(2, "two")]).await;
    let publisher = KafkaPublisher::start(config.clone(), journal.clone()).unwrap();
    published(&publisher, 2).await;
    join(publisher).await;
    // Another journal, same cluster.
    let stranger_folder = tempfile::tempdir().unwrap();
    let stranger = open(&stranger_folder);
    append(&stranger, [offer(3, "three")]).await;
    let publisher = KafkaPublisher::start(config.clone(), stranger.clone()).unwrap();
    let reason = refusal(&publisher).await;
    assert!(reason.contains(journal.uuid()) && reason.contains("adopt_cursor"), "{reason}");
    assert_eq!(consume(&config).len(), 2);
    // The operator decides.
    config.adopt_cursor = AdoptCursor::Start;
    let publisher = KafkaPublisher::start(config.clone(), stranger.clone()).unwrap();
    published(&publisher, 1).await;
    join(publisher).await;
    assert_eq!(consume(&config).len(), 3);
    // The same journal, a cluster without its cursor.
    config.adopt_cursor = AdoptCursor::Refuse;
    config.topic_prefix.push_str("other.");
    topics::apply(&config).await.unwrap();
    let publisher = KafkaPublisher::start(config.clone(), journal.clone()).unwrap();
    assert!(refusal(&publisher).await.contains("no cursor"));
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_are_made_once_and_then_there_is_nothing_to_plan() {
    let Some(mut config) = config("topics") else { return };
    assert_eq!(topics::plan(&config).await.unwrap().len(), 4);
    assert_eq!(topics::apply(&config).await.unwrap(), []);
    assert_eq!(topics::plan(&config).await.unwrap(), []);
    config.retention = "100d".parse().unwrap();
    assert_eq!(topics::plan(&config).await.unwrap().len(), 1);
    assert_eq!(topics::apply(&config).await.unwrap(), []);
    config.retention = "1d".parse().unwrap();
    assert_eq!(topics::apply(&config).await.unwrap().len(), 1, "nothing is forgotten sooner");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_topic_is_waited_for() {
    let Some(config) = config("wait") else { return };
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder);
    append(&journal, [offer(1, "one")]).await;
    let publisher = KafkaPublisher::start(config.clone(), journal.clone()).unwrap();
    until("the hint", || {
        matches!(publisher.status(), Status::Waiting { reason } if reason.contains("topics apply"))
    })
    .await;
    topics::apply(&config).await.unwrap();
    published(&publisher, 1).await;
    join(publisher).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tombstone_arrives_as_null_behind_the_withdrawal() {
    let Some(config) = config("gone") else { return };
    topics::apply(&config).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder);
    let withdrawal = Withdrawal {
        id: "urn:khobor:article:1".into(),
        url: String::new(),
        reason: "410".into(),
        seen_at: "2100-01-01T00:00:00Z".into(),
    };
    append(&journal, [offer(1, "one"), Event::Withdrawal(withdrawal)]).await;
    let publisher = KafkaPublisher::start(config.clone(), journal.clone()).unwrap();
    published(&publisher, 3).await;
    join(publisher).await;
    let read = consume(&config);
    assert_eq!(read.len(), 3);
    assert!(String::from_utf8_lossy(read[1].value.as_ref().unwrap()).contains("withdrawn"));
    assert_eq!(read[2].value, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_over_the_limit_arrives_cut_and_its_neighbours_whole() {
    let Some(config) = config("large") else { return };
    topics::apply(&config).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder);
    let large = "খবর ".repeat(200_000);
    append(&journal, [offer(1, "one"), offer(2, &large), offer(3, "three")]).await;
    let publisher = KafkaPublisher::start(config.clone(), journal.clone()).unwrap();
    published(&publisher, 3).await;
    join(publisher).await;
    let read = consume(&config);
    assert_eq!(read.len(), 3);
    let cut = read.iter().find(|record| record.key.ends_with(":2")).unwrap();
    let value = cut.value.as_ref().unwrap();
    assert!(value.len() <= 1_000_000 && value.len() > 500_000, "{}", value.len());
    assert!(String::from_utf8_lossy(value).contains(r#""completeness":"partial""#));
}

/// `KHOBOR_TEST_BROKER_KILL` is a command that kills the broker and starts it again.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "kills the broker under the other tests"]
async fn every_record_comes_once_while_the_broker_is_killed() {
    let (Some(config), Ok(kill)) = (config("kill"), std::env::var("KHOBOR_TEST_BROKER_KILL"))
    else {
        return;
    };
    topics::apply(&config).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder);
    let publisher = KafkaPublisher::start(config.clone(), journal.clone()).unwrap();
    let body = "খবর আজ প্রকাশিত ".repeat(110);
    for round in 0..3 {
        append(&journal, (0..3000).map(|id| offer(round * 10_000 + id, &body))).await;
        let status = std::process::Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(status.success());
        append(&journal, (3000..6000).map(|id| offer(round * 10_000 + id, &body))).await;
    }
    for _ in 0..6 {
        if publisher.cursor() < 18_000 {
            println!("{} {:?}", publisher.cursor(), publisher.status());
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    }
    published(&publisher, 18_000).await;
    assert_eq!(publisher.status(), Status::Healthy);
    join(publisher).await;
    let read = consume(&config);
    let keys: BTreeSet<&str> = read.iter().map(|read| read.key.as_str()).collect();
    assert_eq!((read.len(), keys.len()), (18_000, 18_000));
}

/// Run with `--ignored --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn how_long_a_record_takes_to_the_broker() {
    let Some(config) = config("time") else { return };
    topics::apply(&config).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder);
    let publisher = KafkaPublisher::start(config.clone(), journal.clone()).unwrap();
    until("health", || publisher.status() == Status::Healthy).await;
    let clock = Clock::system();
    let body = "খবর আজ প্রকাশিত ".repeat(110);
    let mut times = Vec::new();
    for id in 0..200_usize {
        let begun = clock.monotonic();
        append(&journal, [offer(id, &body)]).await;
        while publisher.cursor() < id as u64 + 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        times.push(clock.monotonic().saturating_sub(begun));
    }
    times.sort();
    println!("append to commit: p50 {:?} p99 {:?}", times[100], times[197]);
    let begun = clock.monotonic();
    append(&journal, (200..20_200).map(|id| offer(id, &body))).await;
    println!("20,000 appended after {:?}", clock.monotonic().saturating_sub(begun));
    published(&publisher, 20_200).await;
    println!("20,000 published after {:?}", clock.monotonic().saturating_sub(begun));
    join(publisher).await;
}
