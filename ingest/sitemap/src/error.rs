//! Why a document could not be read as a sitemap.

use thiserror::Error;

/// The document is no sitemap at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SitemapError {
    /// There is nothing but white space.
    #[error("reading a sitemap found an empty document of {bytes} bytes")]
    Empty {
        /// The length of the body.
        bytes: usize,
    },
    /// There is something else.
    #[error("reading a sitemap found {found} at byte {position}")]
    NotASitemap {
        /// What the document is instead.
        found: String,
        /// Where that was seen in the decoded document.
        position: usize,
    },
    /// It began like a feed, and the feed reader refused it.
    #[error("reading a sitemap found what looked like a feed")]
    Feed(#[from] feed::FeedError),
    /// The reader itself failed; a defect of ours.
    #[error("panic while reading a sitemap of {bytes} bytes: {message}")]
    Panicked {
        /// The length of the body.
        bytes: usize,
        /// What the panic said.
        message: String,
    },
}
