//! What a feed document says, as plain data: the feed, its entries, and what was wrong with it.

use serde::Serialize;

/// A feed document that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// What the document says about itself.
    pub feed: Feed,
    /// Its entries, in the order of the document.
    pub entries: Vec<Entry>,
    /// What had to be repaired, in the order of the document.
    pub defects: Vec<Defect>,
}

/// The head of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Feed {
    /// Its name.
    pub title: Option<String>,
    /// The home page, absolute.
    pub link: Option<String>,
    /// The description or subtitle.
    pub description: Option<String>,
    /// The language as declared.
    pub language: Option<String>,
    /// When it was last changed, RFC 3339.
    pub updated: Option<String>,
    /// Minutes that it may be cached.
    pub ttl: Option<u32>,
    /// Hours (GMT) in which nothing is new.
    pub skip_hours: Vec<u8>,
    /// Days, in English, on which nothing is new.
    pub skip_days: Vec<String>,
    /// The WebSub hub, absolute.
    pub hub: Option<String>,
    /// `sy:updatePeriod`, as in the document.
    pub sy_period: Option<String>,
    /// `sy:updateFrequency`.
    pub sy_frequency: Option<u32>,
}

/// One entry of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The guid, Atom id, `rdf:about` or JSON id, as it stands in the document.
    pub id: Option<String>,
    /// The address of the story, absolute.
    pub link: Option<String>,
    /// The headline.
    pub title: Option<String>,
    /// The description or Atom summary, text or HTML.
    pub summary: Option<String>,
    /// The full text where the feed carries it, text or HTML.
    pub content: Option<String>,
    /// Names of the authors.
    pub authors: Vec<String>,
    /// When it was published, RFC 3339 with the document's own offset.
    pub published: Option<String>,
    /// When it was changed, RFC 3339 with the document's own offset.
    pub updated: Option<String>,
    /// Categories and tags.
    pub categories: Vec<String>,
    /// Addresses of enclosures and media.
    pub media: Vec<String>,
    /// Addresses of preview pictures.
    pub thumbnails: Vec<String>,
    /// The entry's own language, where it differs or is declared.
    pub language: Option<String>,
    /// Who published it first, as the entry says.
    pub source: Option<EntrySource>,
}

/// The outlet that an entry was taken from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntrySource {
    /// Its name.
    pub name: String,
    /// Its address, absolute.
    pub url: Option<String>,
}

/// Something that was wrong with the document and was repaired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Defect {
    /// What it was, in lower-case words.
    pub what: String,
    /// Where: the byte offset in the decoded document.
    pub position: usize,
}
