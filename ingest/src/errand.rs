//! What passes from the feed half of a visit to its page half: plain data, which may cross to the
//! shard of the article's host and waits in the ledger until the page is had.

use article::id::Identity;
use article::shard::host_key;
use article::text::sha256_hex;
use article::url_key::url_key;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::access::Secret;

/// One entry of one feed, to be turned into an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// The feed that listed it.
    pub feed: Witness,
    /// What the feed said of it.
    pub entry: Said,
    /// The page's address; an entry may have none.
    pub url: Option<Url>,
    /// The host key of the address, or of the feed where there is none.
    pub host_key: String,
    /// RFC 3339: when it was first seen listed.
    pub seen_at: String,
}

/// The feed that listed an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// The feed's address.
    pub url: String,
    /// The feed's own title.
    pub title: Option<String>,
    /// The language that the feed declares.
    pub language: Option<String>,
    /// The document was a sitemap in a feed's place.
    #[serde(default)]
    pub is_sitemap: bool,
    /// The operator's words for the feed.
    pub labels: Vec<String>,
    /// The feed's own text is published, and the page is never asked for.
    #[serde(default)]
    pub text_only: bool,
    /// The proxy through which the feed and its pages are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Secret>,
}

/// What the feed said of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    /// The entry's own id.
    pub guid: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its summary, maybe HTML.
    pub summary: Option<String>,
    /// Its full text, maybe HTML.
    pub content: Option<String>,
    /// Names of authors.
    pub authors: Vec<String>,
    /// RFC 3339.
    pub published: Option<String>,
    /// RFC 3339.
    pub updated: Option<String>,
    /// The feed's own categories.
    pub categories: Vec<String>,
    /// Addresses of images.
    pub images: Vec<String>,
    /// BCP 47 as declared.
    pub language: Option<String>,
    /// The origin that the entry names: name and address.
    pub source: Option<(Option<String>, Option<String>)>,
}

impl Errand {
    /// The keys by which the article may be known, strongest first.
    pub fn rungs(&self) -> Vec<String> {
        let day = self.entry.published.as_deref().and_then(|date| date.get(..10));
        Identity {
            canonical: None,
            url: self.url.as_ref(),
            feed: &self.feed.url,
            guid: self.entry.guid.as_deref(),
            title: self.entry.title.as_deref(),
            day,
        }
        .rungs()
    }

    /// What only one visit may hold at a time: the address's key, else the strongest rung.
    pub fn claim_key(&self) -> String {
        match &self.url {
            Some(url) => url_key(url),
            None => self.rungs().into_iter().next().unwrap_or_default(),
        }
    }

    /// A hash of what changes when the publisher changes the entry. The text is left out: feeds
    /// count comments there.
    pub fn said_hash(&self) -> String {
        let text = format!(
            "{}\n{}",
            self.entry.title.as_deref().unwrap_or_default(),
            self.entry.updated.as_deref().unwrap_or_default()
        );
        sha256_hex(text.as_bytes())[..16].to_owned()
    }

    /// The host key for an address, or for the feed where there is none.
    pub fn host_key_of(url: Option<&Url>, feed: &Url) -> String {
        host_key(url.unwrap_or(feed))
    }
}
