//! Runs the enrichers over one article, so that the failure of one costs its own field only.

use std::panic::{AssertUnwindSafe, catch_unwind};

use article::annotations::Annotations;
use article::record::Article;
use tracing::warn;

use crate::enricher::Enricher;

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
    fn a_language_known_before_is_not_asked_for_again() {
        let article = Article {
            article_body: "এটি বাংলায় লেখা".to_owned(), ..Article::default()
        };
        let known = Annotations { in_language: Some("as".to_owned()), ..Annotations::default() };
        let notes = annotate(&article, known, &crate::catalog::catalog());
        assert_eq!(notes.in_language.as_deref(), Some("as"));
    }
}
