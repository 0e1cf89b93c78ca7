//! The fictitious papers of the newsroom, and where each of them is served.

use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde::Deserialize;
use url::Url;

const BUNDLED: &str = include_str!("outlets.jsonl");

/// The document in which an outlet lists its articles.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// RSS 2.0.
    Rss,
    /// Atom 1.0.
    Atom,
    /// JSON Feed 1.1.
    Json,
}

/// One paper.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outlet {
    /// Its name in its own language.
    pub name: String,
    /// Its virtual host.
    pub host: String,
    /// BCP 47.
    pub language: String,
    /// Where its clock stands, east of Greenwich.
    pub offset_minutes: i32,
    /// What its feed is written in.
    pub format: Format,
    /// The sentence that opens a corrected article.
    pub correction: String,
    /// The words of its navigation bar.
    pub sections: Vec<String>,
    /// Words on every page that are no part of an article: share, related, rights.
    pub furniture: [String; 3],
}

impl Outlet {
    /// `at` in the outlet's own time, by `strftime` pattern.
    pub(super) fn time(&self, at: Timestamp, pattern: &str) -> String {
        let offset = Offset::from_seconds(self.offset_minutes * 60).unwrap_or(Offset::UTC);
        at.to_zoned_datetime(TimeZone::fixed(offset)).strftime(pattern).to_string()
    }
}

/// An outlet at an address, with its one feed.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// The paper.
    pub outlet: Arc<Outlet>,
    /// Its home page.
    pub base: Url,
    /// The path of its feed.
    pub feed_path: String,
}

impl Site {
    /// The address of `path` on this site.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str().trim_end_matches('/'))
    }

    /// The address of its feed, before any move.
    pub(super) fn feed_url(&self) -> String {
        self.url(&self.feed_path)
    }
}

/// The outlets that come with the program.
pub(super) fn bundled() -> anyhow::Result<Vec<Outlet>> {
    let mut outlets = Vec::new();
    for (index, line) in BUNDLED.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        outlets.push(
            serde_json::from_str(line)
                .with_context(|| format!("reading line {} of outlets.jsonl", index + 1))?,
        );
    }
    Ok(outlets)
}

/// `count` outlets: the bundled ones, then numbered editions of them.
pub(super) fn editions(count: usize) -> anyhow::Result<Vec<Arc<Outlet>>> {
    let bundled = bundled()?;
    let mut outlets = Vec::with_capacity(count);
    for (index, outlet) in bundled.iter().cycle().take(count).enumerate() {
        let mut outlet = outlet.clone();
        let edition = index / bundled.len() + 1;
        if edition > 1 {
            outlet.name = format!("{} {edition}", outlet.name);
            outlet.host = match outlet.host.split_once('.') {
                Some((name, domain)) => format!("{name}-{edition}.{domain}"),
                None => format!("{}-{edition}", outlet.host),
            };
        }
        outlets.push(Arc::new(outlet));
    }
    Ok(outlets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dozen_outlets_speak_eight_languages_and_three_formats() {
        let outlets = bundled().unwrap();
        assert_eq!(outlets.len(), 12);
        let mut languages: Vec<_> = outlets.iter().map(|outlet| &outlet.language).collect();
        languages.sort();
        languages.dedup();
        assert_eq!(languages.len(), 8);
        for format in [Format::Rss, Format::Atom, Format::Json] {
            assert!(outlets.iter().any(|outlet| outlet.format == format));
        }
    }

    #[test]
    fn editions_beyond_the_dozen_have_hosts_of_their_own() {
        let editions = editions(30).unwrap();
        assert_eq!(editions[24].host, "prabhat-3.newsroom");
        assert_eq!(editions[24].language, "bn");
    }

    #[test]
    fn a_date_carries_the_offset_of_its_outlet() {
        let outlet = &bundled().unwrap()[0];
        let written = outlet.time(Timestamp::UNIX_EPOCH, "%Y-%m-%dT%H:%M:%S%:z");
        assert_eq!(written, "1970-01-01T06:00:00+06:00");
    }
}
