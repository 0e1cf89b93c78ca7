//! From bytes to text: which encoding a feed is in, whatever its labels claim.
//!
//! A BOM beats the HTTP charset, which beats the declaration, which beats guessing. Bytes that are
//! valid UTF-8 beat any single-byte label, because such a text is UTF-8 by accident almost never.

use crate::defect::{Defects, Fault};
use crate::units;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

/// The declaration stands in the first bytes or nowhere.
const DECLARATION_BYTES: usize = 512;
/// What joined files and Java leave behind: marks of UTF-16, and a zero in two bytes. As text of
/// any single-byte encoding they would be two letters that never stand beside each other.
const STRAY: [[u8; 2]; 3] = [[0xff, 0xfe], [0xfe, 0xff], [0xc0, 0x80]];

/// Decodes a document, lossily.
pub(crate) fn decode<'a>(
    bytes: &'a [u8],
    content_type: Option<&str>,
    defects: &mut Defects,
) -> Cow<'a, str> {
    let text = convert(bytes, content_type, defects);
    match text.find('\0') {
        // They cut names and numbers in two, and mean nothing anywhere.
        Some(at) => {
            defects.note(Fault::NullCharacter, at);
            Cow::Owned(text.replace('\0', ""))
        }
        None => text,
    }
}

fn convert<'a>(bytes: &'a [u8], content_type: Option<&str>, defects: &mut Defects) -> Cow<'a, str> {
    if let Some(text) = units::utf32(bytes, defects) {
        return Cow::Owned(text);
    }
    let Chosen { encoding, mark, fault, is_unsure } = encoding(bytes, content_type);
    let bytes = &bytes[mark..];
    if is_unsure
        && let Some(at) = bytes.windows(2).position(is_stray)
        && let Ok(text) = String::from_utf8(marked(bytes))
    {
        defects.note(Fault::MarkInText, at);
        return Cow::Owned(text);
    }
    if let Some(fault) = fault {
        defects.note(fault, 0);
    }
    if let Some(joined) = units::rejoined(encoding, bytes) {
        defects.note(Fault::LostUnits, 0);
        return Cow::Owned(encoding.decode_without_bom_handling(&joined).0.into_owned());
    }
    let (text, damaged) = encoding.decode_without_bom_handling(bytes);
    if damaged && fault != Some(Fault::EncodingGuessed) {
        defects.note(Fault::EncodingBytes, text.find('\u{fffd}').unwrap_or_default());
    }
    text
}

/// Which encoding a document is in.
#[derive(Debug, Clone, Copy)]
pub struct Chosen {
    /// The encoding.
    pub encoding: &'static Encoding,
    /// Bytes of the mark before the text.
    pub mark: usize,
    /// What was wrong with the labels.
    fault: Option<Fault>,
    /// Whether the bytes are not wholly in it, or it was guessed.
    is_unsure: bool,
}

impl Chosen {
    const fn sure(encoding: &'static Encoding) -> Self {
        Self { encoding, mark: 0, fault: None, is_unsure: false }
    }

    /// What was wrong with the labels.
    pub fn defect(&self) -> Option<&'static str> {
        self.fault.map(Fault::words)
    }
}

/// Which encoding a document, or the beginning of one, is in; UTF-32 is not known here.
pub fn encoding(bytes: &[u8], content_type: Option<&str>) -> Chosen {
    let mut mark_of_other = 0;
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        if encoding == UTF_8 || units::is_spaced(&bytes[mark..]) {
            return Chosen { mark, ..Chosen::sure(encoding) };
        }
        mark_of_other = mark;
    }
    let bytes = &bytes[mark_of_other..];
    let chosen = without_mark(bytes, content_type);
    let fault = (mark_of_other > 0).then_some(Fault::MarkOfOther).or(chosen.fault);
    Chosen { mark: mark_of_other, fault, ..chosen }
}

fn without_mark(bytes: &[u8], content_type: Option<&str>) -> Chosen {
    if let Some(encoding) = units::utf16_without_mark(bytes) {
        return Chosen::sure(encoding);
    }
    let label = content_type.and_then(charset).or_else(|| declared(bytes));
    let is_wide = |label: &'static Encoding| units::is_utf16(label);
    if let Ok(text) = std::str::from_utf8(bytes)
        && label.is_none_or(|label| label.is_single_byte() || label == UTF_8 || is_wide(label))
    {
        let wrong = label.is_some_and(|label| label != UTF_8) && !text.is_ascii();
        return Chosen { fault: wrong.then_some(Fault::EncodingLabel), ..Chosen::sure(UTF_8) };
    }
    match label {
        Some(label) if label != UTF_8 && !is_wide(label) => Chosen::sure(label),
        _ => mostly_utf8(bytes),
    }
}

