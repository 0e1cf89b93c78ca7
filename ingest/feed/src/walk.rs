//! Collects what the repaired elements say: the head of the feed, and one entry after the other.

use crate::address;
use crate::defect::Defects;
use crate::document::{Entry, Feed};
use crate::entry;
use crate::head::Head;
use crate::nesting::Role;
use crate::node::Tree;
use crate::second;
use std::borrow::Cow;
use url::Url;

/// What was found so far.
pub(crate) struct Walk<'a, 'u> {
    url: Option<&'u Url>,
    head: Head,
    entries: Vec<Entry>,
    /// The element of an item or of the head that is being read, or the tag of a container.
    tree: Tree<'a>,
    containers: Vec<Option<Url>>,
    role: Role,
    /// Entries that may still be handed to feed-rs.
    tries: usize,
}

impl<'a, 'u> Walk<'a, 'u> {
    /// A walk over a document that came from an address.
    pub(crate) fn new(url: Option<&'u Url>) -> Self {
        Self {
            url,
            head: Head::default(),
            entries: Vec::new(),
            tree: Tree::default(),
            containers: Vec::new(),
            role: Role::Other,
            tries: second::TRIES,
        }
    }

    /// Opens an element; its attributes follow.
    pub(crate) fn open(&mut self, name: Cow<'a, str>, role: Role, position: usize) {
        self.role = role;
        self.tree.open(name, position);
    }

    /// An attribute of the element that was opened last.
    pub(crate) fn attribute(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) {
        self.tree.attribute(name, value);
    }

    /// All attributes were told.
    pub(crate) fn opened(&mut self, defects: &mut Defects) {
        if self.role == Role::Container {
            self.tree.close();
            if let Some(node) = self.tree.roots().next() {
                let base = address::base(node, self.base(), defects);
                let base = base.or_else(|| self.base().cloned());
                self.head.container(node, base.as_ref());
                self.containers.push(base);
            }
            self.tree.clear();
        }
    }

    /// Whether text has a place here.
    pub(crate) fn wants_text(&self) -> bool {
        self.tree.depth() > 0
    }

    /// Text of the innermost element.
    pub(crate) fn text(&mut self, text: Cow<'a, str>) {
        self.tree.text(text);
    }

    /// Closes the innermost element.
    pub(crate) fn close(&mut self, role: Role, defects: &mut Defects) {
        if role == Role::Container {
            self.containers.pop();
            return;
        }
        self.tree.close();
        if self.tree.depth() > 0 {
            return;
        }
        if let Some(node) = self.tree.roots().next() {
            if role == Role::Item {
                let mut entry = entry::entry(node, self.base(), defects);
                if self.tries > 0 && second::is_bare(&entry) && node.has_children() {
                    self.tries -= 1;
                    second::ask(node, &mut entry, self.url);
                }
                self.entries.push(entry);
            } else {
                let base = self.containers.last().map_or(self.url, Option::as_ref);
                self.head.read(node, base, defects);
            }
        }
        self.tree.clear();
    }

    fn base(&self) -> Option<&Url> {
        self.containers.last().map_or(self.url, Option::as_ref)
    }

    /// The feed and its entries.
    pub(crate) fn finish(self) -> (Feed, Vec<Entry>) {
        (self.head.finish(), self.entries)
    }
}
