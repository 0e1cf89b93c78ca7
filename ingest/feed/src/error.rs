//! Why a document could not be read as a feed.

use thiserror::Error;

/// The document is no feed, or not one that may be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FeedError {
    /// There is nothing but white space.
    #[error("reading a feed found an empty document of {bytes} bytes")]
    Empty {
        /// The length of the body.
        bytes: usize,
    },
    /// There is something else.
    #[error("reading a feed found {found} at byte {position}")]
    NotAFeed {
        /// What the document is instead.
        found: String,
        /// Where that was seen in the decoded document.
        position: usize,
    },
    /// Nothing but nesting: the cap on depth left no entry and no title.
    #[error(
        "reading a feed found elements nested deeper than {limit} at byte {position} and no entry"
    )]
    TooDeep {
        /// The cap.
        limit: usize,
        /// Where the cap was first met.
        position: usize,
    },
    /// The reader itself failed; a defect of ours.
    #[error("panic while reading a feed of {bytes} bytes: {message}")]
    Panicked {
        /// The length of the body.
        bytes: usize,
        /// What the panic said.
        message: String,
    },
}