/// A few bad bytes in what is otherwise UTF-8 are damage; many are another encoding.
fn mostly_utf8(bytes: &[u8]) -> Chosen {
    let (good, bad) = bytes.utf8_chunks().fold((0_usize, 0_usize), |(good, bad), chunk| {
        let wide = chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count();
        (good + wide, bad + usize::from(!chunk.invalid().is_empty()))
    });
    let unsure = Chosen { is_unsure: true, ..Chosen::sure(UTF_8) };
    if bad * 4 <= good {
        return unsure;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let encoding = if guess == UTF_8 { WINDOWS_1252 } else { guess };
    Chosen { encoding, fault: Some(Fault::EncodingGuessed), ..unsure }
}

fn is_stray(pair: &[u8]) -> bool {
    STRAY.iter().any(|stray| pair == stray)
}

/// The bytes with a mark of UTF-8 in the place of what is stray, and of the rest of it that was
/// cut off; no text holds a mark, and no name does.
fn marked(bytes: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len() + 16);
    let mut at = 0;
    let mut after = false;
    while let Some(byte) = bytes.get(at) {
        if bytes.get(at..at + 2).is_some_and(is_stray) {
            kept.extend_from_slice("\u{feff}".as_bytes());
            at += 2;
            after = true;
        } else if after && matches!(byte, 0xc0 | 0xfe | 0xff) {
            at += 1;
        } else {
            kept.push(*byte);
            at += 1;
            after = false;
        }
    }
    kept
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], content_type: Option<&str>) -> (String, Vec<String>) {
        let mut defects = Defects::default();
        let text = decode(bytes, content_type, &mut defects).into_owned();
        let defects = defects.place(&text).into_iter().map(|defect| defect.what).collect();
        (text, defects)
    }

    #[test]
    fn utf_16_is_read_with_and_without_its_mark() {
        let text = "<rss>ঢাকা</rss>";
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let mut little = vec![0xff, 0xfe];
        little.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(read(&big, None), (text.to_owned(), vec![]));
        assert_eq!(read(&little, Some("text/xml; charset=utf-8")).0, text);
    }

    #[test]
    fn utf_8_beats_a_latin_label() {
        let text = "<?xml version='1.0' encoding='iso-8859-1'?><rss>ঢাকা</rss>";
        let (found, defects) = read(text.as_bytes(), Some("text/xml; charset=iso-8859-1"));
        assert_eq!(found, text);
        assert_eq!(defects, ["wrong encoding label on utf-8"]);
    }

    #[test]
    fn the_declaration_is_believed_where_the_bytes_are_not_utf_8() {
        let bytes = b"<?xml version='1.0' encoding='windows-1251'?><a>\xcc\xe8\xf0</a>";
        assert!(read(bytes, None).0.contains("Мир"));
    }

    #[test]
    fn one_cut_character_does_not_make_latin_of_a_bengali_text() {
        let mut bytes = "<rss>ঢাকা শহর</rss>".as_bytes().to_vec();
        bytes.remove(7);
        let (text, defects) = read(&bytes, None);
        assert!(text.contains("কা শহর"));
        assert_eq!(defects, ["bytes outside of the encoding"]);
    }

    #[test]
    fn a_mark_of_utf_16_before_other_bytes_is_ignored() {
        let (text, defects) = read(b"\xff\xfe<rss><channel/></rss>", None);
        assert_eq!(text, "<rss><channel/></rss>");
        assert_eq!(defects, ["byte order mark of another encoding"]);
    }

    #[test]
    fn stray_marks_and_zeros_do_not_cut_a_name() {
        let (text, defects) = read(b"<rs\xff\xfe\xc0s><ti\xc0\x80tle>", None);
        assert_eq!(text, "<rs\u{feff}s><ti\u{feff}tle>");
        assert_eq!(defects, ["byte order mark inside of the text"]);
        let (text, defects) = read(b"<rs\0s>", None);
        assert_eq!((text.as_str(), defects), ("<rss>", vec!["null character".to_owned()]));
    }
}
