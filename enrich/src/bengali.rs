//! Bengali case endings and clitics: what may follow a name inside its word.
//!
//! Nearly half of the names in Bengali news carry one. They are only ever taken off where a
//! table knows the rest: কাতার and টোকিও end like suffixes.

/// Case endings and classifiers, without the clitics. NFC, so য় is two code points.
const CASES: [&str; 33] = [
    "দেরকে",
    "গুলোর",
    "টিকে",
    "য়ের",
    "েদের",
    "গুলো",
    "গুলি",
    "দের",
    "টির",
    "টার",
    "েরা",
    "ের",
    "এর",
    "কে",
    "য়",
    "তে",
    "রা",
    "টি",
    "টা",
    "সহ",
    "র",
    "ে",
    "এ",
    "য়রা",
    "য়দের",
    "টিতে",
    "েতে",
    "খানা",
    "য়েরা",
    "েরই",
    "েরও",
    "রও",
    "রই",
];

/// The ends of `key` that are left when an ending is taken off, longest ending first.
///
/// Gives byte lengths of stems; at least two characters stay.
pub(crate) fn stems(key: &str) -> Vec<usize> {
    if !key.chars().next_back().is_some_and(|c| matches!(c, '\u{980}'..='\u{9FF}')) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let without_clitic = ["ও", "ই"].iter().find_map(|clitic| key.strip_suffix(clitic));
    for base in [Some(key), without_clitic].into_iter().flatten() {
        found.extend(CASES.iter().filter_map(|case| base.strip_suffix(case)).map(str::len));
    }
    found.extend(without_clitic.map(str::len));
    found.retain(|&length| key[..length].chars().nth(1).is_some());
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether `rest` is nothing but an ending, as after a name that is written with a hyphen.
pub(crate) fn is_ending(rest: &str) -> bool {
    let bare = rest.trim_start_matches(['-', '\u{2019}', '\'', '\u{2011}', '\u{2013}']);
    let independent =
        |word: &str| word.is_empty() || matches!(word, "ও" | "ই") || CASES.contains(&word);
    independent(bare)
        || ["ও", "ই"].iter().filter_map(|clitic| bare.strip_suffix(clitic)).any(independent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(word: &str) -> Vec<&str> {
        stems(word).into_iter().map(|length| &word[..length]).collect()
    }

    #[test]
    fn an_ending_and_a_clitic_come_off_together() {
        assert!(stripped("নেপালেরও").contains(&"নেপাল"));
        assert!(stripped("ভারতকে").contains(&"ভারত"));
        assert!(stripped("চীনই").contains(&"চীন"));
    }

    #[test]
    fn other_scripts_and_single_letters_are_left_alone() {
        assert!(stems("paris").is_empty());
        assert!(stems("ওর").is_empty());
    }

    #[test]
    fn an_ending_alone_is_known_with_its_hyphen() {
        assert!(is_ending("-এর") && is_ending("র") && is_ending("") && !is_ending("বিএন"));
    }
}
