//! What the enrichers add to an article: one field an enricher.
//!
//! Offsets are Unicode scalar offsets into `articleBody` as published (NFC), or into `headline`
//! where a span says so.

use serde::{Deserialize, Serialize};

/// All that the enrichers found, in the record's own names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Annotations {
    /// BCP 47; `und` where the text does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_language: Option<String>,
    /// Who published the article.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Whom the article credits.
    pub attribution: Vec<Attribution>,
    /// The entities that the text names.
    pub mentions: Vec<Mention>,
    /// Observations on the text's quality.
    pub quality: Quality,
    /// Fingerprints for finding duplicates downstream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
}

/// Who published the article.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Source {
    /// Stable id: the registrable domain.
    pub id: String,
    /// The outlet's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Registrable domain.
    pub domain: String,
    /// The outlet's home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// BCP 47.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// `newspaper`, `agency`, `broadcaster`, `online`, `magazine`, `government`, `aggregator`,
    /// `pressRelease` or `blog`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// IANA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Wikidata id, checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wikidata: Option<String>,
    /// The feed's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed_url: Option<String>,
    /// The feed's own title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed_title: Option<String>,
}

/// A source that the article credits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attribution {
    /// The outlet's or agency's name.
    pub name: String,
    /// Wikidata id, checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wikidata: Option<String>,
    /// `credited`, `syndicated`, `translated`, `dateline`, `byline`, `quoted` or `photo`.
    pub kind: String,
    /// The text as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub literal: Option<String>,
    /// Offset of the literal's first scalar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<usize>,
    /// Offset after the literal's last scalar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<usize>,
    /// The address that the markup gives for the origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// 0 to 1.
    pub confidence: f32,
}

/// An entity that the text names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Mention {
    /// Wikidata id, or null without a checked one.
    pub id: Option<String>,
    /// The name as printed at its first span, without its case suffix.
    pub name: String,
    /// The name in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// `person`, `organization`, `place`, `event`, `work` or `other`.
    #[serde(rename = "type")]
    pub kind: String,
    /// 0 to 1.
    pub salience: f32,
    /// How often it is named.
    pub count: usize,
    /// Where it is named.
    pub spans: Vec<Span>,
    /// 0 to 1.
    pub confidence: f32,
    /// How it was found: `table`.
    pub method: String,
}

/// A stretch of text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Offset of the first scalar.
    pub start: usize,
    /// Offset after the last scalar.
    pub end: usize,
    /// The text as printed.
    pub text: String,
    /// `headline` where the span is into the headline; absent for the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// Observations on the text's quality.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Quality {
    /// `mixedScript`, `shortBody`, …
    pub flags: Vec<String>,
    /// Tokens of two scripts, as printed (at most 20).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mixed_script: Vec<Span>,
}

/// Fingerprints of the body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Hex SHA-256 of the NFC text.
    pub sha256: String,
    /// Hex 64-bit simhash.
    pub simhash64: String,
}
