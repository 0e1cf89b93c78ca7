//! Runs the enrichers over one article, so that the failure of one costs its own field only.

use std::panic::{AssertUnwindSafe, catch_unwind};

use article::annotations::Annotations;
use article::record::Article;
use tracing::warn;

use crate::enricher::Enricher;

/// Longest text that is looked at, in bytes: the longest article measured has half of it. Names and
/// words of what follows are not looked for; the text itself stays whole.
const BYTES: usize = 256 * 1024;
/// Longest headline that is looked at, in bytes.
const HEADLINE_BYTES: usize = 4 * 1024;

/// Annotates `article` with all of `catalog` in its order, on top of the `notes` known before.
///
/// What stands in `notes` is not asked for again where the enricher says so: with a language
/// in it, the language is not detected. Never fails: an enricher that errs or panics is logged
/// and what it had begun to write is taken back.
pub fn annotate(
    article: &Article,
    mut notes: Annotations,
    catalog: &[Box<dyn Enricher>],
) -> Annotations {
    let bounded = bounded(article);
    let article = bounded.as_ref().unwrap_or(article);
    for enricher in catalog {
        let before = notes.clone();
        let outcome = catch_unwind(AssertUnwindSafe(|| enricher.annotate(article, &mut notes)));
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                warn!(article.id = %article.id, enricher = enricher.name(), %error, "enricher failed");
                notes = before;
            }
            Err(_) => {
                warn!(article.id = %article.id, enricher = enricher.name(), "enricher panicked");
                notes = before;
            }
        }
    }
    notes
}

/// The article with less text, where it has more than is looked at.
fn bounded(article: &Article) -> Option<Article> {
    let (body, headline) = (&article.article_body, article.headline.as_deref().unwrap_or_default());
    if body.len() <= BYTES && headline.len() <= HEADLINE_BYTES {
        return None;
    }
    let mut bounded = article.clone();
    bounded.article_body.truncate(body.floor_char_boundary(BYTES));
    if let Some(headline) = &mut bounded.headline {
        headline.truncate(headline.floor_char_boundary(HEADLINE_BYTES));
    }
    Some(bounded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enricher::EnrichError;

    struct Wrong;

    impl Enricher for Wrong {
        fn name(&self) -> &'static str {
            "wrong"
        }

        fn annotate(&self, _: &Article, notes: &mut Annotations) -> Result<(), EnrichError> {
            notes.in_language = Some("xx".to_owned());
            panic!("a bug of ours");
        }
    }

    struct Refusing;

    impl Enricher for Refusing {
        fn name(&self) -> &'static str {
            "refusing"
        }

        fn annotate(&self, article: &Article, _: &mut Annotations) -> Result<(), EnrichError> {
            Err(EnrichError::Unreadable { article_id: article.id.clone(), reason: "no text" })
        }
    }

    #[test]
    fn a_panic_or_an_error_of_one_enricher_costs_only_its_own_field() {
        let catalog: Vec<Box<dyn Enricher>> =
            vec![Box::new(Wrong), Box::new(Refusing), Box::new(crate::language::Language)];
        let article = Article {
            headline: Some("আজ সারা দেশে বৃষ্টি".to_owned()),
            ..Article::default()
        };
        let notes = annotate(&article, Annotations::default(), &catalog);
        assert_eq!(notes.in_language.as_deref(), Some("bn"));
    }

    #[test]
    fn a_text_without_end_is_looked_at_up_to_a_bound() {
        let catalog = crate::catalog::catalog();
        let article = Article { article_body: "Reuters ".repeat(655_000), ..Article::default() };
        let notes = annotate(&article, Annotations::default(), &catalog);
        let spans: usize = notes.mentions.iter().map(|mention| mention.spans.len()).sum();
        assert!(spans > 0 && spans <= BYTES / 8, "{spans}");
    }

    #[test]
    fn a_language_known_before_is_not_asked_for_again() {
        let article = Article {
            article_body: "এটি বাংলায় লেখা".to_owned(), ..Article::default()
        };
        let known = Annotations { in_language: Some("as".to_owned()), ..Annotations::default() };
        let notes = annotate(&article, known, &crate::catalog::catalog());
        assert_eq!(notes.in_language.as_deref(), Some("as"));
    }
}
