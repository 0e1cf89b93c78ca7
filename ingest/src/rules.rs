//! Which entries of a feed an operator wants: rules on title, address and language.

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::config::FeedConfig;
use crate::errand::Errand;

/// The largest compiled pattern, in bytes; the patterns are the operator's own.
const PATTERN_BYTES: usize = 1 << 20;

/// Fits an entry when everything that it names does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EntryRule {
    /// Found in the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Pattern>,
    /// Found in the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Pattern>,
    /// The language of the entry, or else of the feed, as BCP 47; `bn` fits `bn-BD` too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// A regular expression, without regard to case.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(Regex);

/// What is no regular expression.
#[derive(Debug, Error)]
#[error("{text:?} is no regular expression")]
pub struct PatternError {
    text: String,
    source: regex::Error,
}

impl TryFrom<String> for Pattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        let built =
            RegexBuilder::new(&text).case_insensitive(true).size_limit(PATTERN_BYTES).build();
        built.map(Self).map_err(|source| PatternError { text, source })
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.0.as_str().to_owned()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

impl EntryRule {
    fn fits(&self, errand: &Errand) -> bool {
        let entry = &errand.entry;
        let found = |pattern: &Option<Pattern>, text: Option<&str>| {
            pattern.as_ref().is_none_or(|pattern| text.is_some_and(|text| pattern.0.is_match(text)))
        };
        let language = entry.language.as_ref().or(errand.feed.language.as_ref());
        found(&self.title, entry.title.as_deref())
            && found(&self.url, errand.url.as_ref().map(url::Url::as_str))
            && self
                .language
                .as_ref()
                .is_none_or(|wanted| language.is_some_and(|language| is_within(language, wanted)))
    }
}

/// Whether a language tag is the wanted one or a narrower one (RFC 4647, basic filtering).
fn is_within(language: &str, wanted: &str) -> bool {
    let (language, wanted) = (language.to_ascii_lowercase(), wanted.to_ascii_lowercase());
    language.strip_prefix(&wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Whether the feed's rules take an entry: one of `keep` fits, where there are any, and none of
/// `drop`.
pub(crate) fn takes(settings: &FeedConfig, errand: &Errand) -> bool {
    let any = |rules: &[EntryRule]| rules.iter().any(|rule| rule.fits(errand));
    (settings.keep.is_empty() || any(&settings.keep)) && !any(&settings.drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errand::{Said, Witness};

    fn errand(title: &str, path: &str) -> Errand {
        Errand {
            feed: Witness { language: Some("bn-BD".to_owned()), ..Witness::default() },
            entry: Said { title: Some(title.to_owned()), ..Said::default() },
            url: Some(format!("https://a.example{path}").parse().unwrap()),
            host_key: "a.example".to_owned(),
            seen_at: String::new(),
        }
    }

    fn settings(rules: &str) -> FeedConfig {
        let json = format!(r#"{{"url": "https://a.example/feed", {rules}}}"#);
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn keep_lets_in_and_drop_leaves_out() {
        let settings = settings(
            r#""keep": [{"title": "বৃষ্টি|rain"}, {"url": "/weather/"}], "drop": [{"title": "^Live:"}]"#,
        );
        assert!(takes(&settings, &errand("ঢাকায় বৃষ্টি", "/1")));
        assert!(takes(&settings, &errand("Storm", "/weather/2")));
        assert!(!takes(&settings, &errand("Football", "/3")));
        assert!(!takes(&settings, &errand("LIVE: rain over the city", "/4")));
    }

    #[test]
    fn a_rule_fits_when_all_that_it_names_fits() {
        let settings = settings(r#""keep": [{"language": "bn", "url": "/news/"}]"#);
        assert!(takes(&settings, &errand("x", "/news/1")));
        assert!(!takes(&settings, &errand("x", "/sport/1")));
        assert!(!is_within("bnx", "bn"));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        let read = serde_json::from_str::<EntryRule>(r#"{"title": "(rain"}"#);
        assert!(read.unwrap_err().to_string().contains("(rain"));
    }
}
