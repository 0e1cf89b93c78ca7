//! The text of a feed's small HTML. The feed reader has cleaned and bounded it; a whole page goes
//! through the extractor instead.

use std::borrow::Cow;

use article::text;

/// Longest HTML that is read, in bytes: the longest article of any corpus is a fifth of it.
const BYTES: usize = 1 << 20;
/// Longest field beside the body, in scalars.
const FIELD: usize = 2000;

/// Tags that begin a new paragraph; sorted.
const BLOCKS: &[&str] =
    &["article", "blockquote", "br", "div", "h1", "h2", "h3", "h4", "li", "ol", "p", "tr", "ul"];

/// A field that stands beside the body, on one line and bounded.
pub(crate) fn field(html: &str) -> String {
    let whole = text::fold_space(&plain(html));
    text::cut(&whole, FIELD).to_owned()
}

/// Tags gone, blocks as paragraphs, references resolved. Linear in the length: each byte is looked
/// at a bounded number of times, whatever stands open.
pub(crate) fn plain(html: &str) -> String {
    let html = &html[..html.floor_char_boundary(BYTES)];
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    let mut has_end = true;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let tag = &rest[1..];
        let opens = tag.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        // Once no tag ends any more, none is looked for.
        let end = if opens && has_end { rest.find('>') } else { None };
        has_end &= end.is_some() || !opens;
        let Some(end) = end else {
            out.push('<');
            rest = tag;
            continue;
        };
        let name = name(tag);
        if BLOCKS.binary_search(&name.as_ref()).is_ok() {
            out.push_str("\n\n");
        }
        rest = &rest[end + 1..];
        if matches!(name.as_ref(), "script" | "style") && !tag.starts_with('/') {
            rest = behind(rest, &name);
        }
    }
    out.push_str(rest);
    let paragraphs = out.split("\n\n").map(|part| text::fold_space(&resolved(part)));
    let kept: Vec<String> = paragraphs.filter(|part| !part.is_empty()).collect();
    text::clean(&kept.join("\n\n"))
}

/// A tag's name in lower case.
fn name(tag: &str) -> Cow<'_, str> {
    let tag = tag.strip_prefix('/').unwrap_or(tag);
    let end = tag.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(tag.len());
    // The longest name of the table has ten letters.
    let name = &tag[..end.min(16)];
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// From the end tag of `name` on; nothing where there is none.
fn behind<'a>(mut rest: &'a str, name: &str) -> &'a str {
    while let Some(at) = rest.find("</") {
        rest = &rest[at..];
        let found = rest.get(2..2 + name.len());
        if found.is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            return rest;
        }
        rest = &rest[2..];
    }
    ""
}

fn resolved(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (c, length) = feed::reference(rest).unwrap_or(('&', 1));
        out.push(c);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_paragraphs_and_scripts_vanish() {
        let html =
            "<p>One &amp; two</p><SCRIPT>x('</b>')</Script><div>3 &lt; 4<br>five &eacute;</div>";
        assert_eq!(plain(html), "One & two\n\n3 < 4\n\nfive é");
        assert_eq!(plain("a < b"), "a < b");
        assert_eq!(plain("<script>never ended"), "");
        assert!(BLOCKS.is_sorted());
    }

    #[test]
    fn a_field_is_one_bounded_line() {
        assert_eq!(field("<p>One</p><p>two"), "One two");
        assert_eq!(field(&"ঢাকা ".repeat(5000)).chars().count(), FIELD);
    }

    #[test]
    fn what_never_ends_is_read_in_one_go() {
        for piece in ["<a", "<a\u{2039}a", "<script></script>", "<style>", "</", "<!--", "&a"] {
            let html = piece.repeat(BYTES / piece.len() + 10);
            // A walk that begins anew at each of these would take minutes.
            let text = plain(&html);
            assert!(text.len() <= BYTES + 16, "{piece}");
        }
    }
}
