//! Cuts a text into words with their offsets and folds them into the keys that tables are asked by.
//!
//! A key is lower case, without joiners, with the nukta before its vowel sign: the spellings
//! that newspapers mix. Every character of a key knows where it stood in the text.

use unicode_normalization::char::is_combining_mark;

/// A word of a text; offsets are Unicode scalars.
#[derive(Debug)]
pub(crate) struct Word {
    /// Offset of the first scalar.
    pub(crate) start: usize,
    /// Offset after the last scalar.
    pub(crate) end: usize,
    /// The folded word.
    pub(crate) key: String,
    /// For each character of the key, the offset after the scalar it came from.
    pub(crate) ends: Vec<usize>,
    /// What joins this word to the next one, or none where a name cannot go on.
    pub(crate) joint: Option<&'static str>,
    /// Whether the first letter is a small letter of a script with capitals.
    pub(crate) starts_small: bool,
    /// Whether the word holds no small letter.
    pub(crate) no_small: bool,
}

/// Whether scripts without spaces use the character: there each one is a word of its own.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')
}

/// Whether the character is part of a word.
pub(crate) fn is_word_character(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || is_joiner(c)
}

/// The zero-width joiner and non-joiner, which Bengali newspapers mix.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// The words of `text`.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::with_capacity(text.len() / 12);
    let mut gap = String::new();
    let mut open = false;
    let mut after_unspaced = false;
    for (offset, c) in text.chars().enumerate() {
        if !is_word_character(c) {
            open = false;
            gap.push(c);
            continue;
        }
        if !open || (after_unspaced || is_unspaced(c)) && !is_combining_mark(c) {
            if let Some(last) = found.last_mut() {
                last.joint = joint(&gap);
            }
            found.push(Word {
                start: offset,
                end: offset,
                key: String::new(),
                ends: Vec::new(),
                joint: None,
                starts_small: c.is_lowercase(),
                no_small: true,
            });
        }
        gap.clear();
        open = true;
        after_unspaced = is_unspaced(c);
        if let Some(word) = found.last_mut() {
            word.push(c, offset);
        }
    }
    found
}

/// How a gap between two words reads inside a name; none where it ends one.
fn joint(gap: &str) -> Option<&'static str> {
    match gap {
        "" | "\u{30FB}" => Some(""),
        " " | "\u{A0}" | "-" | "\u{2010}" | "\u{2011}" | "\u{2013}" | "." | ". " => Some(" "),
        _ => None,
    }
}

impl Word {
    fn push(&mut self, c: char, offset: usize) {
        self.end = offset + 1;
        self.no_small &= !c.is_lowercase();
        if is_joiner(c) {
            if let Some(last) = self.ends.last_mut() {
                *last = offset + 1;
            }
            return;
        }
        for small in c.to_lowercase() {
            if small == '\u{9BC}' && self.nukta_before_sign(offset) {
                continue;
            }
            self.key.push(small);
            self.ends.push(offset + 1);
        }
    }

    /// Damaged text has the nukta after the vowel sign, or twice.
    fn nukta_before_sign(&mut self, offset: usize) -> bool {
        match self.key.chars().last() {
            Some('\u{9BC}') => true,
            Some(sign @ '\u{9BE}'..='\u{9CC}') => {
                self.key.pop();
                self.key.push('\u{9BC}');
                self.key.push(sign);
                self.ends.push(offset + 1);
                true
            }
            _ => false,
        }
    }
}

/// The key of a whole name, as the walk over a text builds it.
pub(crate) fn key(name: &str) -> String {
    let mut whole = String::with_capacity(name.len());
    for word in words(name) {
        whole.push_str(&word.key);
        if let Some(joint) = word.joint {
            whole.push_str(joint);
        }
    }
    whole.truncate(whole.trim_end().len());
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joiners_and_case_and_hyphens_do_not_change_a_key() {
        assert_eq!(key("র\u{9CD}\u{200D}যাব"), key("র\u{9CD}যাব"));
        assert_eq!(key("Kim Jong-Un"), key("kim jong un"));
    }

    #[test]
    fn words_know_where_they_stood() {
        let found = words("এ, ঢাকায় Rain");
        let places: Vec<_> = found.iter().map(|word| (word.start, word.end)).collect();
        assert_eq!(places, [(0, 1), (3, 9), (10, 14)]);
        assert!(found[0].joint.is_none());
    }

    #[test]
    fn scripts_without_spaces_are_cut_into_characters() {
        assert_eq!(words("北京市").len(), 3);
        assert_eq!(key("北京"), "北京");
    }
}
