//! Reads text as XML means it: references resolved, forbidden characters left out.

use crate::defect::{Defects, Fault};
use crate::doctype::Entities;
use crate::entities;
use std::borrow::Cow;

/// Longest name of an entity, with room for what DTDs declare.
const NAME_BYTES: usize = 40;

/// Text that holds references.
pub(crate) fn text<'a>(
    inside: &'a str,
    position: usize,
    entities: &mut Entities<'a>,
    defects: &mut Defects,
) -> Cow<'a, str> {
    let Some(first) = odd(inside, 0) else { return Cow::Borrowed(inside) };
    let mut out = String::with_capacity(inside.len());
    let mut from = 0;
    let mut next = Some(first);
    while let Some(at) = next {
        out.push_str(&inside[from..at]);
        from = at;
        let rest = &inside[at..];
        if !rest.starts_with('&') {
            from += forbidden(&mut out, rest, position + at, defects);
        } else if let Some((name, length)) = name(rest) {
            from += length;
            let known = resolve(&mut out, name, position + at, entities, defects);
            if !known {
                out.push_str(&rest[..length]);
            }
        } else {
            defects.note(Fault::BareAmpersand, position + at);
            out.push('&');
            from += 1;
        }
        next = odd(inside, from);
    }
    out.push_str(&inside[from..]);
    Cow::Owned(out)
}

/// Text in which `&` means itself.
pub(crate) fn raw<'a>(inside: &'a str, position: usize, defects: &mut Defects) -> Cow<'a, str> {
    let next = |from: usize| {
        let mut from = from;
        loop {
            let at = odd(inside, from)?;
            if !inside[at..].starts_with('&') {
                return Some(at);
            }
            from = at + 1;
        }
    };
    let Some(first) = next(0) else { return Cow::Borrowed(inside) };
    let mut out = String::with_capacity(inside.len());
    let mut from = 0;
    let mut found = Some(first);
    while let Some(at) = found {
        out.push_str(&inside[from..at]);
        from = at + forbidden(&mut out, &inside[at..], position + at, defects);
        found = next(from);
    }
    out.push_str(&inside[from..]);
    Cow::Owned(out)
}

/// The first `&` or forbidden character from a byte on. It looks at bytes, since most of a feed
/// is text in which nothing is odd.
fn odd(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| ODD[usize::from(*byte)])?;
        let lead = bytes[at];
        if lead < 0x80 || text[at..].chars().next().is_some_and(is_forbidden) {
            return Some(at);
        }
        at += 1;
    }
}

/// Bytes that begin something odd, or may.
const ODD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = byte != 0x09 && byte != 0x0a;
        byte += 1;
    }
    table[b'&' as usize] = true;
    table[0x7f] = true;
    // C1, the bidi controls, and U+FEFF with the last two of the plane.
    table[0xc2] = true;
    table[0xe2] = true;
    table[0xef] = true;
    table
};

/// Writes what a forbidden character at the start of a text stands for; answers its length.
fn forbidden(out: &mut String, text: &str, position: usize, defects: &mut Defects) -> usize {
    let Some(character) = text.chars().next() else { return 0 };
    if character == '\r' {
        if !text[1..].starts_with('\n') {
            out.push('\n');
        }
    } else {
        // Marks were told of where they were found.
        if character != '\u{feff}' {
            defects.note(Fault::ControlCharacter, position);
        }
        out.extend(windows(character));
    }
    character.len_utf8()
}

/// Writes what a reference stands for; answers whether it is known.
fn resolve<'a>(
    out: &mut String,
    name: &'a str,
    position: usize,
    entities: &mut Entities<'a>,
    defects: &mut Defects,
) -> bool {
    let character = if let Some(character) = xml(name) {
        character
    } else if let Some(number) = name.strip_prefix('#') {
        let character = numbered(number);
        if character == '\u{fffd}' {
            defects.note(Fault::CharacterReference, position);
        }
        character
    } else if let Some(value) = entities.value(name) {
        match value {
            Ok(value) => out.push_str(value),
            Err(fault) => {
                defects.note(fault, position);
                return false;
            }
        }
        return true;
    } else if let Some(character) = entities::named(name) {
        defects.note(Fault::HtmlEntity, position);
        character
    } else {
        defects.note(Fault::UnknownEntity, position);
        return false;
    };
    out.push(character);
    true
}

/// The character that a reference at the start of a text means, and the reference's length.
pub fn reference(text: &str) -> Option<(char, usize)> {
    let (name, length) = name(text)?;
    let numbered = || name.strip_prefix('#').map(numbered);
    let known = xml(name).or_else(numbered).or_else(|| entities::named(name))?;
    Some((known, length))
}

/// The five characters that XML names itself.
fn xml(name: &str) -> Option<char> {
    Some(match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// The name between `&` and `;` at the start of a text, and the length of the whole reference.
pub(crate) fn name(text: &str) -> Option<(&str, usize)> {
    let bytes = text.as_bytes();
    let head = &bytes[..bytes.len().min(NAME_BYTES)];
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"#_-.".contains(byte);
    let end = head.iter().skip(1).position(|byte| !is_name(byte))? + 1;
    let name = &text[1..end];
    let number = name.strip_prefix('#').map(|number| number.trim_start_matches(['x', 'X']));
    (bytes[end] == b';' && !name.is_empty() && number != Some("")).then_some((name, end + 1))
}

/// As HTML reads them: the C1 range means Windows-1252; what is no character becomes U+FFFD.
fn numbered(number: &str) -> char {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    let character = code.ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
    match windows(character).unwrap_or(character) {
        '\r' => '\n',
        other if is_forbidden(other) => '\u{fffd}',
        other => other,
    }
}

/// What a C1 control was meant to be: a character of Windows-1252, read as Latin-1.
fn windows(control: char) -> Option<char> {
    let byte = u8::try_from(u32::from(control)).ok().filter(|byte| (0x80..=0x9f).contains(byte))?;
    let text = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next()?;
    Some(text).filter(|meant| !is_forbidden(*meant))
}

/// What a text must not hold: XML's forbidden characters, C1, and the bidi controls.
pub(crate) fn is_forbidden(c: char) -> bool {
    matches!(c, '\u{0}'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' | '\u{feff}')
}

/// A text that was decoded from another form, without what it must not hold.
pub(crate) fn cleaned(mut text: String) -> String {
    if text.contains(is_forbidden) {
        text.retain(|c| !is_forbidden(c));
    }
    text
}
