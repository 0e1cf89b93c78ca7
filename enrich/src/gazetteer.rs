//! The names that the tables know, and the walk that finds them in a text.
//!
//! From every word the longest known name wins, the whole last word before its stem. A hash map
//! of keys and one of their beginnings are enough for some ten thousand names.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::affixes;
use crate::bengali;
use crate::table::rows;
use crate::words::{self, Word, is_unspaced};

/// A thing that the tables know.
#[derive(Debug)]
pub(crate) struct Entity {
    /// Wikidata id with two witnesses, or empty.
    pub(crate) id: &'static str,
    /// The record's word for what it is.
    pub(crate) kind: &'static str,
    /// The name in English.
    pub(crate) name_en: &'static str,
    /// How likely a name means this one rather than another of the same name.
    prior: f32,
}

/// One name of one entity.
#[derive(Debug)]
struct Name {
    entity: usize,
    language: &'static str,
    /// Printed in capitals only: `WHO` is an organisation, `who` is not.
    acronym: bool,
}

/// A name found in a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// Number of the first word.
    pub(crate) first: usize,
    /// Number after the last word.
    pub(crate) after: usize,
    /// Offset of the first scalar.
    pub(crate) start: usize,
    /// Offset after the name, before its case ending.
    pub(crate) end: usize,
    /// Which entity.
    pub(crate) entity: usize,
}

/// All names and the entities they mean.
pub(crate) struct Gazetteer {
    /// What the numbers of [`Found`] mean.
    pub(crate) entities: Vec<Entity>,
    names: HashMap<String, Vec<Name>>,
    /// Keys that begin a longer one.
    beginnings: HashSet<String>,
}

/// Words that are more often something else than the name they spell.
pub(crate) static HOMOGRAPHS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    rows::<2>(include_str!("../data/homographs.tsv")).map(|[word, _]| words::key(word)).collect()
});

/// The names of the shipped tables.
pub(crate) static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::shipped);

/// A name of more words than this is not looked for; unspaced scripts count characters.
const LONGEST: usize = 6;
const LONGEST_UNSPACED: usize = 14;

/// Demonyms yield to every proper name of the same spelling.
const DEMONYM_PRIOR: f32 = 0.5;

impl Gazetteer {
    fn shipped() -> Self {
        let mut gazetteer =
            Self { entities: Vec::new(), names: HashMap::new(), beginnings: HashSet::new() };
        for [id, kind, prior, name_en, names] in rows::<5>(include_str!("../data/entities.tsv")) {
            let prior = prior.parse().unwrap_or_default();
            let languages = names.split(';').filter_map(|group| group.split_once('='));
            let names =
                languages.flat_map(|(language, all)| all.split('|').map(move |n| (language, n)));
            gazetteer.add(Entity { id, kind, name_en, prior }, names);
        }
        for [id, name_en, names] in rows::<3>(include_str!("../data/demonyms.tsv")) {
            let entity = Entity { id, kind: "other", name_en, prior: DEMONYM_PRIOR };
            gazetteer.add(entity, names.split('|').map(|name| ("bn", name)));
        }
        gazetteer
    }

    fn add(&mut self, entity: Entity, names: impl Iterator<Item = (&'static str, &'static str)>) {
        let number = self.entities.len();
        self.entities.push(entity);
        for (language, name) in names {
            let key = words::key(name);
            if key.is_empty() || HOMOGRAPHS.contains(&key) {
                continue;
            }
            let letters = name.chars().filter(|c| c.is_alphabetic()).count();
            let acronym = letters <= 5
                && name.chars().any(char::is_uppercase)
                && !name.chars().any(char::is_lowercase);
            let list = words::words(name);
            let mut beginning = String::new();
            for word in &list {
                if !beginning.is_empty() {
                    self.beginnings.insert(beginning.clone());
                }
                beginning.push_str(&word.key);
                beginning.push_str(word.joint.unwrap_or_default());
            }
            self.names.entry(key).or_default().push(Name { entity: number, language, acronym });
        }
    }

    /// The names in `words`, none overlapping another, read in `language`.
    pub(crate) fn find(&self, words: &[Word], language: &str) -> Vec<Found> {
        let mut all = Vec::new();
        let mut at = 0;
        while at < words.len() {
            if let Some(found) = self.longest(words, at, language) {
                at = found.after;
                all.push(found);
            } else {
                at += 1;
            }
        }
        all
    }

