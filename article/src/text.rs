//! Text as the record holds it: NFC, without the control characters that a stranger may send.

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

/// NFC, without C0 (but newline and tab), C1, and bidi controls; joiners stay, since Bengali and
/// its neighbours write with them.
pub fn clean(text: &str) -> String {
    text.chars().filter(|c| !is_hostile(*c)).nfc().collect()
}

/// Whether a character is a control that must never reach a record, a log or a terminal.
pub fn is_hostile(c: char) -> bool {
    matches!(c, '\u{0}'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}'
        | '\u{feff}')
}

/// White space folded to single spaces, for comparing two texts.
pub fn fold_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first `limit` scalars of a text.
pub fn cut(text: &str, limit: usize) -> &str {
    text.char_indices().nth(limit).map_or(text, |(at, _)| &text[..at])
}

/// Lower-case hex SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_go_and_joiners_stay() {
        assert_eq!(clean("র\u{200d}্যাব\u{202e}\u{1b}[31m"), "র\u{200d}্যাব[31m");
    }

    #[test]
    fn the_precomposed_letter_is_taken_apart() {
        assert_eq!(clean("\u{9df}"), "\u{9af}\u{9bc}");
    }
}
