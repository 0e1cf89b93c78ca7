//! When feed-rs refuses a document, its entries are offered to it one by one.

use crate::document::Entry;
use crate::locate::Family;
use crate::names;
use crate::read;
use std::ops::Range;
use url::Url;

/// Entries that are tried one by one; each costs a parser.
const TRIES: usize = 200;

/// Fills what entries lack, each from a document of its own.
pub(crate) fn salvage(
    text: &str,
    family: Family,
    entries: &mut [Entry],
    spans: &[Range<usize>],
    url: Option<&Url>,
) {
    let lacking = entries.iter_mut().zip(spans).filter(|(entry, _)| is_lacking(entry));
    for (entry, span) in lacking.take(TRIES) {
        let Some(inside) = text.get(span.clone()) else { continue };
        if let Ok(mut alone) = read::parse(&wrap(inside, family), url)
            && alone.entries.len() == 1
            && let Some(known) = alone.entries.pop()
        {
            read::fill(entry, known);
        }
    }
}

/// Whether an entry has no title or no text.
pub(crate) fn is_lacking(entry: &Entry) -> bool {
    entry.title.is_none() || (entry.summary.is_none() && entry.content.is_none())
}

fn wrap(inside: &str, family: Family) -> String {
    let (open, close) = match family {
        Family::Rss => ("<rss version=\"2.0\"", "</channel></rss>"),
        Family::Rdf => ("<rdf:RDF xmlns=\"http://purl.org/rss/1.0/\"", "</rdf:RDF>"),
        Family::Atom => ("<feed xmlns=\"http://www.w3.org/2005/Atom\"", "</feed>"),
    };
    let mut out = String::from(open);
    for (prefix, address) in names::CANONICAL {
        out.push_str(" xmlns:");
        out.push_str(prefix);
        out.push_str("=\"");
        out.push_str(address);
        out.push('"');
    }
    out.push_str(if family == Family::Rss { "><channel>" } else { ">" });
    out.push_str(inside);
    out.push_str(close);
    out
}
