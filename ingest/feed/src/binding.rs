//! Namespace declarations in scope, and the one name that an element has by them.

use crate::defect::Fault;
use crate::locate::Family;
use crate::names;
use std::borrow::Cow;

/// Namespace declarations in scope.
const BINDINGS: usize = 128;

/// The declarations in scope, innermost last.
pub(crate) struct Bindings<'a> {
    family: Family,
    scopes: Vec<(&'a str, &'static str)>,
    /// What an element without a prefix belongs to.
    default: &'static str,
}

impl<'a> Bindings<'a> {
    pub(crate) const fn new(family: Family) -> Self {
        Self { family, scopes: Vec::new(), default: "" }
    }

    /// How many declarations are in scope.
    pub(crate) const fn depth(&self) -> usize {
        self.scopes.len()
    }

    /// Ends the scopes beyond a depth.
    pub(crate) fn leave(&mut self, depth: usize) {
        if depth < self.scopes.len() {
            self.scopes.truncate(depth);
            self.default = self.bound("").unwrap_or("");
        }
    }

    /// Reads the declarations of a start tag; answers what was wrong with them.
    pub(crate) fn declare(
        &mut self,
        raw: &str,
        attributes: &[(&'a str, &'a str)],
    ) -> Option<Fault> {
        let mut fault = None;
        for (key, value) in attributes {
            let prefix = match key.split_once(':') {
                Some(("xmlns", prefix)) => prefix,
                None if *key == "xmlns" => "",
                _ => continue,
            };
            let mut meant = self.own(names::by_address(value));
            // A damaged or made-up namespace around the feed's own elements is the feed's own.
            if meant == "x" && prefix.is_empty() && names::is_structure(raw) {
                meant = "";
                fault = Some(Fault::Namespace);
            } else if meant != "x" && !value.is_empty() && !names::is_proper(value) {
                fault = Some(Fault::Namespace);
            }
            self.push(prefix, meant);
        }
        fault
    }

    /// Whatever the root's namespace is called, it is the feed's own.
    pub(crate) fn adopt(&mut self, root: &'a str) {
        let prefix = root.split_once(':').map_or("", |(prefix, _)| prefix);
        if !prefix.eq_ignore_ascii_case("rdf") {
            self.push(prefix, "");
        }
    }

    fn push(&mut self, prefix: &'a str, meant: &'static str) {
        if self.scopes.len() < BINDINGS {
            self.scopes.push((prefix, meant));
            if prefix.is_empty() {
                self.default = meant;
            }
        }
    }

    fn bound(&self, prefix: &str) -> Option<&'static str> {
        let mut scopes = self.scopes.iter().rev();
        scopes.find(|(known, _)| *known == prefix).map(|(_, meant)| *meant)
    }

    fn own(&self, prefix: &'static str) -> &'static str {
        if self.family == Family::Atom && prefix == "atom" { "" } else { prefix }
    }

    /// The vocabulary of a prefix, and whether that was declared.
    pub(crate) fn vocabulary(&self, prefix: &str) -> (&'static str, bool) {
        if prefix.is_empty() {
            return (self.default, true);
        }
        match self.bound(prefix) {
            Some(meant) => (meant, true),
            None => (self.own(names::by_custom(prefix)), false),
        }
    }

    /// The one name of an element, and whether its prefix was declared.
    pub(crate) fn canonical(&self, raw: &'a str) -> (Cow<'a, str>, bool) {
        let (prefix, local) = raw.split_once(':').unwrap_or(("", raw));
        let (vocabulary, declared) = self.vocabulary(prefix);
        let name = match (names::is_plain(local), vocabulary) {
            (true, "") => Cow::Borrowed(local),
            (false, "") => Cow::Owned(names::local(local)),
            (true, _) if vocabulary == prefix => Cow::Borrowed(raw),
            (_, _) => Cow::Owned(format!("{vocabulary}:{}", names::local(local))),
        };
        (name, declared)
    }
}
