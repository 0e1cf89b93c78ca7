//! The articles that outlets print: the bundled ones, written for this purpose, and local seeds.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use serde::Deserialize;

const BUNDLED: &str = include_str!("articles.jsonl");

/// A headline cut from a seed's first sentence is no longer than this many characters.
const HEADLINE_CHARACTERS: usize = 100;

/// One article as its author handed it in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    /// What stands above it.
    pub headline: String,
    /// BCP 47.
    pub language: String,
    /// The part of the paper that it stands in.
    pub section: String,
    /// Who wrote it, where it is signed.
    #[serde(default)]
    pub author: Option<String>,
    /// The line below that names another source.
    #[serde(default)]
    pub credit: Option<String>,
    /// What it is about, in the outlet's own words.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// The body.
    pub paragraphs: Vec<String>,
}

/// The articles that come with the program.
pub(super) fn bundled() -> anyhow::Result<Vec<Arc<Text>>> {
    let mut texts = Vec::new();
    for (index, line) in BUNDLED.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let text = serde_json::from_str(line)
            .with_context(|| format!("reading line {} of articles.jsonl", index + 1))?;
        texts.push(Arc::new(text));
    }
    Ok(texts)
}

/// The Bengali articles that lie as `*.txt` in `folder`, in the order of their names; none where
/// there is no such folder.
pub(super) fn seeds(folder: &Path) -> anyhow::Result<Vec<Arc<Text>>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    paths.sort();
    let mut texts = Vec::new();
    for path in paths {
        let content = std::fs::read_to_string(&path)
            .with_context(|| format!("reading the seed {}", path.display()))?;
        texts.extend(seed(&content).map(Arc::new));
    }
    Ok(texts)
}

fn seed(content: &str) -> Option<Text> {
    let paragraphs: Vec<String> =
        content.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let sentence = paragraphs.first()?.split(['।', '\n']).next()?;
    Some(Text {
        headline: cut(sentence, HEADLINE_CHARACTERS),
        language: "bn".to_owned(),
        section: "আন্তর্জাতিক".to_owned(),
        author: None,
        credit: None,
        keywords: Vec::new(),
        paragraphs,
    })
}

/// The beginning of `text`: whole words, at most `limit` characters.
pub(super) fn cut(text: &str, limit: usize) -> String {
    let text = text.trim();
    let Some((end, _)) = text.char_indices().nth(limit) else { return text.to_owned() };
    let head = &text[..end];
    head.rfind(' ').map_or(head, |space| &head[..space]).trim_end_matches([',', ';']).to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn every_article_is_complete_and_long_enough_to_be_read_as_one() {
        for text in bundled().unwrap() {
            let headline = &text.headline;
            assert!((3..=5).contains(&text.paragraphs.len()), "{headline}");
            assert!(!text.section.is_empty() && !text.keywords.is_empty(), "{headline}");
            for paragraph in &text.paragraphs {
                let words = paragraph.split_whitespace().count();
                assert!(words >= 40, "{headline}: {words} words in {paragraph}");
            }
        }
    }

    #[test]
    fn there_are_about_sixty_articles_in_eight_languages() {
        let texts = bundled().unwrap();
        let mut count = BTreeMap::new();
        for text in &texts {
            *count.entry(text.language.as_str()).or_insert(0) += 1;
        }
        assert!(texts.len() >= 58, "{count:?}");
        assert!(count["bn"] >= 16 && count["en"] >= 12, "{count:?}");
        let others: Vec<&str> =
            count.keys().copied().filter(|language| !["bn", "en"].contains(language)).collect();
        assert_eq!(others, ["ar", "de", "es", "fr", "hi", "id"]);
        let headlines: BTreeSet<&str> = texts.iter().map(|text| text.headline.as_str()).collect();
        assert_eq!(headlines.len(), texts.len());
    }

    #[test]
    fn the_headline_of_a_seed_is_its_first_sentence() {
        let text = seed("প্রথম বাক্য। দ্বিতীয় বাক্য।\n\nআরেক অনুচ্ছেদ।\n").unwrap();
        assert_eq!(text.headline, "প্রথম বাক্য");
        assert_eq!(text.paragraphs.len(), 2);
        assert_eq!(cut("one two three", 9), "one two");
    }
}
