//! The door to feed-rs: a second reader for entries of which our own walk made nothing.
//!
//! A fresh parser for each entry, behind a guard against its panics; the entry is written out for
//! it as well-formed XML of bounded depth, because an overflow of its stack is not caught here.

use crate::document::Entry;
use crate::names;
use crate::node::Node;
use feed_rs::model;
use std::panic::{AssertUnwindSafe, catch_unwind};
use url::Url;

/// Entries of a document that are handed over; each costs a parser.
pub(crate) const TRIES: usize = 20;
/// Longest entry that is handed over.
const ENTRY_BYTES: usize = 256 * 1024;

/// Whether an entry has neither a title nor a text.
pub(crate) fn is_bare(entry: &Entry) -> bool {
    entry.title.is_none() && entry.summary.is_none() && entry.content.is_none()
}

/// Fills a bare entry with what feed-rs makes of its element.
pub(crate) fn ask(node: Node<'_, '_>, entry: &mut Entry, url: Option<&Url>) {
    let mut inside = String::new();
    node.write(&mut inside, &|name| name);
    if inside.len() > ENTRY_BYTES {
        return;
    }
    let text = wrap(&inside, node.name());
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        // Ids are khobor's own; feed-rs would hash headlines or invent random ones.
        let parser = feed_rs::parser::Builder::new()
            .base_uri(url.map(Url::as_str))
            .id_generator(|_, _, _| String::from("-"))
            .build();
        parser.parse(text.as_bytes())
    }));
    let Ok(Ok(mut feed)) = attempt else { return };
    let Some(known) = feed.entries.pop() else { return };
    let content = |text: model::Text| Some(text.content.trim().to_owned());
    let filled = |text: &String| !text.is_empty();
    entry.title = known.title.and_then(content).filter(filled);
    entry.summary = known.summary.and_then(content).filter(filled);
}

/// A document with a single entry.
fn wrap(inside: &str, name: &str) -> String {
    let (open, close) = match name {
        "entry" => ("<feed xmlns=\"http://www.w3.org/2005/Atom\"", "</feed>"),
        _ => ("<rss version=\"2.0\"", "</channel></rss>"),
    };
    let mut out = String::from(open);
    for (prefix, address) in names::CANONICAL {
        out.push_str(" xmlns:");
        out.push_str(prefix);
        out.push_str("=\"");
        out.push_str(address);
        out.push('"');
    }
    out.push_str(if name == "entry" { ">" } else { "><channel>" });
    out.push_str(inside);
    out.push_str(close);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Tree;

    #[test]
    fn an_entry_is_written_out_so_that_feed_rs_reads_it() {
        let mut tree = Tree::default();
        tree.open("item".into(), 0);
        tree.open("title".into(), 0);
        tree.text("ঢাকা < & >".into());
        tree.close();
        tree.open("dc:creator".into(), 0);
        tree.text("a@example.com। ঢাকা".into());
        tree.close();
        tree.close();
        let node = tree.roots().next().unwrap();
        let mut entry = Entry::default();
        ask(node, &mut entry, None);
        // feed-rs panics at the creator, and nothing comes of it.
        assert_eq!(entry.title, None);
        let mut tree = Tree::default();
        tree.open("entry".into(), 0);
        tree.open("title".into(), 0);
        tree.text("ঢাকা < & >".into());
        tree.close();
        tree.close();
        ask(tree.roots().next().unwrap(), &mut entry, None);
        assert_eq!(entry.title.as_deref(), Some("ঢাকা < & >"));
    }
}
