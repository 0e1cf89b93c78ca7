//! Addresses made absolute, as RFC 3986 and `xml:base` want it.

use crate::defect::{Defects, Fault};
use crate::node::Node;
use url::Url;

/// The base that an element sets for what is inside of it, if it sets one.
pub(crate) fn base(node: Node<'_, '_>, outer: Option<&Url>, defects: &mut Defects) -> Option<Url> {
    let base = own_base(node, outer)?;
    if base.is_none() {
        defects.note(Fault::BadBase, node.position());
    }
    base
}

/// The address of an element, made absolute in the element's own base.
pub(crate) fn within(node: Node<'_, '_>, address: &str, outer: Option<&Url>) -> Option<String> {
    match own_base(node, outer).flatten() {
        Some(base) => resolve(address, Some(&base)),
        None => resolve(address, outer),
    }
}

/// `xml:base`, if there is one; nothing in it where that is no address.
#[expect(clippy::option_option, reason = "no base and a bad one are not the same")]
fn own_base(node: Node<'_, '_>, outer: Option<&Url>) -> Option<Option<Url>> {
    let own = node.attribute("xml:base")?;
    Some(resolve(own, outer).and_then(|own| Url::parse(&own).ok()))
}

/// Longest address that is read, in bytes; browsers send as much.
const LONGEST: usize = 8 * 1024;
/// Longest base that relative addresses are resolved against, in bytes: the longest of any feed
/// measured has a tenth.
const LONGEST_BASE: usize = 2 * 1024;

/// An address made absolute; none where it or its base is too long; as it is where it cannot be.
pub(crate) fn resolve(address: &str, base: Option<&Url>) -> Option<String> {
    let address = address.trim();
    if address.is_empty() {
        return None;
    }
    let breaks = ['\n', '\r', '\t'];
    let joined: String;
    let address = if address.contains(breaks) {
        joined = address.replace(breaks, "");
        &joined
    } else {
        address
    };
    // A long base times many short links would be gigabytes.
    let base_length = base.map_or(0, |base| base.as_str().len());
    if address.len() > LONGEST || (base_length > LONGEST_BASE && Url::parse(address).is_err()) {
        return None;
    }
    let parsed = match base {
        Some(base) => base.join(address),
        None => Url::parse(address),
    };
    Some(parsed.map_or_else(|_| address.to_owned(), String::from))
}

/// The relation of a link.
pub(crate) fn rel(node: Node<'_, '_>) -> String {
    let rel = node.attribute("rel").unwrap_or("alternate").to_ascii_lowercase();
    let bare = rel.strip_prefix("http://www.iana.org/assignments/relation/");
    bare.map_or(rel.clone(), str::to_owned)
}
