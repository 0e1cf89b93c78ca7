//! Strings of JSON, with their ends even where those were lost.
//!
//! A quote ends a string where what follows it can follow a string; where the quote begins a key,
//! the string must have ended before that; anywhere else the quote is one that nobody escaped.

use crate::defect::{Defects, Fault};

/// The string whose quote stands at `at`, which moves behind it.
pub(crate) fn read(text: &str, at: &mut usize, defects: &mut Defects) -> String {
    *at += 1;
    let mut out = String::new();
    loop {
        let rest = &text[*at..];
        let Some(stop) = rest.find(['"', '\\']) else {
            defects.note(Fault::EndsEarly, text.len());
            out.push_str(rest);
            *at = text.len();
            return out;
        };
        out.push_str(&rest[..stop]);
        *at += stop + 1;
        let rest = &rest[stop..];
        if let Some(escaped) = rest.strip_prefix('\\') {
            *at += escape(escaped, &mut out);
        } else if closes(&rest[1..]) {
            return out;
        } else {
            defects.note(Fault::JsonSyntax, *at - 1);
            if let Some(lost) = lost_end(&text[..*at - 1], &rest[1..]) {
                // What was written beyond the end holds no escape, so that lengths agree.
                *at -= 1 + lost;
                out.truncate(out.len() - lost);
                return out;
            }
            out.push('"');
        }
    }
}

/// Writes what a backslash makes of the text behind it; answers how much of that it took.
fn escape(text: &str, out: &mut String) -> usize {
    let Some(character) = text.chars().next() else { return 0 };
    let length = character.len_utf8();
    match character {
        'n' | 'r' => out.push('\n'),
        't' => out.push('\t'),
        'b' | 'f' => {}
        'u' => {
            let (character, digits) = unicode(&text[length..]);
            out.push(character);
            return length + digits;
        }
        other => out.push(other),
    }
    length
}

/// The character of one or two units of UTF-16 in hexadecimal digits, and their length.
fn unicode(text: &str) -> (char, usize) {
    let Some(unit) = hex(text) else { return ('\u{fffd}', 0) };
    if let Some(low) = text[4..].strip_prefix("\\u").and_then(hex)
        && let Some(Ok(character)) = char::decode_utf16([unit, low]).next()
        && u32::from(character) > 0xffff
    {
        return (character, 10);
    }
    (char::from_u32(u32::from(unit)).unwrap_or('\u{fffd}'), 4)
}

fn hex(text: &str) -> Option<u16> {
    let digits = text.get(..4).filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

/// Whether a quote before this text ends a string.
fn closes(after: &str) -> bool {
    let next = after.trim_start_matches([' ', '\n', '\r', '\t']);
    next.is_empty() || next.starts_with([',', ':', '}', ']'])
}

/// How much before a quote is no longer the string's, if the quote begins a key: `text},{"key":`.
fn lost_end(before: &str, after: &str) -> Option<usize> {
    let key =
        after.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let rest = after[key..].strip_prefix('"').filter(|_| key > 0)?;
    if !rest.trim_start().starts_with(':') || !before.trim_end().ends_with([',', '{']) {
        return None;
    }
    let own = before.trim_end_matches(|c: char| c.is_ascii_whitespace() || ",{}[]".contains(c));
    Some(before.len() - own.len())
}

#[cfg(test)]
mod tests {
    use crate::defect::Defects;
    use crate::loose::{Loose, Value};

    fn object(text: &str) -> Value {
        Loose::new(text, Defects::default()).value()
    }

    fn text(value: &Value, key: &str) -> Option<String> {
        match value.get(key) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }

    #[test]
    fn a_string_that_lost_its_end_stops_at_the_next_key() {
        let value = object(r#"{"title": "B, "url": "u"}"#);
        assert_eq!(text(&value, "title").as_deref(), Some("B"));
        assert_eq!(text(&value, "url").as_deref(), Some("u"));
    }

    #[test]
    fn quotes_inside_of_a_string_are_kept() {
        let value = object(r#"{"html": "<a href="u" class="c">x</a>", "id": "1"}"#);
        assert_eq!(text(&value, "html").as_deref(), Some(r#"<a href="u" class="c">x</a>"#));
        assert_eq!(text(&value, "id").as_deref(), Some("1"));
    }

    #[test]
    fn an_escape_that_is_none_costs_itself() {
        let value = object(r#"{"a": "\ud83d \u12 \q \u0041", "b": "x"}"#);
        assert_eq!(text(&value, "a").as_deref(), Some("\u{fffd} \u{fffd}12 q A"));
        assert_eq!(text(&value, "b").as_deref(), Some("x"));
    }
}
