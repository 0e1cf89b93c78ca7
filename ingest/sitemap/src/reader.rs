//! Reads a sitemap: the steps in their order.

use std::panic::{AssertUnwindSafe, catch_unwind};

use feed::{Lexer, Token};
use jiff::Timestamp;
use url::Url;

use crate::address::mark_elsewhere;
use crate::document::{Defect, Document};
use crate::error::SitemapError;
use crate::feeds;
use crate::lastmod;
use crate::lines::{begins_with_an_address, lines};
use crate::names::Name;
use crate::unpack::Unpack;
use crate::walk::{Found, walk};
use crate::window::Window;

/// Elements of junk before the root that are looked through.
const JUNK: usize = 100;

/// Reads a sitemap of any format.
///
/// `content_type` is the HTTP header's value, `url` the address that the document came from, and
/// `now` the moment of reading, against which times are judged. No input panics, and the same input
/// always reads the same.
pub fn read(
    bytes: &[u8],
    content_type: Option<&str>,
    url: Option<&Url>,
    now: Timestamp,
) -> Result<Document, SitemapError> {
    let attempt = catch_unwind(AssertUnwindSafe(|| attempt(bytes, content_type, url, now)));
    attempt.unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let message =
            message.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(SitemapError::Panicked { bytes: bytes.len(), message })
    })
}

fn attempt(
    bytes: &[u8],
    content_type: Option<&str>,
    url: Option<&Url>,
    now: Timestamp,
) -> Result<Document, SitemapError> {
    let mut window = Window::open(Unpack::new(bytes), content_type);
    window.fill();
    let found = match form(window.text(), bytes.len())? {
        Form::Elements => walk(&mut window, url),
        Form::Lines => lines(&mut window),
        Form::Feed => feeds::read(bytes, content_type, url)?,
    };
    Ok(judge(found, &window, url, now))
}

/// How a document is written.
enum Form {
    Elements,
    Lines,
    Feed,
}

fn form(text: &str, bytes: usize) -> Result<Form, SitemapError> {
    let start =
        text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    if start.is_empty() {
        return Err(SitemapError::Empty { bytes });
    }
    if start.starts_with('{') {
        return Ok(Form::Feed);
    }
    if begins_with_an_address(start) {
        return Ok(Form::Lines);
    }
    let mut lexer = Lexer::new(text, 0);
    let mut first = None;
    let mut seen = 0;
    loop {
        let position = lexer.at;
        let Some(token) = lexer.next("") else { break };
        let Token::Start { name, .. } = token else { continue };
        let local = name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase();
        match local.as_str() {
            "rss" | "feed" | "rdf" | "channel" | "item" | "entry" => return Ok(Form::Feed),
            "html" | "head" | "body" | "opml" | "svg" => {
                return Err(SitemapError::NotASitemap { found: format!("<{local}>"), position });
            }
            _ => {}
        }
        let is_list = |name: Name| matches!(name, Name::Urlset | Name::Sitemapindex);
        if Name::of(name).is_some_and(|name| is_list(name) || name.is_item()) {
            return Ok(Form::Elements);
        }
        first.get_or_insert((local, position));
        seen += 1;
        if seen > JUNK {
            break;
        }
    }
    let (found, position) = first.map_or_else(
        || ("text without a tag or an address".to_owned(), 0),
        |(name, position)| (format!("<{name}>"), position),
    );
    Err(SitemapError::NotASitemap { found: article::escape::one_line(&found), position })
}

/// What can only be said of the whole.
fn judge(found: Found, window: &Window<'_>, url: Option<&Url>, now: Timestamp) -> Document {
    let Found { kind, mut urls, mut sitemaps, mut defects } = found;
    let end = window.position() + window.text().len();
    let mut say =
        |what: &str| defects.push(Defect { what: what.to_owned(), position: end, place: None });
    window.defects().for_each(&mut say);
    let pages = urls.iter_mut().map(|page| (page.lastmod.as_deref(), &mut page.lastmod_untrusted));
    lastmod::judge(pages, now).into_iter().for_each(&mut say);
    let children =
        sitemaps.iter_mut().map(|child| (child.lastmod.as_deref(), &mut child.lastmod_untrusted));
    lastmod::judge(children, now).into_iter().for_each(&mut say);
    if mark_elsewhere(&mut urls, url) > 0 {
        say("addresses of another site");
    }
    Document { kind, urls, sitemaps, defects }
}
