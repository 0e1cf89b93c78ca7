//! Elements with all that is in them, in the order of the document.
//!
//! A tree is one flat list, so that a feed of ten thousand entries costs no allocation for each
//! element: an entry is read and the list is used again.

use std::borrow::Cow;

/// Elements, texts and attributes in the order of the document.
#[derive(Debug, Default)]
pub(crate) struct Tree<'a> {
    pieces: Vec<Piece<'a>>,
    attributes: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    open: Vec<usize>,
}

#[derive(Debug)]
enum Piece<'a> {
    Element {
        name: Cow<'a, str>,
        position: usize,
        /// Where its attributes begin and end.
        attributes: (usize, usize),
        /// The piece after everything inside.
        end: usize,
    },
    Text(Cow<'a, str>),
}

impl<'a> Tree<'a> {
    /// Opens an element that starts at a byte of the document.
    pub(crate) fn open(&mut self, name: Cow<'a, str>, position: usize) {
        self.open.push(self.pieces.len());
        let attributes = (self.attributes.len(), self.attributes.len());
        self.pieces.push(Piece::Element { name, position, attributes, end: usize::MAX });
    }

    /// Gives the element that was opened last an attribute.
    pub(crate) fn attribute(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) {
        self.attributes.push((name, value));
        let after = self.attributes.len();
        if let Some(at) = self.open.last()
            && let Piece::Element { attributes, .. } = &mut self.pieces[*at]
        {
            attributes.1 = after;
        }
    }

    /// Adds text to the innermost open element.
    pub(crate) fn text(&mut self, text: Cow<'a, str>) {
        self.pieces.push(Piece::Text(text));
    }

    /// Closes the innermost open element.
    pub(crate) fn close(&mut self) {
        let after = self.pieces.len();
        if let Some(at) = self.open.pop()
            && let Piece::Element { end, .. } = &mut self.pieces[at]
        {
            *end = after;
        }
    }

    /// How many elements are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.pieces.clear();
        self.attributes.clear();
        self.open.clear();
    }

    /// The outermost elements.
    pub(crate) fn roots(&self) -> Children<'_, 'a> {
        Children { tree: self, at: 0, end: self.pieces.len() }
    }
}

/// An element of a tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'t, 'a> {
    tree: &'t Tree<'a>,
    at: usize,
}

impl<'t, 'a> Node<'t, 'a> {
    /// Its one name.
    pub(crate) fn name(self) -> &'t str {
        match &self.tree.pieces[self.at] {
            Piece::Element { name, .. } => name,
            Piece::Text(_) => "",
        }
    }

    /// The byte of its start tag in the document.
    pub(crate) fn position(self) -> usize {
        match &self.tree.pieces[self.at] {
            Piece::Element { position, .. } => *position,
            Piece::Text(_) => 0,
        }
    }

    /// The piece after everything inside.
    fn end(self) -> usize {
        match &self.tree.pieces[self.at] {
            Piece::Element { end, .. } => (*end).min(self.tree.pieces.len()),
            Piece::Text(_) => self.at + 1,
        }
    }

    /// Its attributes as they stand.
    pub(crate) fn attributes(self) -> &'t [(Cow<'a, str>, Cow<'a, str>)] {
        match &self.tree.pieces[self.at] {
            Piece::Element { attributes: (from, to), .. } => &self.tree.attributes[*from..*to],
            Piece::Text(_) => &[],
        }
    }

    /// The value of an attribute, trimmed, if it is there and not empty.
    pub(crate) fn attribute(self, name: &str) -> Option<&'t str> {
        let found = self.attributes().iter().find(|(key, _)| key == name)?;
        Some(found.1.trim()).filter(|value| !value.is_empty())
    }

    /// The elements directly inside.
    pub(crate) fn children(self) -> Children<'t, 'a> {
        Children { tree: self.tree, at: self.at + 1, end: self.end() }
    }

    /// The elements of one name directly inside.
    pub(crate) fn all(self, name: &str) -> impl Iterator<Item = Self> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The first element of a name directly inside.
    pub(crate) fn child(self, name: &str) -> Option<Self> {
        self.children().find(|child| child.name() == name)
    }

    /// The text directly and deeper inside, trimmed, if there is any.
    pub(crate) fn text(self) -> Option<String> {
        let mut texts = self.tree.pieces[self.at + 1..self.end()].iter().filter_map(text_of);
        let first = texts.next()?;
        let Some(second) = texts.next() else {
            return Some(first.trim().to_owned()).filter(|text| !text.is_empty());
        };
        let mut out = String::from(first);
        out.push_str(second);
        texts.for_each(|text| out.push_str(text));
        Some(trimmed(out)).filter(|text| !text.is_empty())
    }

    /// The content as text or HTML: markup inside is written out again.
    pub(crate) fn markup(self) -> Option<String> {
        let Some(first) = self.children().next() else { return self.text() };
        let mut own = self.own_texts();
        let wraps = matches!(first.name(), "xhtml:div" | "div" | "xhtml:body")
            && self.children().nth(1).is_none()
            && own.all(|text| text.trim().is_empty());
        let mut out = String::new();
        let inside = if wraps { first } else { self };
        inside.write_inside(&mut out, &local);
        Some(trimmed(out)).filter(|text| !text.is_empty())
    }

    /// Whether there are elements inside.
    pub(crate) fn has_children(self) -> bool {
        self.children().next().is_some()
    }

    fn own_texts(self) -> impl Iterator<Item = &'t str> {
        let mut at = self.at + 1;
        let end = self.end();
        std::iter::from_fn(move || {
            while at < end {
                let piece = &self.tree.pieces[at];
                at = Node { tree: self.tree, at }.end();
                if let Piece::Text(text) = piece {
                    return Some(&**text);
                }
            }
            None
        })
    }

    fn write_inside(self, out: &mut String, name: &dyn Fn(&str) -> &str) {
        let mut at = self.at + 1;
        while at < self.end() {
            let inner = Node { tree: self.tree, at };
            match &self.tree.pieces[at] {
                Piece::Text(text) => escape(out, text, ""),
                Piece::Element { .. } => inner.write(out, name),
            }
            at = inner.end();
        }
    }

    /// Writes the element as XML, under the name that it is to have.
    pub(crate) fn write(self, out: &mut String, name: &dyn Fn(&str) -> &str) {
        let own = name(self.name());
        out.push('<');
        out.push_str(own);
        for (key, value) in self.attributes() {
            out.push(' ');
            out.push_str(key);
            out.push_str("=\"");
            escape(out, value, "\"");
            out.push('"');
        }
        if self.end() == self.at + 1 && matches!(own, "br" | "img" | "hr" | "input" | "wbr") {
            out.push_str(" />");
            return;
        }
        out.push('>');
        self.write_inside(out, name);
        out.push_str("</");
        out.push_str(own);
        out.push('>');
    }
}

