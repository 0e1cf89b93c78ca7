//! A sitemap of plain lines, one address each.

use crate::address::address;
use crate::document::{Kind, Listed};
use crate::walk::Found;
use crate::window::{AHEAD, Window};

/// Whether a text is a list of addresses, by its first line that is not empty.
pub(crate) fn begins_with_an_address(text: &str) -> bool {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let lower = line.get(..8).unwrap_or(line).to_ascii_lowercase();
    (lower.starts_with("http://") || lower.starts_with("https://"))
        && !line.contains(|c: char| c.is_whitespace() || c == '<')
}

/// Reads the lines of a document.
pub(crate) fn lines(window: &mut Window<'_>) -> Found {
    let mut found = Found::new(Kind::Text);
    loop {
        window.fill();
        let text = window.text();
        let is_last = window.is_last();
        // A line that fills the window is no address; it is let go of piece by piece.
        let end = text.rfind('\n').map_or(0, |at| at + 1);
        let end = match end {
            _ if is_last => text.len(),
            0 => text.floor_char_boundary(text.len() - AHEAD),
            end => end,
        };
        let mut at = window.position();
        for line in text[..end].split_inclusive('\n') {
            // Not joined to the base: a word is no address.
            if let Some(loc) = address(line, None) {
                if found.is_full() {
                    found.defect("more than 50000 addresses", at);
                    return found;
                }
                found.urls.push(Listed { loc, ..Listed::default() });
            } else if !line.trim().is_empty() {
                found.defect("a line that is no web address", at);
            }
            at += line.len();
        }
        window.pass(end);
        if is_last {
            return found;
        }
    }
}
