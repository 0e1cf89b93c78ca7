//! A record over the topic's limit is no dead letter: its body is cut and marked, and it is sent.

use article::Stream;
use article::record::{Completeness, ProvenanceMap};
use article::text::cut;

use crate::journal::Row;
use crate::record::{Record, word_count};

/// Cuts a row to about `limit` bytes of value. What hangs on the cut text goes with it.
pub(super) fn shrink(row: &mut Row, limit: usize) {
    let Some(value) = &mut row.value else { return };
    if value.len() <= limit {
        return;
    }
    if row.stream == Stream::Article
        && let Ok(record) = serde_json::from_slice::<Record>(value)
    {
        let record = shorten(record, value.len() - limit);
        let Ok(mut smaller) = serde_json::to_vec(&record) else { return };
        // Escaped, a cut body may still be too long; and it may not be the body.
        if smaller.len() > limit + limit / 20
            && let Ok(skeleton) = serde_json::to_vec(&skeleton(record, limit))
        {
            smaller = skeleton;
        }
        *value = smaller;
        return;
    }
    if row.stream == Stream::DeadLetter {
        let name = "khobor.error.truncated";
        if !row.headers.iter().any(|(known, _)| known == name) {
            row.headers.push((name.to_owned(), value.len().to_string()));
        }
        value.truncate(limit);
    }
}

/// The record without the last `excess` bytes of its body, or without what can be done without
/// where the body is shorter than that.
fn shorten(mut record: Record, excess: usize) -> Record {
    let body = record.article_body.unwrap_or_default();
    if body.len() < excess {
        record.mentions = None;
        record.provenance.clear();
        record.image.clear();
        record.keywords.clear();
    }
    let keep = body.floor_char_boundary(body.len().saturating_sub(excess));
    let scalars = body[..keep].chars().count();
    let body = cut(&body, scalars).to_owned();
    for mention in record.mentions.iter_mut().flatten() {
        mention.spans.retain(|span| span.field.is_some() || span.end <= scalars);
    }
    if let Some(mentions) = &mut record.mentions {
        mentions.retain(|mention| !mention.spans.is_empty());
    }
    if let Some(attribution) = &mut record.attribution {
        for credit in attribution {
            if credit.end.is_some_and(|end| end > scalars) {
                credit.start = None;
                credit.end = None;
            }
        }
    }
    if let Some(quality) = &mut record.quality {
        quality.mixed_script.retain(|span| span.field.is_some() || span.end <= scalars);
    }
    record.word_count = Some(word_count(&body));
    record.article_body = Some(body);
    record.completeness = Some(Completeness::Partial);
    record
}

/// Longest text of a skeleton's fields, in scalars.
const FIELD: usize = 200;

/// What identifies the version, and as much of its texts as surely fits: what makes a record large
/// though its body is short is some other field that a stranger filled.
fn skeleton(record: Record, limit: usize) -> Record {
    let short = |text: Option<String>| text.map(|text| cut(&text, FIELD).to_owned());
    // A scalar takes at most twelve bytes as JSON writes it, and half of the limit is left for the
    // rest.
    let body = record.article_body.unwrap_or_default();
    let body = cut(&body, limit / 24).to_owned();
    Record {
        url: cut(&record.url, 2000).to_owned(),
        canonical_url: record.canonical_url.filter(|url| url.len() <= 2000),
        alternate_urls: Vec::new(),
        headline: short(record.headline),
        alternative_headline: None,
        description: short(record.description),
        date_published: short(record.date_published),
        date_modified: short(record.date_modified),
        author: Vec::new(),
        image: Vec::new(),
        keywords: Vec::new(),
        article_section: short(record.article_section),
        attribution: None,
        mentions: None,
        quality: None,
        rights: None,
        discovery: Vec::new(),
        provenance: ProvenanceMap::new(),
        fetch: None,
        word_count: Some(word_count(&body)),
        article_body: Some(body),
        ..record
    }
}

#[cfg(test)]
mod tests {
    use article::event::EnrichedArticle;
    use article::shard::ShardId;

    use super::*;
    use crate::record::{Decision, Status};

    #[test]
    fn a_record_that_is_large_for_another_field_is_sent_as_a_skeleton() {
        let mut offer = EnrichedArticle::default();
        offer.article.id = "one".to_owned();
        offer.article.description = Some("\u{1}খবর ".repeat(10_000));
        offer.article.article_body = "\u{1}".repeat(4000);
        let mut row = row(offer);
        shrink(&mut row, 3000);
        let value = row.value.unwrap();
        assert!(value.len() <= 3000, "{}", value.len());
        let record: Record = serde_json::from_slice(&value).unwrap();
        assert_eq!((record.id.as_str(), record.version), ("one", 1));
        assert_eq!(record.completeness, Some(Completeness::Partial));
    }

    #[test]
    fn a_body_over_the_limit_is_cut_between_letters_and_marked() {
        let mut offer = EnrichedArticle::default();
        offer.article.article_body = "খবর ".repeat(1000);
        let mut row = row(offer);
        shrink(&mut row, 2000);
        let value = row.value.unwrap();
        assert!(value.len() <= 2010 && value.len() > 1900, "{}", value.len());
        let record: Record = serde_json::from_slice(&value).unwrap();
        assert_eq!(record.completeness, Some(Completeness::Partial));
    }

    fn row(offer: EnrichedArticle) -> Row {
        let decision = Decision {
            version: 1,
            status: Status::Published,
            revision: None,
            date_recorded: String::new(),
        };
        Row {
            seq: 1,
            shard: ShardId(0),
            sequence: 1,
            stream: Stream::Article,
            key: String::new(),
            kind: "published".into(),
            headers: Vec::new(),
            value: Some(serde_json::to_vec(&Record::of(offer, decision)).unwrap()),
            recorded_at: 0,
        }
    }
}
