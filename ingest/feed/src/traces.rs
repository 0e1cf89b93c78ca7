//! What is left of a feed whose root was damaged: end tags, namespaces, names that only feeds use.
//!
//! A body cut or garbled on its way is still the feed's, and its entries are worth reading; a page
//! or an answer of another kind must not be taken for one, so that each trace is one that those
//! do not leave.

use crate::lexer::{Lexer, Token};
use crate::locate::{Family, Root};
use crate::names;

/// Tags that are looked at.
const TAGS: usize = 2000;

/// End tags that nothing but a feed has, the outer ones first.
const END_TAGS: [(&str, Family); 6] = [
    ("rdf", Family::Rdf),
    ("feed", Family::Atom),
    ("rss", Family::Rss),
    ("channel", Family::Rss),
    ("entry", Family::Atom),
    ("item", Family::Rss),
];

/// Elements that nothing but a page has.
const PAGE: [&str; 9] =
    ["body", "form", "head", "html", "iframe", "meta", "nav", "script", "style"];

/// Namespaces of feeds; as a default they make one, under a prefix they do not.
const NAMESPACES: [(&str, Family); 6] = [
    ("www.w3.org/2005/atom", Family::Atom),
    ("purl.org/atom", Family::Atom),
    ("purl.org/rss/1.0/", Family::Rdf),
    ("my.netscape.com/rdf", Family::Rdf),
    ("backend.userland.com/rss", Family::Rss),
    ("blogs.law.harvard.edu/tech/rss", Family::Rss),
];

/// Bytes of a document in which its namespace is looked for.
const HEAD_BYTES: usize = 4096;

/// Names of roots, and by how many letters they may be off.
const ROOTS: [(&str, Family, usize); 4] = [
    ("rss", Family::Rss, 1),
    ("feed", Family::Atom, 1),
    ("rdf", Family::Rdf, 0),
    ("channel", Family::Rss, 2),
];

/// Elements that only feeds have.
const OWN: [(&str, Family); 12] = [
    ("guid", Family::Rss),
    ("issued", Family::Atom),
    ("lastBuildDate", Family::Rss),
    ("managingEditor", Family::Rss),
    ("modified", Family::Atom),
    ("pubDate", Family::Rss),
    ("skipDays", Family::Rss),
    ("skipHours", Family::Rss),
    ("subtitle", Family::Atom),
    ("tagline", Family::Atom),
    ("textinput", Family::Rss),
    ("webMaster", Family::Rss),
];

/// Elements that feeds share with others; none of them is a root.
const SHARED: [&str; 24] = [
    "author",
    "category",
    "content",
    "contributor",
    "copyright",
    "created",
    "description",
    "docs",
    "enclosure",
    "generator",
    "id",
    "image",
    "info",
    "language",
    "link",
    "published",
    "rights",
    "source",
    "summary",
    "title",
    "ttl",
    "updated",
    "url",
    "uri",
];

/// The root that the traces speak of.
pub(crate) fn traces(text: &str) -> Option<Root> {
    let mut lexer = Lexer::new(text, 0);
    let mut first: Option<(usize, String)> = None;
    let mut own = None;
    let mut ended = END_TAGS.len();
    for _ in 0..TAGS {
        let position = lexer.at;
        match lexer.next("") {
            Some(Token::Start { name, .. }) => {
                let local = local(name);
                if PAGE.contains(&local.as_str()) && !name.contains(':') {
                    return None;
                }
                let known = OWN.iter().find(|(known, _)| *known == local);
                own = own.or(known.filter(|_| !name.contains(':')).map(|(_, family)| *family));
                first.get_or_insert((position, local));
            }
            Some(Token::End(name)) => {
                let local = local(name);
                let known = END_TAGS.iter().position(|(known, _)| *known == local);
                ended = ended.min(known.unwrap_or(ended));
            }
            Some(_) => {}
            None => break,
        }
    }
    let (position, name) = first.unwrap_or((lexer.at, String::new()));
    let family = END_TAGS
        .get(ended)
        .map(|(_, family)| *family)
        .or_else(|| namespaced(text))
        .or_else(|| similar(&name))
        .or(own)
        .or_else(|| {
            let ends = text.trim_end().len() <= position + 1 + name.len();
            ends.then(|| cut(&name)).flatten()
        })?;
    let inner = name.is_empty() || is_inner(&name);
    Some(Root { family, position, whole: !inner, damaged: true })
}

fn local(name: &str) -> String {
    names::local(name.rsplit(':').next().unwrap_or(name))
}

/// Whether an element stands inside of a feed and is not its root.
fn is_inner(name: &str) -> bool {
    SHARED.contains(&name) || OWN.iter().any(|(known, _)| *known == name)
}

fn namespaced(text: &str) -> Option<Family> {
    let head = text[..text.floor_char_boundary(HEAD_BYTES)].to_ascii_lowercase();
    let mut found = NAMESPACES.iter().filter_map(|(address, family)| {
        let at = head.find(address)?;
        let word = head[..at].rsplit([' ', '\n', '\t', '\r', '<']).next()?;
        (!word.starts_with("xmlns:")).then_some(*family)
    });
    found.next()
}

fn similar(name: &str) -> Option<Family> {
    let near = |(known, _, off): &&(&str, Family, usize)| distance(known, name) <= *off;
    ROOTS.iter().find(near).map(|(_, family, _)| *family)
}

/// A document that ends within the name of its root.
fn cut(name: &str) -> Option<Family> {
    let starts = |(known, ..): &&(&str, Family, usize)| name.len() > 1 && known.starts_with(name);
    ROOTS.iter().find(starts).map(|(_, family, _)| *family)
}

/// How many letters have to be changed, added or left out; more than three count as many.
fn distance(known: &str, name: &str) -> usize {
    if known.len().abs_diff(name.len()) > 3 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=name.len()).collect();
    for (i, a) in known.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in name.bytes().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[name.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_root_is_known_by_its_end_its_namespace_or_its_name() {
        let family = |text| traces(text).map(|root| root.family);
        assert_eq!(family("<x><title>T</title></channel></rss>"), Some(Family::Rss));
        assert_eq!(family("<femd xmlns='http://www.w3.org/2005/Atom'>"), Some(Family::Atom));
        assert_eq!(family("<chabnel><title>T</title>"), Some(Family::Rss));
        assert_eq!(family("<title>T</title><pubDate>1 May</pubDate>"), Some(Family::Rss));
    }

    #[test]
    fn other_documents_leave_no_trace_of_a_feed() {
        assert_eq!(traces("<html><body></channel></body></html>"), None);
        assert_eq!(traces("<title>T</title><meta name='a'><p>text</p>"), None);
        assert_eq!(traces("<a xmlns:atom='http://www.w3.org/2005/Atom'><b/></a>"), None);
    }

    #[test]
    fn the_first_element_is_the_root_unless_it_is_one_of_a_feeds_own() {
        assert!(traces("<fed><title>T</title></fed>").unwrap().whole);
        assert!(!traces("<title>T</title></feed>").unwrap().whole);
    }
}
