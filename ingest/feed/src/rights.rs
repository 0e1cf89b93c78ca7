//! Notices on rights, and the licences that they link to.

use crate::address::{rel, resolve, within};
use crate::node::Node;
use url::Url;

/// Elements with a notice, the feed's own first.
const NOTICES: [&str; 6] =
    ["rights", "copyright", "dc:rights", "dcterms:rights", "media:copyright", "atom:rights"];
/// Elements with the address of a licence.
const LICENCES: [&str; 3] = ["cc:license", "dcterms:license", "media:license"];
/// Licences of an entry.
const MOST: usize = 10;

/// The notice on rights.
pub(crate) fn notice(node: Node<'_, '_>) -> Option<String> {
    NOTICES.iter().find_map(|name| node.all(name).find_map(Node::markup))
}

/// Whether an element is a notice on rights.
pub(crate) fn is_notice(name: &str) -> bool {
    NOTICES.contains(&name)
}

/// The addresses of the licences.
pub(crate) fn licences(node: Node<'_, '_>, base: Option<&Url>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for licence in node.children().filter_map(|child| licence(child, base)).take(MOST) {
        if !found.contains(&licence) {
            found.push(licence);
        }
    }
    found
}

/// The address of the licence that an element names.
pub(crate) fn licence(node: Node<'_, '_>, base: Option<&Url>) -> Option<String> {
    match node.name() {
        "link" | "atom:link" if rel(node) == "license" => {
            within(node, node.attribute("href")?, base)
        }
        name if LICENCES.contains(&name) => {
            let address = ["rdf:resource", "href"].iter().find_map(|key| node.attribute(key));
            let address = address.map(str::to_owned).or_else(|| node.text())?;
            resolve(&address, base)
        }
        _ => None,
    }
}
