//! The record as consumers read it: one JSON object an article's version.
//!
//! Names and meaning are the contract with consumers, after `NewsArticle` of schema.org; what ingest
//! keeps for the enrichers only (feed, publisher, syndication hints, declared language) stays out.

use article::annotations::{Attribution, Fingerprint, Mention, Quality, Source};
use article::event::EnrichedArticle;
use article::record::{
    Author, Completeness, Discovery, Fetch, Image, Provenance, ProvenanceMap, Rejected, Rights,
};
use serde::{Deserialize, Serialize};

/// What happened to make a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// The first version, or the first after a withdrawal.
    Published,
    /// A later version.
    Updated,
    /// The article is gone.
    Withdrawn,
}

impl Status {
    /// The word in records, rows and event types.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Updated => "updated",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// How a version differs from the one before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Revision {
    /// The version before.
    pub previous_version: u64,
    /// The fields that differ.
    pub changed: Vec<String>,
    /// How alike the two texts are, 0 to 1; absent where the text before is forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f32>,
    /// The headline is the same and the text nearly so.
    pub minor: bool,
    /// Why, for a withdrawal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What the journal decided about a version.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) version: u64,
    pub(crate) status: Status,
    pub(crate) revision: Option<Revision>,
    pub(crate) date_recorded: String,
}

/// One version of an article, as published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are named as those of schema.org's NewsArticle")]
pub struct Record {
    pub id: String,
    pub version: u64,
    pub status: Status,
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical_url: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternate_urls: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alternative_headline: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article_body: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word_count: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_published: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_modified: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_first_seen: Option<String>,
    pub date_recorded: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub author: Vec<Author>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub image: Vec<Image>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article_section: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_accessible_for_free: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completeness: Option<Completeness>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<Vec<Attribution>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mentions: Option<Vec<Mention>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights: Option<Rights>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<Revision>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discovery: Vec<Discovery>,
    #[serde(default, skip_serializing_if = "ProvenanceMap::is_empty")]
    pub provenance: ProvenanceMap,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetch: Option<Fetch>,
}

impl Record {
    /// The record of an offered article.
    pub(crate) fn of(offer: EnrichedArticle, decision: Decision) -> Self {
        let EnrichedArticle { article, annotations } = offer;
        let mut provenance = article.provenance;
        if let Some(declared) = article.declared_language
            && annotations.in_language.as_ref() != Some(&declared)
        {
            let entry = provenance.entry("inLanguage".to_owned()).or_insert_with(|| Provenance {
                method: "heuristic".to_owned(),
                ..Provenance::default()
            });
            entry.rejected.push(Rejected { method: "declared".to_owned(), value: declared });
        }
        Self {
            id: article.id,
            version: decision.version,
            status: decision.status,
            url: article.url,
            canonical_url: article.canonical_url,
            alternate_urls: article.alternate_urls,
            headline: article.headline,
            alternative_headline: article.alternative_headline,
            description: article.description,
            word_count: Some(word_count(&article.article_body)),
            article_body: Some(article.article_body),
            in_language: annotations.in_language,
            date_published: article.date_published,
            date_modified: article.date_modified,
            date_first_seen: article.date_first_seen,
            date_recorded: decision.date_recorded,
            author: article.author,
            image: article.image,
            keywords: article.keywords,
            article_section: article.article_section,
            is_accessible_for_free: article.is_accessible_for_free,
            completeness: Some(article.completeness),
            source: annotations.source,
            attribution: Some(annotations.attribution),
            mentions: Some(annotations.mentions),
            fingerprint: annotations.fingerprint,
            quality: Some(annotations.quality),
            rights: Some(article.rights),
            revision: decision.revision,
            labels: article.labels,
            discovery: article.discovery,
            provenance,
            fetch: article.fetch,
        }
    }

    /// The record of a withdrawal: identity, source, address and revision, no body.
    pub(crate) fn withdrawn(id: String, url: String, decision: Decision) -> Self {
        Self {
            id,
            version: decision.version,
            status: decision.status,
            url,
            canonical_url: None,
            alternate_urls: Vec::new(),
            headline: None,
            alternative_headline: None,
            description: None,
            article_body: None,
            word_count: None,
            in_language: None,
            date_published: None,
            date_modified: None,
            date_first_seen: None,
            date_recorded: decision.date_recorded,
            author: Vec::new(),
            image: Vec::new(),
            keywords: Vec::new(),
            article_section: None,
            is_accessible_for_free: None,
            completeness: None,
            source: None,
            attribution: None,
            mentions: None,
            fingerprint: None,
            quality: None,
            rights: None,
            revision: decision.revision,
            labels: Vec::new(),
            discovery: Vec::new(),
            provenance: ProvenanceMap::new(),
            fetch: None,
        }
    }
}

/// Words of a text: what stands between spaces and holds a letter or digit; where a script writes
/// no spaces, each ideograph or kana is one.
pub(crate) fn word_count(text: &str) -> usize {
    text.split_whitespace()
        .map(|token| {
            let unspaced = token.chars().filter(|c| is_unspaced(*c)).count();
            let rest = token.chars().any(|c| c.is_alphanumeric() && !is_unspaced(c));
            unspaced + usize::from(rest)
        })
        .sum()
}

fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_with_and_without_spaces() {
        assert_eq!(word_count("খবর আজ — প্রকাশিত।"), 3);
        assert_eq!(word_count("新聞 today"), 3);
    }

    #[test]
    fn a_declared_language_that_lost_stands_in_the_provenance() {
        let mut offer = EnrichedArticle::default();
        offer.article.declared_language = Some("en".into());
        offer.annotations.in_language = Some("bn".into());
        let decision = Decision {
            version: 1,
            status: Status::Published,
            revision: None,
            date_recorded: "2026-01-01T00:00:00.000Z".into(),
        };
        let record = Record::of(offer, decision);
        assert_eq!(record.provenance["inLanguage"].rejected[0].value, "en");
    }
}
