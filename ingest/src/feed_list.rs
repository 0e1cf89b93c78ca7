//! Feed lists: OPML in and out, without a loss on the way round.
//!
//! The folders of a list become the feed's labels, and stay beside them as folders. What khobor
//! knows of a feed and OPML does not is written as attributes of its own.

use feed::opml::{Opml, Outline};
use url::Url;

use crate::access;
use crate::config::{FeedConfig, Span};

const SHORTEST: &str = "khobor:shortest";
const LONGEST: &str = "khobor:longest";

/// The feeds of a list; a feed that stands in two folders is one feed with both.
pub fn feeds(opml: &Opml) -> Vec<FeedConfig> {
    let mut feeds: Vec<FeedConfig> = Vec::new();
    let mut places = std::collections::HashMap::<&Url, usize>::new();
    for outline in &opml.outlines {
        let place = *places.entry(&outline.url).or_insert(feeds.len());
        if place == feeds.len() {
            feeds.push(FeedConfig::new(outline.url.clone()));
        }
        take_in(&mut feeds[place], outline);
    }
    feeds
}

fn take_in(feed: &mut FeedConfig, outline: &Outline) {
    for label in &outline.folder {
        if !feed.labels.contains(label) {
            feed.labels.push(label.clone());
        }
    }
    if !outline.folder.is_empty() && !feed.folders.contains(&outline.folder) {
        feed.folders.push(outline.folder.clone());
    }
    for (name, value) in &outline.attributes {
        let span = || value.parse::<Span>().ok();
        match name.as_str() {
            SHORTEST => feed.shortest = feed.shortest.or_else(span),
            LONGEST => feed.longest = feed.longest.or_else(span),
            _ => {
                feed.outline.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
    }
}

/// Writes feeds as a list. A label that came from no folder becomes a folder of its own: that is
/// how readers of feeds know labels.
pub fn opml(title: &str, feeds: &[FeedConfig]) -> String {
    let outlines: Vec<Outline> = feeds.iter().flat_map(outlines_of).collect();
    feed::opml::write(title, &outlines)
}

fn outlines_of(feed: &FeedConfig) -> Vec<Outline> {
    let mut folders = feed.folders.clone();
    for label in &feed.labels {
        if !folders.iter().flatten().any(|known| known == label) {
            folders.push(vec![label.clone()]);
        }
    }
    if folders.is_empty() {
        folders.push(Vec::new());
    }
    let mut attributes: Vec<(String, String)> =
        feed.outline.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    for (name, span) in [(SHORTEST, feed.shortest), (LONGEST, feed.longest)] {
        attributes.extend(span.map(|span| (name.to_owned(), span.to_string())));
    }
    // A list is handed on: it names no credentials.
    let mut url = feed.url.clone();
    access::strip(&mut url);
    let outline = |folder| Outline { url: url.clone(), folder, attributes: attributes.clone() };
    folders.into_iter().map(outline).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<FeedConfig> {
        feeds(&feed::opml::read(text.as_bytes()).unwrap())
    }

    #[test]
    fn export_and_import_lose_nothing() {
        let list = r#"<opml><body>
            <outline text="World"><outline text="Asia"><outline text="a" type="atom" odd="1"
              xmlUrl="http://a.example/"/></outline></outline>
            <outline text="Bangla"><outline text="again" xmlUrl="http://a.example/"/></outline>
            <outline text="b" xmlUrl="http://b.example/" khobor:shortest="5m"/></body></opml>"#;
        let first = read(list);
        assert_eq!(first.len(), 2);
        assert_eq!(first[0].labels, ["World", "Asia", "Bangla"]);
        assert_eq!(first[0].name(), Some("a"));
        assert_eq!(first[1].shortest, Some(Span::seconds(300)));
        let exported = opml("mine", &first);
        let mut second = read(&exported);
        assert_eq!(opml("mine", &second), exported);
        second.sort_by(|a, b| a.url.cmp(&b.url));
        for feed in &mut second {
            feed.labels.sort();
            feed.folders.sort();
        }
        let mut sorted = first;
        for feed in &mut sorted {
            feed.labels.sort();
            feed.folders.sort();
        }
        sorted[1].outline.insert("type".to_owned(), "rss".to_owned());
        assert_eq!(second, sorted);
    }

    #[test]
    fn a_list_holds_no_credentials() {
        let url = Url::parse("https://me:s3cret@a.example/feed").unwrap();
        let mut feed = FeedConfig::new(url);
        feed.bearer = Some(crate::access::Secret::Given("s3cret".to_owned()));
        let list = opml("mine", &[feed]);
        assert!(list.contains("https://a.example/feed") && !list.contains("s3cret"), "{list}");
    }

    #[test]
    fn a_label_of_the_configuration_comes_back_as_a_label() {
        let url = Url::parse("http://a.example/").unwrap();
        let labels = vec!["world".to_owned(), "politics".to_owned()];
        let feed = FeedConfig { labels, ..FeedConfig::new(url) };
        let mut labels = read(&opml("mine", std::slice::from_ref(&feed)))[0].labels.clone();
        labels.sort();
        assert_eq!(labels, ["politics", "world"]);
    }
}
