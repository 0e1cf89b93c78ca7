//! What is remembered of a feed's last document, for people who ask how the feed is.

use article::escape::one_line;
use article::text::cut;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Most defects that are remembered one by one.
const DEFECTS: usize = 5;
/// Longest headline, in scalars.
const HEADLINE: usize = 160;
/// How far ahead a date may lie and still be a publisher's: his zone is wrong, or his clock.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// A feed's last document that could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LastDocument {
    /// Its entries.
    pub entries: usize,
    /// The newest of them.
    pub last_entry: Option<LastEntry>,
    /// What had to be repaired: all of it.
    pub defect_count: usize,
    /// What had to be repaired, the first few, each once.
    pub defects: Vec<String>,
}

/// The newest entry of a document; the first one where none has a date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LastEntry {
    /// Its headline.
    pub headline: Option<String>,
    /// When it was published, as the feed says.
    pub date: Option<String>,
}

impl LastDocument {
    /// What to remember of a document that was read `now`.
    pub(crate) fn of(document: &feed::Document, now: Timestamp) -> Self {
        let mut defects: Vec<(String, usize, usize)> = Vec::new();
        for defect in &document.defects {
            if let Some((_, _, times)) = defects.iter_mut().find(|(what, ..)| *what == defect.what)
            {
                *times += 1;
            } else if defects.len() < DEFECTS {
                defects.push((defect.what.clone(), defect.position, 1));
            }
        }
        let told = |(what, position, times): (String, usize, usize)| {
            let again = if times > 1 { format!(", {times} times") } else { String::new() };
            one_line(&format!("{what} (byte {position}{again})"))
        };
        Self {
            entries: document.entries.len(),
            last_entry: newest(&document.entries, now).map(|entry| LastEntry {
                headline: entry
                    .title
                    .as_deref()
                    .map(|title| one_line(cut(&crate::plain::field(title), HEADLINE))),
                date: entry.published.clone().or_else(|| entry.updated.clone()),
            }),
            defect_count: document.defects.len(),
            defects: defects.into_iter().map(told).collect(),
        }
    }
}

fn newest(entries: &[feed::Entry], now: Timestamp) -> Option<&feed::Entry> {
    let dated = entries.iter().filter_map(|entry| {
        let date = entry.published.as_deref().or(entry.updated.as_deref())?;
        let date = date.parse::<Timestamp>().ok().filter(|date| *date <= now + AHEAD)?;
        Some((date, entry))
    });
    dated.max_by_key(|(date, _)| *date).map(|(_, entry)| entry).or(entries.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_entry_and_each_defect_once_are_remembered() {
        let xml = "<rss version='2.0'><channel><title>a & b</title>
            <item><title>old &nosuch; & x</title><pubDate>Sun, 01 Mar 2026 08:00:00 GMT</pubDate></item>
            <item><title>new\u{1b}[31m</title><pubDate>Sun, 01 Mar 2026 09:00:00 GMT</pubDate></item>
            <item><title>far</title><pubDate>Sun, 01 Mar 2099 09:00:00 GMT</pubDate></item></channel></rss>";
        let document = feed::read(xml.as_bytes(), None, None).unwrap();
        let last = LastDocument::of(&document, "2026-03-02T10:00:00Z".parse().unwrap());
        let entry = last.last_entry.unwrap();
        assert_eq!((last.entries, entry.headline.as_deref()), (3, Some("new[31m")));
        assert!(entry.date.unwrap().starts_with("2026-03-01T09:00:00"));
        assert_eq!(last.defect_count, document.defects.len());
        assert!(last.defect_count > 0 && last.defects[0].contains("(byte "), "{:?}", last.defects);
    }
}
