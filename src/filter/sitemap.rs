//! `khobor filter sitemap`: a document in, the pages and sitemaps that it lists out.

use jiff::Timestamp;
use serde_json::Value;
use url::Url;

/// Answers one request; the moment of reading is handed in, as the service hands it.
pub(super) fn answer(
    bytes: &[u8],
    content_type: Option<&str>,
    url: Option<&Url>,
    now: Timestamp,
) -> anyhow::Result<Value> {
    Ok(serde_json::to_value(sitemap::read(bytes, content_type, url, now)?)?)
}
