//! Endings and prefixes of names in the languages of Cyrillic and Arabic letters.
//!
//! As with Bengali, nothing comes off unless a table knows the rest.

/// A base form that a printed word may stand for.
pub(crate) struct Base {
    /// Scalars before the name: a glued conjunction or preposition.
    pub(crate) skipped: usize,
    /// The name's key.
    pub(crate) key: String,
}

/// Russian and Ukrainian case endings, longest first.
const CYRILLIC_ENDINGS: [&str; 21] = [
    "ією", "ями", "ами", "ией", "ою", "ею", "ом", "ем", "ой", "ей", "ии", "ії", "ию", "ію", "ия",
    "а", "у", "е", "и", "ю", "і",
];

/// What the nominative may have in place of the ending.
const CYRILLIC_BASES: [&str; 9] = ["", "а", "я", "ия", "ія", "й", "ь", "е", "о"];

/// Glued words of Arabic, longest first.
const ARABIC_PREFIXES: [&str; 8] = ["وب", "ول", "لل", "و", "ب", "ل", "ف", "ك"];

/// The bases of a single word; empty for scripts that another file or nobody takes apart.
pub(crate) fn bases(key: &str) -> Vec<Base> {
    match key.chars().next() {
        Some('\u{400}'..='\u{52F}') => cyrillic(key),
        Some('\u{620}'..='\u{64A}') => arabic(key),
        _ => Vec::new(),
    }
}

fn cyrillic(key: &str) -> Vec<Base> {
    let stems = CYRILLIC_ENDINGS.iter().filter_map(|ending| key.strip_suffix(ending));
    let long = stems.filter(|stem| stem.chars().nth(2).is_some());
    let with_base =
        |stem: &str| CYRILLIC_BASES.map(|base| Base { skipped: 0, key: format!("{stem}{base}") });
    long.flat_map(with_base).collect()
}

fn arabic(key: &str) -> Vec<Base> {
    let mut found = Vec::new();
    for prefix in ARABIC_PREFIXES {
        let Some(rest) = key.strip_prefix(prefix) else { continue };
        if rest.chars().nth(2).is_none() {
            continue;
        }
        let skipped = prefix.chars().count();
        if prefix == "لل" {
            found.push(Base { skipped: 1, key: format!("ال{rest}") });
        }
        found.push(Base { skipped, key: rest.to_owned() });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(word: &str) -> Vec<String> {
        bases(word).into_iter().map(|base| base.key).collect()
    }

    #[test]
    fn a_case_is_turned_into_the_nominative() {
        assert!(keys("японии").contains(&"япония".to_owned()));
        assert!(keys("китаем").contains(&"китай".to_owned()));
    }

    #[test]
    fn a_glued_conjunction_is_skipped() {
        assert!(bases("واليابان").iter().any(|base| base.key == "اليابان" && base.skipped == 1));
    }

    #[test]
    fn latin_words_have_no_bases() {
        assert!(keys("japans").is_empty());
    }
}
