//! Texts that may be plain, HTML, inline markup or base64, and which of them they are.

use crate::base64;
use crate::defect::{Defects, Fault};
use crate::document::TextKind;
use crate::node::Node;

/// Elements that hold HTML by habit; RSS has no way to say so.
const HTML: [&str; 8] = [
    "body",
    "content:encoded",
    "description",
    "fullitem",
    "itunes:summary",
    "xhtml:body",
    "xhtml:div",
    "abstract",
];
/// Elements that have a `type` in Atom.
const TYPED: [&str; 12] = [
    "atom:content",
    "atom:summary",
    "atom:title",
    "content",
    "copyright",
    "info",
    "media:description",
    "rights",
    "subtitle",
    "summary",
    "tagline",
    "title",
];
/// Tags that tell HTML from a text that happens to hold `<`.
const TELLING: [&str; 12] = [
    "</p>",
    "<p>",
    "<br",
    "</a>",
    "</b>",
    "</i>",
    "</div>",
    "</em>",
    "</strong>",
    "<img ",
    "</li>",
    "</span>",
];

/// The text of an element, and what it is.
pub(crate) fn read(node: Node<'_, '_>, defects: &mut Defects) -> Option<(String, TextKind)> {
    let declared = node.attribute("type").unwrap_or_default().to_ascii_lowercase();
    if is_encoded(node, &declared)
        && let Some(text) = node.text().and_then(|text| base64::decode(&text))
    {
        let text = Some(text.trim().to_owned()).filter(|text| !text.is_empty())?;
        let kind = if is_html(&text) { TextKind::Html } else { TextKind::Text };
        return Some((text, kind));
    }
    let text = node.markup()?;
    let kind = if node.has_children() {
        TextKind::Html
    } else if TYPED.contains(&node.name()) && (node.name() != "title" || !declared.is_empty()) {
        typed(node, &declared, &text, defects)
    } else if HTML.contains(&node.name()) || is_html(&text) {
        TextKind::Html
    } else {
        TextKind::Text
    };
    Some((text, kind))
}

/// The kind that the `type` of Atom says.
fn typed(node: Node<'_, '_>, declared: &str, text: &str, defects: &mut Defects) -> TextKind {
    match declared {
        "html" | "text/html" | "xhtml" | "application/xhtml+xml" => TextKind::Html,
        // Atom 0.3 has markup in `mode`.
        _ if node.attribute("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("xml")) => {
            TextKind::Html
        }
        other => {
            if !matches!(other, "" | "text" | "text/plain" | "plain") && !other.contains('/') {
                defects.note(Fault::OddType, node.position());
            }
            if !is_html(text) {
                return TextKind::Text;
            }
            defects.note(Fault::HtmlInText, node.position());
            TextKind::Html
        }
    }
}

/// Whether the element holds base64: Atom 0.3 says it, Atom 1.0 means it by a type of its own.
fn is_encoded(node: Node<'_, '_>, declared: &str) -> bool {
    let own =
        declared.contains('/') && !declared.starts_with("text/") && !declared.ends_with("xml");
    node.attribute("mode") == Some("base64") || own && TYPED.contains(&node.name())
}

fn is_html(text: &str) -> bool {
    text.contains('<') && TELLING.iter().any(|tag| text.contains(tag))
}

/// The text of an element alone.
pub(crate) fn text(node: Node<'_, '_>, defects: &mut Defects) -> Option<String> {
    read(node, defects).map(|(text, _)| text)
}
