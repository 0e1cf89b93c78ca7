//! When is an article changed? Only in what a reader would notice.
//!
//! White space, tracking parameters, related links and a `dateModified` that moves by itself make
//! no version; the headline, the text and the date of publication do.

use std::collections::{BTreeMap, HashMap};

use article::Article;
use article::text::{fold_space, sha256_hex};
use jiff::Timestamp;
use serde_json::Value;

/// The fields whose change is told in `revision.changed`, in the record's own names.
const FIELDS: &[&str] = &[
    "alternativeHeadline",
    "articleBody",
    "articleSection",
    "author",
    "canonicalUrl",
    "completeness",
    "dateModified",
    "datePublished",
    "description",
    "headline",
    "image",
    "isAccessibleForFree",
    "keywords",
];

/// The hash of each field that holds something.
pub(super) type FieldHashes = BTreeMap<String, String>;

/// The hash of what makes a version.
pub(super) fn fingerprint(article: &Article) -> String {
    let headline = fold_space(article.headline.as_deref().unwrap_or_default());
    let body = fold_space(&article.article_body);
    let date = moment(article.date_published.as_deref().unwrap_or_default());
    sha256_hex(format!("{headline}\0{body}\0{date}").as_bytes())
}

/// The hashes of an article's fields, white space folded.
pub(super) fn field_hashes(article: &Article) -> FieldHashes {
    let Ok(Value::Object(fields)) = serde_json::to_value(article) else {
        return FieldHashes::new();
    };
    FIELDS
        .iter()
        .filter_map(|name| {
            let text = match fields.get(*name)? {
                Value::String(text) if name.starts_with("date") => moment(text),
                Value::String(text) => fold_space(text),
                other => other.to_string(),
            };
            Some(((*name).to_owned(), sha256_hex(text.as_bytes())[..16].to_owned()))
        })
        .collect()
}

/// The fields that differ.
pub(super) fn changed(before: &FieldHashes, after: &FieldHashes) -> Vec<String> {
    FIELDS
        .iter()
        .filter(|name| before.get(**name) != after.get(**name))
        .map(|name| (*name).to_owned())
        .collect()
}

/// How alike two texts are, 0 to 1: the share of word pairs they have in common.
pub(super) fn similarity(before: &str, after: &str) -> f32 {
    let (before, before_count) = pairs(before);
    let (after, after_count) = pairs(after);
    if before_count + after_count == 0 {
        return 1.0;
    }
    let common: u32 =
        before.iter().map(|(pair, n)| (*n).min(after.get(pair).copied().unwrap_or(0))).sum();
    let share = f64::from(2 * common) / f64::from(before_count + after_count);
    #[expect(clippy::cast_possible_truncation, reason = "three digits are told")]
    let rounded = ((share * 1000.0).round() / 1000.0) as f32;
    rounded
}

fn pairs(text: &str) -> (HashMap<(&str, &str), u32>, u32) {
    let mut pairs = HashMap::new();
    let mut count = 0;
    let mut last = "";
    for word in text.split_whitespace() {
        *pairs.entry((last, word)).or_insert(0) += 1;
        count += 1;
        last = word;
    }
    (pairs, count)
}

/// A date without its spelling: the same moment in two offsets is no change.
fn moment(text: &str) -> String {
    text.parse::<Timestamp>()
        .map_or_else(|_| fold_space(text), |at| at.as_millisecond().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_and_offsets_make_no_version() {
        let a = Article {
            article_body: "one  two\n\nthree".into(),
            date_published: Some("2026-01-01T06:00:00+06:00".into()),
            ..Article::default()
        };
        let b = Article {
            article_body: "one two three".into(),
            date_published: Some("2026-01-01T00:00:00Z".into()),
            date_modified: Some("2026-02-01".into()),
            ..Article::default()
        };
        assert_eq!(fingerprint(&a), fingerprint(&b));
        assert_eq!(changed(&field_hashes(&a), &field_hashes(&b)), ["dateModified"]);
    }

    #[test]
    fn similarity_is_one_for_the_same_and_zero_for_strangers() {
        assert!((similarity("a b c", "a b  c") - 1.0).abs() < f32::EPSILON);
        assert!(similarity("a b c", "x y z") < f32::EPSILON);
    }
}
