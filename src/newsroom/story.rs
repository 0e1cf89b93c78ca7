//! One article of the newsroom, with its serial number, its version and its standing.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::newsroom::texts::{self, Text};

/// A feed's summary is no longer than this many characters.
const SUMMARY_CHARACTERS: usize = 240;

/// Where the words of a story come from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A bundled text, which is printed with its serial and version.
    Written(Arc<Text>),
    /// A seed, which is printed as it is.
    Seed(Arc<Text>),
    /// A saved page, which is served byte for byte.
    Replayed {
        /// Its headline, as far as the truth knows it.
        headline: String,
        /// The gzipped page.
        page: PathBuf,
        /// The id of its true text.
        truth: String,
    },
}

/// Whether readers can see a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not yet.
    Planned,
    /// Yes.
    Published,
    /// No more: its page answers 410.
    Withdrawn,
}

/// An article and its life so far.
#[derive(Clone, Debug)]
pub(super) struct Story {
    /// Its number in the newsroom, from 1.
    pub serial: u32,
    /// Its words.
    pub source: Source,
    /// Whether the headline carries the serial, because other stories have the same text.
    pub numbering: Numbering,
    /// The index of the site that prints it.
    pub site: usize,
    /// 1, and one more with each correction.
    pub version: u32,
    /// Whether it can be read.
    pub standing: Standing,
    /// When it came out first.
    pub published: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// Whether a story is one of many variants of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbering {
    /// The only story with this text.
    Single,
    /// One of several, told apart by the serial in the headline.
    Variant,
}

impl Story {
    /// Its path on its site.
    pub(super) fn path(&self) -> String {
        format!("/a/{}", self.serial)
    }

    /// What stands above it.
    pub(super) fn headline(&self) -> String {
        match (&self.source, self.numbering) {
            (Source::Replayed { headline, .. }, _) => headline.clone(),
            (Source::Written(text) | Source::Seed(text), Numbering::Single) => {
                text.headline.clone()
            }
            (Source::Written(text) | Source::Seed(text), Numbering::Variant) => {
                format!("{} ({})", text.headline, self.serial)
            }
        }
    }

    /// The text, where it is one and not a saved page.
    pub(super) fn text(&self) -> Option<&Text> {
        match &self.source {
            Source::Written(text) | Source::Seed(text) => Some(text),
            Source::Replayed { .. } => None,
        }
    }

    /// The body as printed: a corrected story opens with `correction`, and the last paragraph of a
    /// bundled one ends with serial and version. The mark stands in a long paragraph because
    /// readers of pages drop short last ones.
    pub(super) fn paragraphs(&self, correction: &str) -> Vec<String> {
        let Some(text) = self.text() else { return Vec::new() };
        let mut paragraphs = text.paragraphs.clone();
        if matches!(self.source, Source::Written(_)) {
            if let Some(first) = paragraphs.first_mut().filter(|_| self.version > 1) {
                *first = format!("{correction} {first}");
            }
            if let Some(last) = paragraphs.last_mut() {
                *last = format!("{last} {}", mark(self.serial, self.version));
            }
        }
        paragraphs
    }

    /// The beginning of the body, as feeds show it.
    pub(super) fn summary(&self, correction: &str) -> String {
        self.paragraphs(correction)
            .first()
            .map(|first| texts::cut(first, SUMMARY_CHARACTERS))
            .unwrap_or_default()
    }
}

/// The sentence in the body that tells a checker which story, and which version of it, arrived.
pub(super) fn mark(serial: u32, version: u32) -> String {
    format!("Serial {serial:06} version {version}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corrected_story_says_so_and_carries_its_new_version() {
        let text = texts::bundled().unwrap().remove(0);
        let mut story = Story {
            serial: 123,
            source: Source::Written(text),
            numbering: Numbering::Variant,
            site: 0,
            version: 1,
            standing: Standing::Published,
            published: Timestamp::UNIX_EPOCH,
            modified: Timestamp::UNIX_EPOCH,
        };
        let before = story.paragraphs("Corrected.");
        assert!(before.last().unwrap().ends_with("Serial 000123 version 1."));
        story.version = 2;
        let after = story.paragraphs("Corrected.");
        assert!(after[0].starts_with("Corrected. "));
        assert!(after.last().unwrap().ends_with("Serial 000123 version 2."));
        assert!(story.headline().ends_with("(123)"));
    }
}
