//! The journal's promises, on a real file.

#![expect(clippy::unwrap_used, reason = "a test's helpers may panic as the test may")]

use std::path::Path;
use std::time::Duration;

use article::Parcel;
use article::clock::Clock;
use article::event::{DeadLetter, EnrichedArticle, Event, Withdrawal};
use article::parcel::{Lost, Signed, Verdict};
use article::record::Fetch;
use article::shard::ShardId;
use jiff::Timestamp;
use serde_json::Value;
use sink::{Journal, JournalError, JournalReader};

const NOON: i64 = 1_790_000_000_000;

fn clock() -> Clock {
    Clock::simulated(Timestamp::from_millisecond(NOON).unwrap())
}

fn open(folder: &Path, clock: &Clock) -> Journal {
    Journal::open(&folder.join("journal.db"), ShardId(0), clock.clone()).unwrap()
}

fn offer(id: &str, body: &str, minute: u8) -> Event<EnrichedArticle> {
    let mut offer = EnrichedArticle::default();
    offer.article.id = id.into();
    offer.article.url = format!("https://example.com/{id}");
    offer.article.headline = Some("A headline".into());
    offer.article.article_body = body.into();
    offer.article.labels = vec!["a\nb".into()];
    offer.article.fetch =
        Some(Fetch { fetched_at: format!("2026-09-21T10:{minute:02}:00Z"), ..Fetch::default() });
    offer.annotations.in_language = Some("bn".into());
    Event::Article(Box::new(offer))
}

fn gone(id: &str, minute: u8) -> Event<EnrichedArticle> {
    Event::Withdrawal(Withdrawal {
        id: id.into(),
        url: String::new(),
        reason: "410".into(),
        seen_at: format!("2026-09-21T10:{minute:02}:00Z"),
    })
}

async fn send(journal: &Journal, event: Event<EnrichedArticle>) -> Result<Signed, Lost> {
    let (parcel, receipt) = Parcel::new(event);
    journal.append(parcel).await.unwrap();
    receipt.signed().await
}

async fn verdict(journal: &Journal, event: Event<EnrichedArticle>) -> Verdict {
    send(journal, event).await.unwrap().verdict
}

fn value(journal: &Journal, seq: u64) -> Value {
    let row = journal.read(seq - 1, 1).unwrap().remove(0);
    serde_json::from_slice(&row.value.unwrap()).unwrap()
}

#[tokio::test]
async fn a_parcel_is_signed_once_it_is_durable() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path(), &clock());
    let (parcels, queue) = tokio::sync::mpsc::channel(4);
    let mut stage = tokio::task::JoinSet::new();
    stage.spawn(sink::run(journal.clone(), queue));
    let (parcel, receipt) = Parcel::new(offer("a", "one two", 1));
    parcels.send(parcel).await.unwrap();
    let signed = receipt.signed().await.unwrap();
    assert_eq!(signed, Signed { seq: 1, verdict: Verdict::Recorded { version: 1 } });
    let other = JournalReader::open_read_only(&folder.path().join("journal.db")).unwrap();
    assert_eq!(other.read(0, 10).unwrap().len(), 1);
    assert_eq!(*journal.follow().borrow(), 1);
    drop(parcels);
    stage.join_next().await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn the_same_offer_twice_writes_one_row() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path(), &clock());
    assert_eq!(verdict(&journal, offer("a", "one two", 1)).await, Verdict::Recorded { version: 1 });
    let again = send(&journal, offer("a", "one\n\n two", 2)).await.unwrap();
    assert_eq!(again, Signed { seq: 1, verdict: Verdict::Unchanged });
    assert_eq!(journal.read(0, 10).unwrap().len(), 1);
}

#[tokio::test]
async fn a_changed_body_is_the_next_version_and_an_older_fetch_is_stale() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path(), &clock());
    verdict(&journal, offer("a", "one two three four", 1)).await;
    let second = verdict(&journal, offer("a", "one two three five", 3)).await;
    assert_eq!(second, Verdict::Recorded { version: 2 });
    assert_eq!(verdict(&journal, offer("a", "one two three six", 2)).await, Verdict::Stale);
    let record = value(&journal, 2);
    assert_eq!(record["status"], "updated");
    assert_eq!(record["revision"]["previousVersion"], 1);
    assert_eq!(record["revision"]["changed"], serde_json::json!(["articleBody"]));
    assert_eq!(record["revision"]["similarity"], 0.75);
    assert_eq!(record["revision"]["minor"], false);
    assert_eq!(record["wordCount"], 4);
    assert!(record.get("feed").is_none() && record.get("declaredLanguage").is_none());
    let row = journal.read(1, 1).unwrap().remove(0);
    let header = |name: &str| row.headers.iter().find(|(key, _)| key == name).unwrap().1.clone();
    assert_eq!(header("ce_id"), "a:2");
    assert_eq!(header("ce_type"), "org.khobor.article.updated");
    assert_eq!(header("labels"), "a b");
    assert_eq!(header("sequence"), "00000000000000000002");
    assert_eq!(header("ce_time"), record["dateRecorded"].as_str().unwrap());
}

