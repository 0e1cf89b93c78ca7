//! Where comments, CDATA sections and declarations end when their own end was lost.

use crate::names;

/// Whether a CDATA section directly in this element is worth nothing: it holds elements, no text.
pub(crate) fn is_out_of_place(parent: &str) -> bool {
    parent.is_empty() || names::is_structure(parent)
}

/// Where a section that runs into another one ends: at the end of its element, or of its item, or
/// where the next item begins.
pub(crate) fn lost_end(reach: &str, parent: &str) -> Option<usize> {
    let starts = |text: &str, name: &str| {
        let head = text.as_bytes().get(..name.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes()))
            && !text[name.len()..].starts_with(|c: char| c.is_alphanumeric())
    };
    reach.match_indices('<').map(|(at, _)| at).find(|at| {
        let tag = &reach[at + 1..];
        let (name, ends) = tag.strip_prefix('/').map_or((tag, false), |name| (name, true));
        starts(name, "item") || starts(name, "entry") || ends && starts(name, parent)
    })
}

/// Whether an item ends in a stretch of the document that did not begin in it.
pub(crate) fn cuts_an_item(reach: &str) -> bool {
    ["item", "entry"].iter().any(|name| {
        let mut places = reach.match_indices(name).map(|(at, _)| &reach[..at]);
        places.find_map(|before| {
            if before.ends_with("</") { Some(true) } else { before.ends_with('<').then_some(false) }
        }) == Some(true)
    })
}

/// The length of a declaration with all that its brackets and quotes hold.
pub(crate) fn declaration_end(bytes: &[u8]) -> Option<usize> {
    let mut inner = 0_u32;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'[' => inner += 1,
            b']' => inner = inner.saturating_sub(1),
            b'>' if inner == 0 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_section_ends_with_its_element_or_its_item() {
        assert_eq!(lost_end("a <b>c</b></title><x>", "title"), Some(10));
        assert_eq!(lost_end("a</descr</item><item>", "description"), Some(8));
        assert_eq!(lost_end("a <items> <itemised>", "description"), None);
    }

    #[test]
    fn an_item_is_cut_where_its_end_comes_first() {
        assert!(cuts_an_item("b</title></item><item>"));
        assert!(!cuts_an_item("<item>a</item>"));
        assert!(!cuts_an_item("two items"));
    }
}
