//! The article as ingest reads it: who published what, when and where each field came from.
//!
//! Field names follow schema.org's `NewsArticle` (camelCase in JSON). What the enrichers add
//! stands in [`crate::annotations::Annotations`]; what the journal decides (version, status,
//! `dateRecorded`) in [`crate::event`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Field name → where its value came from.
pub type ProvenanceMap = BTreeMap<String, Provenance>;

/// One article as fetched and extracted, before the enrichers have seen it.
///
/// `id` is decided by the identity ladder ([`crate::id`]); texts are NFC; `article_body` is
/// paragraphs separated by a blank line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Article {
    /// `urn:khobor:article:<hash>`, decided once.
    pub id: String,
    /// The address as linked.
    pub url: String,
    /// The address the page declares for itself, checked to be of the same site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_url: Option<String>,
    /// AMP and other addresses of the same article.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alternate_urls: Vec<String>,
    /// The headline without the site's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
    /// The publisher's other headline, where the markup and the page differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative_headline: Option<String>,
    /// The publisher's summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The article and nothing else: NFC, paragraphs separated by a blank line.
    pub article_body: String,
    /// BCP 47 as the page or feed declares it; the enrichers detect `inLanguage`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_language: Option<String>,
    /// RFC 3339 in the publisher's offset, or `YYYY-MM-DD` where only the day is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_published: Option<String>,
    /// As `date_published`, for the last change that the publisher states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_modified: Option<String>,
    /// RFC 3339, ours: when khobor first saw the article listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_first_seen: Option<String>,
    /// Authors, people and organisations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub author: Vec<Author>,
    /// Images with what the page says of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub image: Vec<Image>,
    /// The publisher's own keywords.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// The publisher's own section name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article_section: Option<String>,
    /// What the publisher says of the paywall.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_accessible_for_free: Option<bool>,
    /// How much of the article the body holds.
    pub completeness: Completeness,
    /// What is known of the source from the feed and the configuration.
    pub feed: FeedSource,
    /// The publisher's name as the page gives it (`og:site_name`, JSON-LD publisher).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// The origins that the markup declares (RSS `<source>`, `syndication-source`): name, address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub syndicated_from: Vec<SyndicatedFrom>,
    /// What the page says of rights.
    pub rights: Rights,
    /// The operator's own words for the feed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// How the article was found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub discovery: Vec<Discovery>,
    /// How the page was fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fetch: Option<Fetch>,
    /// Where each field came from, and what lost.
    pub provenance: ProvenanceMap,
}

/// How much of the article `articleBody` holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Completeness {
    /// The whole text.
    #[default]
    Full,
    /// A teaser, or cut to fit the topic's limit.
    Partial,
    /// The feed's own text; the page could not be had.
    FeedOnly,
}

/// An author of an article.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The name without "by".
    pub name: String,
    /// The author's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Person or organisation.
    pub kind: AuthorKind,
}

/// What an author is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AuthorKind {
    /// A human being.
    #[default]
    Person,
    /// A desk, an agency, an outlet.
    Organization,
}

/// An image of an article.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// Absolute address.
    pub url: String,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The caption as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// The credit as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
}

/// The feed that an article came from, as configured and as it describes itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedSource {
    /// The feed's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The feed's own title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The language that the feed declares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// An origin that the markup declares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyndicatedFrom {
    /// The origin's name, where given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The origin's address, where given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What may be done with the article, as the page says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rights {
    /// What robots.txt says of the address: `allow` or `disallow`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub robots: Option<String>,
    /// The words of `<meta name="robots">` and `X-Robots-Tag`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub meta_robots: Vec<String>,
    /// Text and data mining reservation (`TDMRep`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tdm: Option<Tdm>,
    /// A licence's address or name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Who holds the copyright, as the markup says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copyright_holder: Option<String>,
}

/// A text and data mining reservation (W3C `TDMRep`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tdm {
    /// Whether mining is reserved.
    pub reserved: bool,
    /// The policy's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// `meta`, `header` or `file`.
    pub via: String,
}

/// How an article was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Discovery {
    /// `feed`, `sitemap`, `newsSitemap`, `websub`, `seed` or `backfill`.
    pub via: String,
    /// The address that listed it.
    pub url: String,
    /// RFC 3339.
    pub seen_at: String,
}

/// How a page was fetched, so that it can be replayed without fetching again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Fetch {
    /// The address that was asked for.
    pub requested_url: String,
    /// The address that answered, after redirects.
    pub final_url: String,
    /// The HTTP status.
    pub status: u16,
    /// RFC 3339, ours.
    pub fetched_at: String,
    /// The charset that the bytes were read in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
    /// Bytes of the decoded body.
    pub bytes: u64,
    /// The page's entity tag, byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

/// Where a field's value came from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Provenance {
    /// `jsonld`, `opengraph`, `meta`, `microdata`, `feed`, `rule`, `heuristic` or `url`.
    pub method: String,
    /// The element or key that held it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// For dates: `day`, `minute` or `second`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<String>,
    /// For dates: whether the publisher gave a zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone_known: Option<bool>,
    /// Candidates that lost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<Rejected>,
}

/// A candidate that lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// Where it stood.
    pub method: String,
    /// What it said, cut to a readable length.
    pub value: String,
}
