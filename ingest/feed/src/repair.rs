//! Turns any feed-like text into a well-formed document with known names and bounded size.
//!
//! What comes out has one namespace prefix for each vocabulary, no CDATA, no instructions, no
//! references but the four of XML, and balanced tags; so that nothing behind it can fail, and
//! everything that was wrong is on the list of defects.

use crate::document::Defect;
use crate::escape;
use crate::lexer::{Lexer, Token};
use crate::locate::{Family, Root};
use crate::names;

/// Deepest nesting; feed-rs overflows the stack at 700 (reliability.md §2.1).
pub(crate) const DEPTH: usize = 100;
/// Elements of a document.
const ELEMENTS: usize = 200_000;
/// Items of a document.
const ITEMS: usize = 10_000;
/// Attribute bytes of one tag.
const TAG_BYTES: usize = 64 * 1024;
/// Longest `xml:base`: feed-rs joins it to every link.
const BASE_BYTES: usize = 2 * 1024;
/// Defects that are told one by one.
const DEFECTS: usize = 100;
/// The `type` of a text that is no text; it is written as the `mode` of Atom 0.3.
const BASE64: &str = "base64";
/// Namespace declarations in scope.
const BINDINGS: usize = 128;

/// A well-formed document.
pub(crate) struct Repaired {
    pub(crate) text: String,
    pub(crate) defects: Vec<Defect>,
    /// Where the cap on depth was first met.
    pub(crate) too_deep: Option<usize>,
}

/// Repairs a decoded document whose root was located.
pub(crate) fn repair(text: &str, root: Root) -> Repaired {
    let mut work = Work::new(text.len(), root);
    if root.position > 0 && !text[..root.position].trim_start().starts_with(['<', '\u{feff}']) {
        work.defect("text before the root", 0);
    }
    let mut lexer = Lexer::new(text, root.position);
    while !work.full {
        let position = lexer.at;
        let parent = work.stack.last().map_or("", |open| open.raw);
        let Some(token) = lexer.next(parent) else { break };
        match token {
            Token::Text(inside) => work.text(inside, position),
            Token::Raw(inside) => work.raw(inside),
            Token::Start { name, attributes, closed } => {
                work.start(name, &attributes, closed, position);
            }
            Token::End(name) => work.end(name, position),
            Token::Aside => {}
        }
    }
    if work.stack.len() > 1 {
        work.defect("the document ends too early", text.len());
    }
    work.close_to(0);
    work.out.push_str(work.end_tag());
    Repaired { text: work.out, defects: work.defects, too_deep: work.too_deep }
}

struct Open<'a> {
    raw: &'a str,
    name: String,
    bindings: usize,
    /// Where its start tag stands in the output, as long as nothing followed it.
    from: usize,
}

struct Work<'a> {
    root: Root,
    out: String,
    stack: Vec<Open<'a>>,
    bindings: Vec<(&'a str, &'static str)>,
    defects: Vec<Defect>,
    elements: usize,
    items: usize,
    rooted: bool,
    full: bool,
    too_deep: Option<usize>,
}

impl<'a> Work<'a> {
    fn new(length: usize, root: Root) -> Self {
        let mut work = Self {
            root,
            out: String::with_capacity(length + length / 8 + 2048),
            stack: Vec::new(),
            bindings: Vec::new(),
            defects: Vec::new(),
            elements: 0,
            items: 0,
            rooted: false,
            full: false,
            too_deep: None,
        };
        if !root.whole {
            work.defect("no root element", root.position);
            work.open_root(&[]);
        }
        work
    }

    fn defect(&mut self, what: &str, position: usize) {
        if self.defects.len() < DEFECTS {
            self.defects.push(Defect { what: what.to_owned(), position });
        }
    }

