//! What comes with an entry: enclosures, media and pictures, with size, type, credit and caption.

use crate::address;
use crate::node::Node;
use serde::Serialize;
use url::Url;

/// Attachments of an entry.
const ATTACHMENTS: usize = 1000;

/// A file that comes with an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Its address, absolute.
    pub url: String,
    /// What the feed uses it for.
    pub role: AttachmentRole,
    /// Its media type, or the first half of one where only that is said: `image`, `video`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Its size in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Its width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Its height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// How long it plays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is to be seen or heard: the caption, text or HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Whose work it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub credits: Vec<String>,
    /// The notice on rights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights: Option<String>,
}

/// What a feed uses an attachment for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AttachmentRole {
    /// An enclosure.
    #[default]
    Enclosure,
    /// `media:content`.
    Media,
    /// A small picture that stands for the entry.
    Thumbnail,
    /// A picture of the entry.
    Image,
}

/// All attachments of an entry, in the order of the document.
pub(crate) fn attachments(item: Node<'_, '_>, base: Option<&Url>) -> Vec<Attachment> {
    let mut found = Vec::new();
    collect(&mut found, item, base, &About::default());
    let mut seen = std::collections::HashSet::new();
    found.retain(|one| seen.insert((one.url.clone(), one.role as u8)));
    found.truncate(ATTACHMENTS);
    found
}

/// What the elements around say of all media inside of them.
#[derive(Debug, Clone, Default)]
struct About {
    title: Option<String>,
    caption: Option<String>,
    credits: Vec<String>,
    rights: Option<String>,
}

impl About {
    /// What an element says itself, and what those around it say.
    fn of(node: Node<'_, '_>, outer: &Self) -> Self {
        let text = |name: &str| node.child(name).and_then(Node::text);
        let credits: Vec<String> = node.all("media:credit").filter_map(Node::text).collect();
        Self {
            title: text("media:title").or_else(|| outer.title.clone()),
            caption: text("media:description")
                .or_else(|| text("media:text"))
                .or_else(|| outer.caption.clone()),
            credits: if credits.is_empty() { outer.credits.clone() } else { credits },
            rights: text("media:copyright").or_else(|| outer.rights.clone()),
        }
    }
}

fn collect(found: &mut Vec<Attachment>, node: Node<'_, '_>, base: Option<&Url>, outer: &About) {
    // An entry's own `media:title` names it, not each of its pictures; a credit is of all.
    let around = match node.name() {
        "media:group" | "media:content" => About::of(node, outer),
        _ => About { title: None, ..About::of(node, outer) },
    };
    for child in node.children() {
        if found.len() > 4 * ATTACHMENTS {
            return;
        }
        let address = |names: &[&str]| names.iter().find_map(|name| child.attribute(name));
        let (address, role) = match child.name() {
            "enclosure" => (address(&["url", "href"]), AttachmentRole::Enclosure),
            "enc:enclosure" => (address(&["rdf:resource", "url"]), AttachmentRole::Enclosure),
            "link" | "atom:link" if address::rel(child) == "enclosure" => {
                (address(&["href"]), AttachmentRole::Enclosure)
            }
            "media:content" => (address(&["url"]), AttachmentRole::Media),
            "media:thumbnail" => (address(&["url"]), AttachmentRole::Thumbnail),
            "itunes:image" => (address(&["href"]), AttachmentRole::Image),
            "media:group" => {
                collect(found, child, base, &around);
                continue;
            }
            "image" => (address(&["href", "url"]), AttachmentRole::Image),
            _ => continue,
        };
        let text = || match role {
            AttachmentRole::Thumbnail => child.text(),
            AttachmentRole::Image => child.child("url").and_then(Node::text),
            _ => None,
        };
        let address = address.map(str::to_owned).or_else(text);
        let url = address.and_then(|address| address::within(child, &address, base));
        if let Some(url) = url {
            found.push(one(child, url, role, &around));
        }
        if child.name() == "media:content" {
            collect(found, child, base, &around);
        }
    }
}

fn one(node: Node<'_, '_>, url: String, role: AttachmentRole, around: &About) -> Attachment {
    let attribute = |name: &str| node.attribute(name);
    let number = |name: &str| attribute(name).and_then(|text| text.parse().ok());
    // Names of attributes are in small letters here: `fileSize`.
    let bytes = ["length", "filesize"];
    let about = match role {
        AttachmentRole::Media | AttachmentRole::Thumbnail => About::of(node, around),
        AttachmentRole::Enclosure | AttachmentRole::Image => About::default(),
    };
    let title = attribute("title").map(str::to_owned);
    Attachment {
        url,
        role,
        media_type: attribute("type").or_else(|| attribute("medium")).map(str::to_owned),
        // Many write a length of 0 where they do not know it.
        bytes: bytes.iter().find_map(|name| attribute(name)?.parse().ok()).filter(|n| *n > 0),
        width: number("width"),
        height: number("height"),
        seconds: attribute("duration").and_then(seconds),
        title: about.title.or(title),
        caption: about.caption,
        credits: about.credits,
        rights: about.rights,
    }
}

/// `90`, `1:30`, `0:01:30`.
pub(crate) fn seconds(text: &str) -> Option<u32> {
    let mut parts = text.trim().split(':').map(|part| part.split('.').next()?.parse::<u32>().ok());
    let sum = parts.try_fold(0_u32, |sum, part| sum.checked_mul(60)?.checked_add(part?))?;
    (text.matches(':').count() < 3).then_some(sum)
}

/// The addresses of enclosures and media, each once.
pub(crate) fn media(attachments: &[Attachment]) -> Vec<String> {
    addresses(attachments, |role| matches!(role, AttachmentRole::Enclosure | AttachmentRole::Media))
}

/// The addresses of preview pictures, each once.
pub(crate) fn thumbnails(attachments: &[Attachment]) -> Vec<String> {
    addresses(attachments, |role| role == AttachmentRole::Thumbnail)
}

fn addresses(found: &[Attachment], of: impl Fn(AttachmentRole) -> bool) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let found = found.iter().filter(|one| of(one.role) && seen.insert(&one.url));
    found.map(|one| one.url.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_read_in_its_three_forms() {
        assert_eq!(seconds("90"), Some(90));
        assert_eq!(seconds("1:30"), Some(90));
        assert_eq!(seconds("1:00:05.5"), Some(3605));
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds("1:2:3:4"), None);
    }
}
