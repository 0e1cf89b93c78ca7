//! Observes what is odd about a text, without changing it: words of two scripts, a short body.

use article::annotations::{Annotations, Span};
use article::record::Article;

use crate::enricher::{EnrichError, Enricher};

/// Writes `quality`.
pub struct TextQuality;

/// At most so many words of two scripts are shown.
const MOST_SPANS: usize = 20;

/// A body of fewer characters is a teaser or a caption.
const SHORT_BODY: usize = 200;

impl Enricher for TextQuality {
    fn name(&self) -> &'static str {
        "quality"
    }

    fn annotate(&self, article: &Article, notes: &mut Annotations) -> Result<(), EnrichError> {
        let body = &article.article_body;
        let mixed = mixed_script(body);
        notes.quality.flags.retain(|flag| flag != "mixedScript" && flag != "shortBody");
        if !mixed.is_empty() {
            notes.quality.flags.push("mixedScript".to_owned());
        }
        if body.chars().take(SHORT_BODY).count() < SHORT_BODY {
            notes.quality.flags.push("shortBody".to_owned());
        }
        notes.quality.mixed_script = mixed;
        Ok(())
    }
}

/// The runs of letters that hold two scripts (`হাউitzer`).
fn mixed_script(body: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut run: Option<Run> = None;
    for (offset, c) in body.chars().chain([' ']).enumerate() {
        if crate::words::is_word_character(c) && !c.is_numeric() {
            let run = run.get_or_insert(Run {
                start: offset,
                text: String::new(),
                script: None,
                mixed: false,
            });
            run.read(c);
            continue;
        }
        if let Some(run) = run.take().filter(|run| run.mixed) {
            found.push(Span { start: run.start, end: offset, text: run.text, field: None });
            if found.len() == MOST_SPANS {
                break;
            }
        }
    }
    found
}

struct Run {
    start: usize,
    text: String,
    script: Option<Script>,
    mixed: bool,
}

impl Run {
    fn read(&mut self, c: char) {
        self.text.push(c);
        if let Some(script) = script(c) {
            self.mixed |= self.script.is_some_and(|known| known != script);
            self.script = Some(script);
        }
    }
}

/// Scripts that no honest word mixes; Japanese and Korean mix theirs by rule and are not asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Arabic,
    Devanagari,
    Bengali,
    OtherIndic,
}

fn script(c: char) -> Option<Script> {
    match c {
        'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{24F}' => Some(Script::Latin),
        '\u{386}'..='\u{3FF}' if c.is_alphabetic() => Some(Script::Greek),
        '\u{400}'..='\u{52F}' => Some(Script::Cyrillic),
        '\u{620}'..='\u{6FF}' if c.is_alphabetic() => Some(Script::Arabic),
        '\u{900}'..='\u{963}' => Some(Script::Devanagari),
        '\u{980}'..='\u{9FF}' => Some(Script::Bengali),
        '\u{A00}'..='\u{D7F}' => Some(Script::OtherIndic),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_two_scripts_is_shown_where_it_stands() {
        let found = mixed_script("নতুন কমpিউটার এল");
        assert_eq!(found[0].text, "কমpিউটার");
        assert_eq!((found[0].start, found[0].end), (5, 13));
    }

    #[test]
    fn foreign_words_and_endings_after_a_hyphen_are_no_mixture() {
        assert!(mixed_script("NASA-র নতুন Artemis মিশন, COVID১৯").is_empty());
    }
}
