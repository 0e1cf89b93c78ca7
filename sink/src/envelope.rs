//! The headers of a record: `CloudEvents` 1.0 in binary mode, routing words, and the reasons of a
//! dead letter.

use article::escape::one_line;
use article::event::{DeadLetter, FeedHealth};
use article::shard::ShardId;

use crate::record::Status;

/// The schema that `ce_dataschema` names for articles.
pub const ARTICLE_SCHEMA: &str = "urn:khobor:schema:news.article.v1";
/// The schema that `ce_dataschema` names for feed health.
pub const FEED_SCHEMA: &str = "urn:khobor:schema:news.feed.v1";
/// Most bytes of a dead letter that fit under a topic's default limit with their headers.
pub const DEAD_LETTER_LIMIT: usize = 900_000;

/// Name and value of each header, in the order of publication.
pub type Headers = Vec<(String, String)>;

/// Where and when a record stands in its shard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp<'a> {
    pub(crate) shard: ShardId,
    pub(crate) sequence: u64,
    pub(crate) date_recorded: &'a str,
}

/// What consumers filter by without parsing the value.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Routing<'a> {
    pub(crate) language: Option<&'a str>,
    pub(crate) source_id: Option<&'a str>,
    pub(crate) country: Option<&'a str>,
    pub(crate) labels: &'a [String],
}

/// The headers of an article's version.
pub(crate) fn article(
    id: &str,
    version: u64,
    status: Status,
    routing: Routing<'_>,
    stamp: Stamp<'_>,
) -> Headers {
    let source = match routing.source_id {
        Some(source) => format!("urn:khobor:source:{source}"),
        None => "urn:khobor:source".to_owned(),
    };
    let mut headers = Vec::with_capacity(14);
    push(&mut headers, "ce_specversion", "1.0");
    push(&mut headers, "ce_id", &format!("{id}:{version}"));
    push(&mut headers, "ce_source", &source);
    push(&mut headers, "ce_type", &format!("org.khobor.article.{}", status.as_str()));
    push(&mut headers, "ce_subject", id);
    push(&mut headers, "ce_time", stamp.date_recorded);
    push(&mut headers, "ce_dataschema", ARTICLE_SCHEMA);
    push(&mut headers, "content-type", "application/json");
    route(&mut headers, routing, stamp);
    headers
}

/// The headers of a tombstone: it is no event, so it has no `ce_` ones.
pub(crate) fn tombstone(routing: Routing<'_>, stamp: Stamp<'_>) -> Headers {
    let mut headers = Vec::with_capacity(6);
    route(&mut headers, routing, stamp);
    headers
}

/// The headers of a feed's health.
pub(crate) fn feed(health: &FeedHealth, stamp: Stamp<'_>) -> Headers {
    let mut headers = Vec::with_capacity(10);
    push(&mut headers, "ce_specversion", "1.0");
    push(&mut headers, "ce_id", &format!("{}:{}:{}", health.id, stamp.shard, stamp.sequence));
    push(&mut headers, "ce_source", "urn:khobor:feeds");
    push(&mut headers, "ce_type", "org.khobor.feed.health");
    push(&mut headers, "ce_subject", &health.id);
    push(&mut headers, "ce_time", stamp.date_recorded);
    push(&mut headers, "ce_dataschema", FEED_SCHEMA);
    push(&mut headers, "content-type", "application/json");
    route(&mut headers, Routing::default(), stamp);
    headers
}

/// The headers of a dead letter, in our names and in those of Kafka Connect that tools know.
pub(crate) fn dead_letter(letter: &DeadLetter, stamp: Stamp<'_>) -> Headers {
    let mut headers = Vec::with_capacity(14);
    let content_type = letter.content_type.as_deref().unwrap_or("application/octet-stream");
    push(&mut headers, "content-type", content_type);
    push(&mut headers, "khobor.error.stage", &letter.stage);
    push(&mut headers, "khobor.error.class", &letter.class);
    push(&mut headers, "khobor.error.message", &letter.message);
    push(&mut headers, "khobor.error.attempts", &letter.attempts.to_string());
    push(&mut headers, "khobor.error.first-failed-at", &letter.first_failed_at);
    push(&mut headers, "khobor.error.feed", &letter.feed);
    push(&mut headers, "khobor.error.url", &letter.url);
    if letter.bytes.len() > DEAD_LETTER_LIMIT {
        push(&mut headers, "khobor.error.truncated", &letter.bytes.len().to_string());
    }
    push(&mut headers, "__connect.errors.stage", &letter.stage);
    push(&mut headers, "__connect.errors.exception.class.name", &letter.class);
    push(&mut headers, "__connect.errors.exception.message", &letter.message);
    route(&mut headers, Routing::default(), stamp);
    headers
}

fn route(headers: &mut Headers, routing: Routing<'_>, stamp: Stamp<'_>) {
    let words = [
        ("lang", routing.language),
        ("source-id", routing.source_id),
        ("country", routing.country),
    ];
    for (name, value) in words {
        if let Some(value) = value {
            push(headers, name, value);
        }
    }
    if !routing.labels.is_empty() {
        push(headers, "labels", &routing.labels.join(","));
    }
    push(headers, "shard", &stamp.shard.to_string());
    push(headers, "sequence", &format!("{:020}", stamp.sequence));
}

fn push(headers: &mut Headers, name: &str, value: &str) {
    headers.push((name.to_owned(), one_line(value)));
}
