//! Turns any feed-like text into balanced elements with known names and bounded size.
//!
//! What comes out has one prefix for each vocabulary, no references, and every element closed
//! where it must have been; everything that was wrong is on the list of defects.

use crate::binding::Bindings;
use crate::defect::{Defects, Fault};
use crate::doctype::Entities;
use crate::escape;
use crate::lexer::{Lexer, Token};
use crate::locate::{Family, Root};
use crate::names;
use crate::nesting::{Open, Role, interrupts};
use crate::walk::Walk;
use std::borrow::Cow;

/// Deepest nesting; feed-rs overflows the stack at 700 (reliability.md §2.1).
pub(crate) const DEPTH: usize = 100;
/// Elements of a document.
const ELEMENTS: usize = 200_000;
/// Items of a document.
const ITEMS: usize = 10_000;
/// Attribute bytes of one tag.
const TAG_BYTES: usize = 64 * 1024;
/// Longest `xml:base`: it is joined to every link.
const BASE_BYTES: usize = 2 * 1024;

/// A document being read.
pub(crate) struct Repair<'a, 'u> {
    root: Root,
    stack: Vec<Open<'a>>,
    bindings: Bindings<'a>,
    entities: Entities<'a>,
    elements: usize,
    items: usize,
    rooted: bool,
    full: bool,
    /// Where the cap on depth was first met.
    pub(crate) too_deep: Option<usize>,
    pub(crate) defects: Defects,
    pub(crate) walk: Walk<'a, 'u>,
}

impl<'a, 'u> Repair<'a, 'u> {
    /// Reads a decoded document whose root was located.
    pub(crate) fn read(text: &'a str, root: Root, walk: Walk<'a, 'u>, defects: Defects) -> Self {
        let mut work = Self {
            root,
            stack: Vec::new(),
            bindings: Bindings::new(root.family),
            entities: Entities::default(),
            elements: 0,
            items: 0,
            rooted: !root.whole,
            full: false,
            too_deep: None,
            defects,
            walk,
        };
        work.head(text);
        let mut lexer = Lexer::new(text, root.position);
        while !work.full {
            let position = lexer.at;
            let parent = work.stack.last().map_or("", |open| open.raw);
            let Some(token) = lexer.next(parent) else { break };
            for fault in &lexer.faults {
                work.defects.note(*fault, position);
            }
            match token {
                Token::Text(inside) => work.text(inside, position),
                Token::Raw(inside) => work.raw(inside, position),
                Token::Start { name, attributes, closed } => {
                    work.start(name, &attributes, closed, position);
                }
                Token::End(name) => work.end(name, position),
                Token::Doctype(_) | Token::Aside => {}
            }
        }
        if work.stack.len() > 1 && !work.full {
            work.defects.note(Fault::EndsEarly, text.len());
        }
        work.close_to(0);
        work
    }

    /// What stands before the root: a document type, and what does not belong there.
    fn head(&mut self, text: &'a str) {
        let head = &text[..self.root.position];
        if !head.trim_start().starts_with(['<', '\u{feff}']) && !head.trim().is_empty() {
            self.defects.note(Fault::TextBeforeRoot, 0);
        }
        if self.root.damaged {
            self.defects.note(Fault::DamagedRoot, self.root.position);
        } else if !self.root.whole {
            self.defects.note(Fault::NoRoot, self.root.position);
        }
        let mut lexer = Lexer::new(text, 0);
        while lexer.at < self.root.position {
            let position = lexer.at;
            match lexer.next("") {
                Some(Token::Doctype(doctype)) => {
                    self.entities.declare(doctype, position, &mut self.defects);
                }
                Some(_) => {}
                None => break,
            }
        }
    }

    fn text(&mut self, inside: &'a str, position: usize) {
        if self.walk.wants_text() {
            let text = escape::text(inside, position, &mut self.entities, &mut self.defects);
            self.walk.text(text);
        }
    }

    fn raw(&mut self, inside: &'a str, position: usize) {
        if self.walk.wants_text() {
            let text = escape::raw(inside, position, &mut self.defects);
            self.walk.text(text);
        }
    }

    fn start(
        &mut self,
        raw: &'a str,
        attributes: &[(&'a str, &'a str)],
        closed: bool,
        position: usize,
    ) {
        self.elements += 1;
        if self.elements > ELEMENTS {
            self.defects.note(Fault::TooManyElements, position);
            self.full = true;
            return;
        }
        let bindings = self.bindings.depth();
        if let Some(fault) = self.bindings.declare(raw, attributes) {
            self.defects.note(fault, position);
        }
        if !self.rooted {
            self.rooted = true;
            self.bindings.adopt(raw);
            self.open_root(raw, attributes, position);
            return;
        }
        let name = self.name(raw, position);
        let role = Role::of(&name);
        if matches!(&*name, "rss" | "feed" | "rdf:rdf") {
            // Its declarations hold for what follows.
            self.defects.note(Fault::RepeatedRoot, position);
            return;
        }
        if !self.make_room(&name, role, position) {
            self.bindings.leave(bindings);
            return;
        }
        if self.stack.len() >= DEPTH {
            if self.too_deep.is_none() {
                self.defects.note(Fault::TooDeep, position);
                self.too_deep = Some(position);
            }
            self.bindings.leave(bindings);
            return;
        }
        self.walk.open(name.clone(), role, position);
        self.attributes(&name, attributes, position);
        self.walk.opened(&mut self.defects);
        self.stack.push(Open { raw, name, role, bindings });
        if closed {
            self.close_to(self.stack.len() - 1);
        }
    }

