//! Reads one entry from its element: which of the many places a field may stand in counts first.

use crate::address::{self, rel, resolve, within};
use crate::attachment;
use crate::construct;
use crate::date::{self, Meaning};
use crate::defect::{Defects, Fault};
use crate::document::{DoubtfulDate, Entry, EntrySource, TextKind};
use crate::node::Node;
use crate::person;
use crate::rights;
use crate::topic;
use url::Url;

/// Doubtful dates of an entry that are told.
const DOUBTFUL: usize = 4;
/// Characters of a doubtful date that are told.
const DATE_CHARS: usize = 100;

/// Elements with the full text.
const CONTENT: [&str; 7] =
    ["content:encoded", "content", "xhtml:body", "xhtml:div", "body", "fullitem", "atom:content"];
/// Elements with the summary, the feed's own first.
const SUMMARY: [&str; 7] = [
    "description",
    "summary",
    "abstract",
    "dc:description",
    "itunes:summary",
    "media:description",
    "atom:summary",
];
/// Elements with the headline.
const TITLE: [&str; 4] = ["title", "dc:title", "media:title", "atom:title"];
/// Elements with the time of publication.
const PUBLISHED: [&str; 8] = [
    "published",
    "issued",
    "pubDate",
    "dcterms:issued",
    "created",
    "dcterms:created",
    "dc:date",
    "atom:published",
];
/// Elements with the time of the last change.
const UPDATED: [&str; 4] = ["updated", "modified", "dcterms:modified", "atom:updated"];

/// Reads an `item` or `entry`.
pub(crate) fn entry(node: Node<'_, '_>, outer: Option<&Url>, defects: &mut Defects) -> Entry {
    let own = address::base(node, outer, defects);
    let base = own.as_ref().or(outer);
    let text = |names: &[&str]| names.iter().find_map(|name| node.all(name).find_map(Node::text));
    let (title, title_kind) = markup(node, &TITLE, defects);
    let (summary, summary_kind) = match markup(node, &SUMMARY, defects) {
        (None, _) => node
            .all("media:group")
            .find_map(|group| construct::read(group.child("media:description")?, defects))
            .unzip(),
        found => found,
    };
    let (content, content_kind) = markup(node, &CONTENT, defects);
    let mut doubtful_dates = Vec::new();
    let published = date(node, &PUBLISHED, &mut doubtful_dates, defects);
    let updated = date(node, &UPDATED, &mut doubtful_dates, defects);
    let people = person::people(node, base);
    let topics = topic::topics(node);
    let attachments = attachment::attachments(node, base);
    let about = node.attribute("rdf:about").map(str::to_owned);
    let guid = node.all("guid").last();
    // Where an id is said twice, the readers in the field take the last one.
    let last = |name: &str| node.all(name).filter_map(Node::text).last();
    Entry {
        id: last("guid")
            .or_else(|| last("id"))
            .or_else(|| about.clone())
            .or_else(|| text(&["atom:id", "dc:identifier"])),
        is_permalink: guid.and_then(is_permalink),
        about,
        link: link(node, base),
        original_link: text(&["feedburner:origlink"]).and_then(|link| resolve(&link, base)),
        title,
        title_kind,
        summary,
        summary_kind,
        content,
        content_kind,
        content_link: node
            .all("content")
            .find_map(|content| within(content, content.attribute("src")?, base)),
        authors: person::authors(&people),
        people,
        published,
        updated,
        doubtful_dates,
        categories: topic::terms(&topics),
        topics: topics
            .into_iter()
            .filter(|topic| topic.label.is_some() || topic.scheme.is_some())
            .collect(),
        media: attachment::media(&attachments),
        thumbnails: attachment::thumbnails(&attachments),
        attachments,
        language: text(&["dc:language", "language"])
            .or_else(|| node.attribute("xml:lang").map(str::to_owned)),
        source: source(node, base),
        rights: rights::notice(node),
        licences: rights::licences(node, base),
        comments_link: comments(node, base),
    }
}

/// The first of some elements that holds text, and what the text is.
fn markup(
    node: Node<'_, '_>,
    names: &[&str],
    defects: &mut Defects,
) -> (Option<String>, Option<TextKind>) {
    let mut found = names.iter().flat_map(|name| node.all(name));
    found.find_map(|child| construct::read(child, defects)).unzip()
}

