//! Reads a feed: the steps in their order.

use crate::decode::decode;
use crate::defect::Defects;
use crate::document::Document;
use crate::error::FeedError;
use crate::json;
use crate::locate::locate;
use crate::repair::{self, Repair};
use crate::walk::Walk;
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
    let mut defects = Defects::default();
    let decoded = decode(bytes, content_type, &mut defects);
    let text: &str = &decoded;
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if start.is_empty() {
        return Err(FeedError::Empty { bytes: bytes.len() });
    }
    if start.starts_with('{') || start.starts_with('[') && !start.contains('<') {
        json::read(text, url, defects)
    } else {
        xml(text, url, defects)
    }
}

fn xml(text: &str, url: Option<&Url>, defects: Defects) -> Result<Document, FeedError> {
    let root = locate(text)?;
    let read = Repair::read(text, root, Walk::new(url), defects);
    let (feed, entries) = read.walk.finish();
    if let Some(position) = read.too_deep
        && entries.is_empty()
        && feed.title.is_none()
    {
        return Err(FeedError::TooDeep { limit: repair::DEPTH, position });
    }
    let defects_total = read.defects.total();
    Ok(Document { feed, entries, defects: read.defects.place(text), defects_total })
}
