//! Identity: a ladder of keys, of which any one known before names the article.
//!
//! The id is the hash of the first rung at the time of the first sight and never changes; every
//! rung is kept as an alias, so that a new address, guid or headline finds the same article.
//! Address rungs are scoped to the article's host key, guid and title rungs to the feed: a feed
//! cannot claim another's guid, and two outlets never share an article.

use url::Url;

use crate::shard::host_key;
use crate::text::{fold_space, sha256_hex};
use crate::url_key::{aliases, url_key};

/// What an article's id begins with.
pub const ARTICLE_URN: &str = "urn:khobor:article:";

/// What is known of an article's identity when it is listed or read.
#[derive(Clone, Debug, Default)]
pub struct Identity<'a> {
    /// The canonical address, checked to be of the same site.
    pub canonical: Option<&'a Url>,
    /// The address as linked.
    pub url: Option<&'a Url>,
    /// The feed's address, which scopes guid and title.
    pub feed: &'a str,
    /// The entry's own id.
    pub guid: Option<&'a str>,
    /// The entry's title.
    pub title: Option<&'a str>,
    /// The entry's day of publication, `YYYY-MM-DD`.
    pub day: Option<&'a str>,
}

impl Identity<'_> {
    /// The keys by which the article may be known, strongest first: what an address is likely to
    /// stand for comes after what it is. The title rung counts only where there is neither an
    /// address nor a guid: two articles may share a headline.
    pub fn rungs(&self) -> Vec<String> {
        let given: Vec<&Url> = [self.canonical, self.url].into_iter().flatten().collect();
        let likely: Vec<Url> = given.iter().flat_map(|url| aliases(url)).collect();
        let mut rungs = Vec::new();
        for url in given.into_iter().chain(&likely) {
            let rung = address_rung(url);
            if !rungs.contains(&rung) {
                rungs.push(rung);
            }
        }
        if let Some(guid) = self.guid.map(str::trim).filter(|guid| !guid.is_empty()) {
            rungs.push(format!("guid {} {guid}", self.feed));
        }
        if rungs.is_empty()
            && let Some(title) = self.title
        {
            let title = fold_space(title).to_lowercase();
            rungs.push(format!("title {} {} {title}", self.feed, self.day.unwrap_or_default()));
        }
        rungs
    }
}

/// The key that an address is, scoped to its host key.
pub fn address_rung(url: &Url) -> String {
    format!("url {} {}", host_key(url), url_key(url))
}

/// The id that a rung gives to an article first seen by it.
pub fn article_id(rung: &str) -> String {
    format!("{ARTICLE_URN}{}", &sha256_hex(rung.as_bytes())[..32])
}

/// The stable id of a feed: the hash of its address.
pub fn feed_id(url: &str) -> String {
    format!("urn:khobor:feed:{}", &sha256_hex(url.as_bytes())[..32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_guid_in_two_feeds_is_two_articles() {
        let rungs = |feed| Identity { feed, guid: Some("7"), ..Identity::default() }.rungs();
        assert_ne!(rungs("http://a/"), rungs("http://b/"));
    }

    #[test]
    fn a_mobile_page_is_known_by_the_plain_one_and_keeps_a_key_of_its_own() {
        let rungs = |text: &str| {
            let url = Url::parse(text).expect("a url");
            Identity { url: Some(&url), ..Identity::default() }.rungs()
        };
        let plain = rungs("https://www.e.com/story/");
        assert_eq!(plain, ["url e.com https://e.com/story"]);
        assert_eq!(rungs("https://m.e.com/story"), ["url e.com https://m.e.com/story", &plain[0]]);
    }

    #[test]
    fn a_title_names_an_article_only_where_nothing_better_does() {
        let only_title = Identity { title: Some("A  title"), feed: "f", ..Identity::default() };
        assert_eq!(only_title.rungs(), ["title f  a title"]);
        let with_guid = Identity { guid: Some("g"), ..only_title };
        assert_eq!(with_guid.rungs(), ["guid f g"]);
    }
}
