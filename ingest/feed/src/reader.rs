//! Reads a feed: the steps in their order.

use crate::clean;
use crate::decode::decode;
use crate::document::{Defect, Document};
use crate::error::FeedError;
use crate::json;
use crate::locate::{Root, locate};
use crate::read::{self, Refusal};
use crate::repair::{self, repair};
use crate::salvage;
use crate::supplement::{Found, supplement};
use std::panic::{AssertUnwindSafe, catch_unwind};
use url::Url;

/// Reads a feed document of any format.
///
/// `content_type` is the HTTP header's value and `url` the address that the document came from, to
/// which relative addresses are joined. No input panics, and the same input always reads the same.
pub fn read(
    bytes: &[u8],
    content_type: Option<&str>,
    url: Option<&Url>,
) -> Result<Document, FeedError> {
    let attempt = catch_unwind(AssertUnwindSafe(|| attempt(bytes, content_type, url)));
    attempt.unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let message =
            message.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(FeedError::Panicked { bytes: bytes.len(), message })
    })
}

fn attempt(
    bytes: &[u8],
    content_type: Option<&str>,
    url: Option<&Url>,
) -> Result<Document, FeedError> {
    let decoded = decode(bytes, content_type);
    let text: &str = &decoded.text;
    let start =
        text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    if start.is_empty() {
        return Err(FeedError::Empty { bytes: bytes.len() });
    }
    let mut document =
        if start.starts_with(['{', '[']) && !start.contains('<') || start.starts_with('{') {
            json::read(start, url)?
        } else {
            xml(text, locate(text)?, url)?
        };
    if let Some(what) = decoded.defect {
        document.defects.insert(0, Defect { what: what.to_owned(), position: 0 });
    }
    clean::clean(&mut document);
    Ok(document)
}

fn xml(text: &str, root: Root, url: Option<&Url>) -> Result<Document, FeedError> {
    let repaired = repair(text, root);
    let Found { feed, mut entries, spans } = supplement(&repaired.text, url);
    if let Some(position) = repaired.too_deep
        && entries.is_empty()
        && feed.title.is_none()
    {
        return Err(FeedError::TooDeep { limit: repair::DEPTH, position });
    }
    let mut defects = repaired.defects;
    match read::parse(&repaired.text, url) {
        Ok(known) if known.entries.len() == entries.len() => {
            for (entry, known) in entries.iter_mut().zip(known.entries) {
                read::fill(entry, known);
            }
        }
        Ok(known) => {
            let what =
                format!("feed-rs found {} of {} entries", known.entries.len(), entries.len());
            defects.push(Defect { what, position: root.position });
        }
        Err(refusal) => {
            let what = match refusal {
                Refusal::Refused(why) => format!("feed-rs refused the document: {why}"),
                Refusal::Panicked => "feed-rs panicked".to_owned(),
            };
            defects.push(Defect { what, position: root.position });
            salvage::salvage(&repaired.text, root.family, &mut entries, &spans, url);
        }
    }
    Ok(Document { feed, entries, defects })
}
