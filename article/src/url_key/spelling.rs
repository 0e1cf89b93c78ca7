//! One spelling for each part of an address: decoded, brought to NFC, encoded again.
//!
//! Both encodings of a Bengali letter (`য়` as one code point or two) are one spelling then. Bytes
//! that are not UTF-8 stay as they are: the addresses of older sites are in their own charsets, and
//! replacing such bytes would make all of them one.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization as _;

/// What stays unescaped everywhere.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b':')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b';');

/// In a segment of the path a slash is escaped (it would part it), and `=` and `+` are themselves.
const SEGMENT: &AsciiSet = &QUERY.add(b'/').remove(b'=').remove(b'+');

const FRAGMENT: &AsciiSet = &QUERY.remove(b'=').remove(b'+').remove(b'&').remove(b'?');

/// A segment of a path.
pub(super) fn segment(text: &str) -> String {
    respell(text, SEGMENT)
}

/// A parameter's name or value, in which `+` is a space.
pub(super) fn parameter(text: &str) -> String {
    respell(&text.replace('+', " "), QUERY)
}

/// A fragment.
pub(super) fn fragment(text: &str) -> String {
    respell(text, FRAGMENT)
}

/// Without what came along when an address was cut out of markup or a text: quotes, angle brackets
/// and space at its end. A joiner (ZWJ, ZWNJ) is part of a word and stays.
pub(super) fn without_markup(segment: &str) -> &str {
    const MARKUP: &[&str] =
        &["%22", "%3C", "%3E", "%20", "%09", "%0A", "%0D", "%C2%A0", "%E2%80%8B", "%EF%BB%BF"];
    let mut rest = segment;
    while let Some(shorter) = MARKUP.iter().find_map(|end| rest.strip_suffix(end)) {
        rest = shorter;
    }
    rest
}

fn respell(text: &str, keep: &'static AsciiSet) -> String {
    let bytes: Vec<u8> = percent_decode_str(text).collect();
    let mut out = String::with_capacity(text.len());
    for chunk in bytes.utf8_chunks() {
        let composed: String = chunk.valid().nfc().collect();
        out.extend(utf8_percent_encode(&composed, keep));
        for byte in chunk.invalid() {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
