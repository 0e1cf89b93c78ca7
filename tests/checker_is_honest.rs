//! The checker finds what it is there for: a gap, a repetition and a swap, planted one at a time.

mod checker;

use std::time::Duration;

use checker::deeds::Deed;
use checker::seen::{Kind, Mark, Seen, mark};
use checker::verdict::{Verdict, check};
use jiff::Timestamp;

const TWO_INTERVALS: Duration = Duration::from_secs(8);

fn deed(second: i64, action: &str, serial: u32, version: u32) -> Deed {
    Deed {
        at: Timestamp::from_second(second).expect("a small number is a time"),
        serial: Some(serial),
        version: Some(version),
        action: action.to_owned(),
        url: String::new(),
        truth: None,
        feed: "feed".to_owned(),
    }
}

fn of_feed(second: i64, action: &str) -> Deed {
    Deed { serial: None, version: None, ..deed(second, action, 0, 0) }
}

fn seen(sequence: u64, key: &str, kind: Kind, serial: u32, version: u32) -> Seen {
    let mark = (kind == Kind::Article).then_some(Mark { serial, version });
    let key = key.to_owned();
    Seen { partition: 0, key, shard: Some(0), sequence: Some(sequence), kind, mark, number: None }
}

/// Three articles: one stands, one is corrected, one is taken back.
fn deeds() -> Vec<Deed> {
    vec![
        deed(0, "published", 1, 1),
        deed(0, "published", 2, 1),
        deed(0, "published", 3, 1),
        deed(20, "corrected", 2, 2),
        deed(30, "withdrawn", 3, 1),
    ]
}

fn records() -> Vec<Seen> {
    vec![
        seen(1, "a", Kind::Article, 1, 1),
        seen(2, "b", Kind::Article, 2, 1),
        seen(4, "c", Kind::Article, 3, 1),
        seen(5, "b", Kind::Article, 2, 2),
        seen(6, "c", Kind::Withdrawn, 3, 1),
        seen(7, "c", Kind::Tombstone, 3, 1),
    ]
}

fn found(records: &[Seen]) -> (usize, usize, usize) {
    counts(&check(&deeds(), records, TWO_INTERVALS))
}

fn counts(verdict: &Verdict) -> (usize, usize, usize) {
    (verdict.lost.len(), verdict.twice.len(), verdict.reordered.len())
}

/// Gives the records their sequence anew, so that only what was planted is wrong.
fn renumber(records: &mut [Seen]) {
    for (number, record) in (1..).zip(records) {
        record.sequence = Some(number);
    }
}

#[test]
fn what_is_whole_is_found_whole() {
    let verdict = check(&deeds(), &records(), TWO_INTERVALS);
    assert!(verdict.is_clean(), "{}", verdict.faults());
    assert_eq!((verdict.records, verdict.keys), (6, 3));
}

#[test]
fn a_gap_is_found() {
    for gap in [0, 1, 3] {
        let mut records = records();
        records.remove(gap);
        assert_eq!(found(&records), (1, 0, 0), "without record {gap}");
    }
}

#[test]
fn a_withdrawal_without_a_tombstone_is_found() {
    let mut records = records();
    records.pop();
    assert_eq!(found(&records), (1, 0, 0));
    records.pop();
    assert_eq!(found(&records), (1, 0, 0));
}

#[test]
fn a_tombstone_of_what_stands_is_found() {
    let mut records = records();
    records.push(seen(8, "a", Kind::Tombstone, 1, 1));
    assert_eq!(found(&records), (1, 0, 0));
}

#[test]
fn a_text_that_nobody_printed_is_found() {
    let mut records = records();
    records.push(seen(8, "d", Kind::Article, 9, 1));
    assert_eq!(found(&records), (1, 0, 0));
}

#[test]
fn a_repetition_is_found_under_the_same_key() {
    let mut records = records();
    records.insert(1, seen(0, "a", Kind::Article, 1, 1));
    renumber(&mut records);
    assert_eq!(found(&records), (0, 1, 0));
}

#[test]
fn a_repetition_is_found_under_another_key() {
    let mut records = records();
    records.push(seen(8, "d", Kind::Article, 1, 1));
    // An article with two keys has no order either.
    assert_eq!(found(&records), (0, 1, 1));
}

#[test]
fn a_repeated_tombstone_is_found() {
    let mut records = records();
    records.push(seen(8, "c", Kind::Tombstone, 3, 1));
    assert_eq!(found(&records), (0, 1, 0));
}

#[test]
fn swapped_versions_are_found() {
    let mut records = records();
    records.swap(1, 3);
    renumber(&mut records);
    assert_eq!(found(&records), (0, 0, 1));
}

#[test]
fn a_swapped_sequence_is_found_though_every_key_is_in_order() {
    let mut records = records();
    records.swap(0, 1);
    assert_eq!(found(&records), (0, 0, 1));
}

#[test]
fn a_key_in_two_partitions_is_found() {
    let mut records = records();
    records[3].partition = 1;
    assert_eq!(found(&records), (0, 0, 1));
}

#[test]
fn a_version_that_was_listed_too_briefly_is_not_owed() {
    let mut deeds = deeds();
    deeds[3].at = Timestamp::from_second(7).expect("a small number is a time");
    let mut records = records();
    records.remove(1);
    assert!(check(&deeds, &records, TWO_INTERVALS).is_clean());
    records.remove(2);
    assert_eq!(check(&deeds, &records, TWO_INTERVALS).lost.len(), 1);
}

#[test]
fn the_time_of_a_429_does_not_count_as_listed() {
    let mut deeds = deeds();
    deeds
        .splice(3..3, [of_feed(2, "throttled"), of_feed(3, "throttled"), of_feed(16, "recovered")]);
    let mut records = records();
    records.remove(1);
    assert!(check(&deeds, &records, TWO_INTERVALS).is_clean());
}

#[test]
fn the_mark_is_read_from_the_text() {
    let text = "Serial killers apart.\n\nThe end. Serial 000123 version 2.";
    assert_eq!(mark(text), Some(Mark { serial: 123, version: 2 }));
    assert_eq!(mark("Serial 12 is no mark."), None);
    assert_eq!(mark(""), None);
}
