//! The comparison: lost, twice, reordered. A pure function of the newsroom's record and the topic.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use super::deeds::{Deed, owed};
use super::seen::{Kind, Mark, Seen};

/// What the comparison found, a line each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict {
    /// Records on the topic.
    pub(crate) records: usize,
    /// Different keys among them.
    pub(crate) keys: usize,
    /// What should be there and is not.
    pub(crate) lost: Vec<String>,
    /// What is there again.
    pub(crate) twice: Vec<String>,
    /// What stands in the wrong order.
    pub(crate) reordered: Vec<String>,
}

impl Verdict {
    /// Whether nothing was found.
    pub(crate) fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.twice.is_empty() && self.reordered.is_empty()
    }

    /// The first faults, for people.
    pub(crate) fn faults(&self) -> String {
        let mut text = format!("{} records, {} keys", self.records, self.keys);
        for (name, faults) in
            [("lost", &self.lost), ("twice", &self.twice), ("reordered", &self.reordered)]
        {
            let _ = write!(text, "\n{name}: {}", faults.len());
            for fault in faults.iter().take(20) {
                text.push_str("\n  ");
                text.push_str(fault);
            }
        }
        text
    }
}

/// Compares; `records` are in the order of their offsets within each partition. A version that a
/// feed lists still must be there whenever this is asked, so ask once the topic is quiet.
pub(crate) fn check(deeds: &[Deed], records: &[Seen], two_intervals: Duration) -> Verdict {
    let mut by_key: BTreeMap<&str, Vec<&Seen>> = BTreeMap::new();
    for record in records {
        by_key.entry(&record.key).or_default().push(record);
    }
    let mut verdict = Verdict { records: records.len(), keys: by_key.len(), ..Verdict::default() };
    lost(deeds, &by_key, two_intervals, &mut verdict.lost);
    twice(records, &by_key, &mut verdict.twice);
    reordered(records, &by_key, &mut verdict.reordered);
    verdict
}

/// The versions that arrived.
pub(crate) fn arrived(records: &[Seen]) -> BTreeSet<Mark> {
    records.iter().filter_map(|record| record.mark).collect()
}

type ByKey<'a> = BTreeMap<&'a str, Vec<&'a Seen>>;

fn lost(deeds: &[Deed], by_key: &ByKey<'_>, two_intervals: Duration, found: &mut Vec<String>) {
    let owed = owed(deeds, two_intervals);
    let there: BTreeSet<Mark> =
        by_key.values().flatten().filter_map(|record| record.mark).collect();
    for mark in owed.versions.difference(&there) {
        found.push(format!("{mark} never arrived"));
    }
    for mark in there.difference(&owed.printed) {
        found.push(format!("{mark} was never printed"));
    }
    for (key, records) in by_key {
        let Some(Mark { serial, .. }) = records.iter().find_map(|record| record.mark) else {
            found.push(format!("{key} has no record that says which article it is"));
            continue;
        };
        let ends_in_tombstone = records.last().is_some_and(|last| last.kind == Kind::Tombstone);
        match (owed.withdrawn.contains(&serial), ends_in_tombstone) {
            (true, false) => found.push(format!("serial {serial} was withdrawn: no tombstone")),
            (false, true) => found.push(format!("serial {serial} stands: yet a tombstone")),
            _ => {}
        }
    }
}

fn twice(records: &[Seen], by_key: &ByKey<'_>, found: &mut Vec<String>) {
    let mut first: BTreeMap<Mark, &Seen> = BTreeMap::new();
    for record in records {
        let Some(mark) = record.mark else { continue };
        if let Some(before) = first.insert(mark, record) {
            found.push(format!(
                "{mark}: as {} version {:?} and as {} version {:?}",
                before.key, before.number, record.key, record.number
            ));
        }
    }
    // A withdrawal has no text to tell it by; two in a row are the same one.
    for (key, records) in by_key {
        for pair in records.windows(2) {
            if pair[0].kind == pair[1].kind && pair[0].kind != Kind::Article {
                found.push(format!("{key}: {:?} twice in a row", pair[0].kind));
            }
        }
    }
}

fn reordered(records: &[Seen], by_key: &ByKey<'_>, found: &mut Vec<String>) {
    let mut homes: BTreeMap<u32, &str> = BTreeMap::new();
    for (key, records) in by_key {
        if records.iter().any(|record| record.partition != records[0].partition) {
            found.push(format!("{key} lies in two partitions"));
        }
        let marks: Vec<Mark> = records.iter().filter_map(|record| record.mark).collect();
        for pair in marks.windows(2) {
            if pair[0].serial != pair[1].serial {
                found.push(format!("{key} is {} and {}", pair[0], pair[1]));
            } else if pair[0].version > pair[1].version {
                found.push(format!("{key}: {} before {}", pair[0], pair[1]));
            }
        }
        // Order is promised within a key: an article with two keys has none.
        if let Some(mark) = marks.first()
            && let Some(other) = homes.insert(mark.serial, key)
        {
            found.push(format!("serial {} has the keys {other} and {key}", mark.serial));
        }
    }
    let mut last: BTreeMap<(i32, u16), u64> = BTreeMap::new();
    for record in records {
        let (Some(shard), Some(sequence)) = (record.shard, record.sequence) else {
            found.push(format!("{} has no shard and sequence", record.key));
            continue;
        };
        if let Some(before) = last.insert((record.partition, shard), sequence)
            && before >= sequence
        {
            let partition = record.partition;
            found.push(format!(
                "partition {partition}: shard {shard} sequence {sequence} after {before}"
            ));
        }
    }
}