    fn open_root(&mut self, raw: &'a str, attributes: &[(&'a str, &'a str)], position: usize) {
        let version = attributes.iter().any(|(key, _)| key.eq_ignore_ascii_case("version"));
        if self.root.family == Family::Rss && raw.eq_ignore_ascii_case("rss") && !version {
            self.defects.note(Fault::MissingVersion, position);
        }
        let name = match self.root.family {
            Family::Rss => "rss",
            Family::Rdf => "rdf:rdf",
            Family::Atom => "feed",
        };
        self.walk.open(Cow::Borrowed(name), Role::Container, position);
        self.attributes("feed", attributes, position);
        self.walk.opened(&mut self.defects);
    }

    /// The one name of an element.
    fn name(&mut self, raw: &'a str, position: usize) -> Cow<'a, str> {
        let (name, declared) = self.bindings.canonical(raw);
        if !declared {
            self.defects.note(Fault::UndeclaredPrefix, position);
        }
        if let Cow::Owned(owned) = &name {
            let local = raw.rsplit(':').next().unwrap_or(raw);
            if owned.eq_ignore_ascii_case(local) && owned != local && names::is_core(owned) {
                self.defects.note(Fault::OddCase, position);
            }
            // An item begins where the document says so, not where it may have.
            if !raw.is_ascii() && Role::of(owned) == Role::Item {
                return Cow::Borrowed("x:item");
            }
        }
        name
    }

    /// Closes what cannot hold the element; answers whether the element is read at all.
    fn make_room(&mut self, name: &str, role: Role, position: usize) -> bool {
        match role {
            Role::Item => {
                self.items += 1;
                if self.items > ITEMS {
                    self.defects.note(Fault::TooManyItems, position);
                    self.full = true;
                    return false;
                }
                let keep = self.stack.iter().rposition(|open| open.role == Role::Container);
                let keep = keep.map_or(0, |at| at + 1);
                if keep < self.stack.len() {
                    self.defects.note(Fault::ItemInItem, position);
                    self.close_to(keep);
                }
            }
            Role::Container => {
                let lost = self.stack.iter().position(|open| open.role != Role::Container);
                if let Some(lost) = lost {
                    self.defects.note(Fault::MisplacedContainer, position);
                    if self.stack.iter().any(|open| open.role == Role::Item) {
                        return false;
                    }
                    self.close_to(lost);
                }
            }
            Role::Other => {
                if interrupts(self.root.family, &self.stack, name) {
                    self.defects.note(Fault::MissingEndTag, position);
                    self.close_to(self.stack.len() - 1);
                }
            }
        }
        true
    }

    fn end(&mut self, raw: &str, position: usize) {
        let same = |open: &Open<'_>| open.raw == raw || open.raw.eq_ignore_ascii_case(raw);
        let Some(at) = self.stack.iter().rposition(same) else {
            let root = raw.rsplit(':').next().unwrap_or(raw);
            if !["rss", "feed", "rdf"].iter().any(|known| known.eq_ignore_ascii_case(root)) {
                self.defects.note(Fault::StrayEndTag, position);
            }
            return;
        };
        // A stray end tag of markup must not close the item it stands in.
        let crossed = self.stack[at + 1..].iter().any(|open| open.role == Role::Item);
        if crossed && self.stack[at].role != Role::Container {
            self.defects.note(Fault::StrayEndTag, position);
            return;
        }
        if at + 1 < self.stack.len() {
            self.defects.note(Fault::MissingEndTag, position);
        }
        self.close_to(at);
    }

    fn close_to(&mut self, depth: usize) {
        while self.stack.len() > depth {
            let Some(open) = self.stack.pop() else { break };
            self.bindings.leave(open.bindings);
            self.walk.close(open.role, &mut self.defects);
        }
    }

    fn attributes(&mut self, element: &str, attributes: &[(&'a str, &'a str)], position: usize) {
        let mut room = TAG_BYTES;
        for (at, (key, value)) in attributes.iter().enumerate() {
            let name = match key.split_once(':') {
                Some(("xmlns", _)) => continue,
                None if *key == "xmlns" || (element == "feed" && *key == "version") => continue,
                None => attribute_name(key),
                Some(("xml", local)) if names::is_plain(local) => Cow::Borrowed(*key),
                Some(("xml", local)) => Cow::Owned(format!("xml:{}", names::local(local))),
                Some((prefix, local)) => match self.bindings.vocabulary(prefix).0 {
                    "rdf" => Cow::Owned(format!("rdf:{}", names::local(local))),
                    "" | "enc" => attribute_name(local),
                    _ => continue,
                },
            };
            if attributes[..at].iter().any(|(earlier, _)| earlier == key) {
                self.defects.note(Fault::DuplicateAttribute, position);
                continue;
            }
            let cap = if name == "xml:base" { BASE_BYTES } else { room };
            if value.len() > cap {
                self.defects.note(Fault::TooLong, position);
                continue;
            }
            room = room.saturating_sub(value.len());
            let value = escape::text(value, position, &mut self.entities, &mut self.defects);
            self.walk.attribute(name, value);
        }
    }
}

fn attribute_name(key: &str) -> Cow<'_, str> {
    if key == "isPermaLink" || names::is_plain(key) {
        Cow::Borrowed(key)
    } else if key.eq_ignore_ascii_case("ispermalink") {
        Cow::Borrowed("isPermaLink")
    } else {
        Cow::Owned(names::local(key))
    }
}
