//! Feed lists as OPML: read outline by outline, so that a damaged one costs itself, and written so
//! that nothing is lost on the way round.

mod reader;
mod writer;

use thiserror::Error;
use url::Url;

pub use reader::read;
pub use writer::write;

/// Largest list that is read, in bytes: ten times that of anyone with 10,000 feeds.
pub const BYTES: usize = 16 << 20;
/// Most outlines that are looked at.
pub const OUTLINES: usize = 50_000;
/// Deepest folder that is told apart; what lies deeper counts as lying in it.
pub const DEPTH: usize = 32;

/// Attributes whose names have one spelling, whatever the list makes of it.
const KNOWN: &[&str] = &[
    "category",
    "description",
    "htmlUrl",
    "language",
    "text",
    "title",
    "type",
    "version",
    "xmlUrl",
];

/// A feed list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opml {
    /// Its own title.
    pub title: Option<String>,
    /// Its feeds, in the order of the document. A feed that stands in two folders is there twice.
    pub outlines: Vec<Outline>,
    /// What could not be taken over, in the order of the document.
    pub faults: Vec<Fault>,
}

/// One feed of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The feed's address.
    pub url: Url,
    /// The folder it stands in, outermost first; empty for the list itself.
    pub folder: Vec<String>,
    /// All its other attributes, those that nobody here knows too, in the order given.
    pub attributes: Vec<(String, String)>,
}

impl Outline {
    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Something that could not be taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line of the document, from 1.
    pub line: usize,
    /// What it was; it holds words of the document.
    pub what: String,
}

/// The document is no feed list, or not one that may be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OpmlError {
    /// More bytes than are read.
    #[error("the list has {0} bytes, at most {BYTES} are read")]
    TooLarge(usize),
    /// Something else.
    #[error("the document is no OPML: it holds neither <opml> nor <outline>")]
    NotOpml,
}

#[cfg(test)]
mod tests;
