//! What a feed document says, as plain data: the feed, its entries, and what was wrong with it.

use crate::attachment::Attachment;
use crate::person::Person;
use serde::Serialize;

/// A feed document that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// What the document says about itself.
    pub feed: Feed,
    /// Its entries, in the order of the document.
    pub entries: Vec<Entry>,
    /// What had to be repaired, in the order of the document; at most a hundred are listed.
    pub defects: Vec<Defect>,
    /// How many repairs there were, listed or not.
    pub defects_total: usize,
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
    /// The first WebSub hub, absolute.
    pub hub: Option<String>,
    /// `sy:updatePeriod`, as in the document.
    pub sy_period: Option<String>,
    /// `sy:updateFrequency`.
    pub sy_frequency: Option<u32>,
    /// `sy:updateBase`, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sy_base: Option<String>,
    /// All WebSub hubs, absolute.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hubs: Vec<String>,
    /// The Atom id, or the channel's `rdf:about`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The feed's own address, as it says, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_link: Option<String>,
    /// The next page of a paged feed, or the archive before this document (RFC 5005), absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_link: Option<String>,
    /// Whether what is not in the document is gone from the feed: `fh:complete` of RFC 5005.
    #[serde(skip_serializing_if = "is_false")]
    pub is_complete: bool,
    /// Who writes it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Person>,
    /// What it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<Topic>,
    /// The notice on rights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights: Option<String>,
    /// Addresses of licences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub licences: Vec<String>,
    /// Its logo or picture, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The software that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generator: Option<String>,
}

/// One entry of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The guid, Atom id, `rdf:about` or JSON id, as it stands in the document.
    pub id: Option<String>,
    /// Whether the guid says that it is the entry's address, or that it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_permalink: Option<bool>,
    /// `rdf:about`, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The address of the story, absolute.
    pub link: Option<String>,
    /// The address before a service that counts readers put its own in front, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_link: Option<String>,
    /// The headline.
    pub title: Option<String>,
    /// What the headline is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_kind: Option<TextKind>,
    /// The description or Atom summary.
    pub summary: Option<String>,
    /// What the summary is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary_kind: Option<TextKind>,
    /// The full text where the feed carries it.
    pub content: Option<String>,
    /// What the full text is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_kind: Option<TextKind>,
    /// Where the content lies if it is not in the document, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_link: Option<String>,
    /// Names of the authors.
    pub authors: Vec<String>,
    /// Authors and contributors with what else is said of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Person>,
    /// When it was published, RFC 3339 with the document's own offset.
    pub published: Option<String>,
    /// When it was changed, RFC 3339 with the document's own offset.
    pub updated: Option<String>,
    /// Dates that are not believed, because they lie after 2037 or cannot be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub doubtful_dates: Vec<DoubtfulDate>,
    /// Categories and tags.
    pub categories: Vec<String>,
    /// Categories with their labels and schemes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<Topic>,
    /// Addresses of enclosures and media.
    pub media: Vec<String>,
    /// Addresses of preview pictures.
    pub thumbnails: Vec<String>,
    /// Enclosures, media and pictures with what is said of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The entry's own language, where it differs or is declared.
    pub language: Option<String>,
    /// Who published it first, as the entry says.
    pub source: Option<EntrySource>,
    /// The notice on rights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights: Option<String>,
    /// Addresses of licences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub licences: Vec<String>,
    /// The page of its comments, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments_link: Option<String>,
}

/// Whether a text holds markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TextKind {
    /// Plain text: `<` is a character like others.
    Text,
    /// HTML: references are still to be resolved.
    Html,
}

/// A category of an entry or a feed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Topic {
    /// The word that machines compare.
    pub term: String,
    /// The word for people, where it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The vocabulary that the term is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
}

/// A date that is there but is not believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DoubtfulDate {
    /// The element that it stands in.
    pub element: String,
    /// Its words, cut where they are long.
    pub text: String,
    /// What they mean, RFC 3339, if they mean anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// The outlet that an entry was taken from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntrySource {
    /// Its name.
    pub name: String,
    /// Its address, absolute.
    pub url: Option<String>,
    /// The address of its feed, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed: Option<String>,
    /// The Atom id of its feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its notice on rights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights: Option<String>,
}

/// Something that was wrong with the document and was repaired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Defect {
    /// What it was, in lower-case words.
    pub what: String,
    /// Where: the byte offset in the decoded document.
    pub position: usize,
    /// The same for people, where the document was held as a whole.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// A place in a text as editors tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The character of the line, from 1.
    pub column: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}
