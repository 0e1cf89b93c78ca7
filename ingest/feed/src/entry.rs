//! Reads one entry from its element: which of the many places a field may stand in counts first.

use crate::author;
use crate::base64;
use crate::date;
use crate::document::{Entry, EntrySource};
use crate::node::{Node, resolve};
use crate::supplement::rel;
use url::Url;

/// Reads an `item` or `entry`.
pub(crate) fn entry(node: &Node, outer: Option<&Url>) -> Entry {
    let base = node.base(outer);
    let base = base.as_ref();
    let text = |names: &[&str]| names.iter().find_map(|name| node.all(name).find_map(Node::text));
    // Where an id is said twice, the readers in the field take the last one.
    let last =
        |names: &[&str]| names.iter().find_map(|name| node.all(name).filter_map(Node::text).last());
    let markup = |names: &[&str]| names.iter().find_map(|name| node.all(name).find_map(construct));
    let date = |names: &[&str]| {
        let mut texts = names.iter().flat_map(|name| node.all(name).filter_map(Node::text));
        texts.find_map(|text| date::parse(&text))
    };
    let content = markup(&[
        "content:encoded",
        "content",
        "xhtml:body",
        "xhtml:div",
        "body",
        "fullitem",
        "atom:content",
    ]);
    Entry {
        id: last(&["guid", "id"])
            .or_else(|| node.attribute("rdf:about").map(str::to_owned))
            .or_else(|| text(&["dc:identifier"])),
        link: link(node, base),
        title: markup(&["title"]).or_else(|| text(&["dc:title", "media:title"])),
        summary: markup(&["description", "summary", "abstract"])
            .or_else(|| {
                markup(&["dc:description", "itunes:summary", "media:description", "atom:summary"])
            })
            .or_else(|| {
                node.all("media:group").find_map(|group| group.child("media:description")?.text())
            }),
        content,
        authors: author::authors(node),
        published: date(&[
            "published",
            "issued",
            "pubDate",
            "dcterms:issued",
            "created",
            "dcterms:created",
            "dc:date",
            "atom:published",
        ]),
        updated: date(&["updated", "modified", "dcterms:modified", "atom:updated"]),
        categories: categories(node),
        media: media(node, base),
        thumbnails: thumbnails(node, base),
        language: text(&["dc:language", "language"])
            .or_else(|| node.attribute("xml:lang").map(str::to_owned)),
        source: source(node, base),
    }
}

/// The text of an element that may hold text, HTML or inline markup.
pub(crate) fn construct(node: &Node) -> Option<String> {
    let kind = node.attribute("type").unwrap_or_default();
    let encoded = node.attribute("mode") == Some("base64")
        || (node.name == "content"
            && kind.contains('/')
            && !kind.starts_with("text/")
            && !kind.ends_with("xml"));
    if encoded && let Some(text) = node.text().and_then(|text| base64::decode(&text)) {
        return Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    }
    node.markup()
}

fn link(node: &Node, base: Option<&Url>) -> Option<String> {
    let own = node.all("link").filter(|link| link.attribute("href").is_none());
    let own = own
        .filter(|link| rel(link) == "alternate")
        .filter_map(|link| resolve(&link.text()?, link.base(base).as_ref()))
        .last();
    let alternate = |name: &str| {
        let mut links = node.all(name).filter(|link| rel(link) == "alternate");
        links.find_map(|link| resolve(link.attribute("href")?, link.base(base).as_ref()))
    };
    own.or_else(|| alternate("link"))
        .or_else(|| alternate("atom:link"))
        .or_else(|| permalink(node))
        .or_else(|| node.attribute("href").and_then(|link| resolve(link, base)))
}

/// A guid is a link unless it says that it is none, and only where it is an address.
fn permalink(node: &Node) -> Option<String> {
    let guid = node.all("guid").find(|guid| {
        !guid.attribute("isPermaLink").is_some_and(|value| value.eq_ignore_ascii_case("false"))
    })?;
    let text = guid.text()?;
    let lower = text.to_ascii_lowercase();
    (lower.starts_with("http://") || lower.starts_with("https://")).then(|| resolve(&text, None))?
}

fn categories(node: &Node) -> Vec<String> {
    let mut found = Vec::new();
    for child in node.children() {
        let text = match child.name.as_str() {
            "category" => child
                .attribute("term")
                .or_else(|| child.attribute("label"))
                .map(str::to_owned)
                .or_else(|| child.text()),
            "dc:subject" | "media:category" => child.text(),
            "itunes:category" => child.attribute("text").map(str::to_owned),
            "media:group" => {
                found.extend(child.all("media:category").filter_map(Node::text));
                None
            }
            _ => None,
        };
        found.extend(text);
    }
    unique(found)
}

/// `media:content` and enclosures, wherever they stand.
fn media(node: &Node, base: Option<&Url>) -> Vec<String> {
    let mut found = Vec::new();
    for child in node.children() {
        let address = match child.name.as_str() {
            "enclosure" => child.attribute("url").or_else(|| child.attribute("href")),
            "enc:enclosure" => child.attribute("rdf:resource").or_else(|| child.attribute("url")),
            "link" | "atom:link" if rel(child) == "enclosure" => child.attribute("href"),
            "media:content" => child.attribute("url"),
            _ => None,
        };
        found.extend(address.and_then(|address| resolve(address, child.base(base).as_ref())));
        if child.name == "media:group" {
            found.extend(media(child, base));
        }
    }
    unique(found)
}

fn thumbnails(node: &Node, base: Option<&Url>) -> Vec<String> {
    let mut found = Vec::new();
    for child in node.children() {
        match child.name.as_str() {
            "media:thumbnail" => {
                let address = child.attribute("url").map(str::to_owned).or_else(|| child.text());
                found.extend(address.and_then(|address| resolve(&address, base)));
            }
            "media:group" | "media:content" => found.extend(thumbnails(child, base)),
            _ => {}
        }
    }
    unique(found)
}

fn source(node: &Node, base: Option<&Url>) -> Option<EntrySource> {
    if let Some(source) = node.child("source").or_else(|| node.child("atom:source")) {
        let inner = source.child("title").or_else(|| source.child("atom:title"));
        let name = inner.map_or_else(|| source.text(), Node::text);
        let mut link = source
            .children()
            .filter(|child| child.name.ends_with("link") && rel(child) == "alternate");
        let link = link.find_map(|link| link.attribute("href"));
        let url = source.attribute("url").or(link).and_then(|url| resolve(url, base));
        return name.or_else(|| url.clone()).map(|name| EntrySource { name, url });
    }
    let name = node.child("dc:source").and_then(Node::text)?;
    let url =
        Url::parse(&name).ok().filter(|url| url.scheme().starts_with("http")).map(String::from);
    Some(EntrySource { name, url })
}

fn unique(values: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    values.into_iter().filter(|value| !value.is_empty() && seen.insert(value.clone())).collect()
}
