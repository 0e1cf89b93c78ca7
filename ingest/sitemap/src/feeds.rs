//! A feed in a sitemap's place, which the standard allows.

use feed::FeedError;
use url::Url;

use crate::document::{Kind, Listed, News};
use crate::error::SitemapError;
use crate::item::clean;
use crate::lastmod;
use crate::unpack::whole;
use crate::walk::Found;

/// Longest feed, unpacked: it is read as a whole.
const BYTES: usize = 16 << 20;

/// Reads a feed; an entry is a page with news.
pub(crate) fn read(
    bytes: &[u8],
    content_type: Option<&str>,
    base: Option<&Url>,
) -> Result<Found, SitemapError> {
    let too_long = || FeedError::NotAFeed { found: "more than 16 MB".to_owned(), position: BYTES };
    let whole = whole(bytes, BYTES).ok_or_else(too_long)?;
    let document = feed::read(&whole, content_type, base)?;
    let mut found = Found::new(Kind::Feed);
    found.defects = document.defects;
    let outlet = document.feed.title.as_deref().and_then(clean);
    let language = document.feed.language;
    for entry in document.entries {
        let Some(loc) = entry.link else {
            found.defect("an entry without a link", 0);
            continue;
        };
        let changed = entry.updated.as_deref().or(entry.published.as_deref());
        let news = News {
            title: entry.title.as_deref().or(entry.summary.as_deref()).and_then(clean),
            publication_date: entry.published.as_deref().and_then(lastmod::read),
            name: outlet.clone(),
            language: entry.language.or_else(|| language.clone()),
            keywords: entry.categories,
        };
        found.urls.push(Listed {
            loc,
            lastmod: changed.and_then(lastmod::read),
            news: Some(Box::new(news)),
            images: entry.thumbnails,
            ..Listed::default()
        });
    }
    Ok(found)
}