    fn longest(&self, words: &[Word], first: usize, language: &str) -> Option<Found> {
        let head = &words[first];
        if head.starts_small {
            return None;
        }
        let unspaced = head.key.chars().next().is_some_and(is_unspaced);
        let longest = if unspaced { LONGEST_UNSPACED } else { LONGEST };
        let mut key = String::new();
        let mut best = None;
        for (last, word) in words.iter().enumerate().skip(first).take(longest) {
            let before = key.len();
            key.push_str(&word.key);
            let span = &words[first..=last];
            if let Some((entity, end)) = self.at_end(&key, before, span, language) {
                best = Some(Found { first, after: last + 1, start: head.start, end, entity });
            }
            let Some(joint) = word.joint else { break };
            key.push_str(joint);
            if !self.beginnings.contains(&key) {
                break;
            }
        }
        best.or_else(|| self.inflected(words, first, language))
    }

    /// A single word whose base form is a name.
    fn inflected(&self, words: &[Word], first: usize, language: &str) -> Option<Found> {
        let word = &words[first];
        affixes::bases(&word.key).into_iter().find_map(|base| {
            let entity = self.best(&base.key, &words[first..=first], language)?;
            let start = word.start + base.skipped;
            Some(Found { first, after: first + 1, start, end: word.end, entity })
        })
    }

    /// The entity of `key` or of its stem, and where the name ends.
    fn at_end(
        &self,
        key: &str,
        last_starts: usize,
        span: &[Word],
        language: &str,
    ) -> Option<(usize, usize)> {
        let word = span.last()?;
        if let Some(entity) = self.best(key, span, language) {
            return Some((entity, word.end));
        }
        bengali::stems(&word.key).into_iter().rev().find_map(|length| {
            let stem = &word.key[..length];
            let characters = stem.chars().count();
            if span.len() == 1 && characters < 3 {
                return None;
            }
            let entity = self.best(&key[..last_starts + length], span, language)?;
            Some((entity, *word.ends.get(characters - 1)?))
        })
    }

    fn best(&self, key: &str, span: &[Word], language: &str) -> Option<usize> {
        let latin =
            key.chars().next().is_some_and(|c| c.is_ascii() || ('\u{C0}'..'\u{250}').contains(&c));
        let shouted = span.iter().all(|word| word.no_small);
        let fits = |name: &&Name| {
            (!name.acronym || shouted)
                && (!latin
                    || name.language == language
                    || name.language == "en" && (name.acronym || key.len() >= 4))
        };
        let names = self.names.get(key)?.iter().filter(fits);
        names
            .max_by(|a, b| self.entities[a.entity].prior.total_cmp(&self.entities[b.entity].prior))
            .map(|name| name.entity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str, language: &str) -> Vec<(String, &'static str)> {
        let characters: Vec<char> = text.chars().collect();
        let found = GAZETTEER.find(&words::words(text), language);
        let printed = |one: &Found| characters[one.start..one.end].iter().collect();
        found.iter().map(|one| (printed(one), GAZETTEER.entities[one.entity].id)).collect()
    }

    #[test]
    fn a_case_ending_stays_outside_the_name() {
        assert_eq!(names("জাপানের রাজধানী", "bn"), [("জাপান".to_owned(), "Q17")]);
        assert_eq!(names("চীনকেও জানানো হয়", "bn"), [("চীন".to_owned(), "Q148")]);
    }

    #[test]
    fn a_name_that_ends_like_a_suffix_is_taken_whole() {
        assert_eq!(names("কাতার ও টোকিও", "bn")[0], ("কাতার".to_owned(), "Q846"));
    }

    #[test]
    fn the_longest_name_wins() {
        let found = names("দক্ষিণ কোরিয়ার সঙ্গে", "bn");
        assert_eq!(found, [("দক্ষিণ কোরিয়া".to_owned(), "Q884")]);
    }

    #[test]
    fn small_letters_are_no_name_and_acronyms_want_capitals() {
        assert!(names("he may turkey us who", "en").is_empty());
        assert_eq!(names("The UN met in Japan.", "en").len(), 2);
    }
}
