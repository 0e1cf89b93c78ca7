//! The one encoding inside of an encoding that Atom allows: base64.

use crate::escape::cleaned;

/// The text of a base64 value; nothing where it is not base64 or not text.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut bits = 0_u32;
    let mut count = 0_u32;
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0x00ff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap_or_default());
        }
    }
    String::from_utf8(bytes).ok().map(cleaned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_and_other_text_is_not() {
        assert_eq!(decode("SGVsbG8s\nIHdvcmxk").as_deref(), Some("Hello, world"));
        assert_eq!(decode("Hello, world"), None);
    }
}
