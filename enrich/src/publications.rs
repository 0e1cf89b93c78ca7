//! The agencies and outlets that articles credit, and where a text prints their names.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::bengali;
use crate::table::rows;
use crate::words::{is_unspaced, is_word_character};

/// A publication of the table.
#[derive(Debug)]
pub(crate) struct Publication {
    /// Wikidata id with two witnesses, or empty.
    pub(crate) wikidata: &'static str,
    /// The name to answer with.
    pub(crate) name: &'static str,
}

/// A publication's name in a text; offsets are bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printed {
    /// The name's first byte.
    pub(crate) start: usize,
    /// After the name and its case ending.
    pub(crate) end: usize,
    /// Which publication.
    pub(crate) publication: &'static Publication,
}

static PUBLICATIONS: LazyLock<Vec<(Publication, &'static str)>> = LazyLock::new(|| {
    rows::<5>(include_str!("../data/agencies.tsv"))
        .map(|[_, _, _, wikidata, names]| {
            let name = names.split('|').next().unwrap_or_default();
            (Publication { wikidata, name }, names)
        })
        .collect()
});

static BY_NAME: LazyLock<HashMap<&'static str, &'static Publication>> = LazyLock::new(|| {
    let mut by_name = HashMap::new();
    for (publication, names) in PUBLICATIONS.iter() {
        for name in names.split('|') {
            by_name.entry(name).or_insert(publication);
        }
    }
    by_name
});

static NAMES: LazyLock<Regex> = LazyLock::new(|| {
    let mut names: Vec<_> = BY_NAME.keys().map(|name| regex::escape(name)).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    Regex::new(&names.join("|")).expect("escaped names are a pattern")
});

/// The names of publications that `text` prints as whole words, in order.
pub(crate) fn printed(text: &str) -> Vec<Printed> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(name) = NAMES.find_at(text, from) {
        from = name.end();
        let Some(publication) = BY_NAME.get(name.as_str()) else { continue };
        let unspaced = name.as_str().chars().all(|c| is_unspaced(c) || is_hangul(c));
        let before = text[..name.start()].chars().next_back();
        if !unspaced && before.is_some_and(|c| is_word_character(c) && !is_unspaced(c)) {
            from = name.start() + name.as_str().chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let rest = &text[name.end()..];
        let glued = rest.find(|c| !is_word_character(c)).unwrap_or(rest.len());
        let next_is_unspaced = rest.chars().next().is_some_and(is_unspaced);
        let end = if unspaced || next_is_unspaced || glued == 0 {
            name.end()
        } else if bengali::is_ending(&rest[..glued]) {
            name.end() + glued
        } else {
            continue;
        };
        found.push(Printed { start: name.start(), end, publication });
        from = end;
    }
    found
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        printed(text).iter().map(|one| one.publication.name).collect()
    }

    #[test]
    fn a_name_inside_a_longer_word_is_none() {
        assert!(names("এপিবিএন ও বাসস্ট্যান্ড এবং APPLE").is_empty());
    }

    #[test]
    fn a_case_ending_belongs_to_the_printed_word() {
        let text = "সিএনএনের খবর";
        assert_eq!(&text[printed(text)[0].start..printed(text)[0].end], "সিএনএনের");
    }
}