#[tokio::test]
async fn a_withdrawal_is_two_rows_and_the_return_the_next_version() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path(), &clock());
    assert_eq!(verdict(&journal, gone("a", 1)).await, Verdict::Unchanged);
    verdict(&journal, offer("a", "one two", 1)).await;
    assert_eq!(verdict(&journal, gone("a", 0)).await, Verdict::Stale);
    let signed = send(&journal, gone("a", 2)).await.unwrap();
    assert_eq!(signed, Signed { seq: 3, verdict: Verdict::Recorded { version: 2 } });
    assert_eq!(verdict(&journal, gone("a", 3)).await, Verdict::Unchanged);
    let record = value(&journal, 2);
    assert_eq!((&record["status"], record.get("articleBody")), (&"withdrawn".into(), None));
    let rows = journal.read(0, 10).unwrap();
    let kinds: Vec<&str> = rows.iter().map(|row| row.kind.as_str()).collect();
    assert_eq!(kinds, ["published", "withdrawn", "tombstone"]);
    assert_eq!(rows[2].value, None);
    assert_eq!(verdict(&journal, offer("a", "one two", 4)).await, Verdict::Recorded { version: 3 });
    assert_eq!(value(&journal, 4)["status"], "published");
}

#[tokio::test]
async fn sequence_and_time_rise_whatever_the_clock_does() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    for round in 0..3 {
        let journal = open(folder.path(), &clock);
        for at in 0..3 {
            verdict(&journal, offer(&format!("{round}-{at}"), "x", 1)).await;
        }
        clock.set_wall(Timestamp::from_millisecond(NOON - 3_600_000).unwrap());
    }
    let journal = open(folder.path(), &clock);
    let rows = journal.read(0, 100).unwrap();
    assert_eq!(
        rows.iter().map(|row| row.sequence).collect::<Vec<_>>(),
        (1..=9).collect::<Vec<_>>()
    );
    assert!(rows.windows(2).all(|pair| pair[0].recorded_at < pair[1].recorded_at));
    assert_eq!(journal.reader().verify().unwrap(), 9);
}

#[tokio::test]
async fn a_row_changed_by_hand_breaks_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path(), &clock());
    for at in 0..3 {
        verdict(&journal, offer(&at.to_string(), "x", 1)).await;
    }
    let other = rusqlite::Connection::open(folder.path().join("journal.db")).unwrap();
    other.execute("UPDATE rows SET key = 'z' WHERE seq = 2", []).unwrap();
    assert!(matches!(journal.reader().verify(), Err(JournalError::Broken { seq: 2 })));
}

#[tokio::test]
async fn an_empty_file_is_migrated_and_a_newer_one_or_another_shards_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    std::fs::write(&path, []).unwrap();
    let journal = open(folder.path(), &clock());
    assert_eq!(journal.uuid().len(), 36);
    drop(journal);
    let shard = Journal::open(&path, ShardId(1), clock());
    assert!(matches!(shard, Err(JournalError::OtherShard { .. })));
    let file = rusqlite::Connection::open(&path).unwrap();
    let vacuum: i64 = file.pragma_query_value(None, "auto_vacuum", |row| row.get(0)).unwrap();
    assert_eq!(vacuum, 2);
    file.execute("INSERT INTO meta VALUES ('last_seq', 'seven')", []).unwrap();
    let unreadable = Journal::open(&path, ShardId(0), clock()).unwrap_err();
    let cause = std::error::Error::source(&unreadable).map(ToString::to_string);
    assert!(cause.unwrap().contains("last_seq"), "{unreadable}");
    file.pragma_update(None, "user_version", 99).unwrap();
    let newer = Journal::open(&path, ShardId(0), clock());
    assert!(matches!(newer, Err(JournalError::Newer { found: 99, .. })));
}

