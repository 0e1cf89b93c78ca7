//! Finding the feeds of a site: what a page, its headers and its address promise, ranked with
//! reasons; then each promise read with the feed reader, within a bounded number of requests.
//!
//! What is promised is a pure function of what was fetched. Only [`search()`] asks the web, through
//! the service's own fetcher.

mod platforms;
mod signs;
mod verdict;
mod search;

use extract::Links;
use url::Url;

pub use search::{Discovery, Found, Rejected, search};
pub use verdict::Verdict;

/// How an address came to be a candidate; the likelier ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// It was given.
    Address,
    /// The page declares it.
    Declared,
    /// The answer's header declares it.
    Header,
    /// It follows from the address on a known platform.
    Platform,
    /// The page links to it.
    Linked,
    /// A page about feeds links to it.
    ListOfFeeds,
    /// Sites made by the same program have it there.
    Program,
    /// Many sites have it there.
    Usual,
}

impl Via {
    /// The word that JSON holds.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Declared => "declared",
            Self::Header => "header",
            Self::Platform => "platform",
            Self::Linked => "linked",
            Self::ListOfFeeds => "listOfFeeds",
            Self::Program => "program",
            Self::Usual => "usual",
        }
    }

    fn rank(self) -> i32 {
        match self {
            Self::Address => 100,
            Self::Declared => 80,
            Self::Header => 78,
            Self::Platform => 75,
            Self::Linked => 60,
            Self::ListOfFeeds => 55,
            Self::Program => 45,
            Self::Usual => 40,
        }
    }
}

/// An address that may be a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The address.
    pub url: Url,
    /// How it came up.
    pub via: Via,
    /// What the link calls it.
    pub title: Option<String>,
    /// The more, the likelier it is what is looked for.
    pub rank: i32,
    /// Why it was taken for one, and what speaks for and against it.
    pub reasons: Vec<String>,
}

/// Most candidates of one page: the largest lists of section feeds have some 300.
const CANDIDATES: usize = 400;

/// What a page leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leads {
    /// Possible feeds, the likeliest first, each address once.
    pub feeds: Vec<Candidate>,
    /// Pages that may list feeds.
    pub pages: Vec<Url>,
}

/// What a page that was fetched promises. `header` holds the values of its `Link` headers.
pub fn leads<'a>(page: &Url, links: &Links, header: impl IntoIterator<Item = &'a str>) -> Leads {
    let mut leads = Leads::default();
    for link in &links.links {
        let is_other = !link.rel.iter().any(|word| word == "alternate" || word == "feed");
        if is_other || !promises_feed(link.kind.as_deref(), &link.rel, &link.url) {
            continue;
        }
        let reason = "the page declares it with <link>";
        leads.add(&link.url, Via::Declared, link.title.as_deref(), reason, page);
    }
    for link in signs::header_links(header, page) {
        let is_other = !link.rel.iter().any(|word| word == "alternate" || word == "feed");
        if is_other || !promises_feed(link.kind.as_deref(), &link.rel, &link.url) {
            continue;
        }
        let reason = "the answer declares it in its Link header";
        leads.add(&link.url, Via::Header, link.title.as_deref(), reason, page);
    }
    for (url, what) in platforms::feeds_of(page) {
        leads.add(&url, Via::Platform, None, &format!("the address is {what}"), page);
    }
    for anchor in &links.anchors {
        if let Some(inner) = signs::subscribed(&anchor.url) {
            let reason = "a reader's subscribe link on the page holds it";
            leads.add(&inner, Via::Linked, None, reason, page);
            continue;
        }
        let by_kind = anchor.kind.as_deref().and_then(signs::kind_is_feed);
        let sign = signs::anchor(&anchor.url, &anchor.text);
        if by_kind == Some(true) || sign == signs::Sign::Feed {
            let text = Some(anchor.text.as_str()).filter(|text| !text.is_empty());
            leads.add(&anchor.url, Via::Linked, text, "the page links to it", page);
        } else if sign == signs::Sign::Page && same_site(&anchor.url, page) {
            let mut url = anchor.url.clone();
            url.set_fragment(None);
            if url != *page && !leads.pages.contains(&url) && leads.pages.len() < CANDIDATES {
                leads.pages.push(url);
            }
        }
    }
    leads.feeds.sort_by_key(|candidate| -candidate.rank);
    leads
}

/// Guesses for a page that declares nothing: where the program that made it, or most sites, have
/// their feed.
pub fn guesses(page: &Url, generator: Option<&str>) -> Vec<Candidate> {
    let (program, via, reason) = match generator.and_then(platforms::program) {
        Some(program) => (program, Via::Program, format!("sites made by {program} have it there")),
        None => ("*", Via::Usual, "many sites have it there".to_owned()),
    };
    let paths = platforms::paths_of(program, page);
    let mut leads = Leads::default();
    for url in paths {
        leads.add(&url, via, None, &reason, page);
    }
    leads.feeds.sort_by_key(|candidate| -candidate.rank);
    leads.feeds
}

