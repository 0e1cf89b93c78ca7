//! What the newsroom did, serial by serial, so that what arrived can be held against it.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use tracing::warn;

/// A thing that the newsroom did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// An article came out.
    Published,
    /// Its text changed.
    Corrected,
    /// Its page answers 410, and its feed does not list it any more.
    Withdrawn,
    /// A second feed lists it too.
    Shared,
    /// A full feed dropped it off its end; the page stands.
    Dropped,
    /// A feed said 304 although it had changed.
    Lied,
    /// A feed answered 429.
    Throttled,
    /// A throttled feed answers again.
    Recovered,
    /// A feed's answer was cut in the middle.
    Truncated,
    /// A feed answers 301 from now on.
    Moved,
    /// A feed's XML has a bare ampersand from now on.
    Broke,
}

/// One line of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Deed {
    /// When it was done.
    #[serde(serialize_with = "as_text")]
    pub at: Timestamp,
    /// The article that it was done to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<u32>,
    /// The article's version after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// What was done.
    pub action: Action,
    /// The article's page, or the feed's present address.
    pub url: String,
    /// The address of the feed as first announced.
    pub feed: String,
    /// The id of a replayed page in its set's `truth.jsonl`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truth: Option<String>,
}

/// How long a feed listed a version of an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Listing {
    /// The address of the feed as first announced.
    pub feed: String,
    /// The article.
    pub serial: u32,
    /// The version of it.
    pub version: u32,
    /// The article's page.
    pub url: String,
    /// From when the feed listed it.
    #[serde(serialize_with = "as_text")]
    pub from: Timestamp,
    /// Until when; nothing while it still does.
    #[serde(serialize_with = "as_text_if_any", skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Everything done so far, in memory and, if wished, in a file.
#[derive(Debug, Default)]
pub(super) struct Record {
    deeds: Vec<Deed>,
    file: Option<BufWriter<File>>,
}

impl Record {
    /// A record that is also written to `path`, anew.
    pub(super) fn in_file(path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path)
            .with_context(|| format!("creating the newsroom's record {}", path.display()))?;
        Ok(Self { deeds: Vec::new(), file: Some(BufWriter::new(file)) })
    }

    /// Adds a deed.
    pub(super) fn push(&mut self, deed: Deed) {
        if let Some(file) = &mut self.file
            && let Err(error) = writeln!(file, "{}", line(&deed))
        {
            warn!(%error, "the newsroom's record is not written any more");
            self.file = None;
        }
        self.deeds.push(deed);
    }

    /// Brings the file up to date.
    pub(super) fn flush(&mut self) {
        if let Some(file) = &mut self.file
            && let Err(error) = file.flush()
        {
            warn!(%error, "the newsroom's record is not written any more");
            self.file = None;
        }
    }

    /// The deeds in their order.
    pub(super) fn deeds(&self) -> &[Deed] {
        &self.deeds
    }
}

/// Rows as JSON Lines.
pub(super) fn lines<T: Serialize>(rows: &[T]) -> String {
    rows.iter().map(|row| line(row) + "\n").collect()
}

/// For each feed, article and version, from when until when it was listed.
pub(super) fn listings(deeds: &[Deed]) -> Vec<Listing> {
    let mut listings: Vec<Listing> = Vec::new();
    let mut open: std::collections::BTreeMap<u32, Vec<usize>> = std::collections::BTreeMap::new();
    for deed in deeds {
        let (Some(serial), Some(version)) = (deed.serial, deed.version) else { continue };
        let standing = open.entry(serial).or_default();
        let mut feeds: Vec<String> = Vec::new();
        match deed.action {
            Action::Published | Action::Shared => feeds.push(deed.feed.clone()),
            Action::Corrected | Action::Withdrawn => {
                for index in standing.drain(..) {
                    listings[index].until = Some(deed.at);
                    if deed.action == Action::Corrected {
                        feeds.push(listings[index].feed.clone());
                    }
                }
            }
            Action::Dropped => standing.retain(|&index| {
                let dropped = listings[index].feed == deed.feed;
                if dropped {
                    listings[index].until = Some(deed.at);
                }
                !dropped
            }),
            _ => {}
        }
        for feed in feeds {
            standing.push(listings.len());
            let url = deed.url.clone();
            listings.push(Listing { feed, serial, version, url, from: deed.at, until: None });
        }
    }
    listings
}

fn line<T: Serialize>(row: &T) -> String {
    serde_json::to_string(row).expect("rows of strings and numbers always serialize")
}

fn as_text<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

#[expect(clippy::ref_option, reason = "serde's signature")]
fn as_text_if_any<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.collect_str(at),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deed(second: i64, action: Action, version: u32, feed: &str) -> Deed {
        Deed {
            at: Timestamp::from_second(second).unwrap(),
            serial: Some(1),
            version: Some(version),
            action,
            url: "http://127.0.1.1/a/1".to_owned(),
            feed: feed.to_owned(),
            truth: None,
        }
    }

    #[test]
    fn a_correction_closes_the_listing_of_the_old_version_in_every_feed() {
        let deeds = [
            deed(1, Action::Published, 1, "one"),
            deed(2, Action::Shared, 1, "two"),
            deed(3, Action::Corrected, 2, "one"),
            deed(4, Action::Dropped, 2, "two"),
            deed(5, Action::Withdrawn, 2, "one"),
        ];
        let told: Vec<_> = listings(&deeds)
            .into_iter()
            .map(|l| (l.feed, l.version, l.from.as_second(), l.until.unwrap().as_second()))
            .collect();
        let one = |version, from, until| ("one".to_owned(), version, from, until);
        let two = |version, from, until| ("two".to_owned(), version, from, until);
        assert_eq!(told, [one(1, 1, 3), two(1, 2, 3), one(2, 3, 5), two(2, 3, 4)]);
    }
}