#[tokio::test]
async fn rows_wait_for_every_configured_publisher() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let journal = open(folder.path(), &clock);
    journal.set_publishers(vec!["kafka".into()]).await.unwrap();
    for at in 0..50 {
        verdict(&journal, offer(&at.to_string(), &"x ".repeat(5000), 1)).await;
    }
    clock.advance(Duration::from_hours(2));
    let hour = Duration::from_hours(1);
    assert_eq!(journal.retain(hour, u64::MAX).await.unwrap().rows, 0);
    assert!(journal.is_full(100_000).unwrap());
    journal.set_publishers(vec![]).await.unwrap();
    verdict(&journal, offer("new", "x", 1)).await;
    assert_eq!(journal.retain(hour, u64::MAX).await.unwrap().rows, 50);
    assert!(!journal.is_full(200_000).unwrap());
    assert_eq!(journal.reader().verify().unwrap(), 1);
    assert_eq!(verdict(&journal, offer("0", &"x ".repeat(5000), 2)).await, Verdict::Unchanged);
    drop(journal);
    let journal = open(folder.path(), &clock);
    assert_eq!(send(&journal, offer("next", "x", 1)).await.unwrap().seq, 52);
    assert_eq!(journal.retain(hour * 9999, 0).await.unwrap().rows, 2);
    assert_eq!(send(&journal, offer("last", "x", 1)).await.unwrap().seq, 53);
    assert_eq!(journal.reader().verify().unwrap(), 1);
}

#[tokio::test]
async fn a_full_disk_loses_the_receipt_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path(), &clock());
    verdict(&journal, offer("a", "one", 1)).await;
    journal.limit_pages(1).await.unwrap();
    let lost = send(&journal, offer("b", &"x ".repeat(500_000), 1)).await;
    assert_eq!(lost, Err(Lost));
    assert!(matches!(journal.health(), Err(JournalError::Unwritable { .. })));
    journal.limit_pages(1_000_000).await.unwrap();
    let signed = send(&journal, offer("b", &"x ".repeat(500_000), 1)).await.unwrap();
    assert_eq!(signed.seq, 2);
    assert!(journal.health().is_ok());
    assert_eq!(journal.reader().verify().unwrap(), 2);
}

#[tokio::test]
async fn a_dead_letter_keeps_its_bytes_up_to_the_limit_and_its_reasons() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path(), &clock());
    let letter = DeadLetter {
        key: "k".into(),
        url: "https://example.com/".into(),
        feed: "f".into(),
        stage: "extract".into(),
        class: "tooDeep".into(),
        message: "a\r\nforged: header".into(),
        attempts: 3,
        first_failed_at: "2026-09-21T10:00:00Z".into(),
        bytes: vec![0xff; 1_000_000],
        content_type: None,
    };
    verdict(&journal, Event::DeadLetter(Box::new(letter))).await;
    let row = journal.read(0, 1).unwrap().remove(0);
    assert_eq!(row.value.as_ref().unwrap().len(), 900_000);
    assert_eq!(journal.reader().letter(row.seq).unwrap().unwrap(), vec![0xff; 1_000_000]);
    let headers = |name: &str, value: &str| row.headers.contains(&(name.into(), value.into()));
    assert!(headers("khobor.error.truncated", "1000000"));
    assert!(headers("khobor.error.message", "a  forged: header"));
    assert!(headers("__connect.errors.exception.class.name", "tooDeep"));
}

#[tokio::test]
async fn an_enrichers_state_commits_with_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path(), &clock());
    let (mut parcel, receipt) = Parcel::new(offer("a", "one", 1));
    parcel.state = vec![("k".into(), vec![1, 2])];
    journal.append(parcel).await.unwrap();
    receipt.signed().await.unwrap();
    assert_eq!(journal.reader().state().unwrap(), [("k".to_owned(), vec![1, 2])]);
}

/// Run with `--ignored --nocapture`; the disk's own fsync rate decides.
#[tokio::test]
#[ignore = "a measurement"]
async fn how_long_a_commit_takes() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let journal = open(folder.path(), &Clock::system());
    let clock = Clock::system();
    let body = "খবর আজ প্রকাশিত ".repeat(110);
    let mut times = Vec::new();
    for at in 0..300 {
        let begun = clock.monotonic();
        verdict(&journal, offer(&format!("one-{at}"), &body, 1)).await;
        times.push(clock.monotonic().saturating_sub(begun));
    }
    times.sort();
    println!("one at a time: p50 {:?} p99 {:?}", times[150], times[297]);
    let begun = clock.monotonic();
    let mut receipts = Vec::new();
    for at in 0..10_000 {
        let (parcel, receipt) = Parcel::new(offer(&format!("many-{at}"), &body, 1));
        journal.append(parcel).await.unwrap();
        receipts.push(receipt);
    }
    for receipt in receipts {
        receipt.signed().await.unwrap();
    }
    println!("10,000 at once: {:?}", clock.monotonic().saturating_sub(begun));
}