impl Leads {
    fn add(&mut self, url: &Url, via: Via, title: Option<&str>, reason: &str, page: &Url) {
        let mut url = url.clone();
        url.set_fragment(None);
        if url == *page || self.feeds.len() == CANDIDATES {
            return;
        }
        if self.feeds.iter().any(|known| known.url == url) {
            return;
        }
        let place = i32::try_from(self.feeds.len().min(9)).unwrap_or(9);
        let mut rank = via.rank() - place;
        let mut reasons = vec![reason.to_owned()];
        if signs::is_comments(&url, title) {
            rank -= 45;
            reasons.push("it seems to be of comments".to_owned());
        }
        let section = page.path().trim_end_matches('/');
        if !section.is_empty() && url.path().starts_with(&format!("{section}/")) {
            rank += 12;
            reasons.push("it is of the section that was asked for".to_owned());
        }
        if !same_site(&url, page) && via != Via::Platform {
            rank -= 8;
            reasons.push("it is on another site".to_owned());
        }
        self.feeds.push(Candidate { url, via, title: title.map(str::to_owned), rank, reasons });
    }
}

fn promises_feed(kind: Option<&str>, rel: &[String], url: &Url) -> bool {
    if rel.iter().any(|word| word == "stylesheet") {
        return false;
    }
    match kind.map(signs::kind_is_feed) {
        Some(Some(is_feed)) => is_feed,
        // No type, or one that much else has: then the address has to say it.
        Some(None) | None => rel.iter().any(|word| word == "feed") || signs::says_feed(url),
    }
}

fn same_site(a: &Url, b: &Url) -> bool {
    article::shard::host_key(a) == article::shard::host_key(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(page: &str, html: &str) -> Leads {
        let url = Url::parse(page).unwrap();
        leads(&url, &extract::links(html.as_bytes(), None, &url), [])
    }

    fn addresses(leads: &Leads) -> Vec<&str> {
        leads.feeds.iter().map(|candidate| candidate.url.as_str()).collect()
    }

    const BLOG: &str = r#"<head>
        <link rel="alternate" type="application/rss+xml" title="Blog » Comments" href="/comments/feed/">
        <link rel="alternate" type="application/rss+xml" title="Blog" href="/feed/">
        <link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">
        <link rel="alternate" type="application/json+oembed" href="/oembed?url=feed">
        <link rel="alternate" hreflang="bn" href="/bn/">
        <link rel="alternate stylesheet" href="/rss.css"></head>
        <body><a href="/world/rss.xml">World</a><a href="/rss-help.html">RSS</a><a href="/feed/">all</a>"#;

    #[test]
    fn declared_feeds_come_first_and_comments_last() {
        let leads = read("https://e.com/", BLOG);
        let wanted =
            ["https://e.com/feed/", "https://e.com/world/rss.xml", "https://e.com/comments/feed/"];
        assert_eq!(addresses(&leads), wanted);
        assert_eq!(leads.feeds[0].via, Via::Declared);
        assert_eq!(leads.feeds[2].reasons.len(), 2);
        assert_eq!(leads.pages[0].as_str(), "https://e.com/rss-help.html");
    }

    #[test]
    fn the_feed_of_the_section_that_was_asked_for_wins() {
        let html = r"<link rel=alternate type=application/rss+xml href=/feed/>
            <link rel=alternate type=application/rss+xml href=/world/feed/>";
        assert_eq!(addresses(&read("https://e.com/world/", html))[0], "https://e.com/world/feed/");
        assert_eq!(addresses(&read("https://e.com/", html))[0], "https://e.com/feed/");
    }

    #[test]
    fn a_header_and_a_readers_link_count_too() {
        let url = Url::parse("https://e.com/").unwrap();
        let html =
            r#"<a href="https://feedly.com/i/subscription/feed/https://e.com/all">Feedly</a>"#;
        let links = extract::links(html.as_bytes(), None, &url);
        let header = "</main.xml>; rel=alternate; type=application/atom+xml";
        let leads = leads(&url, &links, [header]);
        assert_eq!(addresses(&leads), ["https://e.com/main.xml", "https://e.com/all"]);
    }

    #[test]
    fn guesses_say_whose_they_are() {
        let url = Url::parse("https://e.com/").unwrap();
        assert!(guesses(&url, Some("Ghost 5.2"))[0].reasons[0].contains("Ghost"));
        assert_eq!(guesses(&url, Some("Our own"))[0].via, Via::Usual);
        assert_eq!(guesses(&url, None)[0].via, Via::Usual);
    }
}
