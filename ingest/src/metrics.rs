//! What ingest counts, and how it is written for Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::outcome::Outcome;

/// Counters of the process; all shards share them.
#[derive(Debug, Default)]
pub struct Metrics {
    visits: [AtomicU64; Outcome::ALL.len()],
    pages: [AtomicU64; Outcome::ALL.len()],
    rechecks: [AtomicU64; Outcome::ALL.len()],
    refused: [AtomicU64; Outcome::ALL.len()],
    seen: AtomicU64,
    recorded: AtomicU64,
    feed_only: AtomicU64,
    unchanged: AtomicU64,
    duplicates: AtomicU64,
    known_old: AtomicU64,
    changed: AtomicU64,
    withdrawn: AtomicU64,
    lost: AtomicU64,
    bytes: AtomicU64,
}

/// Something that is counted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// A feed listed an entry for the first time.
    Seen,
    /// The journal wrote an article that was pending.
    Recorded,
    /// The same, but from the feed's own text.
    FeedOnly,
    /// The journal held an article that was pending.
    Unchanged,
    /// An entry was an article that is known from elsewhere.
    Duplicate,
    /// An entry was old at the first look.
    KnownOld,
    /// A re-check gave a new version.
    Changed,
    /// A re-check found the article gone.
    Withdrawn,
    /// A parcel was lost on its way.
    Lost,
}

/// What became of the entries: `entries_seen` is the sum of all the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries that a feed listed for the first time, and those pending from before.
    pub entries_seen: u64,
    /// Written by the journal.
    pub recorded: u64,
    /// Held by the journal already.
    pub unchanged: u64,
    /// Known from another feed or under another address.
    pub duplicates: u64,
    /// Old at the first look at their feed.
    pub known_old: u64,
    /// Quarantined, by the name of the last outcome.
    pub refused: BTreeMap<&'static str, u64>,
    /// Still to be had.
    pub pending: u64,
}

impl Metrics {
    /// Counts one.
    pub fn count(&self, what: Counted) {
        self.counter(what).fetch_add(1, Ordering::Relaxed);
    }

    /// Counts entries that were pending before the process began.
    pub fn carry(&self, pending: u64) {
        self.seen.fetch_add(pending, Ordering::Relaxed);
    }

    /// Counts the end of a visit to a feed.
    pub fn visit(&self, outcome: Outcome) {
        self.visits[outcome.index()].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts the end of an attempt at a page.
    pub fn page(&self, outcome: Outcome) {
        self.pages[outcome.index()].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts the end of a re-check.
    pub fn recheck(&self, outcome: Outcome) {
        self.rechecks[outcome.index()].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts an entry that is given up.
    pub fn refuse(&self, outcome: Outcome) {
        self.refused[outcome.index()].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts bytes of decoded bodies.
    pub fn bytes(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// What became of the entries so far.
    pub fn counts(&self) -> Counts {
        let read = |what| self.counter(what).load(Ordering::Relaxed);
        let refused: BTreeMap<&'static str, u64> = by_outcome(&self.refused).collect();
        let (recorded, unchanged) = (read(Counted::Recorded), read(Counted::Unchanged));
        let (duplicates, known_old) = (read(Counted::Duplicate), read(Counted::KnownOld));
        let done = recorded + unchanged + duplicates + known_old + refused.values().sum::<u64>();
        // Read last, so that what ends meanwhile is not missing from the sum.
        let entries_seen = read(Counted::Seen).max(done);
        let pending = entries_seen - done;
        Counts { entries_seen, recorded, unchanged, duplicates, known_old, refused, pending }
    }

    /// Writes all counters in Prometheus's text format.
    pub fn render(&self, out: &mut String) {
        let families = [
            ("visits", "Visits to feeds by outcome", &self.visits),
            ("pages", "Attempts at pages by outcome", &self.pages),
            ("rechecks", "Re-checks of pages by outcome", &self.rechecks),
            ("refused", "Entries given up by outcome", &self.refused),
        ];
        for (name, help, counters) in families {
            head(out, name, help);
            for (outcome, count) in by_outcome(counters) {
                let _ =
                    writeln!(out, "khobor_ingest_{name}_total{{outcome=\"{outcome}\"}} {count}");
            }
        }
        let singles = [
            ("entries_seen", "Entries listed for the first time", Counted::Seen),
            ("recorded", "Articles written by the journal", Counted::Recorded),
            ("feed_only", "Articles published from the feed's text", Counted::FeedOnly),
            ("unchanged", "Articles the journal held already", Counted::Unchanged),
            ("duplicates", "Entries known from elsewhere", Counted::Duplicate),
            ("known_old", "Entries old at the first look", Counted::KnownOld),
            ("changed", "New versions found by re-checks", Counted::Changed),
            ("withdrawn", "Articles found gone", Counted::Withdrawn),
            ("parcels_lost", "Parcels lost on their way", Counted::Lost),
        ];
        for (name, help, what) in singles {
            head(out, name, help);
            let count = self.counter(what).load(Ordering::Relaxed);
            let _ = writeln!(out, "khobor_ingest_{name}_total {count}");
        }
        head(out, "body_bytes", "Bytes of decoded bodies");
        let bytes = self.bytes.load(Ordering::Relaxed);
        let _ = writeln!(out, "khobor_ingest_body_bytes_total {bytes}");
        let _ = writeln!(
            out,
            "# HELP khobor_ingest_pending Entries still to be had\n\
             # TYPE khobor_ingest_pending gauge\nkhobor_ingest_pending {}",
            self.counts().pending
        );
    }

    fn counter(&self, what: Counted) -> &AtomicU64 {
        match what {
            Counted::Seen => &self.seen,
            Counted::Recorded => &self.recorded,
            Counted::FeedOnly => &self.feed_only,
            Counted::Unchanged => &self.unchanged,
            Counted::Duplicate => &self.duplicates,
            Counted::KnownOld => &self.known_old,
            Counted::Changed => &self.changed,
            Counted::Withdrawn => &self.withdrawn,
            Counted::Lost => &self.lost,
        }
    }
}

fn head(out: &mut String, name: &str, help: &str) {
    let _ = writeln!(
        out,
        "# HELP khobor_ingest_{name}_total {help}\n# TYPE khobor_ingest_{name}_total counter"
    );
}

fn by_outcome(counters: &[AtomicU64]) -> impl Iterator<Item = (&'static str, u64)> {
    Outcome::ALL
        .into_iter()
        .zip(counters)
        .map(|(outcome, count)| (outcome.as_str(), count.load(Ordering::Relaxed)))
        .filter(|(_, count)| *count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_the_sum_of_what_became_of_it() {
        let metrics = Metrics::default();
        for _ in 0..4 {
            metrics.count(Counted::Seen);
        }
        metrics.count(Counted::Recorded);
        metrics.count(Counted::Duplicate);
        metrics.refuse(Outcome::Status);
        assert_eq!(metrics.counts().pending, 1);
        let mut text = String::new();
        metrics.render(&mut text);
        assert!(text.contains("khobor_ingest_refused_total{outcome=\"status\"} 1"));
    }
}
