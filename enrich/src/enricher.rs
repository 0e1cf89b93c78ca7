//! The promise of every enricher: one article in, its own field of the annotations filled.

use article::annotations::Annotations;
use article::record::Article;

/// Why one enricher gave no answer; the article goes on without it.
#[derive(Debug, thiserror::Error)]
pub enum EnrichError {
    /// The article lacks what the enricher reads.
    #[error("could not annotate {article_id}: {reason}")]
    Unreadable {
        /// The article's id.
        article_id: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// One enricher: a pure function of the article and of what the enrichers before it noted.
pub trait Enricher: Send + Sync {
    /// The name that `--only` and the logs use.
    fn name(&self) -> &'static str;

    /// Fills the enricher's own field of `notes`. What it does not know it leaves out.
    fn annotate(&self, article: &Article, notes: &mut Annotations) -> Result<(), EnrichError>;
}
