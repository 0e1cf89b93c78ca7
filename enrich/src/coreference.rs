//! Persons named in full once and by one word afterwards: শি জিনপিং, then শি.
//!
//! A two-letter name is an ordinary syllable everywhere else, so the link holds inside one
//! document, after the full name only, and never for first names that many people share.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::bengali;
use crate::gazetteer::{Found, GAZETTEER};
use crate::table::rows;
use crate::words::{self, Word};

static SHARED_NAMES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    rows::<1>(include_str!("../data/common_first_names.tsv"))
        .map(|[name]| words::key(name))
        .collect()
});

/// The bare mentions in `words` of persons that `named` has in full.
///
/// `known` are short names from a text before this one (the headline before the body).
pub(crate) fn bare_mentions(
    words: &[Word],
    named: &[Found],
    known: &mut HashMap<String, usize>,
) -> Vec<Found> {
    let mut bare = Vec::new();
    let mut named = named.iter().peekable();
    let mut at = 0;
    while at < words.len() {
        if let Some(full) = named.next_if(|full| full.first == at) {
            remember(words, full, known);
            at = full.after;
            continue;
        }
        bare.extend(bare_mention(words, at, known));
        at += 1;
    }
    bare
}

fn remember(words: &[Word], full: &Found, known: &mut HashMap<String, usize>) {
    if GAZETTEER.entities[full.entity].kind != "person" || full.after - full.first < 2 {
        return;
    }
    let last = &words[full.after - 1];
    let letters = last.ends.iter().take_while(|&&end| end <= full.end).count();
    let surname: String = last.key.chars().take(letters).collect();
    for short in [words[full.first].key.clone(), surname] {
        let latin = short.is_ascii();
        let length = short.chars().count();
        if !SHARED_NAMES.contains(&short) && length >= 2 && !(latin && short == "in") {
            known.insert(short, full.entity);
        }
    }
}

fn bare_mention(words: &[Word], at: usize, known: &HashMap<String, usize>) -> Option<Found> {
    let word = &words[at];
    if word.starts_small || is_month(words, at) {
        return None;
    }
    let whole = known.get(&word.key).map(|&entity| (entity, word.end));
    let (entity, end) = whole.or_else(|| {
        bengali::stems(&word.key).into_iter().rev().find_map(|length| {
            let stem = &word.key[..length];
            let entity = *known.get(stem)?;
            Some((entity, *word.ends.get(stem.chars().count() - 1)?))
        })
    })?;
    Some(Found { first: at, after: at + 1, start: word.start, end, entity })
}

/// The month of May is spelt like the British prime minister: ২০ মে, মে মাসে, May 5.
fn is_month(words: &[Word], at: usize) -> bool {
    if !matches!(words[at].key.as_str(), "মে" | "may") {
        return false;
    }
    let number = |word: &Word| word.key.chars().next().is_some_and(char::is_numeric);
    let before = at.checked_sub(1).is_some_and(|before| number(&words[before]));
    let after = words.get(at + 1).is_some_and(|next| number(next) || next.key.starts_with("মাস"));
    before || after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(text: &str) -> Vec<(usize, usize)> {
        let words = words::words(text);
        let named = GAZETTEER.find(&words, "bn");
        let found = bare_mentions(&words, &named, &mut HashMap::new());
        found.iter().map(|one| (one.start, one.end)).collect()
    }

    #[test]
    fn a_short_name_counts_after_the_full_one_only() {
        assert_eq!(bare("শি জিনপিং এলেন। শি বললেন"), [(16, 18)]);
        assert!(bare("শি বললেন").is_empty());
    }

    #[test]
    fn the_month_of_may_is_nobody() {
        assert_eq!(bare("থেরেসা মে এলেন। ২০ মে তারিখে, মে মাসে।"), []);
    }
}
