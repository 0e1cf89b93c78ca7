//! A record over the topic's limit is no dead letter: its body is cut and marked, and it is sent.

use article::Stream;
use article::record::Completeness;
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
        && let Ok(smaller) = serde_json::to_vec(&shorten(record, value.len() - limit))
    {
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

#[cfg(test)]
mod tests {
    use article::event::EnrichedArticle;
    use article::shard::ShardId;

    use super::*;
    use crate::record::{Decision, Status};

    #[test]
    fn a_body_over_the_limit_is_cut_between_letters_and_marked() {
        let mut offer = EnrichedArticle::default();
        offer.article.article_body = "খবর ".repeat(1000);
        let decision = Decision {
            version: 1,
            status: Status::Published,
            revision: None,
            date_recorded: String::new(),
        };
        let mut row = Row {
            seq: 1,
            shard: ShardId(0),
            sequence: 1,
            stream: Stream::Article,
            key: String::new(),
            kind: "published".into(),
            headers: Vec::new(),
            value: Some(serde_json::to_vec(&Record::of(offer, decision)).unwrap()),
            recorded_at: 0,
        };
        shrink(&mut row, 2000);
        let value = row.value.unwrap();
        assert!(value.len() <= 2010 && value.len() > 1900, "{}", value.len());
        let record: Record = serde_json::from_slice(&value).unwrap();
        assert_eq!(record.completeness, Some(Completeness::Partial));
    }
}
