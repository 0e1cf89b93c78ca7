//! People out of the many ways in which feeds write them: names, mail addresses, pages.

use crate::address;
use crate::node::Node;
use serde::Serialize;
use url::Url;

/// People of an entry.
const PEOPLE: usize = 100;
/// Elements that name authors, those of a feed's own vocabulary first.
const AUTHORS: [&str; 5] = ["author", "atom:author", "dc:creator", "dc:author", "itunes:author"];
/// Elements that name others.
const CONTRIBUTORS: [&str; 3] = ["contributor", "atom:contributor", "dc:contributor"];

/// Someone who wrote an entry or had a part in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The name; the mail address where there is no name.
    pub name: String,
    /// The mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The page, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What part they had.
    pub role: PersonRole,
}

/// What part someone had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PersonRole {
    /// They wrote it.
    #[default]
    Author,
    /// They had another part.
    Contributor,
    /// They answer for it: `managingEditor`.
    Editor,
    /// They published it: `dc:publisher`.
    Publisher,
}

/// Authors and contributors of an entry or a feed.
pub(crate) fn people(node: Node<'_, '_>, base: Option<&Url>) -> Vec<Person> {
    let mut found = Vec::new();
    for name in AUTHORS {
        // What iTunes says is a repetition, and more often the show than the person.
        if name == "itunes:author" && !found.is_empty() {
            break;
        }
        for author in node.all(name) {
            add(&mut found, read(author, base), PersonRole::Author);
        }
    }
    for name in CONTRIBUTORS {
        for contributor in node.all(name) {
            add(&mut found, read(contributor, base), PersonRole::Contributor);
        }
    }
    found
}

/// Adds someone who was not named before.
pub(crate) fn add(found: &mut Vec<Person>, person: Option<Person>, role: PersonRole) {
    let Some(person) = person else { return };
    let known = found.iter_mut().find(|known| known.name == person.name);
    if let Some(known) = known {
        known.email = known.email.take().or(person.email);
        known.url = known.url.take().or(person.url);
    } else if found.len() < PEOPLE {
        found.push(Person { role, ..person });
    }
}

/// The names of the authors among them.
pub(crate) fn authors(people: &[Person]) -> Vec<String> {
    let authors = people.iter().filter(|person| person.role == PersonRole::Author);
    authors.map(|person| person.name.clone()).collect()
}

/// One person.
pub(crate) fn read(node: Node<'_, '_>, base: Option<&Url>) -> Option<Person> {
    let part = |names: [&str; 3]| {
        let mut children = node.children().filter(|child| names.contains(&child.name()));
        children.find_map(Node::text)
    };
    let email = part(["email", "atom:email", "itunes:email"]);
    let url = part(["uri", "atom:uri", "url"]).and_then(|url| address::resolve(&url, base));
    let text = match part(["name", "atom:name", "itunes:name"]) {
        Some(name) => name,
        None if node.has_children() => email.clone().or_else(|| node.text())?,
        None => node.text()?,
    };
    let mut person = split(&text)?;
    person.email = email.map(|email| bare(&email).to_owned()).or(person.email);
    person.url = url;
    Some(person)
}

/// The name and the address in `a@example.com (Name)`, `Name <a@example.com>`, `Name a@example.com`.
pub(crate) fn split(text: &str) -> Option<Person> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.strip_prefix("mailto:").unwrap_or(&text);
    let is_address = |word: &&str| word.contains('@') && word.contains('.');
    let words = || text.split([' ', '\u{a0}']);
    let email = words().find(is_address).map(|word| bare(word).to_owned());
    let Some(email) = email else {
        let name = text.to_owned();
        return Some(Person { name, ..Person::default() }).filter(|person| !person.name.is_empty());
    };
    let rest: Vec<&str> = words().filter(|word| !is_address(word)).collect();
    let rest = rest.join(" ");
    let rest = rest.trim_matches(|c: char| c.is_whitespace() || "()<>[],;।–-".contains(c));
    let name = if rest.is_empty() { email.clone() } else { rest.to_owned() };
    Some(Person { name, email: Some(email), ..Person::default() })
}

/// A mail address without what stands around it.
fn bare(word: &str) -> &str {
    let word = word.trim_matches(|c: char| c.is_whitespace() || "()<>[],;:\"'।–".contains(c));
    word.strip_prefix("mailto:").unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_beside_an_address() {
        for (text, name, email) in [
            ("desk@example.com (নিজস্ব প্রতিবেদক)", "নিজস্ব প্রতিবেদক", "desk@example.com"),
            ("Rahim Uddin <rahim@example.com>", "Rahim Uddin", "rahim@example.com"),
            ("desk@example.com", "desk@example.com", "desk@example.com"),
            ("a@example.com। ঢাকা", "ঢাকা", "a@example.com"),
            ("নাম\u{a0}a@example.com", "নাম", "a@example.com"),
            ("mailto:a@example.com", "a@example.com", "a@example.com"),
        ] {
            let person = split(text).unwrap();
            assert_eq!((person.name.as_str(), person.email.as_deref()), (name, Some(email)));
        }
    }

    #[test]
    fn a_name_with_a_sign_at_is_a_name() {
        assert_eq!(split("Rahim @ Dhaka").unwrap().email, None);
        assert_eq!(split(" "), None);
    }
}