    fn end_tag(&self) -> &'static str {
        match self.root.family {
            Family::Rss => "</rss>",
            Family::Rdf => "</rdf:RDF>",
            Family::Atom => "</feed>",
        }
    }

    /// The root, with every vocabulary declared.
    fn open_root(&mut self, attributes: &[(&'a str, &'a str)]) {
        self.rooted = true;
        self.out.push_str(match self.root.family {
            Family::Rss => "<rss version=\"2.0\"",
            Family::Rdf => "<rdf:RDF xmlns=\"http://purl.org/rss/1.0/\"",
            Family::Atom => "<feed xmlns=\"http://www.w3.org/2005/Atom\"",
        });
        for (prefix, address) in names::CANONICAL {
            self.out.push_str(" xmlns:");
            self.out.push_str(prefix);
            self.out.push_str("=\"");
            self.out.push_str(address);
            self.out.push('"');
        }
        self.attributes("feed", attributes);
        self.out.push('>');
    }

    fn text(&mut self, inside: &str, position: usize) {
        if self.rooted && escape::text(&mut self.out, inside) {
            self.defect("a reference or character that xml does not allow", position);
        }
    }

    fn raw(&mut self, inside: &str) {
        if self.rooted {
            escape::raw(&mut self.out, inside);
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
            self.defect("more than 200000 elements", position);
            self.full = true;
            return;
        }
        let bindings = self.bindings.len();
        self.bind(raw, attributes);
        if !self.rooted {
            self.open_root(attributes);
            return;
        }
        let name = self.canonical(raw);
        if matches!(name.as_str(), "rss" | "feed" | "rdf:rdf") && self.stack.len() < 2 {
            return;
        }
        if matches!(name.as_str(), "item" | "entry") {
            self.items += 1;
            if self.items > ITEMS {
                self.defect("more than 10000 items", position);
                self.full = true;
                return;
            }
            let keep =
                self.stack.iter().rposition(|open| is_container(&open.name)).map_or(0, |at| at + 1);
            if keep < self.stack.len() {
                self.defect("an item inside of another element", position);
                self.close_to(keep);
            }
        } else if self.interrupts(&name) {
            self.defect("an end tag is missing", position);
            self.close_to(self.stack.len() - 1);
        }
        if self.stack.len() >= DEPTH {
            if self.too_deep.is_none() {
                self.defect("elements nested deeper than 100", position);
                self.too_deep = Some(position);
            }
            self.bindings.truncate(bindings);
            return;
        }
        let from = self.out.len();
        self.out.push('<');
        self.out.push_str(&name);
        self.attributes(&name, attributes);
        self.out.push('>');
        self.stack.push(Open { raw, name, bindings, from });
        if closed {
            self.close_to(self.stack.len() - 1);
        }
    }

    /// Whether an element of an item starts inside of one that holds nothing but text.
    fn interrupts(&self, name: &str) -> bool {
        let Some([above, top]) = self.stack.last_chunk::<2>() else { return false };
        let leaf = match self.root.family {
            Family::Atom => {
                matches!(top.name.as_str(), "id" | "updated" | "published" | "link" | "name")
            }
            _ => matches!(
                top.name.as_str(),
                "title" | "link" | "guid" | "pubDate" | "category" | "comments"
            ),
        };
        let sibling = matches!(
            name,
            "title"
                | "link"
                | "guid"
                | "pubDate"
                | "category"
                | "comments"
                | "description"
                | "id"
                | "updated"
                | "published"
                | "summary"
                | "content"
                | "author"
                | "enclosure"
                | "source"
        );
        leaf && sibling && (is_item(&above.name) || is_container(&above.name))
    }

    fn end(&mut self, raw: &str, position: usize) {
        let same = |open: &Open<'_>| open.raw == raw || open.raw.eq_ignore_ascii_case(raw);
        let Some(at) = self.stack.iter().rposition(same) else {
            let root = raw.rsplit(':').next().unwrap_or(raw);
            if !["rss", "feed", "rdf"].iter().any(|known| known.eq_ignore_ascii_case(root)) {
                self.defect("an end tag without a start tag", position);
            }
            return;
        };
        // A stray end tag of markup must not close the item it stands in.
        let crossed = self.stack[at + 1..].iter().any(|open| is_item(&open.name));
        if crossed && !is_container(&self.stack[at].name) {
            return;
        }
        if at + 1 < self.stack.len() {
            self.defect("an end tag is missing", position);
        }
        self.close_to(at);
    }

    fn close_to(&mut self, depth: usize) {
        while self.stack.len() > depth {
            let Some(open) = self.stack.pop() else { break };
            self.bindings.truncate(open.bindings);
            // feed-rs gives up the whole feed at one empty media text.
            let empty = self.out[open.from..].ends_with('>')
                && self.out[open.from + 1..].find('<').is_none();
            if empty
                && matches!(open.name.as_str(), "media:title" | "media:description" | "media:text")
            {
                self.out.truncate(open.from);
                continue;
            }
            self.out.push_str("</");
            self.out.push_str(&open.name);
            self.out.push('>');
        }
    }

    fn bind(&mut self, raw: &'a str, attributes: &[(&'a str, &'a str)]) {
        for (key, value) in attributes {
            let prefix = match key.split_once(':') {
                Some(("xmlns", prefix)) => prefix,
                None if *key == "xmlns" => "",
                _ => continue,
            };
            if self.bindings.len() < BINDINGS {
                self.bindings.push((prefix, self.own(names::by_address(value))));
            }
        }
        if !self.rooted {
            // Whatever the root's namespace is called, it is the feed's own.
            let prefix = raw.split_once(':').map_or("", |(prefix, _)| prefix);
            if prefix != "rdf" && !prefix.eq_ignore_ascii_case("rdf") {
                self.bindings.push((prefix, ""));
            }
        }
    }

    fn own(&self, prefix: &'static str) -> &'static str {
        if self.root.family == Family::Atom && prefix == "atom" { "" } else { prefix }
    }

    fn prefix(&self, prefix: &str) -> &'static str {
        let bound = self.bindings.iter().rev().find(|(known, _)| *known == prefix);
        bound.map_or_else(|| self.own(names::by_custom(prefix)), |(_, canonical)| canonical)
    }

    fn canonical(&self, raw: &str) -> String {
        let (prefix, local) = raw.split_once(':').unwrap_or(("", raw));
        let local = names::local(local);
        match self.prefix(prefix) {
            "" => local,
            prefix => format!("{prefix}:{local}"),
        }
    }

    fn attributes(&mut self, element: &str, attributes: &[(&'a str, &'a str)]) {
        let mut written: Vec<String> = Vec::new();
        let mut room = TAG_BYTES;
        for (key, value) in attributes {
            let name = match key.split_once(':') {
                Some(("xmlns", _)) => continue,
                None if *key == "xmlns" || (element == "feed" && *key == "version") => continue,
                None => attribute_name(key),
                Some(("xml", local)) => format!("xml:{}", names::local(local)),
                Some((prefix, local)) => match self.prefix(prefix) {
                    "rdf" => format!("rdf:{}", names::local(local)),
                    "" => attribute_name(local),
                    _ => continue,
                },
            };
            let cap = if name == "xml:base" { BASE_BYTES } else { room };
            if value.len() > cap || written.contains(&name) {
                continue;
            }
            room -= value.len();
            let value = if name == "type" { text_type(element, value) } else { value };
            if value == BASE64 {
                self.out.push_str(" mode=\"base64\"");
                continue;
            }
            self.out.push(' ');
            self.out.push_str(&name);
            self.out.push_str("=\"");
            escape::attribute(&mut self.out, value);
            self.out.push('"');
            written.push(name);
        }
    }
}

fn attribute_name(key: &str) -> String {
    if key.eq_ignore_ascii_case("ispermalink") {
        "isPermaLink".to_owned()
    } else {
        names::local(key)
    }
}

/// feed-rs gives up the whole feed at a `type` that it does not know.
fn text_type<'a>(element: &str, value: &'a str) -> &'a str {
    let text =
        ["title", "subtitle", "tagline", "summary", "content", "rights", "copyright", "info"];
    if !text.contains(&element) {
        return value;
    }
    match value.trim().to_ascii_lowercase().as_str() {
        "html" | "text/html" => "html",
        "xhtml" | "application/xhtml+xml" => "xhtml",
        other if element == "content" && other.contains('/') && other != "text/plain" => value,
        other if other.contains('/') && !other.starts_with("text/") && !other.ends_with("xml") => {
            BASE64
        }
        _ => "text",
    }
}

fn is_container(name: &str) -> bool {
    matches!(name, "channel" | "items" | "rdf:rdf" | "rss" | "feed")
}

fn is_item(name: &str) -> bool {
    matches!(name, "item" | "entry")
}
