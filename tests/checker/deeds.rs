//! The newsroom's own record, as its file tells it: what was listed where, and for how long.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::seen::Mark;

/// One line of the record; what a feed did has neither serial nor version.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Deed {
    /// When it was done.
    pub(crate) at: Timestamp,
    /// The article.
    pub(crate) serial: Option<u32>,
    /// Its version afterwards.
    pub(crate) version: Option<u32>,
    /// What was done, in the record's word.
    pub(crate) action: String,
    /// The address of the article or of the feed.
    pub(crate) url: String,
    /// The feed, as first announced.
    pub(crate) feed: String,
    /// The name of a replayed page's true text.
    #[serde(default)]
    pub(crate) truth: Option<String>,
}

/// Reads a record; a line that is still being written is left out.
pub(crate) fn read(path: &Path) -> Vec<Deed> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole
        .lines()
        .map(|line| serde_json::from_str(line).expect("the newsroom's record is JSON Lines"))
        .collect()
}

/// What a patient reader of the feeds must have.
#[derive(Debug, Default)]
pub(crate) struct Owed {
    /// Versions that a feed lists still, or listed for long enough.
    pub(crate) versions: BTreeSet<Mark>,
    /// All versions that there ever were.
    pub(crate) printed: BTreeSet<Mark>,
    /// Articles that were taken back.
    pub(crate) withdrawn: BTreeSet<u32>,
}

/// What is owed to a reader who looks at every feed twice in `two_intervals`. While a feed answers
/// 429 nobody can read it, so that this time does not count.
pub(crate) fn owed(deeds: &[Deed], two_intervals: Duration) -> Owed {
    let throttled = throttled(deeds);
    let mut owed = Owed::default();
    // For each article: its version at present, and each feed that lists it with the time since.
    let mut standing: BTreeMap<u32, Vec<(String, Timestamp)>> = BTreeMap::new();
    let mut latest: BTreeMap<u32, u32> = BTreeMap::new();
    for deed in deeds {
        let (Some(serial), Some(version)) = (deed.serial, deed.version) else { continue };
        let before = latest.insert(serial, version).unwrap_or(version);
        owed.printed.insert(Mark { serial, version });
        let mut end = |feed: &str, from: Timestamp| {
            if readable(&throttled, feed, from, deed.at) >= two_intervals {
                owed.versions.insert(Mark { serial, version: before });
            }
        };
        let feeds = standing.entry(serial).or_default();
        match deed.action.as_str() {
            "published" | "shared" => feeds.push((deed.feed.clone(), deed.at)),
            "corrected" => {
                for (feed, from) in feeds.iter_mut() {
                    end(feed, *from);
                    *from = deed.at;
                }
            }
            "withdrawn" => {
                for (feed, from) in feeds.drain(..) {
                    end(&feed, from);
                }
                owed.withdrawn.insert(serial);
            }
            "dropped" => feeds.retain(|(feed, from)| {
                let dropped = *feed == deed.feed;
                if dropped {
                    end(feed, *from);
                }
                !dropped
            }),
            _ => {}
        }
    }
    for (serial, feeds) in standing {
        if !feeds.is_empty() {
            owed.versions.insert(Mark { serial, version: latest[&serial] });
        }
    }
    owed
}

type Throttled = BTreeMap<String, Vec<(Timestamp, Timestamp)>>;

/// From when until when each feed was throttled.
fn throttled(deeds: &[Deed]) -> Throttled {
    let mut spans: Throttled = BTreeMap::new();
    let mut since: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for deed in deeds {
        if deed.action == "throttled" {
            since.entry(&deed.feed).or_insert(deed.at);
        } else if deed.action == "recovered"
            && let Some(from) = since.remove(deed.feed.as_str())
        {
            spans.entry(deed.feed.clone()).or_default().push((from, deed.at));
        }
    }
    for (feed, from) in since {
        spans.entry(feed.to_owned()).or_default().push((from, Timestamp::MAX));
    }
    spans
}

fn readable(throttled: &Throttled, feed: &str, from: Timestamp, until: Timestamp) -> Duration {
    let length = |from: Timestamp, until: Timestamp| {
        Duration::try_from(until.duration_since(from)).unwrap_or_default()
    };
    let spans = throttled.get(feed).map_or(&[][..], Vec::as_slice);
    let lost: Duration =
        spans.iter().map(|(start, end)| length(from.max(*start), until.min(*end))).sum();
    length(from, until).saturating_sub(lost)
}
