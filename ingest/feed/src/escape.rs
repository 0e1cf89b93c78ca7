//! Writes text so that XML allows it: references resolved, forbidden characters left out.

use crate::entities;

/// Writes text that holds references; answers whether anything in it was not allowed.
pub(crate) fn text(out: &mut String, inside: &str) -> bool {
    let mut wrong = false;
    let mut rest = inside;
    while let Some(at) = rest.find('&') {
        wrong |= raw(out, &rest[..at]);
        rest = &rest[at..];
        if let Some((character, length)) = reference(rest) {
            wrong |= character == '\u{fffd}';
            push(out, character);
            rest = &rest[length..];
        } else {
            wrong = true;
            out.push_str("&amp;");
            rest = &rest[1..];
        }
    }
    wrong | raw(out, rest)
}

/// Writes text in which `&` means itself; answers whether anything in it was not allowed.
pub(crate) fn raw(out: &mut String, inside: &str) -> bool {
    let mut wrong = false;
    let mut rest = inside;
    while let Some(at) = rest.find(|c: char| matches!(c, '&' | '<' | '>') || is_forbidden(c)) {
        out.push_str(&rest[..at]);
        let character = rest[at..].chars().next().unwrap_or('\u{fffd}');
        if let Some(meant) = windows(character) {
            wrong = true;
            push(out, meant);
        } else if is_forbidden(character) {
            wrong |= character != '\r';
            if character == '\r' && !rest[at + 1..].starts_with('\n') {
                out.push('\n');
            }
        } else {
            push(out, character);
        }
        rest = &rest[at + character.len_utf8()..];
    }
    out.push_str(rest);
    wrong
}

/// Writes the value of an attribute.
pub(crate) fn attribute(out: &mut String, value: &str) {
    let from = out.len();
    text(out, value);
    if out[from..].contains(['"', '\n', '\t']) {
        let value = out[from..].replace('"', "&quot;").replace(['\n', '\t'], " ");
        out.truncate(from);
        out.push_str(&value);
    }
}

/// The character that a reference at the start of a text means, and the reference's length.
pub fn reference(text: &str) -> Option<(char, usize)> {
    let head = &text.as_bytes()[..text.len().min(12)];
    let end =
        head.iter().skip(1).position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'#'))? + 1;
    if end < 2 || text.as_bytes()[end] != b';' {
        return None;
    }
    let name = &text[1..end];
    let character = match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        _ => match name.strip_prefix('#') {
            Some(number) => numbered(number)?,
            None => entities::named(name)?,
        },
    };
    Some((character, end + 1))
}

/// As HTML reads them: the C1 range means Windows-1252; what is no character becomes U+FFFD.
fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    if number.trim_start_matches(['x', 'X']).is_empty() {
        return None;
    }
    let character = match code {
        Ok(code) => {
            let character = char::from_u32(code).unwrap_or('\u{fffd}');
            windows(character).unwrap_or(character)
        }
        Err(_) => '\u{fffd}',
    };
    Some(match character {
        '\r' => '\n',
        other if is_forbidden(other) => '\u{fffd}',
        other => other,
    })
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

fn push(out: &mut String, character: char) {
    match character {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        other => out.push(other),
    }
}
