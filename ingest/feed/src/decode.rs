//! From bytes to text: which encoding a feed is in, whatever its labels claim.
//!
//! A BOM beats the HTTP charset, which beats the declaration, which beats guessing. Bytes that are
//! valid UTF-8 beat any single-byte label, because such a text is UTF-8 by accident almost never.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// The declaration stands in the first bytes or nowhere.
const DECLARATION_BYTES: usize = 512;

/// Text, and what was wrong with its encoding.
pub(crate) struct Decoded<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) defect: Option<&'static str>,
}

/// Which encoding a document is in.
#[derive(Debug, Clone, Copy)]
pub struct Chosen {
    /// The encoding.
    pub encoding: &'static Encoding,
    /// Bytes of the mark before the text.
    pub mark: usize,
    /// What was wrong with the labels.
    pub defect: Option<&'static str>,
}

/// Decodes a document, lossily.
pub(crate) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Decoded<'a> {
    if let Some(text) = utf32(bytes) {
        return Decoded { text: Cow::Owned(text), defect: None };
    }
    let Chosen { encoding, mark, defect } = encoding(bytes, content_type);
    let (text, damaged) = encoding.decode_without_bom_handling(&bytes[mark..]);
    Decoded { text, defect: defect.or(damaged.then_some("bytes outside of the encoding")) }
}

/// Which encoding a document, or the beginning of one, is in; UTF-32 is not known here.
pub fn encoding(bytes: &[u8], content_type: Option<&str>) -> Chosen {
    let sure = |encoding| Chosen { encoding, mark: 0, defect: None };
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return Chosen { mark, ..sure(encoding) };
    }
    if let Some(encoding) = utf16_without_bom(bytes) {
        return sure(encoding);
    }
    let label = content_type.and_then(charset).or_else(|| declared(bytes));
    if let Ok(text) = std::str::from_utf8(bytes)
        && label.is_none_or(|label| label.is_single_byte() || label == UTF_8 || is_utf16(label))
    {
        let wrong = label.is_some_and(|label| label != UTF_8) && !text.is_ascii();
        return Chosen {
            defect: wrong.then_some("a wrong encoding label on utf-8"),
            ..sure(UTF_8)
        };
    }
    match label {
        Some(label) if label != UTF_8 && !is_utf16(label) => sure(label),
        _ => mostly_utf8(bytes),
    }
}

/// A few bad bytes in what is otherwise UTF-8 are damage; many are another encoding.
fn mostly_utf8(bytes: &[u8]) -> Chosen {
    let (good, bad) = bytes.utf8_chunks().fold((0_usize, 0_usize), |(good, bad), chunk| {
        let wide = chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count();
        (good + wide, bad + usize::from(!chunk.invalid().is_empty()))
    });
    if bad * 4 <= good {
        return Chosen { encoding: UTF_8, mark: 0, defect: None };
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let encoding = if guess == UTF_8 { WINDOWS_1252 } else { guess };
    Chosen { encoding, mark: 0, defect: Some("an encoding that had to be guessed") }
}

fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// The `charset` of a `Content-Type`.
fn charset(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        name.trim().eq_ignore_ascii_case("charset").then(|| label(value))?
    })
}

fn label(name: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(name.as_bytes())
}

/// The encoding that `<?xml … encoding="…"?>` names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARATION_BYTES)]);
    let start = head.find("<?xml")?;
    let declaration = &head[start..];
    let declaration = &declaration[..declaration.find('>')?];
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    label(value[1..].split(quote).next()?.trim())
}

/// `<` and a zero beside it: UTF-16 that forgot its mark.
fn utf16_without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let skip =
        bytes.iter().take(64).take_while(|byte| matches!(byte, 0 | b' ' | b'\n' | b'\r')).count();
    let from = skip.saturating_sub(1) & !1;
    match bytes.get(from..from + 4)? {
        [0, b'<' | b'{', 0, next] if *next != 0 => Some(UTF_16BE),
        [b'<' | b'{', 0, next, 0] if *next != 0 => Some(UTF_16LE),
        _ if skip > 0 => match bytes.get(from + 2..from + 6)? {
            [0, b'<' | b'{', 0, _] => Some(UTF_16BE),
            [b'<' | b'{', 0, _, 0] => Some(UTF_16LE),
            _ => None,
        },
        _ => None,
    }
}

/// UTF-32, with or without its mark; `encoding_rs` does not know it.
fn utf32(bytes: &[u8]) -> Option<String> {
    let (big, from) = match bytes.get(..4)? {
        [0, 0, 0xfe, 0xff] => (true, 4),
        [0xff, 0xfe, 0, 0] => (false, 4),
        [0, 0, 0, b'<' | b'{'] => (true, 0),
        [b'<' | b'{', 0, 0, 0] => (false, 0),
        _ => return None,
    };
    let unit = |unit: &[u8]| {
        let unit: [u8; 4] = unit.try_into().unwrap_or_default();
        let code = if big { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) };
        char::from_u32(code).unwrap_or('\u{fffd}')
    };
    Some(bytes[from..].chunks_exact(4).map(unit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_is_read_with_and_without_its_mark() {
        let text = "<rss>ঢাকা</rss>";
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let mut little = vec![0xff, 0xfe];
        little.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(decode(&big, None).text, text);
        assert_eq!(decode(&little, Some("text/xml; charset=utf-8")).text, text);
    }

    #[test]
    fn utf_8_beats_a_latin_label() {
        let text = "<?xml version='1.0' encoding='iso-8859-1'?><rss>ঢাকা</rss>";
        assert_eq!(decode(text.as_bytes(), Some("text/xml; charset=iso-8859-1")).text, text);
    }

    #[test]
    fn the_declaration_is_believed_where_the_bytes_are_not_utf_8() {
        let bytes = b"<?xml version='1.0' encoding='windows-1251'?><a>\xcc\xe8\xf0</a>";
        assert!(decode(bytes, None).text.contains("Мир"));
    }

    #[test]
    fn one_cut_character_does_not_make_latin_of_a_bengali_text() {
        let mut bytes = "<rss>ঢাকা শহর</rss>".as_bytes().to_vec();
        bytes.remove(7);
        assert!(decode(&bytes, None).text.contains("কা শহর"));
    }
}
