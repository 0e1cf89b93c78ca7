//! Which element may stand in which, and so where one must have ended whose end tag is missing.

use crate::locate::Family;
use std::borrow::Cow;

/// What an element is to a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It holds items.
    Container,
    /// It is an item.
    Item,
    /// It says something of an item or of the feed.
    Other,
}

impl Role {
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "channel" | "items" | "rdf:rdf" | "rss" | "feed" => Self::Container,
            "item" | "entry" => Self::Item,
            _ => Self::Other,
        }
    }
}

/// An element that is open.
#[derive(Debug)]
pub(crate) struct Open<'a> {
    /// Its name as the document has it.
    pub(crate) raw: &'a str,
    pub(crate) name: Cow<'a, str>,
    pub(crate) role: Role,
    /// Namespace declarations around it.
    pub(crate) bindings: usize,
}

/// Elements of an item, or of the feed, that hold nothing but text.
const LEAVES: [&str; 6] = ["category", "comments", "guid", "link", "pubDate", "title"];
/// The same in Atom, where titles may hold markup.
const ATOM_LEAVES: [&str; 5] = ["id", "link", "name", "published", "updated"];
/// Elements that stand beside each other.
const SIBLINGS: [&str; 15] = [
    "author",
    "category",
    "comments",
    "content",
    "description",
    "enclosure",
    "guid",
    "id",
    "link",
    "pubDate",
    "published",
    "source",
    "summary",
    "title",
    "updated",
];

/// Whether an element of an item starts inside of one that holds nothing but text.
pub(crate) fn interrupts(family: Family, stack: &[Open<'_>], name: &str) -> bool {
    let Some((top, outer)) = stack.split_last() else { return false };
    let leaves: &[&str] = if family == Family::Atom { &ATOM_LEAVES } else { &LEAVES };
    let above = outer.last().is_none_or(|above| above.role != Role::Other);
    above && leaves.contains(&&*top.name) && SIBLINGS.contains(&name)
}
