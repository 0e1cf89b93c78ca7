//! Writes a feed list that every reader of XML takes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Outline;
use crate::escape::is_forbidden;

/// Namespaces of prefixes that programs are known to use; any other gets one of its own, since a
/// prefix without a namespace is no XML.
const NAMESPACES: &[(&str, &str)] =
    &[("frss", "https://freshrss.org/opml"), ("rssowl", "http://www.rssowl.org")];

/// Writes a list. Outlines of one folder stand together; within it they keep their order.
pub fn write(title: &str, outlines: &[Outline]) -> String {
    let mut sorted: Vec<&Outline> = outlines.iter().collect();
    sorted.sort_by(|a, b| a.folder.cmp(&b.folder));
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\"".to_owned();
    let prefixes: BTreeSet<&str> = outlines
        .iter()
        .flat_map(|outline| &outline.attributes)
        .filter_map(|(name, _)| name.split_once(':').map(|(prefix, _)| prefix))
        .filter(|prefix| *prefix != "xml")
        .collect();
    for prefix in prefixes {
        let known = NAMESPACES.iter().find(|(known, _)| *known == prefix);
        let namespace =
            known.map_or_else(|| format!("urn:opml:{prefix}"), |(_, known)| (*known).to_owned());
        attribute(&mut xml, &format!("xmlns:{prefix}"), &namespace);
    }
    xml.push_str(">\n<head>\n<title>");
    escaped(&mut xml, title);
    xml.push_str("</title>\n</head>\n<body>\n");
    let mut open: &[String] = &[];
    for outline in sorted {
        let shared = open.iter().zip(&outline.folder).take_while(|(a, b)| a == b).count();
        xml.push_str(&"</outline>\n".repeat(open.len() - shared));
        for folder in &outline.folder[shared..] {
            xml.push_str("<outline");
            attribute(&mut xml, "text", folder);
            attribute(&mut xml, "title", folder);
            xml.push_str(">\n");
        }
        open = &outline.folder;
        feed(&mut xml, outline);
    }
    xml.push_str(&"</outline>\n".repeat(open.len()));
    xml.push_str("</body>\n</opml>\n");
    xml
}

/// `text` is required of every outline, and `type` of a feed; both stand first, for people.
fn feed(xml: &mut String, outline: &Outline) {
    xml.push_str("<outline");
    let title = outline.get("title");
    let text = outline.get("text").or(title).unwrap_or(outline.url.as_str());
    let kind = outline.get("type").unwrap_or("rss");
    let first = [("text", Some(text)), ("title", title), ("type", Some(kind))];
    for (name, value) in first {
        if let Some(value) = value {
            attribute(xml, name, value);
        }
    }
    for (name, value) in &outline.attributes {
        if first.iter().all(|(written, _)| written != name) {
            attribute(xml, name, value);
        }
    }
    attribute(xml, "xmlUrl", outline.url.as_str());
    xml.push_str("/>\n");
}

fn attribute(xml: &mut String, name: &str, value: &str) {
    let _ = write!(xml, " {name}=\"");
    escaped(xml, value);
    xml.push('"');
}

fn escaped(xml: &mut String, text: &str) {
    for character in text.chars().filter(|c| !is_forbidden(*c)) {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\n' | '\t' => xml.push(' '),
            other => xml.push(other),
        }
    }
}
