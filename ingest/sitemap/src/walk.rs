//! One walk over the elements of a sitemap, whatever is wrong with them.
//!
//! Only the elements of [`Name`] are kept on the stack; an end tag closes the nearest of its name,
//! and what must not stand inside of another closes that.

use feed::{Lexer, Token};
use url::Url;

use crate::document::{Child, Defect, Kind, Listed};
use crate::item::Item;
use crate::names::{Name, group_of_prefix};
use crate::window::{AHEAD, Window};

/// Pages or sitemaps of a document (sitemaps.org).
pub(crate) const MOST: usize = 50_000;
/// Deepest nesting of elements that say something; the deepest that means something is five.
const DEPTH: usize = 20;
/// Longest text of an element, in bytes.
const TEXT_BYTES: usize = 16 * 1024;
/// Defects that are told one by one.
const DEFECTS: usize = 100;

/// What a walk found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) kind: Kind,
    pub(crate) urls: Vec<Listed>,
    pub(crate) sitemaps: Vec<Child>,
    pub(crate) defects: Vec<Defect>,
}

impl Found {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, urls: Vec::new(), sitemaps: Vec::new(), defects: Vec::new() }
    }

    pub(crate) fn defect(&mut self, what: &str, position: usize) {
        if self.defects.len() < DEFECTS {
            self.defects.push(Defect { what: what.to_owned(), position, place: None });
        }
    }

    /// Whether it may hold no more.
    pub(crate) fn is_full(&self) -> bool {
        self.urls.len() + self.sitemaps.len() >= MOST
    }
}

/// Reads the elements of a document.
pub(crate) fn walk(window: &mut Window<'_>, base: Option<&Url>) -> Found {
    let mut walk = Walk {
        base,
        stack: Vec::new(),
        item: None,
        leaf: None,
        found: Found::new(Kind::Urlset),
        is_full: false,
    };
    loop {
        window.fill();
        let passed = walk.part(window.text(), window.position(), window.is_last());
        window.pass(passed);
        if walk.is_full || window.is_last() {
            break;
        }
    }
    walk.finish(window.position())
}

/// An element whose text is being read.
#[derive(Debug)]
struct Leaf {
    name: Name,
    group: Name,
    raw: String,
    text: String,
}

struct Walk<'u> {
    base: Option<&'u Url>,
    stack: Vec<Name>,
    item: Option<Item>,
    leaf: Option<Leaf>,
    found: Found,
    is_full: bool,
}

