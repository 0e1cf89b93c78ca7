//! UTF-16 and UTF-32: told without their marks, and brought back into step where bytes were lost.

use crate::defect::{Defects, Fault};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Bytes that tell whether a text is spaced with zeros.
const HEAD_BYTES: usize = 1024;

/// Whether an encoding is of 16 bits.
pub(crate) fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// Whether the bytes are spaced with zeros as the markup of UTF-16 is.
pub(crate) fn is_spaced(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    head.split(|byte| *byte == 0).count() * 8 > head.len()
        || !head.iter().any(|byte| matches!(byte, b'<' | b'{'))
}

/// `<` and a zero beside it: UTF-16 that forgot its mark.
pub(crate) fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let blank = |byte: &&u8| matches!(byte, 0 | b' ' | b'\n' | b'\r');
    let skip = bytes.iter().take(64).take_while(blank).count();
    let from = skip.saturating_sub(1) & !1;
    let told = |units: &[u8]| match units {
        [0, b'<' | b'{', 0, next] if *next != 0 => Some(UTF_16BE),
        [b'<' | b'{', 0, next, 0] if *next != 0 => Some(UTF_16LE),
        _ => None,
    };
    let after = || bytes.get(from + 2..from + 6).filter(|_| skip > 0).and_then(told);
    told(bytes.get(from..from + 4)?).or_else(after)
}

/// UTF-16 with an odd number of bytes missing or too many, made even at each tag again; nothing
/// where it is in step.
pub(crate) fn rejoined(encoding: &'static Encoding, bytes: &[u8]) -> Option<Vec<u8>> {
    if !is_utf16(encoding) {
        return None;
    }
    let big = encoding == UTF_16BE;
    let mut joined = Vec::new();
    let mut from = 0;
    for (at, units) in bytes.windows(4).enumerate() {
        if (at - from) % 2 == 1 && is_tag(units, big) {
            joined.extend_from_slice(&bytes[from..at - 1]);
            from = at;
        }
    }
    (from > 0).then(|| {
        joined.extend_from_slice(&bytes[from..]);
        joined
    })
}

/// `<` and what a name begins with.
fn is_tag(units: &[u8], big: bool) -> bool {
    let (tag, name) = match units {
        [0, tag, 0, name] if big => (tag, name),
        [tag, 0, name, 0] if !big => (tag, name),
        _ => return false,
    };
    *tag == b'<' && (name.is_ascii_alphabetic() || *name == b'/')
}

/// UTF-32, with or without its mark; `encoding_rs` does not know it.
pub(crate) fn utf32(bytes: &[u8], defects: &mut Defects) -> Option<String> {
    let (big, from) = match bytes.get(..8)? {
        [0, 0, 0xfe, 0xff, ..] => (true, 4),
        [0xff, 0xfe, 0, 0, ..] => (false, 4),
        [0, 0, 0, b'<' | b'{', 0, 0, _, next] if *next != 0 => (true, 0),
        [b'<' | b'{', 0, 0, 0, next, _, 0, 0] if *next != 0 => (false, 0),
        _ => return None,
    };
    let unit = |at: usize| {
        let unit: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        let code = if big { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) };
        char::from_u32(code)
    };
    let ascii = |at: usize| unit(at).is_some_and(|character| character.is_ascii());
    let mut text = String::with_capacity(bytes.len() / 4);
    let mut at = from;
    while at + 4 <= bytes.len() {
        let read = unit(at);
        // Out of step, a letter of ASCII is no character at all, or one at the start of a row.
        if read.is_none_or(|character| character > '\u{ff}' && u32::from(character) % 256 == 0)
            && let Some(next) = (at + 1..at + 4).find(|next| ascii(*next) && ascii(*next + 4))
        {
            defects.note(Fault::LostUnits, text.len());
            at = next;
            continue;
        }
        if read.is_none() {
            defects.note(Fault::EncodingBytes, text.len());
        }
        text.push(read.unwrap_or('\u{fffd}'));
        at += 4;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<rss><channel><title>ঢাকা</title></channel></rss>";

    #[test]
    fn utf_16_that_lost_a_byte_is_in_step_again_at_the_next_tag() {
        let mut bytes: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(rejoined(UTF_16LE, &bytes), None);
        bytes.remove(33);
        let joined = rejoined(UTF_16LE, &bytes).unwrap();
        let text = UTF_16LE.decode_without_bom_handling(&joined).0;
        assert!(text.starts_with("<rss><channel><t"), "{text}");
        assert!(text.ends_with("</title></channel></rss>"), "{text}");
    }

    #[test]
    fn utf_32_that_lost_a_byte_loses_a_few_characters() {
        let mut bytes: Vec<u8> = TEXT.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        bytes.remove(41);
        let mut defects = Defects::default();
        let text = utf32(&bytes, &mut defects).unwrap();
        assert!(text.starts_with("<rss><chan"), "{text}");
        assert!(text.ends_with("<title>ঢাকা</title></channel></rss>"), "{text}");
        assert!(defects.total() > 0);
    }
}