/// The name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Elements beside each other.
#[derive(Debug, Clone)]
pub(crate) struct Children<'t, 'a> {
    tree: &'t Tree<'a>,
    at: usize,
    end: usize,
}

impl<'t, 'a> Iterator for Children<'t, 'a> {
    type Item = Node<'t, 'a>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.end {
            let node = Node { tree: self.tree, at: self.at };
            self.at = node.end();
            if matches!(self.tree.pieces[node.at], Piece::Element { .. }) {
                return Some(node);
            }
        }
        None
    }
}

fn text_of<'t>(piece: &'t Piece<'_>) -> Option<&'t str> {
    match piece {
        Piece::Text(text) => Some(text),
        Piece::Element { .. } => None,
    }
}

fn trimmed(text: String) -> String {
    let inner = text.trim();
    if inner.len() == text.len() { text } else { inner.to_owned() }
}

fn escape(out: &mut String, text: &str, quote: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if quote == "\"" => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree<'static> {
        let mut tree = Tree::default();
        tree.open("item".into(), 3);
        tree.open("title".into(), 9);
        tree.attribute("type".into(), "xhtml".into());
        tree.text(" a < ".into());
        tree.open("xhtml:b".into(), 20);
        tree.attribute("class".into(), "\"x\"".into());
        tree.text("b".into());
        tree.close();
        tree.open("xhtml:br".into(), 30);
        tree.close();
        tree.close();
        tree.open("link".into(), 40);
        tree.close();
        tree.close();
        tree
    }

    #[test]
    fn children_texts_and_attributes_are_each_elements_own() {
        let tree = tree();
        let item = tree.roots().next().unwrap();
        let names: Vec<_> = item.children().map(Node::name).collect();
        assert_eq!(names, ["title", "link"]);
        let title = item.child("title").unwrap();
        assert_eq!(title.attribute("type"), Some("xhtml"));
        assert_eq!(title.text().as_deref(), Some("a < b"));
        assert_eq!(item.child("link").unwrap().attributes(), []);
        assert_eq!(title.position(), 9);
    }

    #[test]
    fn markup_is_written_out_again() {
        let tree = tree();
        let title = tree.roots().next().unwrap().child("title").unwrap();
        let want = "a &lt; <b class=\"&quot;x&quot;\">b</b><br />";
        assert_eq!(title.markup().as_deref(), Some(want));
    }
}