impl Walk<'_> {
    /// Reads what is in sight, but for the last piece of it if more will come into sight; answers
    /// how many bytes were read.
    fn part(&mut self, text: &str, offset: usize, is_last: bool) -> usize {
        let mut lexer = Lexer::new(text, 0);
        loop {
            let at = lexer.at;
            if !is_last && at > 0 && text.len() - at < AHEAD {
                return at;
            }
            let parent = self.leaf.as_ref().map_or("", |leaf| leaf.raw.as_str());
            let Some(token) = lexer.next(parent) else { return text.len() };
            // It may go on out of sight; from the beginning of the window it would still.
            if !is_last && at > 0 && lexer.at == text.len() {
                return at;
            }
            let position = offset + at;
            match token {
                Token::Text(inside) => self.text(inside),
                Token::Raw(inside) => self.raw(inside),
                Token::Start { name, closed, .. } => {
                    self.start(name, position);
                    if closed {
                        self.end(name, position);
                    }
                }
                Token::End(name) => self.end(name, position),
                Token::Aside | Token::Doctype(_) => {}
            }
            if self.is_full {
                return lexer.at;
            }
        }
    }

    fn text(&mut self, inside: &str) {
        let Some(leaf) = &mut self.leaf else { return };
        let mut rest = inside;
        while let Some(at) = rest.find('&') {
            push(&mut leaf.text, &rest[..at]);
            rest = &rest[at..];
            let (meant, length) = feed::reference(rest).unwrap_or(('&', 1));
            push(&mut leaf.text, meant.encode_utf8(&mut [0; 4]));
            rest = &rest[length..];
        }
        push(&mut leaf.text, rest);
    }

    fn raw(&mut self, inside: &str) {
        if let Some(leaf) = &mut self.leaf {
            push(&mut leaf.text, inside);
        }
    }

    fn start(&mut self, raw: &str, position: usize) {
        let name = Name::of(raw);
        if let Some(leaf) = &self.leaf {
            // Markup stands inside of headlines; what stands inside of anything else has lost an
            // end tag.
            let is_markup = name.is_none() && !raw.contains(':');
            if is_markup && matches!(leaf.name, Name::Title | Name::Keywords | Name::Outlet) {
                return;
            }
            self.found.defect("an end tag is missing", position);
            self.close_leaf(position);
        }
        let Some(name) = name else { return };
        match name {
            Name::Urlset | Name::Sitemapindex => self.root(name),
            Name::Url | Name::Sitemap => {
                if self.item.is_some() {
                    self.found.defect("an end tag is missing", position);
                }
                self.open_item(name, position);
            }
            _ if name.is_text() => self.open_leaf(name, raw, position),
            _ => self.push(name, position),
        }
    }

    fn root(&mut self, name: Name) {
        if self.found.urls.is_empty() && self.found.sitemaps.is_empty() {
            self.found.kind = if name == Name::Urlset { Kind::Urlset } else { Kind::Index };
        }
    }

    fn push(&mut self, name: Name, position: usize) {
        if self.stack.len() < DEPTH {
            self.stack.push(name);
        } else {
            self.found.defect("elements nested deeper than 20", position);
        }
    }

    fn open_item(&mut self, name: Name, position: usize) {
        self.close_item();
        if self.found.is_full() {
            self.is_full = true;
            return;
        }
        self.stack.push(name);
        self.item = Some(Item::new(name, position));
    }

    fn open_leaf(&mut self, name: Name, raw: &str, position: usize) {
        let nearest = self.stack.iter().rev().copied().find(|name| name.is_group());
        let mut group = match nearest {
            Some(group) if !group.is_item() => Some(group),
            item => group_of_prefix(raw).or(item),
        };
        // An item that lost its own tags is still known by its address.
        let is_next = self.item.as_ref().is_none_or(Item::has_loc);
        if name == Name::Loc && is_next && group.is_none_or(Name::is_item) {
            let kind = self.item.as_ref().map(|item| item.name);
            let by_root = if self.found.kind == Kind::Index { Name::Sitemap } else { Name::Url };
            let kind = kind.unwrap_or(by_root);
            self.found.defect("a loc outside of an element of its own", position);
            self.open_item(kind, position);
            group = Some(kind);
        }
        let Some(group) = group else { return };
        self.leaf = Some(Leaf { name, group, raw: raw.to_owned(), text: String::new() });
    }

    fn end(&mut self, raw: &str, position: usize) {
        let Some(name) = Name::of(raw) else { return };
        if name.is_text() {
            // An end tag of another name is taken for the leaf's own, misspelt.
            self.close_leaf(position);
            return;
        }
        if self.leaf.is_some() {
            self.found.defect("an end tag is missing", position);
            self.close_leaf(position);
        }
        let Some(at) = self.stack.iter().rposition(|open| *open == name) else { return };
        if name.is_item() {
            self.close_item();
        } else {
            self.stack.truncate(at);
        }
    }

    fn close_leaf(&mut self, position: usize) {
        let Some(leaf) = self.leaf.take() else { return };
        let Some(item) = &mut self.item else { return };
        if let Some(wrong) = item.take(leaf.group, leaf.name, &leaf.text, self.base) {
            self.found.defect(wrong, position);
        }
    }

    fn close_item(&mut self) {
        self.stack.clear();
        let Some(item) = self.item.take() else { return };
        let position = item.position;
        let listed = if item.name == Name::Sitemap {
            item.child().map(|child| self.found.sitemaps.push(child))
        } else {
            item.page().map(|page| self.found.urls.push(page))
        };
        if listed.is_none() {
            self.found.defect("an element without a loc", position);
        }
    }

    fn finish(mut self, position: usize) -> Found {
        if self.is_full {
            self.found.defect("more than 50000 addresses", position);
            return self.found;
        }
        if self.item.is_some() {
            self.found.defect("the document ends too early", position);
            // An address that was cut is another address.
            if self.leaf.as_ref().is_none_or(|leaf| leaf.name != Name::Loc) {
                self.close_leaf(position);
            }
            self.close_item();
        }
        self.found
    }
}

fn push(text: &mut String, more: &str) {
    let room = TEXT_BYTES.saturating_sub(text.len());
    text.push_str(&more[..more.floor_char_boundary(room)]);
}
