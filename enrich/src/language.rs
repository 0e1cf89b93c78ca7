//! Tells the language of an article: by script first, by its letters' company after that.
//!
//! A headline is short, but Bengali script is Bengali in one word. Where a script serves many
//! languages `whatlang` decides, and `und` stands where the text does not say.

use article::annotations::Annotations;
use article::record::Article;
use whatlang::{Lang, detect};

use crate::enricher::{EnrichError, Enricher};
use crate::table::rows;

/// Writes `inLanguage`.
pub struct Language;

/// This much of a text is read; more does not change the answer.
const READ_CHARACTERS: usize = 800;

/// Other scripts win with one letter in so many: Bengali headlines carry Latin product names.
const FEW: usize = 5;

/// Below this a guess among the languages of one script is no answer.
const LEAST_CONFIDENCE: f64 = 0.2;

impl Enricher for Language {
    fn name(&self) -> &'static str {
        "language"
    }

    fn annotate(&self, article: &Article, notes: &mut Annotations) -> Result<(), EnrichError> {
        if notes.in_language.is_none() {
            let headline = article.headline.as_deref().unwrap_or_default();
            let text: String = (article.article_body.chars().chain([' ']))
                .chain(headline.chars())
                .take(READ_CHARACTERS)
                .collect();
            notes.in_language = Some(language_of(&text).to_owned());
        }
        Ok(())
    }
}

/// The BCP 47 tag of the language of `text`, or `und`.
pub fn language_of(text: &str) -> &'static str {
    match script_of(text) {
        Some(Script::Of("am" | "he")) if telling_letters(text).is_some() => shared(text),
        Some(Script::Of("bn")) if text.contains(['\u{9F0}', '\u{9F1}']) => "as",
        Some(Script::Of(language)) => language,
        Some(Script::Shared) => shared(text),
        None => "und",
    }
}

/// What the script of a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    /// It is written in one language of the news.
    Of(&'static str),
    /// Several languages use it.
    Shared,
}

fn script_of(text: &str) -> Option<Script> {
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    let mut letters = 0;
    for name in text.chars().filter(|c| c.is_alphabetic()).map(block) {
        letters += 1;
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let count = |name: &str| counts.iter().find(|(known, _)| *known == name).map_or(0, |c| c.1);
    if letters == 0 {
        return None;
    }
    if count("ja") * FEW >= letters {
        return Some(Script::Of("ja"));
    }
    let other = counts.iter().filter(|(name, _)| *name != "Latin").max_by_key(|(_, count)| *count);
    match other {
        Some(&(name, count)) if count * FEW >= letters => match name {
            "Shared" => Some(Script::Shared),
            _ => Some(Script::Of(name)),
        },
        _ => Some(Script::Shared),
    }
}

/// The language whose script the letter is of, or `Shared`, or `Latin`.
fn block(c: char) -> &'static str {
    match c {
        '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => "el",
        '\u{530}'..='\u{58F}' => "hy",
        '\u{780}'..='\u{7BF}' => "dv",
        '\u{980}'..='\u{9FF}' => "bn",
        '\u{A00}'..='\u{A7F}' => "pa",
        '\u{A80}'..='\u{AFF}' => "gu",
        '\u{B00}'..='\u{B7F}' => "or",
        '\u{B80}'..='\u{BFF}' => "ta",
        '\u{C00}'..='\u{C7F}' => "te",
        '\u{C80}'..='\u{CFF}' => "kn",
        '\u{D00}'..='\u{D7F}' => "ml",
        '\u{D80}'..='\u{DFF}' => "si",
        '\u{E00}'..='\u{E7F}' => "th",
        '\u{E80}'..='\u{EFF}' => "lo",
        '\u{F00}'..='\u{FFF}' => "bo",
        '\u{1000}'..='\u{109F}' => "my",
        '\u{10A0}'..='\u{10FF}' => "ka",
        '\u{1200}'..='\u{139F}' => "am",
        '\u{1780}'..='\u{17FF}' => "km",
        '\u{3040}'..='\u{30FF}' => "ja",
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' => "zh",
        '\u{1100}'..='\u{11FF}' | '\u{AC00}'..='\u{D7AF}' => "ko",
        '\u{590}'..='\u{5FF}' => "he",
        'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => "Latin",
        _ => "Shared",
    }
}

/// The language of a text in Latin, Cyrillic, Arabic or Devanagari letters.
fn shared(text: &str) -> &'static str {
    telling_letters(text).unwrap_or_else(|| guessed(text))
}

/// The tag of the first row of letters that make up a hundredth of the text's.
fn telling_letters(text: &str) -> Option<&'static str> {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    rows::<2>(include_str!("../data/letters.tsv")).find_map(|[telling, tag]| {
        let seen = text.chars().filter(|c| telling.contains(*c)).count();
        // Vietnamese has the dotted vowels too, and always the horned ones beside them.
        let horned = tag == "und" && text.contains(['ơ', 'ư', 'đ']);
        (seen * 100 > letters && !horned).then_some(tag)
    })
}

/// What `whatlang` says of a text whose letters do not tell.
fn guessed(text: &str) -> &'static str {
    let guess = detect(text);
    let sure = guess.filter(|info| info.is_reliable() || info.confidence() >= LEAST_CONFIDENCE);
    let english = english_words(text);
    match sure.map(|info| info.lang()) {
        Some(Lang::Eng) if english > 0 => "en",
        Some(Lang::Eng) | None if english > 1 => "en",
        Some(Lang::Eng) | None => "und",
        Some(lang) => rows::<2>(include_str!("../data/languages.tsv"))
            .find_map(|[code, tag]| (code == lang.code()).then_some(tag))
            .unwrap_or("und"),
    }
}

/// How many of the commonest English words `text` holds.
fn english_words(text: &str) -> usize {
    const COMMON: [&str; 24] = [
        "the", "of", "and", "to", "in", "for", "on", "with", "is", "are", "was", "has", "have",
        "by", "from", "at", "after", "over", "as", "that", "its", "will", "an", "says",
    ];
    text.split(|c: char| !c.is_alphabetic())
        .filter(|word| COMMON.iter().any(|common| word.eq_ignore_ascii_case(common)))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bengali_is_known_by_one_word_and_beside_latin_names() {
        assert_eq!(language_of("বৃষ্টি"), "bn");
        assert_eq!(language_of("Samsung Galaxy S26: নতুন ফোন এল"), "bn");
    }

    #[test]
    fn assamese_letters_make_it_assamese() {
        assert_eq!(language_of("চৰকাৰে নতুন আঁচনি ঘোষণা কৰিছে"), "as");
    }

    #[test]
    fn english_sentences_are_english() {
        assert_eq!(language_of("The government will publish the report on Friday"), "en");
    }

    #[test]
    fn letters_of_one_language_tell_it_from_its_siblings() {
        assert_eq!(language_of("Уряд ухвалив рішення, її підтримали всі"), "uk");
        assert_eq!(language_of("د ولسمشر خبرې ډېرې مهمې دي او ښه"), "ps");
    }

    #[test]
    fn a_text_without_letters_does_not_say() {
        assert_eq!(language_of("২০২৬ – 12:30"), "und");
        assert_eq!(language_of(""), "und");
    }
}
