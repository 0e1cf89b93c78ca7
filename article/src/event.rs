//! What flows through the line: one event a parcel.

use serde::{Deserialize, Serialize};

use crate::annotations::Annotations;
use crate::record::Article;

/// A stream of the journal, published to a topic of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stream {
    /// `news.article.v1`.
    Article,
    /// `news.feed.v1`.
    Feed,
    /// `news.dlq.v1`.
    DeadLetter,
}

impl Stream {
    /// The word that the journal's rows hold.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Feed => "feed",
            Self::DeadLetter => "deadLetter",
        }
    }

    /// The inverse of [`Stream::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Article, Self::Feed, Self::DeadLetter].into_iter().find(|s| s.as_str() == word)
    }
}

/// Something that happened, about an article of type `A`: [`Article`] as ingest reads it, or
/// [`EnrichedArticle`] behind the enrichers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event<A> {
    /// An article was read; the journal decides whether it is new, changed or the same.
    Article(Box<A>),
    /// An article is gone.
    Withdrawal(Withdrawal),
    /// Something could not be processed.
    DeadLetter(Box<DeadLetter>),
    /// A feed's health changed.
    FeedHealth(Box<FeedHealth>),
}

/// An article and what the enrichers found in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EnrichedArticle {
    /// As read.
    pub article: Article,
    /// As found.
    pub annotations: Annotations,
}

/// An article that its publisher took away, or that was taken down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Withdrawal {
    /// The article's id.
    pub id: String,
    /// The article's address.
    pub url: String,
    /// Why, for people.
    pub reason: String,
    /// RFC 3339: when it was found gone; an offer older than the head is stale.
    pub seen_at: String,
}

/// What could not be processed, with its original bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// The article's id, else a hash of the address.
    pub key: String,
    /// The address of what failed.
    pub url: String,
    /// The feed that listed it.
    pub feed: String,
    /// `feed`, `fetch`, `extract`, `enrich` or `publish`.
    pub stage: String,
    /// The outcome's name.
    pub class: String,
    /// One line.
    pub message: String,
    /// How often it was tried.
    pub attempts: u32,
    /// RFC 3339.
    pub first_failed_at: String,
    /// The original bytes, where there are any.
    pub bytes: Vec<u8>,
    /// The content type of the bytes.
    pub content_type: Option<String>,
}

/// A feed's state and schedule after a change, with reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedHealth {
    /// The feed's id.
    pub id: String,
    /// The feed's address, fit to be shown.
    pub url: String,
    /// The feed's own title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// `new`, `ok`, `failing` or `stopped`.
    pub state: String,
    /// The last outcome's name.
    pub outcome: String,
    /// One line about the last outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Failures in a row.
    pub failures: u32,
    /// RFC 3339: when it is polled next; absent for a stopped feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<String>,
    /// Why then.
    pub reason: String,
    /// RFC 3339.
    pub at: String,
}
