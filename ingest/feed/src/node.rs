//! An element of the repaired document with all that is in it.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use url::Url;

/// An element.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Element(Node),
}

impl Node {
    /// The element that a start tag opens, without its content.
    pub(crate) fn open(start: &BytesStart<'_>) -> Self {
        let mut attributes = start.attributes();
        let attributes = attributes.with_checks(false).flatten().map(|attribute| {
            let value = quick_xml::escape::unescape(&attribute.value);
            let value =
                value.map_or_else(|_| attribute.value.to_string(), std::borrow::Cow::into_owned);
            (attribute.key.0.to_owned(), value)
        });
        Self {
            name: start.name().0.to_owned(),
            attributes: attributes.collect(),
            parts: Vec::new(),
        }
    }

    /// Reads the element that `start` opened up to its end tag.
    pub(crate) fn read(start: &BytesStart<'_>, reader: &mut Reader<&[u8]>) -> Self {
        let mut open = vec![Self::open(start)];
        loop {
            let event = reader.read_event();
            let Some(top) = open.last_mut() else { return Self::default() };
            match event {
                Ok(Event::Start(start)) => open.push(Self::open(&start)),
                Ok(Event::Text(text)) => top.push(&text.into_inner()),
                Ok(Event::GeneralRef(reference)) => top.push(match &*reference.into_inner() {
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    _ => "&",
                }),
                Ok(Event::End(_)) => {
                    let Some(done) = open.pop() else { return Self::default() };
                    match open.last_mut() {
                        Some(parent) => parent.parts.push(Part::Element(done)),
                        None => return done,
                    }
                }
                Ok(Event::Eof) | Err(_) => return open.swap_remove(0),
                Ok(_) => {}
            }
        }
    }

    fn push(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            _ => self.parts.push(Part::Text(text.to_owned())),
        }
    }

    /// The value of an attribute, trimmed, if it is there and not empty.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name)?;
        Some(found.1.trim()).filter(|value| !value.is_empty())
    }

    /// The elements directly inside.
    pub(crate) fn children(&self) -> impl Iterator<Item = &Self> {
        self.parts.iter().filter_map(|part| match part {
            Part::Element(node) => Some(node),
            Part::Text(_) => None,
        })
    }

    /// The elements of one name directly inside.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children().filter(move |child| child.name == name)
    }

    /// The first element of a name directly inside.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children().find(|child| child.name == name)
    }

    /// The text directly and deeper inside, trimmed, if there is any.
    pub(crate) fn text(&self) -> Option<String> {
        let mut out = String::new();
        self.collect(&mut out);
        Some(out.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn collect(&self, out: &mut String) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Element(node) => node.collect(out),
            }
        }
    }

    /// The content as text or HTML: markup inside is written out again.
    pub(crate) fn markup(&self) -> Option<String> {
        if self.children().next().is_none() {
            return self.text();
        }
        let mut out = String::new();
        let only: Vec<&Self> = self.children().collect();
        let bare = self
            .parts
            .iter()
            .all(|part| !matches!(part, Part::Text(text) if !text.trim().is_empty()));
        match only[..] {
            [div] if bare && matches!(div.name.as_str(), "xhtml:div" | "div" | "xhtml:body") => {
                div.write_inside(&mut out);
            }
            _ => self.write_inside(&mut out),
        }
        Some(out.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn write_inside(&self, out: &mut String) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(&quick_xml::escape::partial_escape(text.as_str())),
                Part::Element(node) => {
                    let name = node.name.rsplit(':').next().unwrap_or(&node.name);
                    out.push('<');
                    out.push_str(name);
                    for (key, value) in &node.attributes {
                        out.push(' ');
                        out.push_str(key);
                        out.push_str("=\"");
                        out.push_str(&quick_xml::escape::escape(value.as_str()));
                        out.push('"');
                    }
                    if node.parts.is_empty()
                        && matches!(name, "br" | "img" | "hr" | "input" | "wbr")
                    {
                        out.push_str(" />");
                        continue;
                    }
                    out.push('>');
                    node.write_inside(out);
                    out.push_str("</");
                    out.push_str(name);
                    out.push('>');
                }
            }
        }
    }

    /// The base address inside of this element.
    pub(crate) fn base(&self, outer: Option<&Url>) -> Option<Url> {
        match self.attribute("xml:base") {
            Some(own) => {
                resolve(own, outer).and_then(|own| Url::parse(&own).ok()).or_else(|| outer.cloned())
            }
            None => outer.cloned(),
        }
    }
}

/// An address made absolute; as it is where it cannot be.
pub(crate) fn resolve(address: &str, base: Option<&Url>) -> Option<String> {
    let address: String =
        address.trim().chars().filter(|c| !matches!(c, '\n' | '\r' | '\t')).collect();
    if address.is_empty() {
        return None;
    }
    let parsed = match base {
        Some(base) => base.join(&address),
        None => Url::parse(&address),
    };
    Some(parsed.map_or(address, String::from))
}
