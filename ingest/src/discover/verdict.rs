//! What a candidate turned out to be: how much there is in it, how new, and whose it is.

use std::collections::BTreeSet;

use article::shard::host_key;
use article::url_key::url_key;
use jiff::{SignedDuration, Timestamp};
use url::Url;

/// A feed whose newest entry is older is hardly alive.
const OLD: SignedDuration = SignedDuration::from_hours(24 * 180);

/// What a document showed of a candidate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The feed's own title.
    pub title: Option<String>,
    /// The language that it declares.
    pub language: Option<String>,
    /// Its entries.
    pub entries: usize,
    /// The date of its newest entry.
    pub newest: Option<String>,
    /// What it adds to the candidate's rank.
    pub(super) weight: i32,
    /// What speaks for and against it.
    pub(super) reasons: Vec<String>,
    /// Its entries' addresses, to know a feed in two formats.
    pub(super) stories: BTreeSet<String>,
}

/// Judges a document that was read from `url`; `site` is the page that was asked for.
pub(super) fn judge(document: &feed::Document, url: &Url, site: &Url, now: Timestamp) -> Verdict {
    let links: Vec<Url> = document
        .entries
        .iter()
        .filter_map(|entry| Url::parse(entry.link.as_deref()?).ok())
        .collect();
    let dates = document.entries.iter().filter_map(|entry| {
        let date = entry.published.as_deref().or(entry.updated.as_deref())?;
        date.parse::<Timestamp>().ok().filter(|date| *date <= now + SignedDuration::from_hours(48))
    });
    let newest = dates.max();
    let mut verdict = Verdict {
        title: document.feed.title.as_deref().map(crate::plain::field),
        language: document.feed.language.clone(),
        entries: document.entries.len(),
        newest: newest.map(|date| date.to_string()),
        stories: links.iter().map(url_key).collect(),
        ..Verdict::default()
    };
    let count = verdict.entries;
    if count == 0 {
        verdict.note(-35, "it has no entries".to_owned());
        return verdict;
    }
    let homes = [host_key(url), host_key(site)];
    let foreign = links.iter().filter(|link| !homes.contains(&host_key(link))).count();
    if !links.is_empty() && foreign * 2 > links.len() {
        let what = format!("{foreign} of its {count} entries are on other sites");
        verdict.note(-15, what);
    }
    match newest {
        Some(date) if now.duration_since(date) > OLD => {
            verdict.note(-25, format!("its newest entry is of {}", day(date)));
        }
        Some(date) => verdict.note(0, format!("{count} entries, the newest of {}", day(date))),
        None => verdict.note(0, format!("{count} entries without a date")),
    }
    verdict
}

fn day(date: Timestamp) -> String {
    date.strftime("%Y-%m-%d").to_string()
}

impl Verdict {
    fn note(&mut self, weight: i32, reason: String) {
        self.weight += weight;
        self.reasons.push(reason);
    }

    /// Whether two documents list the same stories: the same feed in two formats.
    pub(super) fn repeats(&self, other: &Self) -> bool {
        let shared = self.stories.intersection(&other.stories).count();
        let all = self.stories.len().min(other.stories.len());
        all > 0
            && shared * 5 >= all * 4
            && self.stories.len().abs_diff(other.stories.len()) * 2 <= all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(items: &str) -> Verdict {
        let xml = format!("<rss version='2.0'><channel><title>T</title>{items}</channel></rss>");
        let url = Url::parse("https://e.com/feed").unwrap();
        let document = feed::read(xml.as_bytes(), None, Some(&url)).unwrap();
        judge(&document, &url, &url, "2026-03-02T10:00:00Z".parse().unwrap())
    }

    fn item(link: &str, date: &str) -> String {
        format!("<item><title>a</title><link>{link}</link><pubDate>{date}</pubDate></item>")
    }

    #[test]
    fn a_living_feed_of_the_site_weighs_more_than_a_dead_a_foreign_or_an_empty_one() {
        let living = verdict(&item("https://e.com/1", "Sun, 01 Mar 2026 10:00:00 GMT"));
        let dead = verdict(&item("https://e.com/1", "Fri, 01 Mar 2019 10:00:00 GMT"));
        let foreign = verdict(&item("https://ads.example/1", "Sun, 01 Mar 2026 10:00:00 GMT"));
        let empty = verdict("");
        assert_eq!((living.weight, living.entries), (0, 1));
        for other in [&dead, &foreign, &empty] {
            assert!(other.weight < living.weight, "{:?}", other.reasons);
        }
        assert!(dead.reasons[0].contains("2019-03-01"), "{:?}", dead.reasons);
    }

    #[test]
    fn the_same_stories_make_the_same_feed() {
        let date = "Sun, 01 Mar 2026 10:00:00 GMT";
        let one = verdict(&(item("https://e.com/1", date) + &item("https://e.com/2", date)));
        let same = verdict(&(item("https://www.e.com/1/", date) + &item("https://e.com/2", date)));
        let other = verdict(&item("https://e.com/3", date));
        assert!(one.repeats(&same));
        assert!(!one.repeats(&other));
    }
}
