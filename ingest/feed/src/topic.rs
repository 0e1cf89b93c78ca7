//! Categories: the words that machines compare, the words for people, and where they are from.

use crate::document::Topic;
use crate::node::Node;

/// Categories of an entry.
const TOPICS: usize = 10_000;

/// The categories of an entry or a feed, each once.
pub(crate) fn topics(node: Node<'_, '_>) -> Vec<Topic> {
    let mut found = Vec::new();
    collect(&mut found, node);
    let mut seen = std::collections::HashSet::new();
    found.retain(|topic| seen.insert((topic.term.clone(), topic.scheme.clone())));
    found.truncate(TOPICS);
    found
}

fn collect(found: &mut Vec<Topic>, node: Node<'_, '_>) {
    for child in node.children() {
        if child.name() == "media:group" {
            collect(found, child);
        } else {
            found.extend(topic(child));
            // Apple's sub-categories stand inside of their category.
            found.extend(child.all("itunes:category").filter_map(topic));
        }
    }
}

/// The category that an element is.
pub(crate) fn topic(node: Node<'_, '_>) -> Option<Topic> {
    let attribute = |name: &str| node.attribute(name).map(str::to_owned);
    let label = attribute("label");
    let term = match node.name() {
        "category" => attribute("term").or_else(|| label.clone()).or_else(|| node.text()),
        "dc:subject" | "media:category" => node.text(),
        "itunes:category" => attribute("text"),
        _ => None,
    }?;
    // RSS calls the scheme a domain.
    let scheme = attribute("scheme").or_else(|| attribute("domain"));
    Some(Topic { label: label.filter(|label| *label != term), term, scheme })
}

/// The words that machines compare, each once.
pub(crate) fn terms(topics: &[Topic]) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let topics = topics.iter().filter(|topic| seen.insert(&topic.term));
    topics.map(|topic| topic.term.clone()).collect()
}
