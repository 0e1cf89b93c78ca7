//! One walk over the repaired document for everything that khobor wants of a feed.
//!
//! feed-rs drops guids that are links, `rdf:about`, Dublin Core, thumbnails, hints and sources, and
//! loses the document's own words for dates and ids; this walk reads them.

use crate::date;
use crate::document::{Entry, Feed};
use crate::entry;
use crate::node::{Node, resolve};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::ops::Range;
use url::Url;

/// What the walk found.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) feed: Feed,
    pub(crate) entries: Vec<Entry>,
    /// Where each entry stands in the repaired text.
    pub(crate) spans: Vec<Range<usize>>,
}

/// Walks a repaired document.
pub(crate) fn supplement(text: &str, url: Option<&Url>) -> Found {
    let mut reader = Reader::from_str(text);
    let mut found = Found::default();
    let mut bases: Vec<Option<Url>> = vec![url.cloned()];
    let mut head = Vec::new();
    loop {
        let from = position(&reader);
        let outer = bases.last().and_then(Option::as_ref);
        match reader.read_event() {
            Ok(Event::Start(start)) => match start.name().0 {
                "rss" | "feed" | "rdf:RDF" | "channel" | "items" => {
                    let node = Node::open(&start);
                    let base = node.base(outer);
                    container(&mut found.feed, &node, base.as_ref());
                    bases.push(base);
                }
                "item" | "entry" => {
                    let node = Node::read(&start, &mut reader);
                    found.entries.push(entry::entry(&node, outer));
                    found.spans.push(from..position(&reader));
                }
                _ => head.push((Node::read(&start, &mut reader), outer.cloned())),
            },
            Ok(Event::End(_)) if bases.len() > 1 => {
                bases.pop();
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    for (node, base) in &head {
        describe(&mut found.feed, node, base.as_ref());
    }
    links(&mut found.feed, &head);
    found
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn container(feed: &mut Feed, node: &Node, base: Option<&Url>) {
    if feed.language.is_none() {
        feed.language = node.attribute("xml:lang").map(str::to_owned);
    }
    // CDF has its addresses in attributes.
    if feed.link.is_none() && node.name == "channel" {
        feed.link = node.attribute("href").and_then(|link| resolve(link, base));
    }
}

/// Reads one element of the head.
fn describe(feed: &mut Feed, node: &Node, base: Option<&Url>) {
    let first = |slot: &mut Option<String>, value: Option<String>| {
        if slot.is_none() {
            *slot = value;
        }
    };
    match node.name.as_str() {
        "title" => {
            if let Some(title) = entry::construct(node) {
                feed.title = Some(title);
            }
        }
        "dc:title" => first(&mut feed.title, node.text()),
        "description" | "subtitle" | "tagline" => {
            if let Some(text) = entry::construct(node) {
                feed.description = Some(text);
            }
        }
        "abstract" | "dc:description" | "itunes:summary" | "itunes:subtitle" => {
            first(&mut feed.description, node.text());
        }
        "language" => {
            if let Some(language) = node.text() {
                feed.language = Some(language);
            }
        }
        "dc:language" => first(&mut feed.language, node.text()),
        "updated" | "modified" | "lastBuildDate" => {
            if let Some(date) = node.text().and_then(|text| date::parse(&text)) {
                feed.updated = Some(date);
            }
        }
        "pubDate" | "dc:date" | "dcterms:modified" | "dcterms:issued" => {
            first(&mut feed.updated, node.text().and_then(|text| date::parse(&text)));
        }
        "ttl" => feed.ttl = node.text().and_then(|text| text.parse().ok()),
        "skipHours" => {
            let hours = node.children().filter_map(Node::text);
            feed.skip_hours =
                hours.filter_map(|hour| hour.parse().ok()).filter(|hour| *hour <= 24).collect();
        }
        "skipDays" => feed.skip_days = node.children().filter_map(Node::text).collect(),
        "sy:updatePeriod" => feed.sy_period = node.text(),
        "sy:updateFrequency" => feed.sy_frequency = node.text().and_then(|text| text.parse().ok()),
        "link" | "atom:link" if rel(node) == "hub" && feed.hub.is_none() => {
            feed.hub = node.attribute("href").and_then(|hub| resolve(hub, base));
        }
        _ => {}
    }
}

/// The home page: the feed's own link before what Atom's links say in an RSS feed.
fn links(feed: &mut Feed, head: &[(Node, Option<Url>)]) {
    let named = |name: &'static str| head.iter().filter(move |(node, _)| node.name == name);
    let own = named("link")
        .filter(|(node, _)| node.attribute("href").is_none())
        .rev()
        .find_map(|(node, base)| resolve(&node.text()?, base.as_ref()));
    let alternate = |name| {
        let mut candidates = named(name)
            .filter(|(node, _)| rel(node) == "alternate" && node.attribute("href").is_some());
        candidates.next().and_then(|(node, base)| resolve(node.attribute("href")?, base.as_ref()))
    };
    if let Some(link) = own.or_else(|| alternate("link")).or_else(|| alternate("atom:link")) {
        feed.link = Some(link);
    }
}

/// The relation of a link.
pub(crate) fn rel(node: &Node) -> String {
    let rel = node.attribute("rel").unwrap_or("alternate").to_ascii_lowercase();
    let bare = rel.strip_prefix("http://www.iana.org/assignments/relation/");
    bare.map_or(rel.clone(), str::to_owned)
}
