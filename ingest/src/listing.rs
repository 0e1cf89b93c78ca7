//! What a feed row's document lists: the entries of a feed, or the pages of a sitemap in its place.
//!
//! Outlets without a feed have a sitemap for news, and it is polled as a feed is.

use std::collections::{HashMap, HashSet};

use feed::{Document, Entry, Feed};
use jiff::Timestamp;
use sitemap::{Kind, Listed, News};
use url::Url;

use crate::outcome::{Again, Outcome, Refusal};

/// The most entries of one document that are looked at.
const MOST_ENTRIES: usize = 2000;

/// The entries of one document.
pub(crate) struct Listing {
    /// The document as a feed.
    pub(crate) document: Document,
    /// A feed holds what is new. A sitemap may hold all that there ever was: an entry without a
    /// date is of the archive when it is seen first.
    pub(crate) is_sitemap: bool,
}

/// Reads a document: a feed, or else a sitemap.
pub(crate) fn read(
    body: &[u8],
    content_type: Option<&str>,
    url: &Url,
    now: Timestamp,
) -> Result<Listing, Refusal> {
    let error = match feed::read(body, content_type, Some(url)) {
        Ok(mut document) => {
            document.entries.truncate(MOST_ENTRIES);
            drop_shared_ids(&mut document.entries);
            return Ok(Listing { document, is_sitemap: false });
        }
        Err(error) => error,
    };
    if matches!(error, feed::FeedError::NotAFeed { .. })
        && let Ok(document) = sitemap::read(body, content_type, Some(url), now)
    {
        return of_sitemap(document);
    }
    let empty = matches!(error, feed::FeedError::Empty { .. });
    let outcome = if empty { Outcome::Empty } else { Outcome::Parse };
    Err(Refusal::new(outcome, error.to_string()))
}

/// An id that entries with different links carry names none of them: some templates print one guid
/// for all.
fn drop_shared_ids(entries: &mut [feed::Entry]) {
    let mut links: HashMap<String, HashSet<String>> = HashMap::new();
    for entry in entries.iter() {
        if let (Some(id), Some(link)) = (&entry.id, &entry.link) {
            links.entry(id.clone()).or_default().insert(link.clone());
        }
    }
    for entry in entries {
        let shared = |id: &String| links.get(id).is_some_and(|links| links.len() > 1);
        if entry.link.is_some() && entry.id.as_ref().is_some_and(shared) {
            entry.id = None;
        }
    }
}

fn of_sitemap(document: sitemap::Document) -> Result<Listing, Refusal> {
    let sitemap::Document { kind, urls, sitemaps, defects } = document;
    if kind == Kind::Index {
        let first = sitemaps.first().map_or("none", |child| child.loc.as_str());
        let first = article::escape::url(first);
        let count = sitemaps.len();
        let message =
            format!("an index of {count} sitemaps: name the one for news instead, such as {first}");
        return Err(Refusal::new(Outcome::Parse, message).again(Again::Later));
    }
    let news = urls.iter().find_map(|page| page.news.as_deref());
    let feed = Feed {
        title: news.and_then(|news| news.name.clone()),
        language: news.and_then(|news| news.language.clone()),
        ..Feed::default()
    };
    let own = urls.into_iter().filter(|page| !page.elsewhere);
    let mut entries: Vec<Entry> = own.map(entry).collect();
    // A sitemap has no order of its own: the newest first, and what has no date last.
    entries.sort_by_cached_key(|entry| {
        let date = entry.published.as_deref().or(entry.updated.as_deref());
        std::cmp::Reverse(date.and_then(|date| date.parse::<Timestamp>().ok()))
    });
    entries.truncate(MOST_ENTRIES);
    let document = Document { feed, entries, defects_total: defects.len(), defects };
    Ok(Listing { document, is_sitemap: true })
}

/// A page as an entry. What says nothing of the page, a `lastmod` that all share, is left out.
fn entry(page: Listed) -> Entry {
    let News { title, publication_date, name: _, language, keywords } =
        page.news.map(|news| *news).unwrap_or_default();
    let trusted = page.lastmod.filter(|_| page.lastmod_untrusted.is_none());
    Entry {
        id: Some(page.loc.clone()),
        link: Some(page.loc),
        title,
        published: publication_date.map(midnight),
        updated: trusted.map(midnight),
        categories: keywords,
        thumbnails: page.images,
        language,
        ..Entry::default()
    }
}

/// A bare date is its midnight, as in a feed.
fn midnight(date: String) -> String {
    if date.len() == 10 { format!("{date}T00:00:00Z") } else { date }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(text: &str) -> Result<Listing, Refusal> {
        let url = Url::parse("https://example.com/sitemap.xml").unwrap();
        let now = "2026-03-02T10:00:00Z".parse().unwrap();
        read(text.as_bytes(), None, &url, now)
    }

    #[test]
    fn a_sitemap_is_polled_as_a_feed_newest_first() {
        let Listing { document, is_sitemap } = listing(
            "<urlset><url><loc>https://example.com/undated</loc></url>\
             <url><loc>https://example.com/old</loc><lastmod>2026-01-01</lastmod></url>\
             <url><loc>https://example.net/advertisement</loc></url>\
             <url><loc>https://example.com/new</loc><news:news><news:publication><news:name>N</news:name></news:publication>\
             <news:title>T</news:title><news:publication_date>2026-03-01</news:publication_date></news:news></url></urlset>",
        )
        .unwrap();
        let links: Vec<_> = document.entries.iter().filter_map(|e| e.link.as_deref()).collect();
        let want = ["new", "old", "undated"].map(|path| format!("https://example.com/{path}"));
        assert_eq!(links, want);
        assert_eq!(document.feed.title.as_deref(), Some("N"));
        assert_eq!(document.entries[0].published.as_deref(), Some("2026-03-01T00:00:00Z"));
        assert!(is_sitemap);
    }

    #[test]
    fn an_index_is_refused_with_what_to_name_instead() {
        let refusal = listing(
            "<sitemapindex><sitemap><loc>https://example.com/news.xml</loc></sitemap></sitemapindex>",
        );
        let message = refusal.err().unwrap().message;
        assert!(message.contains("https://example.com/news.xml"), "{message}");
    }

    #[test]
    fn what_is_neither_is_refused_as_no_feed() {
        let refusal = listing("<html><body>Moved</body></html>").err().unwrap();
        assert_eq!(refusal.outcome, Outcome::Parse);
        assert!(refusal.message.contains("feed"), "{}", refusal.message);
    }
}
