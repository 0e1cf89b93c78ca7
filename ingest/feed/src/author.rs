//! Names of authors out of the many ways in which feeds write them.

use crate::node::Node;

/// The authors of an entry.
pub(crate) fn authors(node: &Node) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in ["author", "atom:author", "dc:creator", "dc:author", "itunes:author"] {
        for author in node.all(name) {
            let inner = author
                .child("name")
                .or_else(|| author.child("atom:name"))
                .or_else(|| author.child("itunes:name"));
            let email = author.child("email").or_else(|| author.child("atom:email"));
            let text = match (inner, email) {
                (Some(inner), _) => inner.text().or_else(|| email.and_then(Node::text)),
                (None, Some(email)) => email.text(),
                (None, None) => author.text(),
            };
            if let Some(text) = text {
                let text = name_of(&text);
                if !text.is_empty() && !found.contains(&text) && found.len() < 100 {
                    found.push(text);
                }
            }
        }
        if !found.is_empty() && name == "dc:author" {
            break;
        }
    }
    found
}

/// The name in `a@example.com (Name)`, `Name <a@example.com>`, `Name a@example.com`, or the whole.
pub(crate) fn name_of(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.strip_prefix("mailto:").map_or(text.clone(), str::to_owned);
    if !text.contains('@') {
        return text;
    }
    let is_address = |word: &&str| word.contains('@') && word.contains('.');
    if !text.split([' ', '\u{a0}']).any(|word| is_address(&word)) {
        return text;
    }
    let rest: Vec<&str> = text.split([' ', '\u{a0}']).filter(|word| !is_address(word)).collect();
    let rest = rest.join(" ");
    let rest = rest.trim_matches(|c: char| c.is_whitespace() || "()<>[],;।–-".contains(c));
    if rest.is_empty() {
        return text.trim_matches(['<', '>', '(', ')']).to_owned();
    }
    rest.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_beside_an_address() {
        assert_eq!(name_of("desk@example.com (নিজস্ব প্রতিবেদক)"), "নিজস্ব প্রতিবেদক");
        assert_eq!(name_of("Rahim Uddin <rahim@example.com>"), "Rahim Uddin");
        assert_eq!(name_of("desk@example.com"), "desk@example.com");
        assert_eq!(name_of("a@example.com। ঢাকা"), "ঢাকা");
        assert_eq!(name_of("নাম\u{a0}a@example.com"), "নাম");
    }
}
