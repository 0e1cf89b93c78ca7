//! Bytes to text: byte order mark, HTTP charset, `meta` charset, content. Bytes that are valid
//! UTF-8 beat a label, since wrong labels are common and chance never makes valid UTF-8.

use encoding_rs::{Encoding, UTF_8};

/// How far into the page a `meta` charset is looked for (the HTML standard's 1,024, doubled for
/// pages that put comments first).
const PRESCAN: usize = 2048;

/// The text and the name of its charset.
pub(crate) fn decode(bytes: &[u8], content_type: Option<&str>) -> (String, &'static str) {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(&bytes[mark..]);
        return (text.into_owned(), encoding.name());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), UTF_8.name());
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(PRESCAN)]).to_ascii_lowercase();
    let encoding = content_type
        .and_then(|value| label(&value.to_ascii_lowercase()))
        .or_else(|| label(&head))
        .unwrap_or_else(|| {
            let mut detector =
                chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
            detector.feed(bytes, true);
            detector.guess(None, chardetng::Utf8Detection::Allow)
        });
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    (text.into_owned(), encoding.name())
}

fn label(text: &str) -> Option<&'static Encoding> {
    let rest = text.split_once("charset=")?.1.trim_start_matches(['"', '\'', ' ']);
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:".contains(c));
    Encoding::for_label(&rest.as_bytes()[..end.unwrap_or(rest.len())])
}
