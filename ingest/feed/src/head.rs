//! Reads the head of a feed, one element after the other.

use crate::address::{rel, resolve, within};
use crate::construct;
use crate::date;
use crate::defect::{Defects, Fault};
use crate::document::Feed;
use crate::node::Node;
use crate::person::{self, PersonRole};
use crate::rights;
use crate::topic;
use url::Url;

/// Values of one kind that a head may have.
const MOST: usize = 100;

/// What the head said so far.
#[derive(Debug, Default)]
pub(crate) struct Head {
    feed: Feed,
    /// Candidates for the home page, the better ones first.
    own_link: Option<String>,
    alternate: Option<String>,
    atom_alternate: Option<String>,
}

impl Head {
    /// Reads the tag of a root or channel.
    pub(crate) fn container(&mut self, node: Node<'_, '_>, base: Option<&Url>) {
        let feed = &mut self.feed;
        if feed.language.is_none() {
            feed.language = node.attribute("xml:lang").map(str::to_owned);
        }
        if feed.id.is_none() && node.name() == "channel" {
            feed.id = node.attribute("rdf:about").map(str::to_owned);
        }
        // CDF has its addresses in attributes.
        if feed.link.is_none() && node.name() == "channel" {
            feed.link = node.attribute("href").and_then(|link| resolve(link, base));
        }
    }

    /// Reads one element of the head.
    pub(crate) fn read(&mut self, node: Node<'_, '_>, base: Option<&Url>, defects: &mut Defects) {
        let feed = &mut self.feed;
        let first = |slot: &mut Option<String>, value: &dyn Fn() -> Option<String>| {
            if slot.is_none() {
                *slot = value();
            }
        };
        match node.name() {
            "title" => feed.title = construct::text(node, defects).or(feed.title.take()),
            "dc:title" => first(&mut feed.title, &|| node.text()),
            "description" | "subtitle" | "tagline" => {
                feed.description = construct::text(node, defects).or(feed.description.take());
            }
            "abstract" | "dc:description" | "itunes:summary" | "itunes:subtitle" => {
                first(&mut feed.description, &|| node.text());
            }
            "language" => feed.language = node.text().or(feed.language.take()),
            "dc:language" => first(&mut feed.language, &|| node.text()),
            "updated" | "modified" | "lastBuildDate" => {
                feed.updated = date_of(node, defects).or(feed.updated.take());
            }
            "pubDate" | "dc:date" | "dcterms:modified" | "dcterms:issued"
                if feed.updated.is_none() =>
            {
                feed.updated = date_of(node, defects);
            }
            "id" => feed.id = node.text().or(feed.id.take()),
            "generator" => {
                first(&mut feed.generator, &|| {
                    node.text().or_else(|| node.attribute("uri").map(str::to_owned))
                });
            }
            "image" | "logo" | "icon" | "itunes:image" => {
                first(&mut feed.image, &|| picture(node, base));
            }
            "link" | "atom:link" => self.link(node, base),
            name if rights::is_notice(name) => first(&mut feed.rights, &|| node.markup()),
            _ => {
                self.hint(node, defects);
                self.person(node, base);
                let feed = &mut self.feed;
                if feed.topics.len() < MOST {
                    feed.topics.extend(topic::topic(node));
                }
                if feed.licences.len() < MOST {
                    feed.licences.extend(rights::licence(node, base));
                }
            }
        }
    }

    /// What a feed says of when to come again.
    fn hint(&mut self, node: Node<'_, '_>, defects: &mut Defects) {
        let feed = &mut self.feed;
        let mut number = || {
            let number = node.text().and_then(|text| text.parse().ok());
            if number.is_none() {
                defects.note(Fault::OddNumber, node.position());
            }
            number
        };
        match node.name() {
            "ttl" => feed.ttl = number(),
            "sy:updateFrequency" => feed.sy_frequency = number(),
            "sy:updatePeriod" => feed.sy_period = node.text(),
            "sy:updatebase" => feed.sy_base = date_of(node, defects),
            "skipHours" => {
                let hours = node.children().filter_map(Node::text).take(MOST);
                feed.skip_hours =
                    hours.filter_map(|hour| hour.parse().ok()).filter(|hour| *hour <= 24).collect();
            }
            "skipDays" => {
                feed.skip_days = node.children().filter_map(Node::text).take(MOST).collect();
            }
            "fh:complete" => feed.is_complete = true,
            _ => {}
        }
    }

    fn person(&mut self, node: Node<'_, '_>, base: Option<&Url>) {
        let role = match node.name() {
            "author" | "atom:author" | "dc:creator" | "itunes:author" => PersonRole::Author,
            "contributor" | "atom:contributor" | "dc:contributor" => PersonRole::Contributor,
            "managingEditor" => PersonRole::Editor,
            "dc:publisher" => PersonRole::Publisher,
            _ => return,
        };
        person::add(&mut self.feed.people, person::read(node, base), role);
    }

    fn link(&mut self, node: Node<'_, '_>, base: Option<&Url>) {
        let rel = rel(node);
        let Some(href) = node.attribute("href") else {
            if node.name() == "link" {
                let link = node.text().and_then(|link| within(node, &link, base));
                self.own_link = link.or(self.own_link.take());
            }
            return;
        };
        let link = within(node, href, base);
        let feed = &mut self.feed;
        let slot = match rel.as_str() {
            "alternate" if node.name() == "link" => &mut self.alternate,
            "alternate" => &mut self.atom_alternate,
            "self" => &mut feed.self_link,
            "next" | "prev-archive" => &mut feed.next_link,
            "license" => {
                feed.licences.extend(link.filter(|_| feed.licences.len() < MOST));
                return;
            }
            "hub" => {
                feed.hubs.extend(link.filter(|_| feed.hubs.len() < MOST));
                return;
            }
            _ => return,
        };
        if slot.is_none() {
            *slot = link;
        }
    }

    /// The head as a whole.
    pub(crate) fn finish(self) -> Feed {
        let mut feed = self.feed;
        // The feed's own link before what Atom's links say in an RSS feed.
        feed.link = self.own_link.or(self.alternate).or(self.atom_alternate).or(feed.link);
        feed.hub = feed.hubs.first().cloned();
        feed
    }
}

fn date_of(node: Node<'_, '_>, defects: &mut Defects) -> Option<String> {
    let text = node.text()?;
    match date::read(&text) {
        date::Meaning::Date(date) => Some(date),
        date::Meaning::TooLate(_) => {
            defects.note(Fault::DateAfter2037, node.position());
            None
        }
        date::Meaning::Unknown => {
            defects.note(Fault::UnreadableDate, node.position());
            None
        }
    }
}

/// The picture of a feed: an address, an attribute with one, or an element with one.
fn picture(node: Node<'_, '_>, base: Option<&Url>) -> Option<String> {
    let address = ["href", "rdf:resource"].iter().find_map(|key| node.attribute(key));
    let address = address.map(str::to_owned);
    let address = address.or_else(|| match node.child("url") {
        Some(url) => url.text(),
        None => node.text().filter(|_| !node.has_children()),
    });
    within(node, &address?, base)
}