/// The first of some elements that holds a date that is believed.
fn date(
    node: Node<'_, '_>,
    names: &[&str],
    doubtful: &mut Vec<DoubtfulDate>,
    defects: &mut Defects,
) -> Option<String> {
    for child in names.iter().flat_map(|name| node.all(name)) {
        let Some(text) = child.text() else { continue };
        let (fault, date) = match date::read(&text) {
            Meaning::Date(date) => return Some(date),
            Meaning::TooLate(date) => (Fault::DateAfter2037, Some(date)),
            Meaning::Unknown => (Fault::UnreadableDate, None),
        };
        defects.note(fault, child.position());
        if doubtful.len() < DOUBTFUL {
            let text = text.chars().take(DATE_CHARS).collect();
            doubtful.push(DoubtfulDate { element: child.name().to_owned(), text, date });
        }
    }
    None
}

fn link(node: Node<'_, '_>, base: Option<&Url>) -> Option<String> {
    let own = node.all("link").filter(|link| link.attribute("href").is_none());
    let own = own
        .filter(|link| rel(*link) == "alternate")
        .filter_map(|link| within(link, &link.text()?, base))
        .last();
    let alternate = |name: &str| {
        let mut links = node.all(name).filter(|link| rel(*link) == "alternate");
        links.find_map(|link| within(link, link.attribute("href")?, base))
    };
    own.or_else(|| alternate("link"))
        .or_else(|| alternate("atom:link"))
        .or_else(|| permalink(node))
        .or_else(|| node.attribute("href").and_then(|link| resolve(link, base)))
}

/// What `isPermaLink` says, if anything.
fn is_permalink(guid: Node<'_, '_>) -> Option<bool> {
    guid.attribute("isPermaLink").map(|value| !value.eq_ignore_ascii_case("false"))
}

/// A guid is a link unless it says that it is none, and only where it is an address.
fn permalink(node: Node<'_, '_>) -> Option<String> {
    let guid = node.all("guid").find(|guid| is_permalink(*guid) != Some(false))?;
    let text = guid.text()?;
    let lower = text.to_ascii_lowercase();
    (lower.starts_with("http://") || lower.starts_with("https://")).then(|| resolve(&text, None))?
}

/// The page of the comments: RSS has a text, Atom a link to replies.
fn comments(node: Node<'_, '_>, base: Option<&Url>) -> Option<String> {
    let text = node.child("comments").and_then(Node::text);
    let link = || node.all("link").find(|link| rel(*link) == "replies")?.attribute("href");
    text.and_then(|text| resolve(&text, base)).or_else(|| resolve(link()?, base))
}

fn source(node: Node<'_, '_>, base: Option<&Url>) -> Option<EntrySource> {
    if let Some(source) = node.child("source").or_else(|| node.child("atom:source")) {
        let part = |names: [&str; 2]| {
            let mut parts = source.children().filter(|child| names.contains(&child.name()));
            parts.find_map(Node::text)
        };
        let name = if source.child("title").or_else(|| source.child("atom:title")).is_some() {
            part(["title", "atom:title"])
        } else {
            source.text().filter(|_| !source.has_children())
        };
        let linked = |wanted: &str| {
            let mut links = source.children().filter(|child| child.name().ends_with("link"));
            let link = links.find(|child| rel(*child) == wanted)?;
            within(link, link.attribute("href")?, base)
        };
        let url = source.attribute("url").and_then(|url| resolve(url, base));
        let url = url.or_else(|| linked("alternate"));
        let id = part(["id", "atom:id"]);
        let feed = linked("self");
        let name = name.or_else(|| url.clone()).or_else(|| feed.clone()).or_else(|| id.clone())?;
        return Some(EntrySource { name, url, feed, id, rights: part(["rights", "atom:rights"]) });
    }
    let name = node.child("dc:source").and_then(Node::text)?;
    let url =
        Url::parse(&name).ok().filter(|url| url.scheme().starts_with("http")).map(String::from);
    Some(EntrySource { name, url, ..EntrySource::default() })
}
